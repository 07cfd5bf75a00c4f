/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "facts/linux/units_index.h"

/* systemd.unit(5), "System Unit Search Path", the first counts. */
static const char *const search_path[] = {
	"/etc/systemd/system.control",  "/run/systemd/system.control",   "/run/systemd/transient",
	"/run/systemd/generator.early", "/etc/systemd/system",           "/run/systemd/system",
	"/run/systemd/generator",       "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
	"/lib/systemd/system",          "/run/systemd/generator.late",
};
/* Of the administrator: the rest is the distribution's. */
static bool is_config(struct str dir)
{
	return str_starts(dir, STR("/etc/")) || str_starts(dir, STR("/run/"));
}

/* systemd.special(7): targets that a normal start does not reach. */
static const char *const not_boot[] = {
	"ctrl-alt-del",  "emergency",    "exit",
	"factory-reset", "final",        "halt",
	"hibernate",     "hybrid-sleep", "initrd",
	"kexec",         "poweroff",     "reboot",
	"rescue",        "shutdown",     "sleep",
	"soft-reboot",   "suspend",      "suspend-then-hibernate",
	"system-update", "umount",
};

struct unit_link {
	struct str name;
	bool boot, config;
};

struct loader {
	struct collect *c;
	struct units *u;
	struct unit_link *links;
	size_t n_links, cap_links;
	unsigned rank;
};

static struct str join(struct arena *a, struct str dir, struct str name)
{
	return arena_cat(a, dir, STR("/"), name);
}

static bool starts_at_boot(struct str owner)
{
	if (!str_eq(unit_type(owner), STR("target")))
		return true;
	owner = str_sub(owner, 0, owner.len - strlen(".target"));
	if (str_starts(owner, STR("initrd-")))
		return false;
	for (size_t i = 0; i < COUNT(not_boot); i++)
		if (str_eq(owner, str_of(not_boot[i])))
			return false;
	return true;
}

static int add_links(struct loader *l, struct str dir, struct str owner)
{
	struct dir_list names;
	const char *path = arena_cstr(l->c->arena, dir);
	int r = path ? collect_list(l->c, path, &names) : -ENOMEM;

	for (size_t i = 0; r == 1 && i < names.n; i++) {
		struct unit_link link = { str_of(names.entries[i].name), starts_at_boot(owner),
					  is_config(dir) };
		int pushed;

		if (!unit_type(link.name).len)
			continue;
		pushed = arena_push(l->c->arena, l->links, l->n_links, l->cap_links, link);
		if (pushed < 0)
			return pushed;
	}
	return MIN(r, 0);
}

static int add_unit(struct loader *l, struct unit unit)
{
	return unit.path.ptr ? arena_push(l->c->arena, l->u->list, l->u->n, l->u->cap, unit)
			     : -ENOMEM;
}

/* A link is a mask, another name of a unit, or (same name) a unit that lies elsewhere. */
static int add_symlink(struct loader *l, struct unit unit)
{
	struct str target, base;
	int r = root_readlink(l->c->root, unit.path.ptr, l->c->arena, &target);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		collect_problem(l->c, r, unit.path.ptr, "cannot read the link");
		return 0;
	}
	base = str_basename(target);
	if (str_ends(target, STR("/dev/null")))
		unit.masked = true;
	else if (!str_eq(base, unit.name) && unit_type(base).len)
		unit.alias_of = base;
	return add_unit(l, unit);
}

static int add_entry(struct loader *l, struct str dir, const struct dir_entry *e)
{
	struct unit unit = { .name = str_of(e->name) };
	struct stat st;

	unit.path = join(l->c->arena, dir, unit.name);
	if (!unit.path.ptr)
		return -ENOMEM;
	if (str_ends(unit.name, STR(".wants")))
		return add_links(l, unit.path, str_sub(unit.name, 0, unit.name.len - 6));
	if (str_ends(unit.name, STR(".requires")) || str_ends(unit.name, STR(".upholds")))
		return add_links(l, unit.path,
				 str_sub(unit.name, 0, (size_t)str_rfind(unit.name, '.')));
	if (str_ends(unit.name, STR(".d"))) {
		struct unit_dir d = { str_sub(unit.name, 0, unit.name.len - 2), dir, l->rank };

		return arena_push(l->c->arena, l->u->dropins, l->u->n_dropins, l->u->cap_dropins,
				  d);
	}
	if (!unit_type(unit.name).len)
		return 0;
	if (root_lstat(l->c->root, unit.path.ptr, &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode))
		return add_symlink(l, unit);
	if (!S_ISREG(st.st_mode)) {
		if (!S_ISDIR(st.st_mode))
			collect_problem(l->c, EINVAL, unit.path.ptr, "not a regular file");
		return 0;
	}
	/* systemd.unit(5): an empty file masks, too. */
	unit.masked = !st.st_size && is_config(dir);
	return add_unit(l, unit);
}

static int load_systemd(struct loader *l)
{
	struct stat seen[COUNT(search_path)];
	size_t n_seen = 0;

	for (l->rank = 0; l->rank < COUNT(search_path); l->rank++) {
		struct str dir = str_of(search_path[l->rank]);
		struct dir_list names;
		bool again = false;
		int r;

		if (root_stat(l->c->root, dir.ptr, &seen[n_seen]) < 0)
			continue;
		/* /lib may be /usr/lib. */
		for (size_t i = 0; i < n_seen; i++)
			again |= seen[i].st_dev == seen[n_seen].st_dev &&
				 seen[i].st_ino == seen[n_seen].st_ino;
		if (again)
			continue;
		n_seen++;
		r = collect_list(l->c, dir.ptr, &names);
		for (size_t i = 0; r == 1 && i < names.n; i++) {
			int e = add_entry(l, dir, &names.entries[i]);

			if (e < 0)
				return e;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int cmp_dir(const void *x, const void *y)
{
	const struct unit_dir *a = x, *b = y;
	int r = str_cmp(a->name, b->name);

	return r ? r : (a->rank > b->rank) - (a->rank < b->rank);
}

/* Insertion keeps equal names in the order of the search path; the first of them stays. */
static int sort_units(struct collect *c, struct units *u)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct sorted {
		struct unit unit;
		size_t at;
	} *all = arena_array(c->arena, u->n, sizeof *all);
	size_t n = 0;

	if (u->n && !all)
		return -ENOMEM;
	_Static_assert(offsetof(struct sorted, unit) == 0, "unit_cmp() reads struct sorted");
	for (size_t i = 0; i < u->n; i++)
		all[i] = (struct sorted){ u->list[i], i };
	if (u->n)
		qsort(all, u->n, sizeof *all, unit_cmp);
	for (size_t i = 0; i < u->n;) {
		size_t first = i, end = i;

		for (; end < u->n && !unit_cmp(&all[i].unit, &all[end].unit); end++)
			if (all[end].at < all[first].at)
				first = end;
		u->list[n++] = all[first].unit;
		i = end;
	}
	u->n = n;
	arena_rewind(c->arena, mark);
	return 0;
}

/* "getty@tty1.service" -> "getty@.service". */
static struct unit *find_template(struct arena *a, const struct units *u, struct str name)
{
	ssize_t at = str_find(name, '@'), dot = str_rfind(name, '.');
	struct arena_mark mark = arena_mark(a);
	struct unit *unit = NULL;
	struct str template;

	if (at < 0 || dot < at)
		return NULL;
	template = arena_cat(a, str_sub(name, 0, (size_t)at + 1),
			     str_sub(name, (size_t)dot, name.len), STR(""));
	if (template.ptr)
		unit = unit_lookup(u, template, UNIT_SYSTEMD);
	arena_rewind(a, mark);
	return unit;
}

/* Instances exist by their links only: "getty@tty1.service". */
static int add_instances(struct loader *l)
{
	struct unit *list = NULL;
	size_t n = 0, cap = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n_links; i++) {
		struct unit unit = { .name = l->links[i].name };
		const struct unit *template = NULL;

		if (!unit_lookup(l->u, unit.name, UNIT_SYSTEMD))
			template = find_template(l->c->arena, l->u, unit.name);
		if (!template || template->masked)
			continue;
		unit.path = template->path;
		r = arena_push(l->c->arena, list, n, cap, unit);
	}
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_unit(l, list[i]);
	return r == 0 && n ? sort_units(l->c, l->u) : r;
}

static void apply_links(struct loader *l)
{
	struct units *u = l->u;

	for (size_t i = 0; i < l->n_links; i++) {
		const struct unit_link *link = &l->links[i];
		struct unit *unit = unit_follow(u, unit_lookup(u, link->name, UNIT_SYSTEMD));

		for (int k = 0; unit && !unit->masked && k < 2; k++) {
			unit->enabled |= link->config;
			unit->boot |= link->boot;
			unit = find_template(l->c->arena, u, link->name);
		}
	}
	for (size_t i = 0; i < u->n; i++) {
		struct unit *unit = u->list[i].alias_of.len ? unit_follow(u, &u->list[i]) : NULL;

		if (!unit || unit->masked || !is_config(u->list[i].path))
			continue;
		unit->enabled = true;
		/* The one alias that a target of systemd itself names. */
		unit->boot |= str_eq(u->list[i].name, STR("display-manager.service")) ||
			      str_eq(u->list[i].name, STR("default.target"));
	}
	for (size_t i = 0; i < u->n; i++) {
		const struct unit *unit =
			u->list[i].alias_of.len ? unit_follow(u, &u->list[i]) : NULL;

		if (unit) {
			u->list[i].masked = unit->masked;
			u->list[i].boot = unit->boot;
		}
	}
}

/* Names of started scripts: "S01ssh" in rc?.d (SysV), "sshd" in a runlevel (OpenRC). */
static int add_started(struct loader *l, const char *dir, bool sysv)
{
	struct dir_list names;
	int r = collect_list(l->c, dir, &names);

	for (size_t i = 0; r == 1 && i < names.n; i++) {
		struct str name = str_of(names.entries[i].name);
		struct unit_link link = { .boot = true };
		int pushed;

		if (sysv && (name.len < 4 || name.ptr[0] != 'S'))
			continue;
		link.name = str_sub(name, sysv ? 3 : 0, name.len);
		pushed = arena_push(l->c->arena, l->links, l->n_links, l->cap_links, link);
		if (pushed < 0)
			return pushed;
	}
	return MIN(r, 0);
}

/* insserv(8), openrc-run(8): what starts on the way to, or in, the normal runlevels. */
static int load_started(struct loader *l, bool openrc)
{
	static const char *const sysv[] = { "rcS.d", "rc2.d", "rc3.d", "rc4.d", "rc5.d" };
	struct stat st;
	struct dir_list levels;
	int r;

	for (size_t i = 0; !openrc && i < COUNT(sysv); i++) {
		char path[32];

		snprintf(path, sizeof path, "/etc/%s", sysv[i]);
		if (root_stat(l->c->root, path, &st) < 0)
			snprintf(path, sizeof path, "/etc/rc.d/%s", sysv[i]);
		r = add_started(l, path, true);
		if (r < 0)
			return r;
	}
	if (!openrc)
		return 0;
	r = collect_list(l->c, "/etc/runlevels", &levels);
	for (size_t i = 0; r == 1 && i < levels.n; i++) {
		struct str level = str_of(levels.entries[i].name), dir;
		int e;

		if (str_eq(level, STR("shutdown")))
			continue;
		dir = join(l->c->arena, STR("/etc/runlevels"), level);
		e = dir.ptr ? add_started(l, dir.ptr, false) : -ENOMEM;
		if (e < 0)
			return e;
	}
	return MIN(r, 0);
}

static int load_scripts(struct loader *l)
{
	struct stat st;
	bool openrc = root_stat(l->c->root, "/etc/runlevels", &st) == 0 && S_ISDIR(st.st_mode);
	bool redhat = root_stat(l->c->root, "/etc/init.d", &st) < 0;
	struct str dir = redhat ? STR("/etc/rc.d/init.d") : STR("/etc/init.d");
	size_t scripts = l->u->n;
	struct dir_list names;
	int r = collect_list(l->c, dir.ptr, &names);

	for (size_t i = 0; r == 1 && i < names.n; i++) {
		struct unit unit = { .name = str_of(names.entries[i].name),
				     .kind = openrc ? UNIT_OPENRC : UNIT_SYSV };
		int e;

		if (unit_type(unit.name).len || str_eq(unit.name, STR("README")) ||
		    str_eq(unit.name, STR("functions")) || str_eq(unit.name, STR("functions.sh")))
			continue;
		unit.path = join(l->c->arena, dir, unit.name);
		if (unit.path.ptr && root_stat(l->c->root, unit.path.ptr, &st) == 0 &&
		    (!S_ISREG(st.st_mode) || !(st.st_mode & 0111)))
			continue;
		e = add_unit(l, unit);
		if (e < 0)
			return e;
	}
	l->n_links = 0;
	r = r < 0 ? r : load_started(l, openrc);
	for (size_t i = 0; i < l->n_links; i++)
		for (size_t j = scripts; j < l->u->n; j++)
			if (str_eq(l->u->list[j].name, l->links[i].name))
				l->u->list[j].enabled = l->u->list[j].boot = true;
	return r;
}

static bool is_file(const struct root *root, const char *path)
{
	struct stat st;

	return root_stat(root, path, &st) == 0 && S_ISREG(st.st_mode);
}

int units_load(struct collect *c, struct units *ret)
{
	struct units u = { .systemd = is_file(c->root, "/usr/lib/systemd/systemd") ||
				      is_file(c->root, "/lib/systemd/systemd") };
	struct loader l = { .c = c, .u = &u };
	int r = load_systemd(&l);

	if (r == 0)
		r = sort_units(c, &u);
	if (r == 0)
		r = add_instances(&l);
	if (r < 0)
		return r;
	apply_links(&l);
	r = load_scripts(&l);
	if (r == 0)
		r = sort_units(c, &u);
	if (r < 0)
		return r;
	if (u.n_dropins)
		qsort(u.dropins, u.n_dropins, sizeof *u.dropins, cmp_dir);
	/* systemd-sysv-generator(8): a unit of the script's name takes its place. */
	for (size_t i = 0; u.systemd && i < u.n; i++) {
		char name[256 + sizeof ".service"];
		struct str script = u.list[i].name;
		int len;

		if (u.list[i].kind != UNIT_SYSV)
			continue;
		if (str_ends(script, STR(".sh")))
			script.len -= 3;
		len = snprintf(name, sizeof name, "%.*s.service", STR_FMT(script));
		if (len > 0 && (size_t)len < sizeof name &&
		    unit_lookup(&u, str_of(name), UNIT_SYSTEMD))
			u.list[i].masked = true, u.list[i].boot = u.list[i].enabled = false;
	}
	*ret = u;
	return 0;
}
