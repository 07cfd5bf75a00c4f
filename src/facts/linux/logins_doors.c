/* SPDX-License-Identifier: GPL-3.0-or-later */
/* logins_doors: the console and the services that let local accounts in by their passwords. */
#include "facts/linux/logins.h"
#include "facts/linux/samba_names.h"
#include "facts/linux/settings.h"

struct door {
	const char *name;
	const char *programs; /* glob(7) patterns, separated by blanks: one must be there */
	const char *service;  /* of PAM */
	const char *session;
	bool shell; /* a shell that gives a session is needed */
	/* What its own configuration says of an account; NULL: nothing. */
	bool (*refuses)(struct ssh_login_judge *j, const struct settings *s,
			const struct ssh_account *a, struct str *ret_deciding);
	const char *settings; /* service of settings_sources.c, or NULL */
};

static bool is_yes(const struct setting *s, bool fallback)
{
	bool yes;

	if (!s)
		return fallback;
	return str_to_bool(s->value, &yes) == 0 && yes;
}

static bool in_file(struct ssh_login_judge *j, const char *path, struct str name, bool *ret_there)
{
	struct pam_file_cache *f;

	*ret_there = false;
	if (pam_file_cached(&j->eval, str_of(path), &f) < 0)
		return false;
	*ret_there = f->present;
	return f->present && map_get(&f->lines, name);
}

static bool valid_shell(struct ssh_login_judge *j, const struct ssh_account *a)
{
	struct str shell = a->entry->shell.len ? a->entry->shell : STR("/bin/sh");
	bool there;

	return in_file(j, "/etc/shells", shell, &there);
}

static bool in_group(const struct ssh_account *a, struct str group)
{
	for (size_t i = 0; i < a->n_groups; i++)
		if (str_eq(a->groups[i], group))
			return true;
	return false;
}

static bool group_exists(struct ssh_login_judge *j, struct str group)
{
	struct pam_file_cache *f;
	struct str head = arena_fmt(j->c->arena, "\n%.*s:", STR_FMT(group));

	if (!head.ptr || pam_file_cached(&j->eval, STR("/etc/group"), &f) < 0 || !f->present)
		return false;
	return str_starts(f->text, str_sub(head, 1, head.len)) || str_contains(f->text, head);
}

/* Red Hat's and since 266 everybody's cockpit keeps root out. */
static bool cockpit_refuses(struct ssh_login_judge *j, const struct settings *s,
			    const struct ssh_account *a, struct str *ret_deciding)
{
	bool there;

	(void)s;
	*ret_deciding = STR("/etc/pam.d/cockpit");
	return in_file(j, "/etc/cockpit/disallowed-users", a->entry->name, &there);
}

/* sesman.ini(5): AllowRootLogin, TerminalServerUsers with AlwaysGroupCheck. */
static bool xrdp_refuses(struct ssh_login_judge *j, const struct settings *s,
			 const struct ssh_account *a, struct str *ret_deciding)
{
	const struct setting *root = settings_find(s, NULL, "security", "allowrootlogin");
	const struct setting *users = settings_find(s, NULL, "security", "terminalserverusers");
	const struct setting *always = settings_find(s, NULL, "security", "alwaysgroupcheck");

	(void)j;
	*ret_deciding = STR("/etc/xrdp/sesman.ini");
	if (!a->entry->uid && !is_yes(root, true))
		return true;
	if (!users || !users->value.len || in_group(a, users->value))
		return false;
	return is_yes(always, false) || group_exists(j, users->value);
}

/* vsftpd.conf(5): local_enable, userlist_enable with userlist_deny. */
static bool vsftpd_refuses(struct ssh_login_judge *j, const struct settings *s,
			   const struct ssh_account *a, struct str *ret_deciding)
{
	const struct setting *local = settings_find(s, NULL, NULL, "local_enable");
	const struct setting *file = settings_find(s, NULL, NULL, "userlist_file");
	bool deny = is_yes(settings_find(s, NULL, NULL, "userlist_deny"), true), there, listed;
	const char *path = file ? arena_cstr(j->c->arena, file->value) : "/etc/vsftpd.user_list";

	if (!is_yes(local, false) || !path)
		return true;
	*ret_deciding = arena_fmt(j->c->arena, "%.*s:%u", STR_FMT(local->file), local->line);
	if (!is_yes(settings_find(s, NULL, NULL, "userlist_enable"), false))
		return false;
	listed = in_file(j, path, a->entry->name, &there);
	if (!there && !file)
		listed = in_file(j, "/etc/vsftpd/user_list", a->entry->name, &there);
	return listed == deny;
}

/* RootLogin off, RequireValidShell on, UseFtpUsers on: the defaults of proftpd(8). */
static bool proftpd_refuses(struct ssh_login_judge *j, const struct settings *s,
			    const struct ssh_account *a, struct str *ret_deciding)
{
	bool there;

	*ret_deciding = STR("/etc/proftpd/proftpd.conf");
	if (!a->entry->uid && !is_yes(settings_find(s, NULL, NULL, "rootlogin"), false))
		return true;
	if (is_yes(settings_find(s, NULL, NULL, "requirevalidshell"), true) && !valid_shell(j, a))
		return true;
	return is_yes(settings_find(s, NULL, NULL, "useftpusers"), true) &&
	       in_file(j, "/etc/ftpusers", a->entry->name, &there);
}

static bool pureftpd_refuses(struct ssh_login_judge *j, const struct settings *s,
			     const struct ssh_account *a, struct str *ret_deciding)
{
	struct str text, from = STR("");
	int64_t uid = 100;

	(void)s;
	/* Debian's wrapper: one file a setting. */
	if (root_read(j->c->root, "/etc/pure-ftpd/conf/MinUID", 64, j->c->arena, &text, NULL) >=
	    0) {
		(void)!str_to_int64(str_trim(text), &uid);
		from = STR("/etc/pure-ftpd/conf/MinUID");
	}
	*ret_deciding = from;
	return a->entry->uid < uid;
}

/* clang-format off */
static const struct door doors[] = {
	{ "console", "/bin/login /usr/bin/login /etc/pam.d/login", "login", "shell", true, NULL, NULL },
	{ "cockpit", "/usr/lib/cockpit/cockpit-ws /usr/libexec/cockpit-ws "
	  "/usr/lib/cockpit/cockpit-session /usr/libexec/cockpit-session", "cockpit", "shell", true,
	  cockpit_refuses, NULL },
	{ "xrdp", "/usr/sbin/xrdp-sesman", "xrdp-sesman", "shell", true, xrdp_refuses, "sesman" },
	{ "vsftpd", "/usr/sbin/vsftpd", "vsftpd", "files", false, vsftpd_refuses, "vsftpd" },
	{ "proftpd", "/usr/sbin/proftpd", "proftpd", "files", false, proftpd_refuses, "proftpd" },
	{ "pureftpd", "/usr/sbin/pure-ftpd*", "pure-ftpd", "files", false, pureftpd_refuses, NULL },
};
/* clang-format on */

static int is_there(struct collect *c, const char *programs, bool *ret)
{
	struct str rest = str_of(programs), word;

	*ret = false;
	while ((word = str_word(&rest)).ptr && !*ret) {
		const char *pattern = arena_cstr(c->arena, word);
		struct str *found;
		size_t n = 0;
		int r = pattern ? collect_glob(c, pattern, &found, &n) : -ENOMEM;

		if (r < 0)
			return r;
		*ret = r == 1 && n;
	}
	return 0;
}

/* vsftpd.conf's pam_service_name. */
static struct str service_of(const struct door *d, const struct settings *s)
{
	const struct setting *named = settings_find(s, NULL, NULL, "pam_service_name");

	return !strcmp(d->name, "vsftpd") && named ? named->value : str_of(d->service);
}

static int ask(struct collect *c, struct ssh_login_judge *j, const struct door *d,
	       const struct settings *s, const struct ssh_account *a)
{
	struct pam_subject who = {
		.entry = a->entry,
		.shadow = a->shadow,
		.groups = a->groups,
		.n_groups = a->n_groups,
		.password = a->password,
		.empty_allowed = true,
		.from = !strcmp(d->name, "console") ? STR("") : STR(SSH_INTERNET),
		.tty = !strcmp(d->name, "console") ? STR("tty1") : STR(""),
	};
	struct FACT_ROW row = {
		.username = a->entry->name,
		.uid = a->entry->uid,
		.door = str_of(d->name),
		.place = STR(""),
		.address = STR(""),
		.internet = strcmp(d->name, "console") != 0,
		.session = str_of(d->session),
		.deciding = STR(""),
	};
	struct pam_verdict account;
	struct pam_login p;
	struct str service = service_of(d, s);
	int r;

	if ((d->shell && !a->interactive) || (d->refuses && d->refuses(j, s, a, &row.deciding)))
		return 0;
	r = pam_eval_password(&j->eval, service, &who, &p);
	if (r >= 0)
		r = pam_eval(&j->eval, service, STR("account"), &who, &account);
	if (r < 0)
		return r;
	if (!j->pam.present) {
		p.works = a->password == PASSWORD_SET || a->password == PASSWORD_EMPTY;
		p.anything = a->password == PASSWORD_EMPTY;
	}
	if (!p.works || !account.allowed)
		return 0;
	row.means = p.anything ? STR("nothing,password") : STR("password");
	row.second_factor = p.second_factor;
	row.certain = !p.perhaps && !account.perhaps;
	if (account.must_change)
		row.session = STR("change-password");
	return collect_row(c, &row);
}

#define STEPS_MAX ((uint64_t)40'000'000)

static int do_door(struct collect *c, struct ssh_login_judge *j, const struct door *d)
{
	struct settings s = {};
	bool there;
	int r = is_there(c, d->programs, &there);

	if (r < 0 || !there)
		return r;
	if (d->settings)
		r = settings_load(c, d->settings, &s);
	for (size_t i = 0; r >= 0 && i < j->accounts.n; i++) {
		struct arena_mark mark = arena_mark(c->arena);

		r = ask(c, j, d, &s, &j->accounts.list[i]);
		arena_rewind(c->arena, mark);
		if (j->eval.steps > STEPS_MAX) {
			collect_problem(c, E2BIG, "/etc/security/access.conf",
					"too many rules for so many accounts: %s, %zu of %zu were "
					"looked at",
					d->name, i + 1, j->accounts.n);
			break;
		}
	}
	return r;
}

/* agetty's --autologin NAME of a unit: no password is asked for. */
static int autologin_text(struct collect *c, const struct ssh_login_judge *j, struct str text,
			  const char *path)
{
	unsigned number = 0;
	struct str line;

	while (str_line(&text, &line, &number)) {
		struct str word, before = {};

		if (!str_starts(str_trim(line), STR("ExecStart=")))
			continue;
		while ((word = str_word(&line)).ptr) {
			bool here = str_eq(before, STR("--autologin")) || str_eq(before, STR("-a"));

			if (str_starts(word, STR("--autologin="))) {
				word = str_sub(word, strlen("--autologin="), word.len);
				here = true;
			}
			before = word;
			for (size_t i = 0; here && i < j->accounts.n; i++) {
				const struct ssh_account *a = &j->accounts.list[i];
				struct FACT_ROW row = {
					.username = a->entry->name,
					.uid = a->entry->uid,
					.door = STR("console"),
					.means = STR("nothing"),
					.session = a->interactive ? STR("shell") : STR("none"),
					.certain = 1,
					.deciding = arena_fmt(c->arena, "%s:%u", path, number),
				};

				if (!str_eq(a->entry->name, word))
					continue;
				if (!row.deciding.ptr)
					return -ENOMEM;
				return collect_row(c, &row);
			}
		}
	}
	return 0;
}

static int do_autologin(struct collect *c, const struct ssh_login_judge *j)
{
	static const char *const patterns[] = {
		"/etc/systemd/system/*getty@*.service.d/*.conf",
		"/etc/systemd/system/*getty@*.service",
	};
	int r = 0;

	for (size_t k = 0; r >= 0 && k < COUNT(patterns); k++) {
		struct str *paths, text;
		size_t n = 0;

		r = collect_glob(c, patterns[k], &paths, &n);
		for (size_t i = 0; r >= 0 && i < n; i++) {
			r = collect_read(c, paths[i].ptr, &text, NULL);
			if (r == 1)
				r = autologin_text(c, j, text, paths[i].ptr);
		}
	}
	return MIN(r, 0);
}

struct samba {
	struct collect *c;
	const struct ssh_login_judge *j;
	struct map names; /* of local accounts */
	const char *file;
};

static void samba_release(struct samba *x) { map_release(&x->names); }

/* Samba has passwords of its own; the account must be one of the machine's. */
static int emit_samba(const struct samba_name *n, void *user)
{
	struct samba *x = user;
	const uint64_t *i = map_get(&x->names, n->name);
	const struct ssh_account *a = i ? &x->j->accounts.list[*i] : NULL;
	struct FACT_ROW row = {
		.door = STR("samba"),
		.internet = 1,
		.means = n->no_password ? STR("nothing,password") : STR("password"),
		.session = STR("share"),
		.certain = 1,
		.deciding = str_of(x->file),
	};

	if (!a || n->disabled)
		return 0;
	row.username = a->entry->name;
	row.uid = a->entry->uid;
	return collect_row(x->c, &row);
}

static int do_samba(struct collect *c, const struct ssh_login_judge *j)
{
	static const struct {
		const char *path;
		int (*parse)(struct str text, samba_name_fn *fn, void *user);
	} files[] = {
		{"/var/lib/samba/private/passdb.tdb", samba_names_tdb      },
		{ "/var/lib/samba/passdb.tdb",        samba_names_tdb      },
		{ "/etc/samba/passdb.tdb",            samba_names_tdb      },
		{ "/etc/samba/smbpasswd",             samba_names_smbpasswd},
		{ "/var/lib/samba/private/smbpasswd", samba_names_smbpasswd},
	};
	own(samba_release) struct samba x = { .c = c, .j = j };
	struct stat st;
	int r = 0;

	if (root_stat(c->root, "/usr/sbin/smbd", &st) < 0)
		return 0;
	for (size_t i = 0; r >= 0 && i < j->accounts.n; i++)
		r = map_put(&x.names, j->accounts.list[i].entry->name, i);
	for (size_t i = 0; r >= 0 && i < COUNT(files); i++) {
		struct str text;

		r = collect_read(c, files[i].path, &text, NULL);
		if (r != 1)
			continue;
		x.file = files[i].path;
		r = files[i].parse(text, emit_samba, &x);
		if (r == -EBADMSG) {
			collect_problem(c, r, files[i].path, "is damaged, or no database of Samba");
			r = 0;
		}
	}
	return MIN(r, 0);
}

int logins_other_doors(struct collect *c, struct ssh_login_judge *j)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(doors); i++)
		r = do_door(c, j, &doors[i]);
	if (r >= 0)
		r = do_samba(c, j);
	return r < 0 ? r : do_autologin(c, j);
}
