/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dnf-automatic, yum-cron, zypper and apk. */
#include "facts/linux/ini.h"
#include "facts/linux/package_db.h"
#include "facts/linux/update.h"

static int newest_install(const struct package *p, void *user)
{
	int64_t *newest = user;

	*newest = MAX(*newest, p->install_time);
	return 0;
}

/* A setting of [commands]; its line, 0 where it is not true or not there. */
static int ini_line(struct collect *c, const char *path, const char *key, unsigned *ret)
{
	struct ini ini = {};
	struct str k, v;
	int r = collect_read(c, path, &ini.text, NULL);
	bool yes;

	if (r != 1)
		return r;
	while ((r = ini_next(&ini, &k, &v)) == 1)
		if (k.ptr && str_eq(k, str_of(key)) && str_to_bool(v, &yes) == 0)
			*ret = yes ? ini.line : 0;
	if (r == -EBADMSG) {
		collect_problem(c, r, path, "line %u: not text", ini.line);
		r = 0;
	}
	return r;
}

/* Timers of dnf-automatic: the plain one follows the configuration, the others say it themselves. */
static int dnf_automatic(struct update_run *run, struct update *u)
{
	static const char conf[] = "/etc/dnf/automatic.conf";
	static const char *const install[] = { "dnf-automatic-install.timer", NULL };
	static const char *const plain[] = { "dnf-automatic.timer", "dnf5-automatic.timer", NULL };
	static const char *const any[] = { "dnf-automatic.timer",
					   "dnf5-automatic.timer",
					   "dnf-automatic-install.timer",
					   "dnf-automatic-download.timer",
					   "dnf-automatic-notifyonly.timer",
					   "dnf-makecache.timer",
					   NULL };
	const struct unit *unit = NULL;
	unsigned line = 0;
	int r = ini_line(run->c, conf, "apply_updates", &line);

	if (r < 0)
		return r;
	u->refresh |= units_enabled(&run->units, any) == 1;
	if (units_enabled_by(&run->units, install, &unit) == 1) {
		u->upgrade = true;
		u->evidence = unit->path;
	} else if (units_enabled_by(&run->units, plain, &unit) != 1) {
		u->evidence = unit ? STR("dnf-automatic.timer is not enabled")
				   : STR("dnf-automatic is not installed");
	} else if (line) {
		u->upgrade = true;
		u->evidence = arena_fmt(run->c->arena, "%s:%u", conf, line);
	} else {
		u->evidence = arena_fmt(run->c->arena, "%s: apply_updates is off", conf);
	}
	return u->evidence.ptr ? 0 : -ENOMEM;
}

static int yum_cron(struct update_run *run, struct update *u)
{
	static const char conf[] = "/etc/yum/yum-cron.conf";
	static const char *const names[] = { "yum-cron", NULL };
	unsigned line = 0;
	int r;

	if (units_enabled(&run->units, names) != 1)
		return 0;
	r = ini_line(run->c, conf, "apply_updates", &line);
	if (r < 0)
		return r;
	u->refresh = true;
	u->upgrade |= line > 0;
	u->evidence = line ? arena_fmt(run->c->arena, "%s:%u", conf, line)
			   : arena_fmt(run->c->arena, "%s: apply_updates is off", conf);
	return u->evidence.ptr ? 0 : -ENOMEM;
}

static int newest_of(struct collect *c, const char *const patterns[], size_t n, int64_t *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = update_newest(c, patterns[i], ret);
	return r;
}

int update_dnf(struct update_run *run, struct update *ret)
{
	static const char *const lists[] = { "/var/cache/dnf/*/repodata/repomd.xml",
					     "/var/cache/libdnf5/*/repodata/repomd.xml",
					     "/var/cache/yum/*/*/*/repomd.xml",
					     "/var/cache/yum/*/*/repomd.xml",
					     "/var/cache/yum/*/repomd.xml" };
	static const char *const stamps[] = { "/var/lib/systemd/timers/stamp-dnf-automatic*.timer",
					      "/var/lib/systemd/timers/stamp-dnf5-automatic*.timer",
					      "/var/lock/subsys/yum-cron" };
	int r = dnf_automatic(run, ret);

	if (r == 0)
		r = yum_cron(run, ret);
	if (r == 0)
		r = newest_of(run->c, lists, COUNT(lists), &ret->lists_time);
	if (r == 0)
		r = newest_of(run->c, stamps, COUNT(stamps), &ret->auto_last_run);
	return r == 0 ? package_db_each(run->c, newest_install, &ret->last_install) : r;
}

int update_zypper(struct update_run *run, struct update *ret)
{
	static const char *const lists[] = { "/var/cache/zypp/raw/*/repodata/repomd.xml" };
	static const char *const timers[] = { "transactional-update.timer", "os-update.timer",
					      NULL };
	static const char *const stamps[] = {
		"/var/lib/systemd/timers/stamp-transactional-update.timer",
		"/var/lib/systemd/timers/stamp-os-update.timer",
	};
	const struct unit *unit = NULL;
	int r;

	ret->upgrade = ret->refresh = units_enabled_by(&run->units, timers, &unit) == 1;
	ret->evidence = ret->upgrade ? unit->path
				     : STR("neither transactional-update nor os-update is enabled");
	r = newest_of(run->c, lists, COUNT(lists), &ret->lists_time);
	if (r == 0)
		r = newest_of(run->c, stamps, COUNT(stamps), &ret->auto_last_run);
	return r == 0 ? package_db_each(run->c, newest_install, &ret->last_install) : r;
}

int update_apk(struct update_run *run, struct update *ret)
{
	static const char *const lists[] = { "/var/cache/apk/APKINDEX.*",
					     "/etc/apk/cache/APKINDEX.*" };

	ret->evidence = STR("no job of cron runs apk upgrade");
	ret->last_install = MAX(update_mtime(run->c, "/lib/apk/db/installed"),
				update_mtime(run->c, "/usr/lib/apk/db/installed"));
	return newest_of(run->c, lists, COUNT(lists), &ret->lists_time);
}
