/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: bans_run BANS: in the network namespace that it is started in, prints lines of
 * "name wall-seconds cpu-seconds count".
 */
#include <netinet/in.h>
#include <stdio.h>
#include <time.h>

#include "action/ban.h"
#include "action/cut.h"
#include "guard/ledger.h"

#define SINGLES 5000u
#define PACKETS 200'000u

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct stopwatch {
	double wall, cpu;
};

static struct stopwatch start(void)
{
	return (struct stopwatch){ now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID) };
}

static void stop(const char *name, struct stopwatch s, size_t n)
{
	printf("%s %.6f %.6f %zu\n", name, now(CLOCK_MONOTONIC) - s.wall,
	       now(CLOCK_PROCESS_CPUTIME_ID) - s.cpu, n);
	fflush(stdout);
}

__attribute__((noreturn)) static void fail(const char *what, int error, const struct diag *d)
{
	fprintf(stderr, "%s: %s (%s)\n", what, strerror(-error), d->reason);
	exit(3);
}

static struct prefix host(uint32_t i)
{
	/* Spread as addresses of the internet are; a bijection, so all are different. */
	uint32_t a = (i + 1) * 2'654'435'761U;

	return prefix_v4((uint8_t[]){ (uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8),
				      (uint8_t)a },
			 32);
}

static void change(struct ban *b, struct ban_item *items, size_t n, bool adding, const char *name)
{
	struct stopwatch s = start();
	struct diag d = {};
	size_t failed = 0;
	int r = (adding ? ban_add : ban_remove)(b, items, n, &failed, &d);

	if (r < 0 || failed)
		fail(name, r, &d);
	stop(name, s, n);
}

static int count(void *user, const struct ban_item *item)
{
	(void)item;
	++*(size_t *)user;
	return 0;
}

static int by_time(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* One by one, as a detection decides: the time of each. */
static void singles(struct ban *b)
{
	static double took[SINGLES];
	struct stopwatch s = start();

	for (uint32_t i = 0; i < SINGLES; i++) {
		struct ban_item item = { host(50'000'000 + i), 600, 0 };
		double from = now(CLOCK_MONOTONIC);

		if (ban_add(b, &item, 1, NULL, NULL) < 0 || item.error)
			exit(3);
		took[i] = now(CLOCK_MONOTONIC) - from;
	}
	stop("single", s, SINGLES);
	qsort(took, SINGLES, sizeof *took, by_time);
	printf("single-p50 %.6f 0 1\nsingle-p99 %.6f 0 1\n", took[SINGLES / 2],
	       took[SINGLES * 99 / 100]);
}

/* Datagrams to oneself: sent and received in the same process, so all of it is its CPU time. */
static void packets(const char *name, const char *from)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(4000) }, self = to;
	int in = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0),
	    out = socket(AF_INET, SOCK_DGRAM, 0);
	struct prefix p;
	struct stopwatch s;
	char byte[64] = {};
	size_t got = 0;

	if (prefix_parse(str_of(from), &p) < 0)
		exit(3);
	memcpy(&self.sin_addr, p.addr + 12, 4);
	self.sin_port = 0;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(in, (struct sockaddr *)&to, sizeof to) < 0 ||
	    bind(out, (struct sockaddr *)&self, sizeof self) < 0 ||
	    connect(out, (struct sockaddr *)&to, sizeof to) < 0)
		exit(3);
	s = start();
	for (unsigned i = 0; i < PACKETS; i++) {
		(void)!send(out, byte, sizeof byte, 0);
		if (i % 64 == 63)
			while (recv(in, byte, sizeof byte, 0) > 0)
				got++;
	}
	stop(name, s, PACKETS);
	fprintf(stderr, "%s: %zu of %u came in\n", name, got, PACKETS);
	close(in);
	close(out);
}

static void ledgers(uint32_t n)
{
	struct ledger *l = NULL;
	struct ledger_counts c;
	struct stopwatch s;
	uint16_t rule;

	if (ledger_new(&(struct ledger_config){}, &l, NULL) < 0 ||
	    ledger_rule(l, STR("ssh"), &rule) < 0)
		exit(3);
	s = start();
	for (uint32_t i = 0; i < 5 * n; i++) {
		struct prefix p = host(i % n);
		struct ledger_verdict v;

		if (ledger_strike(l, &p, rule, 1, 1'700'000'000 + i / (n / 10), &v) < 0)
			exit(3);
	}
	stop("ledger-strikes", s, 5 * (size_t)n);
	ledger_count(l, &c);
	printf("ledger-bytes %.6f 0 %zu\n", (double)c.memory, c.tracked);
	ledger_free(&l);
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 100'000, seen = 0;
	struct ban_item *items = calloc(n, sizeof *items);
	struct prefix peer = host(7);
	struct nl cut = NL_NONE;
	struct ban *b = NULL;
	struct stopwatch s;
	struct diag d = {};
	unsigned found;
	int r;

	packets("packets-none", "127.0.0.1");
	r = ban_open(&(struct ban_config){ .kind = BAN_NFT }, &b, &d);
	if (r == 0)
		r = ban_ensure(b, &found, &d);
	if (r < 0 || !items)
		fail("table", r, &d);
	packets("packets-empty", "127.0.0.1");
	for (size_t i = 0; i < n; i++)
		items[i] = (struct ban_item){ host((uint32_t)i), 3600, 0 };
	change(b, items, n, true, "add");
	change(b, items, n, true, "renew");
	s = start();
	r = ban_list(b, count, &seen, &d);
	if (r < 0)
		fail("list", r, &d);
	stop("list", s, seen);
	singles(b);
	s = start();
	for (int i = 0; i < 1000; i++)
		(void)!ban_ensure(b, &found, &d);
	stop("ensure", s, 1000);
	packets("packets-full", "127.0.0.1");
	change(b,
	       &(struct ban_item){ .prefix = prefix_v4((uint8_t[]){ 127, 0, 0, 2 }, 32),
				   .seconds = 600 },
	       1, true, "one");
	packets("packets-banned", "127.0.0.2");
	if (cut_open(&cut, &d) == 0) {
		s = start();
		for (int i = 0; i < 1000; i++)
			(void)!cut_peers(&cut, &peer, 1, &found, &d);
		stop("cut", s, 1000);
	}
	change(b, items, n, false, "remove");
	ledgers((uint32_t)n);
	nl_close(&cut);
	ban_close(&b);
	free(items);
	return 0;
}
