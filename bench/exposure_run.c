/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: exposure_run FILE
 * Reads an answer of `az network nsg list` and evaluates each NSG of it: 20 ports on TCP and UDP,
 * then all ports of both. Beside it a plain evaluation of the same rules, one port and one source
 * range after the other. For bench/exposure.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/json.h"
#include "facts/azure/reach.h"

#define BLOCK ((size_t)16 << 20)
static const uint16_t ports[] = { 21,  22,   23,   25,   80,   110,  135,  139,  389,  443,
				  445, 1433, 1521, 3306, 3389, 5432, 5985, 6379, 9200, 27017 };
static const uint8_t protocols[] = { 6, 17 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double peak(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_maxrss * 1024;
}

struct figures {
	double parse, load, build, list, map, plain;
	size_t rules, open, plain_open, ranges, differ;
};

/*
 * What one writes first: for each port the rules by priority, each with the ranges that are left.
 * Sources of the internet alone, IPv4.
 */
struct plain {
	const struct nsg_rule **rules;
	size_t n;
	struct net_range left[4096], next[4096];
	size_t n_left, n_next;
};

static int by_priority(const void *a, const void *b)
{
	const struct nsg_rule *x = *(const struct nsg_rule *const *)a;
	const struct nsg_rule *y = *(const struct nsg_rule *const *)b;

	return (x->first > y->first) - (x->first < y->first);
}

static void put(struct plain *p, net_addr first, net_addr last)
{
	if (first <= last && p->n_next < COUNT(p->next))
		p->next[p->n_next++] = (struct net_range){ first, last };
}

/* Takes r from what is left; true: some of it was there. */
static bool take_range(struct plain *p, struct net_range r)
{
	bool some = false;

	p->n_next = 0;
	for (size_t i = 0; i < p->n_left; i++) {
		struct net_range x = p->left[i];

		if (x.last < r.first || r.last < x.first) {
			put(p, x.first, x.last);
			continue;
		}
		some = true;
		if (x.first < r.first)
			put(p, x.first, r.first - 1);
		if (r.last < x.last)
			put(p, r.last + 1, x.last);
	}
	memcpy(p->left, p->next, p->n_next * sizeof *p->left);
	p->n_left = p->n_next;
	return some;
}

static bool plain_port(struct plain *p, uint8_t protocol, uint16_t port)
{
	const struct net_ranges *internet = net_internet();

	p->n_left = 0;
	for (size_t i = 0; i < internet->n; i++)
		if (net_is_v4(internet->list[i].first))
			p->left[p->n_left++] = internet->list[i];
	for (size_t i = 0; i < p->n && p->n_left; i++) {
		const struct nsg_rule *r = p->rules[i];
		bool here = false, some = false;

		if (r->protocol && r->protocol != protocol)
			continue;
		for (size_t k = 0; k < r->ports.n && !here; k++)
			here = r->ports.list[k].first <= port && port <= r->ports.list[k].last;
		if (!here)
			continue;
		if (r->source.symbols & (NSG_ANY | NSG_INTERNET))
			some = take_range(p, NET_RANGE_V4);
		for (size_t k = 0; k < r->source.n; k++)
			some |= take_range(p, r->source.list[k]);
		if (some && r->verdict == NSG_ALLOW)
			return true;
	}
	return false;
}

static void run_plain(struct plain *p, const struct reach_host *h, struct figures *f, bool *open)
{
	double start = now();
	const struct nsg_rules *rules = &h->ways[0].stages[0];

	p->n = MIN(rules->n, 4096);
	for (size_t i = 0; i < p->n; i++)
		p->rules[i] = &rules->list[i];
	qsort(p->rules, p->n, sizeof *p->rules, by_priority);
	for (size_t k = 0; k < COUNT(protocols); k++)
		for (size_t i = 0; i < COUNT(ports); i++) {
			*open = plain_port(p, protocols[k], ports[i]);
			f->plain_open += *open++;
		}
	f->plain += now() - start;
}

static int run_nsg(const struct reach *r, size_t target, struct plain *plain, struct arena *a,
		   struct figures *f)
{
	struct reach_answer list[COUNT(protocols)][COUNT(ports)], *map;
	bool open[COUNT(protocols) * COUNT(ports)];
	struct reach_host h;
	double start = now(), t;
	size_t n;
	int e = reach_host(r, target, a, &h);

	t = now();
	f->build += t - start;
	for (size_t k = 0; e >= 0 && k < COUNT(protocols); k++)
		e = reach_ports(&h, protocols[k], ports, COUNT(ports), a, list[k]);
	start = now();
	f->list += start - t;
	for (size_t k = 0; e >= 0 && k < COUNT(protocols); k++) {
		e = reach_map(&h, protocols[k], a, &map, &n);
		f->ranges += n;
	}
	f->map += now() - start;
	if (e < 0)
		return e;
	f->rules += h.ways[0].stages[0].n;
	run_plain(plain, &h, f, open);
	for (size_t k = 0; k < COUNT(open); k++) {
		enum nsg_internet is = list[k / COUNT(ports)][k % COUNT(ports)].internet;

		/* The plain one knows nothing of service tags. */
		f->open += is == NSG_OPEN;
		f->differ += is != NSG_UNKNOWN && open[k] != (is == NSG_OPEN);
	}
	return 0;
}

static int load(const char *path, struct arena *a, struct str *ret)
{
	own(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	p = arena_alloc(a, (size_t)st.st_size + 1);
	for (size_t n = 0; p && n < (size_t)st.st_size;) {
		ssize_t got = read(fd, p + n, (size_t)st.st_size - n);

		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		n += (size_t)got;
	}
	*ret = (struct str){ p, (size_t)st.st_size };
	return p ? 0 : -ENOMEM;
}

static int run(struct str text, struct arena *a, struct figures *f)
{
	own(arena_release) struct arena work = { .limit = (size_t)1 << 30 };
	own(reach_release) struct reach *r = NULL;
	own(jdoc_release) struct jdoc doc = {};
	struct plain *plain = arena_new(a, struct plain);
	struct az_file file = { STR("nsgs.json"), text };
	struct az_model model = {};
	struct diag d = {};
	void *block;
	double start = now();
	int e = plain ? jdoc_parse(text, &(struct joptions){}, &doc, &d) : -ENOMEM;

	f->parse = now() - start;
	jdoc_release(&doc);
	if (plain)
		plain->rules = arena_array(a, 4096, sizeof *plain->rules);
	start = now();
	if (e >= 0)
		e = az_load(&file, 1, a, NULL, &model, &d);
	if (e >= 0)
		e = reach_new(&model, a, &r);
	f->load = now() - start;
	/* One block that stays: what is rewound costs no page faults. */
	block = e >= 0 ? arena_alloc(&work, BLOCK) : NULL;
	if (block)
		arena_shrink(&work, block, BLOCK, 0);
	for (size_t i = 0; e >= 0 && i < reach_count(r); i++) {
		struct arena_mark mark = arena_mark(&work);

		e = run_nsg(r, i, plain, &work, f);
		arena_rewind(&work, mark);
	}
	return e;
}

int main(int argc, char **argv)
{
	own(arena_release) struct arena a = { .limit = (size_t)16 << 30 };
	struct figures f = {};
	struct str text = {};
	double idle = peak();
	int r = argc == 2 ? load(argv[1], &a, &text) : -EINVAL;

	if (r >= 0)
		r = run(text, &a, &f);
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", argc > 1 ? argv[1] : "usage: FILE", strerror(-r));
		return 1;
	}
	printf("{\"bytes\":%zu,\"rules\":%zu,\"parse\":%.4f,\"load\":%.4f,\"build\":%.4f,"
	       "\"list\":%.4f,\"map\":%.4f,\"plain\":%.4f,\"open\":%zu,\"plain_open\":%zu,"
	       "\"differ\":%zu,\"ranges\":%zu,\"peak\":%.0f}\n",
	       text.len, f.rules, f.parse, f.load, f.build, f.list, f.map, f.plain, f.open,
	       f.plain_open, f.differ, f.ranges, peak() - idle);
	return 0;
}
