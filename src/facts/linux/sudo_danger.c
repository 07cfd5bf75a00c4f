/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sudo_danger: commands that give whoever may run them as root a shell, or what amounts to one.
 *
 * sudoers matches "*" in arguments against blanks and slashes too ("Wildcards" in sudoers(5)), so
 * a wildcard is as good as no restriction.
 */
#include "facts/linux/sudoers.h"

enum power {
	BARE,    /* gives it even without arguments */
	ANY,     /* with whatever arguments: an editor or pager on a fixed file has "!sh" */
	CHOOSES, /* where the caller chooses the arguments */
};

struct danger {
	const char *why;
	enum power power;
	const char *names; /* separated by blanks */
};

static const struct danger dangers[] = {
	{"shell",             BARE,    "sh bash dash zsh ksh mksh ash csh tcsh fish rbash busybox su sudo"},
	{ "interpreter",      BARE,
         "python python2 python3 perl ruby irb lua luajit node nodejs php tclsh wish expect gdb "
	  "ghci jjs jrunscript julia R guile ed ex sqlite3 mysql mariadb psql ftp sftp telnet"            },
	{ "interpreter",      CHOOSES,
         "awk gawk mawk nawk sed bpftrace java go rustc gcc cc tcc make cmake"                            },
	{ "editor",           ANY,
         "vi vim vim.basic vim.tiny vimdiff nvim view rvim rview gvim nano rnano pico emacs "
	  "joe jed mcedit micro kak ne helix hx visudo vipw vigr sudoedit"                                },
	{ "pager",            ANY,     "less more most pg man journalctl zless zmore bat"                 },
	{ "pager",            CHOOSES, "systemctl"							},
	{ "runs programs",    CHOOSES,
         "env nice ionice nohup time timeout stdbuf setsid setarch chrt taskset unshare nsenter "
	  "chroot xargs parallel find watch script screen tmux start-stop-daemon run-parts "
	  "systemd-run machinectl runuser setpriv capsh pkexec doas strace ltrace ld.so flock ip "
	  "at batch crontab service rlwrap dbus-send busctl softlimit cpulimit choom exec "
	  "tcpdump tshark nmap socat nc ncat netcat ssh openvpn mail mutt logrotate iptables "
	  "ip6tables fail2ban-client certbot git tar bsdtar cpio zip 7z rsync scp split "
	  "ansible ansible-playbook puppet salt-call chef-solo terraform"                                 },
	{ "package manager",  CHOOSES,
         "apt apt-get aptitude dpkg dnf yum rpm microdnf zypper apk pacman snap flatpak pip pip3 "
	  "pipx npm yarn pnpm gem bundle cpan cpanm composer easy_install cargo brew"                     },
	{ "containers",       CHOOSES,
         "docker podman nerdctl ctr crictl lxc incus virsh kubectl docker-compose buildah"                },
	{ "writes files",     CHOOSES,
         "tee dd cp mv install ln truncate touch chmod chown chgrp setfacl setcap chattr rm "
	  "curl wget aria2c openssl patch unzip gunzip sponge mount umount debugfs losetup mkfs "
	  "ldconfig modprobe insmod kmod update-alternatives"                                             },
	{ "changes accounts", CHOOSES,
         "passwd chpasswd useradd usermod userdel adduser groupadd groupmod gpasswd chsh chfn"            },
	{ "reads any file",   CHOOSES,
         "cat tac nl head tail cut paste sort uniq diff cmp grep egrep fgrep base64 base32 xxd od "
	  "hexdump strings file rev fold column jq dmesg"                                                 },
};

static bool in_names(const char *names, struct str name)
{
	struct str rest = str_of(names), word;

	for (;;) {
		word = str_word(&rest);
		if (!word.ptr)
			return false;
		if (str_eq(word, name))
			return true;
	}
}

/* "python3.11", "php8.2", "vim.nox", "gcc-12" are what their names begin with. */
static struct str plain_name(struct str name)
{
	size_t n = name.len;

	while (n && ((name.ptr[n - 1] >= '0' && name.ptr[n - 1] <= '9') || name.ptr[n - 1] == '.' ||
		     name.ptr[n - 1] == '-'))
		n--;
	return str_sub(name, 0, n);
}

static const struct danger *find(struct str name)
{
	struct str plain = plain_name(name);

	for (size_t i = 0; i < COUNT(dangers); i++) {
		if (in_names(dangers[i].names, name) || in_names(dangers[i].names, plain))
			return &dangers[i];
	}
	return NULL;
}

static bool has_wildcard(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '*' || s.ptr[i] == '?' || s.ptr[i] == '[')
			return true;
	}
	return false;
}

/* A wildcard within a path, where ".." or a second word slips in. */
static bool has_path_wildcard(struct str arguments)
{
	struct str word;

	while ((word = str_word(&arguments)).ptr) {
		ssize_t slash = str_find(word, '/');

		if (slash >= 0 && has_wildcard(str_sub(word, (size_t)slash, word.len)))
			return true;
	}
	return false;
}

static bool may_write(const struct stat *st)
{
	return st->st_uid != 0 || (st->st_mode & S_IWOTH) ||
	       ((st->st_mode & S_IWGRP) && st->st_gid != 0);
}

/* A file, or a directory on the way to it, that someone else than root can replace. */
static const char *writable(const struct root *root, struct str path)
{
	char name[4096];
	struct stat st;
	bool sticky = false, missing = false;

	if (path.len < 2 || path.len >= sizeof name || str_find(path, '\0') >= 0)
		return "";
	memcpy(name, path.ptr, path.len);
	name[path.len] = '\0';
	if (root_stat(root, name, &st) < 0)
		missing = true;
	else if (may_write(&st))
		return "writable";
	while (strrchr(name, '/') != name) {
		*strrchr(name, '/') = '\0';
		if (root_stat(root, name, &st) < 0)
			continue;
		sticky = (st.st_mode & S_ISVTX) && st.st_uid == 0;
		if (may_write(&st) && (!sticky || missing))
			return missing ? "missing, and its directory is writable"
				       : "in a writable directory";
		missing = false;
	}
	return "";
}

/* Scripts that an interpreter or shell is allowed to run. */
static const char *writable_argument(const struct root *root, struct str arguments)
{
	struct str word;

	while ((word = str_word(&arguments)).ptr) {
		struct stat st;
		char name[1024];
		const char *why;

		if (word.ptr[0] != '/' || word.len >= sizeof name || has_wildcard(word) ||
		    str_find(word, '\0') >= 0)
			continue;
		memcpy(name, word.ptr, word.len);
		name[word.len] = '\0';
		if (root_stat(root, name, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		why = writable(root, word);
		if (*why)
			return why;
	}
	return "";
}

static bool is_critical(struct str path)
{
	static const struct str files[] = {
		STR("/etc/sudoers"), STR("/etc/passwd"),  STR("/etc/shadow"),   STR("/etc/group"),
		STR("/etc/crontab"), STR("/etc/cron."),   STR("/root/"),        STR("/etc/pam"),
		STR("/etc/ssh/"),    STR("/etc/ld.so"),   STR("/etc/systemd/"), STR("/etc/profile"),
		STR("/lib/"),        STR("/usr/"),        STR("/bin/"),         STR("/sbin/"),
		STR("/boot/"),       STR("/etc/init.d/"),
	};

	for (size_t i = 0; i < COUNT(files); i++) {
		if (str_starts(path, files[i]))
			return true;
	}
	return false;
}

static const char *edit_danger(struct str arguments)
{
	struct str word;

	if (!arguments.len)
		return "editor of any file";
	if (has_wildcard(arguments))
		return "wildcard";
	while ((word = str_word(&arguments)).ptr) {
		if (is_critical(word))
			return "editor of a file of the system";
	}
	return "";
}

static bool chooses(struct str arguments, bool none_given)
{
	if (none_given || has_wildcard(arguments))
		return true;
	return arguments.ptr[0] == '^' && str_contains(arguments, STR(".*"));
}

/* "su - postgres" is a shell, but not root's. */
static bool is_other_user(struct str path, struct str arguments)
{
	struct str word, last = {};

	while ((word = str_word(&arguments)).ptr)
		last = word;
	return str_eq(str_basename(path), STR("su")) && last.len && last.ptr[0] != '-' &&
	       !has_wildcard(last) && !str_eq(last, STR("root"));
}

static const char *command_danger(const struct root *root, const struct danger *d,
				  struct str arguments, bool noexec)
{
	bool empty = str_eq(arguments, STR("\"\"")), none_given = !arguments.len;
	const char *why;

	if (none_given || (!empty && chooses(arguments, none_given)))
		return d->why;
	if (empty)
		return d->power == BARE || (d->power == ANY && !noexec) ? d->why : "";
	if (d->power == ANY)
		return noexec ? "" : d->why;
	if (!strcmp(d->why, "pager")) {
		struct str verb = str_word(&arguments);

		/* systemctl(1) shows these in a pager. */
		if (!noexec && in_names("status cat show help list-units list-unit-files", verb) &&
		    !str_contains(arguments, STR("--no-pager")))
			return d->why;
		return in_names("edit link", verb) ? "editor" : "";
	}
	why = writable_argument(root, arguments);
	if (*why && (d->power == BARE || !strcmp(d->why, "interpreter")))
		return why;
	/* "bash" without a script, "python3 -i": options alone leave an interactive session. */
	if (d->power == BARE && arguments.ptr[0] == '-' && !str_contains(arguments, STR("/")) &&
	    !str_contains(arguments, STR("-c")) && !str_contains(arguments, STR("-e")))
		return d->why;
	return "";
}

const char *sudo_danger(const struct root *root, struct str command, bool noexec)
{
	struct str arguments = command, path = str_word(&arguments);
	const struct danger *d;
	const char *why;

	arguments = str_trim(arguments);
	if (str_eq(path, STR("sudoedit")))
		return edit_danger(arguments);
	if (!path.len || (path.ptr[0] != '/' && path.ptr[0] != '^'))
		return "";
	if (path.ptr[path.len - 1] == '/')
		return "every program in a directory";
	if (path.ptr[0] == '^' || has_wildcard(path))
		return "wildcard";
	d = find(str_basename(path));
	if (d && is_other_user(path, arguments))
		d = NULL;
	why = d ? command_danger(root, d, arguments, noexec) : "";
	if (*why)
		return why;
	why = writable(root, path);
	if (*why)
		return why;
	return has_path_wildcard(arguments) ? "wildcard" : "";
}
