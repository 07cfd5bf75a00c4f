/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/presence.h"

#define NAMES_MAX 8
#define BATCH_MAX 256 /* of package_db_find() */

static size_t split(struct arena *a, const char *list, const char *ret[static NAMES_MAX + 1])
{
	struct str rest = str_of(list), word;
	size_t n = 0;

	while (n < NAMES_MAX && (word = str_word(&rest)).ptr) {
		ret[n] = arena_cstr(a, word);
		if (!ret[n])
			break;
		n++;
	}
	ret[n] = NULL;
	return n;
}

struct batch {
	const char *names[BATCH_MAX];
	size_t daemon[BATCH_MAX]; /* whose name it is */
	struct package found[BATCH_MAX];
	size_t n;
};

static int find_batch(struct collect *c, struct batch *b, struct presence ret[])
{
	int r = b->n ? package_db_find(c, b->names, b->n, b->found) : 0;

	for (size_t i = 0; r >= 0 && i < b->n; i++) {
		struct presence *p = &ret[b->daemon[i]];

		if (!b->found[i].name.ptr || p->package.len)
			continue;
		p->package = b->found[i].name;
		p->version = b->found[i].version;
		p->format = b->found[i].format;
		p->present = true;
	}
	b->n = 0;
	return MIN(r, 0);
}

static int find_packages(struct collect *c, const struct daemon daemons[], size_t n,
			 struct presence ret[])
{
	struct batch *b = arena_new(c->arena, struct batch);
	int r = b ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		const char *some[NAMES_MAX + 1];
		size_t k = split(c->arena, daemons[i].packages, some);

		if (b->n + k > BATCH_MAX)
			r = find_batch(c, b, ret);
		for (size_t j = 0; j < k; j++) {
			b->names[b->n] = some[j];
			b->daemon[b->n++] = i;
		}
	}
	return r < 0 ? r : find_batch(c, b, ret);
}

static int find_program(struct collect *c, const struct daemon *d, struct presence *ret)
{
	struct str rest = str_of(d->programs), word, *paths;
	struct stat st;
	size_t n = 0;

	while (!ret->program.len && (word = str_word(&rest)).ptr) {
		const char *path = arena_cstr(c->arena, word);
		int r = path ? 0 : -ENOMEM;

		if (!r && !strpbrk(path, "*?[")) {
			if (root_stat(c->root, path, &st) == 0 && S_ISREG(st.st_mode))
				ret->program = word;
			continue;
		}
		if (!r)
			r = collect_glob(c, path, &paths, &n);
		if (r < 0)
			return r;
		if (r == 1 && n)
			ret->program = paths[n - 1];
	}
	ret->present |= ret->program.len > 0;
	return 0;
}

int presence_find(struct collect *c, const struct units *units, const struct daemon daemons[],
		  size_t n, struct presence ret[])
{
	int r;

	for (size_t i = 0; i < n; i++)
		ret[i] = (struct presence){ .package = STR(""),
					    .version = STR(""),
					    .format = STR(""),
					    .program = STR("") };
	r = find_packages(c, daemons, n, ret);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		const char *names[NAMES_MAX + 1];

		r = find_program(c, &daemons[i], &ret[i]);
		split(c->arena, daemons[i].units, names);
		ret[i].enabled = units_enabled_by(units, names, &ret[i].unit);
		if (ret[i].enabled == FACT_UNKNOWN)
			ret[i].enabled = ret[i].present;
	}
	return MIN(r, 0);
}
