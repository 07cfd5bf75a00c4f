/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/random.h>

#include "base/map.h"
#include "guard/lines.h"

struct line {
	int64_t time;
	uint32_t len;
	char text[LINES_TEXT];
};

struct place {
	uint64_t key;
	unsigned n; /* that were put here; the last LINES_EACH are kept */
	struct line lines[LINES_EACH];
};

struct lines {
	uint64_t seed[2];
	struct place places[LINES_PLACES];
};

int lines_new(struct lines **ret)
{
	struct lines *l = calloc(1, sizeof *l);

	if (!l)
		return -ENOMEM;
	if (getrandom(l->seed, sizeof l->seed, 0) != sizeof l->seed) {
		free(l);
		return -EIO;
	}
	*ret = l;
	return 0;
}

void lines_release(struct lines **l)
{
	free(*l);
	*l = NULL;
}

static uint64_t key_of(const struct lines *l, const struct prefix *from, struct str account)
{
	struct prefix p;

	if (!from)
		return siphash13(l->seed, account.ptr, account.len);
	/* Rules group IPv6 hosts by their /64. */
	p = prefix_is_v4(from) ? *from : prefix_cut(from, MIN(from->bits, 64));
	return ~siphash13(l->seed, p.addr, sizeof p.addr);
}

static void put(struct lines *l, uint64_t key, int64_t time, struct str text)
{
	struct place *p = &l->places[key % LINES_PLACES];
	struct line *line;

	if (p->key != key)
		p->n = 0;
	p->key = key;
	line = &p->lines[p->n++ % LINES_EACH];
	/* Where it begins anew the number must still say that all are full. */
	if (p->n == 2 * LINES_EACH)
		p->n = LINES_EACH;
	line->time = time;
	line->len = (uint32_t)MIN(text.len, LINES_TEXT);
	if (line->len)
		memcpy(line->text, text.ptr, line->len);
}

void lines_add(struct lines *l, const struct prefix *from, struct str account, int64_t time,
	       struct str line)
{
	if (from)
		put(l, key_of(l, from, account), time, line);
	if (account.len)
		put(l, key_of(l, NULL, account), time, line);
}

size_t lines_find(const struct lines *l, const struct prefix *from, struct str account,
		  int64_t since, struct str *ret, size_t max)
{
	uint64_t key = key_of(l, from, account);
	const struct place *p = &l->places[key % LINES_PLACES];
	size_t n = p->key == key ? MIN(p->n, LINES_EACH) : 0, k = 0;

	for (size_t i = 0; i < n && k < max; i++) {
		const struct line *line = &p->lines[(p->n - 1 - i) % LINES_EACH];

		if (line->time >= since)
			ret[k++] = (struct str){ line->text, line->len };
	}
	return k;
}
