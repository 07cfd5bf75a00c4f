/* SPDX-License-Identifier: GPL-3.0-or-later */
/* APT: apt-daily.timer, apt.systemd.daily and unattended-upgrades. */
#include <time.h>

#include "facts/linux/apt_conf.h"
#include "facts/linux/package_db.h"
#include "facts/linux/update.h"

enum { LOG_TAIL = 128 << 10 };

/* Values of APT::Periodic: days, "1h", "always"; "0" and "" are off (apt.systemd.daily). */
static const struct apt_setting *periodic(const struct apt_conf *conf, const char *name)
{
	const struct apt_setting *s = apt_conf_get(conf, name);

	return s && s->value.len && !str_eq(s->value, STR("0")) ? s : NULL;
}

/* Some origin that brings security updates; without any, unattended-upgrades does nothing. */
static bool origins_allow_security(const struct apt_conf *conf)
{
	static const struct str lists[] = { STR("Unattended-Upgrade::Allowed-Origins::"),
					    STR("Unattended-Upgrade::Origins-Pattern::") };

	for (size_t i = 0; i < conf->n; i++) {
		struct str name = conf->list[i].name, value = conf->list[i].value;
		bool origins = str_istarts(name, lists[0]) || str_istarts(name, lists[1]);

		if (origins &&
		    (memmem(value.ptr, value.len, "ecurity", 7) || str_contains(value, STR("*"))))
			return true;
	}
	return false;
}

/* What starts apt.systemd.daily: its timer, or cron where there is no systemd. */
static bool scheduled(struct update_run *run, const char *timer, struct str *ret_why)
{
	const char *const names[] = { timer, NULL };
	struct stat st;

	if (units_enabled(&run->units, names) == 1)
		return true;
	if (!run->units.systemd &&
	    root_stat(run->c->root, "/etc/cron.daily/apt-compat", &st) == 0 && st.st_mode & 0111)
		return true;
	*ret_why = arena_fmt(run->c->arena, "%s is not enabled", timer);
	return false;
}

static int has_unattended_upgrades(struct update_run *run, bool *ret)
{
	static const char *const names[] = { "unattended-upgrades" };
	struct package found;
	int r = package_db_find(run->c, names, 1, &found);

	*ret = r == 0 && found.name.ptr;
	return r;
}

static int judge_upgrade(struct update_run *run, const struct apt_conf *conf, struct update *u)
{
	const struct apt_setting *s = periodic(conf, "APT::Periodic::Unattended-Upgrade");
	const struct apt_setting *off = apt_conf_get(conf, "APT::Periodic::Unattended-Upgrade");
	const struct apt_setting *enable = apt_conf_get(conf, "APT::Periodic::Enable");
	bool installed = false;
	int r = has_unattended_upgrades(run, &installed);

	if (r < 0)
		return r;
	if (!installed) {
		u->evidence = STR("package unattended-upgrades is not installed");
	} else if (enable && str_eq(enable->value, STR("0"))) {
		u->evidence = arena_fmt(run->c->arena, "%.*s:%u %.*s is 0", STR_FMT(enable->file),
					enable->line, STR_FMT(enable->name));
	} else if (!s) {
		u->evidence = off ? arena_fmt(run->c->arena, "%.*s:%u %.*s is 0",
					      STR_FMT(off->file), off->line, STR_FMT(off->name))
				  : STR("APT::Periodic::Unattended-Upgrade is not set");
	} else if (!origins_allow_security(conf)) {
		u->evidence = STR("no origin of unattended-upgrades brings security updates");
	} else if (scheduled(run, "apt-daily-upgrade.timer", &u->evidence)) {
		u->upgrade = true;
		u->evidence = arena_fmt(run->c->arena, "%.*s:%u", STR_FMT(s->file), s->line);
	}
	return u->evidence.ptr ? 0 : -ENOMEM;
}

/* "2024-05-01 12:00:00 upgrade bash:amd64 5.2-1 5.2-2": local time, read as UTC. */
static int64_t log_time(struct str line)
{
	struct str rest = line, date = str_word(&rest), clock = str_word(&rest);
	struct str verb = str_word(&rest);
	struct tm tm = {};
	char text[32];

	if ((!str_eq(verb, STR("install")) && !str_eq(verb, STR("upgrade"))) ||
	    date.len + clock.len + 2 > sizeof text)
		return FACT_UNKNOWN;
	memcpy(text, date.ptr, date.len);
	text[date.len] = ' ';
	memcpy(text + date.len + 1, clock.ptr, clock.len);
	text[date.len + 1 + clock.len] = '\0';
	return strptime(text, "%Y-%m-%d %H:%M:%S", &tm) ? timegm(&tm) : FACT_UNKNOWN;
}

/* The last installation that dpkg's log tells of. */
static int read_log(struct collect *c, const char *path, int64_t *ret)
{
	own(close_fd) int fd = -1;
	struct arena_mark mark = arena_mark(c->arena);
	char *tail = arena_alloc(c->arena, LOG_TAIL);
	struct str text, line;
	struct stat st;
	ssize_t n;
	int r = tail ? root_open_file(c->root, path, &st, &fd) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	n = pread(fd, tail, LOG_TAIL, st.st_size > LOG_TAIL ? st.st_size - LOG_TAIL : 0);
	text = (struct str){ tail, n > 0 ? (size_t)n : 0 };
	while (str_line(&text, &line, NULL)) {
		int64_t t = log_time(line);

		if (t != FACT_UNKNOWN)
			*ret = MAX(*ret, t);
	}
	arena_rewind(c->arena, mark);
	return 0;
}

static int times(struct update_run *run, struct update *u)
{
	static const char *const lists[] = { "/var/lib/apt/lists/*Release",
					     "/var/lib/apt/lists/*Packages*" };
	static const char *const stamps[] = {
		"/var/lib/apt/periodic/unattended-upgrades-stamp",
		"/var/log/unattended-upgrades/unattended-upgrades.log",
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(lists); i++)
		r = update_newest(run->c, lists[i], &u->lists_time);
	/* Indexes carry the server's time; this stamp says when they were last found current. */
	if (u->lists_time != FACT_UNKNOWN)
		u->lists_time =
			MAX(u->lists_time,
			    update_mtime(run->c, "/var/lib/apt/periodic/update-success-stamp"));
	for (size_t i = 0; i < COUNT(stamps); i++)
		u->auto_last_run = MAX(u->auto_last_run, update_mtime(run->c, stamps[i]));
	if (r == 0)
		r = read_log(run->c, "/var/log/dpkg.log", &u->last_install);
	if (r == 0 && u->last_install == FACT_UNKNOWN)
		r = read_log(run->c, "/var/log/dpkg.log.1", &u->last_install);
	if (u->last_install == FACT_UNKNOWN)
		u->last_install = update_mtime(run->c, "/var/lib/dpkg/status");
	return r;
}

int update_apt(struct update_run *run, struct update *ret)
{
	struct apt_conf conf;
	struct str why = STR("");
	int r = apt_conf_load(run->c, &conf);

	if (r < 0)
		return r;
	ret->refresh = periodic(&conf, "APT::Periodic::Update-Package-Lists") &&
		       apt_conf_bool(&conf, "APT::Periodic::Enable", true) &&
		       scheduled(run, "apt-daily.timer", &why);
	r = judge_upgrade(run, &conf, ret);
	return r == 0 ? times(run, ret) : r;
}
