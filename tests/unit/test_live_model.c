/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Live files: writing, rotating, copying, truncating, stopping and reading at random. A model knows
 * which lines must have been told: each one once, whatever happened in which order.
 */
#include "live_try.h"

#define STEPS 400U

static uint64_t random_state;

static unsigned pick(unsigned n)
{
	random_state = random_state * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(random_state >> 33) % n;
}

struct model {
	struct live_try *t;
	unsigned next;            /* number of the next line */
	unsigned rotated;         /* number of rotated files so far */
	unsigned half;            /* a line that was begun in the file; 0: none */
	unsigned kept;            /* rotations since the last look */
	bool gone[4 * STEPS * 6]; /* lines whose end was never written */
};

static void write_lines(struct model *m)
{
	unsigned n = 1 + pick(5);
	char text[64];

	if (m->half) {
		snprintf(text, sizeof text, "line #%u\n", m->half);
		try_append(m->t, "app.log", text);
		m->half = 0;
	}
	try_lines(m->t, "app.log", m->next, m->next + n - 1);
	m->next += n;
	if (pick(4) == 0) {
		snprintf(text, sizeof text,
			 "2026-11-22T10:%02u:%02uZ host app[7]: ", m->next / 60 % 60, m->next % 60);
		try_append(m->t, "app.log", text);
		m->half = m->next++;
	}
}

static void move_up(struct model *m)
{
	char from[64], to[64];

	for (unsigned i = m->rotated; i > 0; i--) {
		snprintf(from, sizeof from, "app.log.%u", i);
		snprintf(to, sizeof to, "app.log.%u", i + 1);
		must(rename(try_path(m->t, from), try_path(m->t, to)));
	}
	m->rotated++;
}

/* The half line stays in the old file: its end never comes, and nothing is told of it. */
static void rotate(struct model *m)
{
	if (access(try_path(m->t, "app.log"), F_OK) < 0)
		return;
	move_up(m);
	must(rename(try_path(m->t, "app.log"), try_path(m->t, "app.log.1")));
	m->gone[m->half] = true;
	m->half = 0;
	m->kept++;
	if (pick(3))
		write_lines(m);
}

static void copy_truncate(struct model *m)
{
	char command[512];

	if (access(try_path(m->t, "app.log"), F_OK) < 0)
		return;
	move_up(m);
	snprintf(command, sizeof command, "cp '%s' '%s'", try_path(m->t, "app.log"),
		 try_path(m->t, "app.log.1"));
	must(-system(command)); /* NOLINT: names of our own */
	must(truncate(try_path(m->t, "app.log"), 0));
	m->gone[m->half] = true;
	m->half = 0;
	m->kept++;
}

/* What nobody has read by then is lost with the bytes. */
static void truncate_read(struct model *m)
{
	must(try_run(m->t));
	if (access(try_path(m->t, "app.log"), F_OK) == 0)
		must(truncate(try_path(m->t, "app.log"), 0));
	m->gone[m->half] = true;
	m->half = 0;
	m->kept = 0;
}

static void restart(struct model *m, const char *const *names)
{
	/* Acted on and saved, then killed: what was not looked at is read by the next one. */
	if (pick(2)) {
		must(try_run(m->t));
		m->kept = 0;
	}
	try_save(m->t);
	try_stop(m->t);
	if (pick(2))
		write_lines(m);
	if (m->kept < 5 && pick(3) == 0)
		rotate(m);
	try_start(m->t, names);
}

static bool play(uint64_t seed)
{
	static const char *const names[] = { "app.log", NULL };
	struct model m = { .t = try_new("live-model"), .next = 1 };
	bool good;

	random_state = seed;
	try_start(m.t, names);
	must(try_run(m.t));
	for (unsigned i = 0; i < STEPS; i++) {
		unsigned what = pick(20);

		if (what < 8)
			write_lines(&m);
		else if (what < 14)
			must(try_run(m.t));
		else if (what == 14 && m.kept < 5)
			rotate(&m);
		else if (what == 15 && m.kept < 5)
			copy_truncate(&m);
		else if (what == 16)
			truncate_read(&m);
		else if (what == 17)
			restart(&m, names);
		if (what >= 8 && what < 14)
			m.kept = 0;
	}
	write_lines(&m);
	if (m.half)
		write_lines(&m);
	must(try_run(m.t));
	good = true;
	for (unsigned i = 1; i < m.next; i++)
		if (m.t->seen[i] != !(m.gone[i] || m.half == i)) {
			printf("# seed %u: line %u of %u was told %u times\n", (unsigned)seed, i,
			       m.next, m.t->seen[i]);
			good = false;
			break;
		}
	try_release(m.t);
	return good;
}

int main(void)
{
	unsigned good = 0;

	for (uint64_t seed = 1; seed <= 12; seed++)
		good += play(seed);
	is_int(good, 12, "each line once, in 12 games of 400 steps");
	return done();
}
