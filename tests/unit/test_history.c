/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history: when a finding was first seen, and what is new or fixed since the last run. */
#include <stdio.h>

#include "posture/history.h"
#include "tap.h"

static char folder[] = "/tmp/holdfast-history-XXXXXX";
static const struct check check_a = {
	.id = {"a", 1},
          .severity = SEVERITY_HIGH
};

/* One run: resources 1 … 9 of check a with the states of `states` (u unhealthy, h healthy, ?
 * unknown, e exempt, - not there; a final * is the check as a whole unknown). */
struct run {
	struct finding list[16];
	struct findings f;
	struct baseline b;
};

static void make(struct run *x, const char *states)
{
	static const char letters[] = { [FINDING_UNHEALTHY] = 'u',
					[FINDING_UNKNOWN] = '?',
					[FINDING_EXEMPT] = 'e',
					[FINDING_HEALTHY] = 'h' };
	static const char names[] = "1\0002\0003\0004\0005\0006\0007\0008\0009";

	*x = (struct run){ .f.list = x->list };
	for (size_t i = 0; states[i]; i++) {
		struct finding y = { .check = &check_a, .resource = str_of(names + 2 * i) };

		if (states[i] == '*') {
			y.resource = STR("*");
			y.status = FINDING_UNKNOWN;
		}
		for (enum finding_status s = 0; s < COUNT(letters); s++)
			if (letters[s] == states[i])
				y.status = s;
		if (states[i] != '-')
			x->list[x->f.n++] = y;
	}
}

static void record(struct history *h, const char *host, int64_t now, const char *states,
		   struct run *x, struct arena *a)
{
	struct score s = { .percent = 50, .risk = 40 };
	struct diag d = {};

	make(x, states);
	if (!is_int(history_record(h, str_of(host), now, &x->f, &s, a, &x->b, &d), 0, states))
		printf("# %s\n", d.reason);
}

static void changes(const struct run *x, const char *fresh, const char *fixed)
{
	char got[2][16] = {};

	for (size_t i = 0; i < x->b.n_fresh && i < 15; i++)
		got[0][i] = x->b.fresh[i].resource.ptr[0];
	for (size_t i = 0; i < x->b.n_fixed && i < 15; i++)
		got[1][i] = x->b.fixed[i].resource.ptr[0];
	is_str(str_of(got[0]), str_of(fresh), "  new");
	is_str(str_of(got[1]), str_of(fixed), "  fixed");
}

static void test_runs(struct history *h)
{
	own(arena_release) struct arena a = {};
	struct run x;

	record(h, "m", 100, "uuh", &x, &a);
	is_int(x.b.time, 0, "  no run before");
	changes(&x, "", "");
	is_int(x.list[0].first_seen, 100, "  first seen now");
	record(h, "m", 200, "uhu", &x, &a);
	is_int(x.b.time, 100, "  the run before");
	ok(x.b.percent == 50 && x.b.risk == 40, "  its figures");
	changes(&x, "3", "2");
	is_int(x.list[0].first_seen, 100, "  what was there is remembered");
	is_int(x.list[2].first_seen, 200, "  what is new is from now");
	record(h, "m", 300, "?-u", &x, &a);
	changes(&x, "", "");
	record(h, "m", 400, "uuu", &x, &a);
	changes(&x, "12", "");
	is_int(x.list[0].first_seen, 100, "  what was not known has not gone");
	is_int(x.list[1].first_seen, 400, "  what had gone and is back is from now");
	record(h, "m", 500, "---*", &x, &a);
	changes(&x, "", "");
	record(h, "m", 600, "", &x, &a);
	changes(&x, "", "");
	record(h, "m", 700, "u", &x, &a);
	record(h, "m", 800, "e", &x, &a);
	changes(&x, "", "1");
	record(h, "m", 900, "u", &x, &a);
	changes(&x, "1", "");
	is_int(x.list[0].first_seen, 700, "  an exemption does not make it younger");
	record(h, "other", 950, "u", &x, &a);
	is_int(x.b.time, 0, "  another machine has its own history");
	is_int(x.list[0].first_seen, 950, "  and its own times");
}

/* Nobody else's file, and none that is not ours. */
static void test_files(const char *path)
{
	own(history_release) struct history h = {};
	struct diag d = {};

	is_int(history_open(folder, &h, &d), -EINVAL, "a folder");
	d = (struct diag){};
	is_int(history_open("/nonexistent/state.db", &h, &d), -ENOENT, "no such folder");
	d = (struct diag){};
	is_int(history_open(path, &h, &d), 0, "it can be opened again");
}

int main(void)
{
	own(history_release) struct history h = {};
	struct diag d = {};
	char path[128];

	if (!mkdtemp(folder))
		return 99;
	snprintf(path, sizeof path, "%s/state.db", folder);
	if (is_int(history_open(path, &h, &d), 0, "history_open"))
		test_runs(&h);
	test_files(path);
	unlink(path);
	rmdir(folder);
	return done();
}
