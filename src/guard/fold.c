/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/fold.h"
#include <sys/random.h>

#include "base/map.h"

/* Notices of one kind: the first was told, the latest waits to be. */
struct group {
	uint64_t hash;
	int64_t until; /* end of the window; 0: free */
	uint64_t more; /* that were not told */
	struct notice latest;
	char *text; /* owned; what latest refers to */
};

struct fold {
	int64_t window;
	uint64_t seed[2];
	struct group group[FOLD_GROUPS];
};

int fold_new(int64_t window, struct fold **ret)
{
	struct fold *f = calloc(1, sizeof *f);

	if (!f)
		return -ENOMEM;
	f->window = window;
	if (getrandom(f->seed, sizeof f->seed, 0) != sizeof f->seed) {
		free(f);
		return -EIO;
	}
	*ret = f;
	return 0;
}

void fold_release(struct fold **ret)
{
	struct fold *f = *ret;

	for (size_t i = 0; f && i < FOLD_GROUPS; i++)
		free(f->group[i].text);
	free(f);
	*ret = NULL;
}

static uint64_t hash_of(const struct fold *f, const struct notice *n)
{
	struct str who = n->from.len ? n->from : n->account;
	uint64_t parts[3] = { siphash13(f->seed, n->rule.ptr, n->rule.len),
			      siphash13(f->seed, who.ptr, who.len), n->level };

	return siphash13(f->seed, parts, sizeof parts);
}

/* A copy of the text at p, which moves on. */
static struct str copy(char **p, struct str s)
{
	struct str c = { *p, s.len };

	if (s.len)
		memcpy(*p, s.ptr, s.len);
	*p += s.len;
	return c;
}

static bool keep(struct group *g, const struct notice *n)
{
	struct notice *l = &g->latest;
	struct str *texts[] = { &l->host, &l->rule,    &l->title,  &l->rule_id, &l->tags,
				&l->from, &l->account, &l->source, &l->done,    &l->advice };
	size_t size = 1;
	char *p;

	free(g->text);
	*l = *n;
	l->n_evidence = MIN(l->n_evidence, NOTICE_EVIDENCE);
	for (size_t i = 0; i < COUNT(texts); i++) {
		*texts[i] = str_sub(*texts[i], 0, NOTICE_TEXT_MAX);
		size += texts[i]->len;
	}
	for (size_t i = 0; i < l->n_evidence; i++) {
		l->evidence[i] = str_sub(l->evidence[i], 0, NOTICE_TEXT_MAX);
		size += l->evidence[i].len;
	}
	p = g->text = malloc(size);
	if (!p)
		return false;
	for (size_t i = 0; i < COUNT(texts); i++)
		*texts[i] = copy(&p, *texts[i]);
	for (size_t i = 0; i < l->n_evidence; i++)
		l->evidence[i] = copy(&p, l->evidence[i]);
	return true;
}

/* Tells what waits; the group is free afterwards. */
static int end(struct group *g, notice_fn *fn, void *user)
{
	int result = 0;

	g->until = 0;
	if (g->more) {
		/* The latest one tells of itself. */
		g->latest.more = g->more - 1;
		result = fn(user, &g->latest);
	}
	g->more = 0;
	free(g->text);
	g->text = NULL;
	return result;
}

/* The group of a kind, or a free one, or the one that is due first. */
static struct group *find(struct fold *f, uint64_t hash)
{
	struct group *best = &f->group[0];

	for (size_t i = 0; i < FOLD_GROUPS; i++) {
		struct group *g = &f->group[i];

		if (g->until && g->hash == hash)
			return g;
		if (g->until < best->until)
			best = g;
	}
	return best;
}

int fold_add(struct fold *f, const struct notice *n, int64_t now, notice_fn *fn, void *user)
{
	uint64_t hash = hash_of(f, n);
	struct group *g;
	int result = 0;

	if (f->window <= 0)
		return fn(user, n);
	g = find(f, hash);
	if (g->until && g->hash == hash && now < g->until) {
		uint64_t count = g->more ? g->latest.count : 0;
		int64_t first = g->more ? g->latest.first : n->first;

		if (!keep(g, n)) {
			g->until = 0;
			g->more = 0;
			return fn(user, n);
		}
		g->latest.count = MAX(count, n->count);
		g->latest.first = MIN(first, n->first);
		g->more++;
		return 0;
	}
	if (g->until)
		result = end(g, fn, user);
	g->hash = hash;
	g->until = now + f->window;
	return result ? result : fn(user, n);
}

int fold_tick(struct fold *f, int64_t now, bool all, notice_fn *fn, void *user)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < FOLD_GROUPS; i++)
		if (f->group[i].until && (all || now >= f->group[i].until))
			result = end(&f->group[i], fn, user);
	return result;
}

int64_t fold_wait(const struct fold *f, int64_t now)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < FOLD_GROUPS; i++)
		if (f->group[i].until && f->group[i].more)
			first = MIN(first, f->group[i].until);
	return first == INT64_MAX ? -1 : MAX(first - now, 0);
}
