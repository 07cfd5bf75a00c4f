/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/schedule.h"

#define PROGRAM "/usr/bin/holdfast"

const struct backup_unit backup_units[] = {
	{"holdfast-backup.service",        "databases and files", "run",   NULL,           NULL},
	{ "holdfast-backup.timer",         "every day",           NULL,    "*-*-* 01:30",  "2h"},
	{ "holdfast-backup-check.service", "a part of the data",  "check", NULL,           NULL},
	{ "holdfast-backup-check.timer",   "every Sunday",        NULL,    "Sun 04:30",    "2h"},
	{ "holdfast-backup-drill.service", "a restore to try it", "drill", NULL,           NULL},
	{ "holdfast-backup-drill.timer",   "every month",         NULL,    "*-*-02 05:30", "4h"},
};
const size_t n_backup_units = COUNT(backup_units);

/* What stands for itself in a unit: no blanks, quotes, specifiers, variables. */
static bool plain(const char *path)
{
	static const char bad[] = " \t\n\r\"'\\%$;";

	return path[0] == '/' && !path[strcspn(path, bad)];
}

static void write_timer(const struct backup_unit *u, struct buf *ret)
{
	(void)buf_fmt(
		ret,
		"[Unit]\nDescription=Holdfast backup: %s\nDocumentation=man:holdfast-backup(1)\n"
		"\n[Timer]\nOnCalendar=%s\nRandomizedDelaySec=%s\nPersistent=yes\n"
		"\n[Install]\nWantedBy=timers.target\n",
		u->says, u->calendar, u->delay);
}

/* It reads everything, and becomes the users that databases belong to. */
static const char hardening[] =
	"UMask=0077\n"
	"Nice=10\n"
	"IOSchedulingClass=idle\n"
	"NoNewPrivileges=yes\n"
	"ProtectSystem=strict\n"
	"ProtectClock=yes\n"
	"ProtectHostname=yes\n"
	"ProtectControlGroups=yes\n"
	"ProtectKernelModules=yes\n"
	"ProtectKernelTunables=yes\n"
	"ProtectKernelLogs=yes\n"
	"PrivateDevices=yes\n"
	"RestrictNamespaces=yes\n"
	"RestrictRealtime=yes\n"
	"RestrictSUIDSGID=yes\n"
	"LockPersonality=yes\n"
	"SystemCallArchitectures=native\n"
	"CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_CHOWN "
	"CAP_FOWNER CAP_SETUID CAP_SETGID CAP_KILL\n";

static int write_path(const char *path, size_t len, struct buf *ret)
{
	return plain(path) ? buf_fmt(ret, "ReadWritePaths=-%.*s\n", (int)len, path) : -EINVAL;
}

static int write_paths(const struct backup_config *c, struct buf *ret)
{
	int r = buf_fmt(ret, "ReadWritePaths=-%s -%s -%s -/root/.ssh\n", c->state, c->cache,
			c->scratch);

	for (size_t i = 0; r == 0 && i < c->n_repos; i++) {
		const char *path = backup_repo_path(&c->repos[i]);

		if (path)
			r = write_path(path, strlen(path), ret);
	}
	/* sqlite3 opens its files with their journals. */
	for (size_t i = 0; i < c->n_dumps; i++)
		for (size_t k = 0; r == 0 && k < c->dumps[i].names.n; k++) {
			const char *name = c->dumps[i].names.items[k], *slash = strrchr(name, '/');

			if (c->dumps[i].kind == DUMP_SQLITE && slash)
				r = write_path(name, (size_t)MAX(slash - name, 1), ret);
		}
	return r;
}

int backup_unit_write(const struct backup_unit *u, const struct backup_config *c,
		      const char *config_path, struct buf *ret)
{
	int r;

	if (!u->action) {
		write_timer(u, ret);
		return ret->error;
	}
	if ((config_path && !plain(config_path)) || !plain(c->state) || !plain(c->cache) ||
	    !plain(c->scratch))
		return -EINVAL;
	(void)buf_fmt(
		ret,
		"[Unit]\nDescription=Holdfast backup: %s\nDocumentation=man:holdfast-backup(1)\n"
		"After=network-online.target\nWants=network-online.target\n"
		"\n[Service]\nType=oneshot\nExecStart=" PROGRAM " backup %s",
		u->says, u->action);
	if (config_path)
		(void)buf_fmt(ret, " --config %s", config_path);
	/* The exit code 1 says that something was not read: that is a failure to be heard of. */
	(void)buf_fmt(ret, "\nExecStartPre=+/usr/bin/mkdir -p %s %s\n", c->state, c->cache);
	r = write_paths(c, ret);
	return r < 0 ? r : buf_puts(ret, hardening);
}

int backup_server_unit(const char *dir, const char *listen, const char *htpasswd, struct buf *ret)
{
	if (!plain(dir) || (htpasswd && !plain(htpasswd)) || !listen[0] ||
	    listen[strspn(listen, "0123456789abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ.:[]-")])
		return -EINVAL;
	(void)buf_fmt(
		ret,
		"# /etc/systemd/system/holdfast-repository.service of the machine that keeps the "
		"backups.\n"
		"# apt install rclone; useradd --system holdfast-repository;\n"
		"# install -d -o holdfast-repository -m 0700 %s\n"
		"# Clients: repository NAME rest:https://HOST/NAME/ behind a proxy with TLS.\n"
		"# Old snapshots are forgotten here, by restic on the folder itself.\n"
		"[Unit]\nDescription=Holdfast: repository that only grows\n"
		"After=network-online.target\nWants=network-online.target\n"
		"\n[Service]\nUser=holdfast-repository\n"
		"ExecStart=/usr/bin/rclone serve restic --append-only --config /dev/null "
		"--addr %s%s%s %s\n"
		"Restart=on-failure\nReadWritePaths=%s\n"
		"CapabilityBoundingSet=\nNoNewPrivileges=yes\nProtectSystem=strict\n"
		"ProtectHome=yes\nPrivateTmp=yes\nPrivateDevices=yes\nProtectClock=yes\n"
		"ProtectHostname=yes\nProtectControlGroups=yes\nProtectKernelModules=yes\n"
		"ProtectKernelTunables=yes\nProtectKernelLogs=yes\nProtectProc=invisible\n"
		"RestrictAddressFamilies=AF_INET AF_INET6\nRestrictNamespaces=yes\n"
		"RestrictRealtime=yes\nRestrictSUIDSGID=yes\nLockPersonality=yes\n"
		"SystemCallArchitectures=native\nSystemCallFilter=@system-service\n"
		"UMask=0077\n\n[Install]\nWantedBy=multi-user.target\n",
		dir, listen, htpasswd ? " --htpasswd " : "", htpasswd ? htpasswd : "", dir, dir);
	return ret->error;
}
