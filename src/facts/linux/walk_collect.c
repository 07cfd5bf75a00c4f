/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/walk.h"

/* Below the budget of the collector's process, so that what was found by then is kept. */
#define TIMEOUT_MS 110'000

/* nss_files and what systemd adds by itself; anything else may know more users than passwd. */
static bool knows_more(struct str text, struct str database)
{
	static const struct str local[] = { STR("files"),    STR("compat"), STR("systemd"),
					    STR("altfiles"), STR("db"),     STR("mymachines") };
	struct str line;

	while (str_line(&text, &line, NULL)) {
		struct str word;

		line = str_cut(&line, '#');
		if (!str_eq(str_trim(str_cut(&line, ':')), database))
			continue;
		while ((word = str_word(&line)).ptr) {
			bool known = word.ptr[0] == '[';

			for (size_t i = 0; i < COUNT(local); i++)
				known |= str_eq(word, local[i]);
			if (!known)
				return true;
		}
	}
	return false;
}

static int add_ids(struct collect *c, struct id_set *s, const char *path, bool ranges, bool *ret)
{
	struct str text;
	int r = collect_read(c, path, &text, NULL);

	*ret = r == 1;
	return r == 1 ? id_set_add_file(s, c->arena, text, ranges) : r;
}

/* Where another service answers for users, numbers that are not system accounts may be known. */
#define FIRST_PERSON 1000u

static int read_ids(struct collect *c, const char *database, const char *ranges, struct id_set *ret)
{
	struct str path = arena_fmt(c->arena, "/etc/%s", database), switches = {};
	bool read, ignored;
	int r = path.ptr ? add_ids(c, ret, path.ptr, false, &read) : -ENOMEM;

	if (r < 0)
		return r;
	ret->known = read;
	if (!read)
		collect_problem(c, ENOENT, path.ptr, "without it no owner can be judged");
	path = arena_fmt(c->arena, "/usr/lib/%s", database);
	r = path.ptr ? add_ids(c, ret, path.ptr, false, &ignored) : -ENOMEM;
	if (r >= 0)
		r = add_ids(c, ret, ranges, true, &ignored);
	if (r >= 0)
		r = collect_read(c, "/etc/nsswitch.conf", &switches, NULL);
	if (r == 1 && knows_more(switches, str_of(database))) {
		collect_problem(c, 0, "/etc/nsswitch.conf",
				"%s are kept elsewhere, too: owners from number %u on are not "
				"judged",
				database, FIRST_PERSON);
		r = id_set_add(ret, c->arena, FIRST_PERSON, UINT32_MAX);
	}
	if (r < 0)
		return r;
	id_set_seal(ret);
	return 0;
}

static void say_problems(struct collect *c, const struct walk_result *w)
{
	if (w->stats.unreadable)
		collect_problem(c, w->first_error, w->first_unreadable.ptr,
				"%llu directories cannot be read, this is the first",
				(unsigned long long)w->stats.unreadable);
	if (w->too_deep)
		collect_problem(c, ENAMETOOLONG, NULL,
				"%llu directories are too deep to be looked at",
				(unsigned long long)w->too_deep);
	if (w->not_reached)
		collect_problem(c, ETIME, NULL,
				"stopped after %d seconds, %llu directories and what is below "
				"them were not reached",
				TIMEOUT_MS / 1000, (unsigned long long)w->not_reached);
	for (unsigned k = 0; k < WALK_KINDS; k++)
		if (w->dropped[k])
			collect_problem(c, ENOSPC, NULL, "%llu more findings of the kind %s",
					(unsigned long long)w->dropped[k], walk_kind_name(k));
}

static struct walk_stats shared_stats;
static bool shared_done;

int walk_shared(struct collect *c, struct walk_stats *ret_stats, struct walk_result *ret_findings,
		struct mount_table *ret_mounts)
{
	struct mount_table mounts = {};
	struct walk_options o = { .root = c->root, .mounts = &mounts, .timeout_ms = TIMEOUT_MS };
	struct walk_result w = {};
	int r;

	if (shared_done && !ret_findings) {
		*ret_stats = shared_stats;
		return 0;
	}
	r = c->root->live ? mount_table_live(c, &mounts) : 0;
	if (r >= 0)
		r = read_ids(c, "passwd", "/etc/subuid", &o.uids);
	if (r >= 0)
		r = read_ids(c, "group", "/etc/subgid", &o.gids);
	if (r >= 0)
		r = walk_run(&o, c->arena, &w);
	if (r < 0)
		return r;
	say_problems(c, &w);
	*ret_stats = shared_stats = w.stats;
	shared_done = true;
	if (ret_findings)
		*ret_findings = w;
	if (ret_mounts)
		*ret_mounts = mounts;
	return 0;
}
