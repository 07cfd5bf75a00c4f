/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_permissions: Files whose mode and owner matter. */
#include <sys/stat.h>

#include "base/map.h"
#include "facts/fact.h"

#define FACT_ROW file_permissions_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "file") \
	X(TEXT, type, "regular, directory, symlink, other") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, gid, "group") \
	X(INT, size, "bytes")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "file_permissions",
	.doc = "Files whose mode and owner matter.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/*
 * What a wrong mode or owner of gives away the machine: accounts and their rights, what root runs
 * at boot or by the clock, boot loader, keys. A pattern that matches nothing gives no row.
 */
static const char *const files[] = {
	"/etc/passwd",
	"/etc/passwd-",
	"/etc/group",
	"/etc/group-",
	"/etc/shadow",
	"/etc/shadow-",
	"/etc/gshadow",
	"/etc/gshadow-",
	"/etc/subuid",
	"/etc/subgid",
	"/etc/security/opasswd",
	"/etc/security",
	"/etc/shells",
	"/etc/login.defs",
	"/etc/nsswitch.conf",
	"/etc/hosts",
	"/etc/securetty",
	"/etc/environment",
	"/etc/profile",
	"/etc/bash.bashrc",
	"/etc/bashrc",
	"/etc/issue",
	"/etc/issue.net",
	"/etc/motd",
	"/etc/ld.so.preload",
	"/etc/ld.so.conf",
	"/etc/fstab",
	"/etc/crypttab",
	"/etc/exports",
	"/etc/hosts.equiv",
	"/etc/hosts.allow",
	"/etc/hosts.deny",
	"/etc/rc.local",
	"/etc/sysctl.conf",
	"/etc/sudoers",
	"/etc/doas.conf",
	"/etc/crontab",
	"/etc/anacrontab",
	"/etc/cron.allow",
	"/etc/cron.deny",
	"/etc/at.allow",
	"/etc/at.deny",
	"/etc/nftables.conf",
	"/etc/krb5.keytab",
	"/etc/ssh",
	"/etc/ssh/sshd_config",
	"/etc/ssh/ssh_config",
	"/etc/sudoers.d",
	"/etc/ssh/sshd_config.d",
	"/etc/pam.d",
	"/etc/profile.d",
	"/etc/cron.d",
	"/etc/cron.hourly",
	"/etc/cron.daily",
	"/etc/cron.weekly",
	"/etc/cron.monthly",
	"/etc/init.d",
	"/etc/systemd/system",
	"/usr/lib/systemd/system",
	"/lib/systemd/system",
	"/usr/local/lib/systemd/system",
	"/etc/audit",
	"/etc/audit/auditd.conf",
	"/etc/audit/audit.rules",
	"/etc/rsyslog.conf",
	"/etc/apt",
	"/etc/apt/sources.list",
	"/etc/apt/trusted.gpg.d",
	"/etc/yum.repos.d",
	"/etc/pki/rpm-gpg",
	"/boot",
	"/boot/grub/grub.cfg",
	"/boot/grub/user.cfg",
	"/boot/grub2/grub.cfg",
	"/boot/grub2/user.cfg",
	"/boot/efi/EFI/debian/grub.cfg",
	"/boot/extlinux.conf",
	"/etc/grub.d",
	"/etc/default/grub",
	"/",
	"/etc",
	"/root",
	"/root/.ssh",
	"/home",
	"/tmp",
	"/var/tmp",
	"/dev/shm",
	"/var/log",
	"/var/log/journal",
	"/var/log/audit",
	"/var/log/audit/audit.log",
	"/var/log/auth.log",
	"/var/log/secure",
	"/var/log/syslog",
	"/var/log/messages",
	"/var/log/wtmp",
	"/var/log/btmp",
	"/var/log/lastlog",
	"/var/log/faillog",
	"/var/spool/cron",
	"/var/spool/cron/crontabs",
	"/var/spool/cron/atjobs",
	"/usr/bin",
	"/usr/sbin",
	"/usr/local/bin",
	"/usr/local/sbin",
	"/usr/lib",
	"/bin",
	"/sbin",
	"/lib",
	"/opt",
	"/srv",
	"/run/docker.sock",
	"/var/run/docker.sock",
	"/run/containerd/containerd.sock",
	"/run/podman/podman.sock",
	"/etc/docker/daemon.json",
	"/etc/kubernetes/admin.conf",
	"/etc/rancher/k3s/k3s.yaml",
};

static const char *const patterns[] = {
	"/etc/sudoers.d/*",
	"/etc/ssh/sshd_config.d/*",
	"/etc/ssh/ssh_host_*_key",
	"/etc/ssh/ssh_host_*_key.pub",
	"/etc/pam.d/*",
	"/etc/profile.d/*",
	"/etc/cron.d/*",
	"/etc/cron.hourly/*",
	"/etc/cron.daily/*",
	"/etc/cron.weekly/*",
	"/etc/cron.monthly/*",
	"/var/spool/cron/crontabs/*",
	"/var/spool/cron/*",
	"/etc/init.d/*",
	"/etc/systemd/system/*",
	"/etc/ld.so.conf.d/*",
	"/etc/audit/rules.d/*",
	"/etc/apt/apt.conf.d/*",
	"/etc/apt/sources.list.d/*",
	"/etc/apt/trusted.gpg.d/*",
	"/etc/yum.repos.d/*",
	"/etc/sysctl.d/*",
	"/etc/update-motd.d/*",
	"/etc/rc.local.d/*",
	"/etc/kubernetes/*.conf",
	"/etc/wireguard/*.conf",
	"/etc/openvpn/*.conf",
	"/etc/ssl/private",
	"/etc/ssl/private/*",
	"/etc/pki/tls/private/*",
	"/home/*",
	"/home/*/.ssh",
	"/boot/vmlinuz-*",
	"/boot/initrd.img-*",
	"/boot/config-*",
	"/boot/System.map-*",
};

static const char *type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "regular";
	case S_IFDIR: return "directory";
	case S_IFLNK: return "symlink";
	default: return "other";
	}
}

/* A disk has nothing of what these hold on a running machine. */
static bool is_volatile(struct str path)
{
	return str_starts(path, STR("/dev/")) || str_starts(path, STR("/run/")) ||
	       str_eq(path, STR("/tmp"));
}

static int emit(struct collect *c, struct map *seen, struct str path)
{
	struct stat st;
	int r;

	if (map_get(seen, path))
		return 0;
	r = root_lstat(c->root, path.ptr, &st);
	if (r == -ENOENT || r == -ENOTDIR || (r == -EXDEV && is_volatile(path)))
		return 0;
	if (r < 0) {
		collect_problem(c, r, path.ptr, "%s", strerror(-r));
		return 0;
	}
	r = map_put(seen, path, 0);
	if (r < 0)
		return r;
	return collect_row(c, &(struct file_permissions_row){
				      .path = path,
				      .type = str_of(type_of(st.st_mode)),
				      .mode = st.st_mode & 07777,
				      .uid = st.st_uid,
				      .gid = st.st_gid,
				      .size = st.st_size,
			      });
}

static int collect(struct collect *c)
{
	own(map_release) struct map seen = {};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(files); i++)
		r = emit(c, &seen, str_of(files[i]));
	for (size_t i = 0; r >= 0 && i < COUNT(patterns); i++) {
		struct str *paths;
		size_t n;

		r = collect_glob(c, patterns[i], &paths, &n);
		for (size_t k = 0, all = r == 1 ? n : 0; r >= 0 && k < all; k++)
			r = emit(c, &seen, paths[k]);
	}
	return MIN(r, 0);
}

const struct collector collector_file_permissions = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
