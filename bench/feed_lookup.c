/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: feed_lookup INDEX: nanoseconds of CPU time a lookup: of packages that are there with all of
 * their advisories, of ones that are not, of what is known of a vulnerability by its id; ranges.
 */
#include <stdio.h>
#include <time.h>

#include "vuln/index.h"

#define PACKAGES 65'536u
#define ROUNDS 2'000'000u

struct asked {
	const struct index *x;
	char (*names)[2][INDEX_TEXT_MAX];
	size_t n, seen, ranges;
	uint64_t random;
};

static double now(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t next(struct asked *a)
{
	a->random ^= a->random << 13;
	a->random ^= a->random >> 7;
	a->random ^= a->random << 17;
	return a->random >> 20;
}

static int count(void *user, struct str ecosystem, struct str name, struct index_walk *w)
{
	struct asked *a = user;
	struct index_advisory one;
	int r;

	while ((r = index_next(w, &one)) > 0)
		a->ranges += one.n;
	/* A sample of all of them. */
	if (a->n < PACKAGES && next(a) % 2 == 0) {
		snprintf(a->names[a->n][0], INDEX_TEXT_MAX, "%.*s", STR_FMT(ecosystem));
		snprintf(a->names[a->n++][1], INDEX_TEXT_MAX, "%.*s", STR_FMT(name));
	}
	return r;
}

static double find(struct asked *a, const char *suffix, size_t *ret_advisories)
{
	double start, spent = 0;
	size_t found = 0;

	for (unsigned i = 0; i < ROUNDS; i += 256) {
		static struct str names[256][2];
		static char made[256][INDEX_TEXT_MAX + 8];

		for (unsigned j = 0; j < 256; j++) {
			size_t at = next(a) % a->n;
			int n = snprintf(made[j], sizeof made[j], "%s%s", a->names[at][1], suffix);

			names[j][0] = str_of(a->names[at][0]);
			names[j][1] = (struct str){ made[j], (size_t)n };
		}
		start = now();
		for (unsigned j = 0; j < 256; j++) {
			struct index_advisory one;
			struct index_walk w;

			if (index_find(a->x, names[j][0], names[j][1], &w) > 0)
				while (index_next(&w, &one) > 0)
					found++;
		}
		spent += now() - start;
	}
	*ret_advisories = found;
	return spent / ROUNDS;
}

static double tell(struct asked *a, uint32_t vulns)
{
	struct index_about about;
	double start = now();

	for (unsigned i = 0; i < ROUNDS; i++)
		if (index_about(a->x, (uint32_t)(next(a) % vulns), &about) == 0)
			a->seen += about.score;
	return (now() - start) / ROUNDS;
}

int main(int argc, char **argv)
{
	struct asked a = { .random = 88172645463325252u };
	struct index x;
	size_t hits, misses;
	double hit, miss, about;

	a.x = &x;
	a.names = calloc(PACKAGES, sizeof *a.names);
	if (argc != 2 || !a.names || index_open(argv[1], &x, NULL) < 0 ||
	    index_all(&x, count, &a) < 0 || !a.n)
		return 1;
	hit = find(&a, "", &hits);
	miss = find(&a, "-zz9", &misses);
	about = tell(&a, x.t.vulns.n);
	printf("%.0f %.0f %.0f %.2f %zu %zu\n", hit, miss, about, (double)hits / ROUNDS, a.ranges,
	       x.bytes.len);
	index_release(&x);
	free(a.names);
	return 0;
}
