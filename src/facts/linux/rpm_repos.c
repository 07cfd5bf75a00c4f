/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration: yum.conf(5), dnf.conf(5), zypper(8). */
#include "facts/linux/rpm_repos.h"

#include "facts/linux/ini.h"
#include "facts/linux/repository.h"

struct loader {
	struct collect *c;
	struct rpm_repos x;
	const char *file;
	struct str manager; /* of what is read */
	bool gpgcheck;      /* the default there */
};

static int damaged(struct collect *c, const char *path, int r, unsigned line)
{
	if (r != -EBADMSG)
		return r;
	collect_problem(c, r, path, "line %u is wrong; the rest of the file does not count", line);
	return 0;
}

/* Repositories through which fixes of these distributions come: all have no suite of their own. */
static bool has_security(struct str id)
{
	static const char *const ids[] = {
		"base",
		"baseos*",
		"appstream*",
		"updates*",
		"fedora",
		"*-baseos-rpms",
		"*-baseos-rhui-rpms",
		"*-appstream-rpms",
		"*-appstream-rhui-rpms",
		"rhel-*-server-rpms",
		"ol*_baseos_latest",
		"ol*_appstream",
		"ol*_latest",
		"amzn2-core",
		"amzn-updates",
		"amazonlinux",
		"*update*",
		"SLE*Updates*",
		"repo-sle-update",
	};

	for (size_t i = 0; i < COUNT(ids); i++)
		if (str_glob(str_of(ids[i]), id))
			return !str_contains(id, STR("debug")) && !str_contains(id, STR("source"));
	return false;
}

/* Begins another one. */
static int add(struct loader *l, struct rpm_repo *repo)
{
	struct rpm_repo done = *repo;

	*repo = (struct rpm_repo){ .verified = l->gpgcheck,
				   .enabled = true,
				   .priority = RPM_PRIORITY,
				   .date = FACT_UNKNOWN,
				   .fetched = FACT_UNKNOWN };
	if (!done.id.len || str_eq(done.id, STR("main")))
		return 0;
	if (l->x.n >= RPM_REPOS_MAX)
		return -E2BIG;
	done.third_party =
		!host_of_distribution(uri_host(done.uri)) || str_istarts(done.id, STR("epel"));
	done.security = !done.third_party && has_security(done.id);
	done.file = str_of(l->file);
	done.manager = l->manager;
	done.uri = uri_public(l->c->arena, done.uri);
	return done.uri.ptr ? arena_push(l->c->arena, l->x.list, l->x.n, l->x.cap, done) : -ENOMEM;
}

static void set_flag(struct rpm_repo *repo, struct str key, struct str value)
{
	bool b = false;

	if (str_to_bool(value, &b) < 0)
		return;
	if (str_eq(key, STR("enabled")))
		repo->enabled = b;
	else if (str_eq(key, STR("gpgcheck")))
		repo->verified = b;
	else if (str_eq(key, STR("module_hotfixes")))
		repo->hotfixes = b;
}

static bool names_excludes(struct str key)
{
	return str_eq(key, STR("exclude")) || str_eq(key, STR("excludepkgs"));
}

static void set(struct rpm_repo *repo, struct str key, struct str value)
{
	int64_t n;

	if (str_eq(key, STR("baseurl")) ||
	    (!repo->uri.len && (str_eq(key, STR("metalink")) || str_eq(key, STR("mirrorlist")))))
		repo->uri = str_word(&value);
	else if (str_eq(key, STR("gpgkey")))
		repo->signed_by = value;
	else if (names_excludes(key))
		repo->excludes = value;
	else if (str_eq(key, STR("includepkgs")))
		repo->includes = value;
	else if (str_eq(key, STR("priority")) && str_to_int64(value, &n) == 0)
		repo->priority = n;
	else
		set_flag(repo, key, value);
}

static int read_repo(struct collect *c, const char *path, struct str text, void *user)
{
	struct loader *l = user;
	struct ini ini = { .text = text };
	struct rpm_repo repo = {};
	struct str key, value;
	int r;

	l->file = path;
	while ((r = ini_next(&ini, &key, &value)) == 1) {
		if (key.ptr) {
			set(&repo, key, value);
			continue;
		}
		r = add(l, &repo);
		if (r < 0)
			return r;
		repo.id = ini.section;
		repo.line = ini.line;
	}
	r = r < 0 ? damaged(c, path, r, ini.line) : 0;
	return r < 0 ? r : add(l, &repo);
}

/* [main] gpgcheck is off unless the configuration turns it on. */
static int read_main(struct loader *l, const char *path)
{
	struct ini ini = {};
	struct str key, value;
	int r = collect_read(l->c, path, &ini.text, NULL);
	bool b;

	if (r != 1)
		return r;
	while ((r = ini_next(&ini, &key, &value)) == 1) {
		if (!key.ptr || !str_eq(ini.section, STR("main")))
			continue;
		if (str_eq(key, STR("gpgcheck")) && str_to_bool(value, &b) == 0)
			l->gpgcheck = b;
		else if (names_excludes(key))
			l->x.excludes = value;
	}
	return damaged(l->c, path, r, ini.line);
}

int rpm_repos_load(struct collect *c, struct rpm_repos *ret)
{
	static const char *const mains[] = { "/etc/yum.conf", "/etc/dnf/dnf.conf" };
	static const char *const dirs[] = { "/etc/yum.repos.d", "/etc/yum/repos.d",
					    "/etc/distro.repos.d" };
	struct loader l = { .c = c, .manager = STR("yum") };
	struct stat st;
	int r = 0;

	if (root_stat(c->root, "/etc/dnf", &st) == 0)
		l.manager = STR("dnf");

	for (size_t i = 0; r == 0 && i < COUNT(mains); i++)
		r = read_main(&l, mains[i]);
	for (size_t i = 0; r == 0 && i < COUNT(dirs); i++)
		r = collect_dropins(c, dirs[i], ".repo", read_repo, &l);
	/* zypper checks signatures unless told otherwise. */
	l.gpgcheck = true;
	l.manager = STR("zypper");
	if (r == 0)
		r = collect_dropins(c, "/etc/zypp/repos.d", ".repo", read_repo, &l);
	if (r == -E2BIG) {
		collect_problem(c, r, l.file, "too many repositories");
		r = 0;
	}
	if (r >= 0)
		*ret = l.x;
	return MIN(r, 0);
}
