/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who reaches ports that are to be shut: all rules of the machine (and Azure's, where they are given),
 * evaluated in a process that gives up what it does not need.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/file.h"
#include "cli/exposed.h"
#include "cli/jit_host.h"

struct look {
	const struct knock_port *ports;
	size_t n_ports;
	struct net_ranges allowed;
	struct arena arena;
	struct jit_ways *ways;
};

static bool port_of(const struct exposure *e, struct knock_port *ret)
{
	if (!str_eq(e->protocol, STR("tcp")) && !str_eq(e->protocol, STR("udp")))
		return false;
	*ret = (struct knock_port){ str_eq(e->protocol, STR("tcp")) ? IPPROTO_TCP : IPPROTO_UDP,
				    e->first };
	return true;
}

static bool wanted(const struct look *l, struct knock_port p)
{
	for (size_t i = 0; i < l->n_ports; i++)
		if (l->ports[i].port == p.port && l->ports[i].protocol == p.protocol)
			return true;
	return false;
}

static void copy(char *ret, size_t room, struct str s)
{
	char text[512];

	(void)snprintf(ret, room, "%s", text_safe(s, text, sizeof text));
}

/* Whoever is left beside those who were let in. */
static int describe(struct look *l, const struct exposure *e, struct jit_way *w)
{
	struct net_ranges must, may;
	struct str *texts, rule;
	size_t n, more = 0, at = 0;
	int r = net_ranges_minus(&e->must, &l->allowed, &l->arena, &must);

	if (r >= 0)
		r = net_ranges_minus(&e->may, &l->allowed, &l->arena, &may);
	if (r >= 0)
		r = net_ranges_prefixes(may.n ? &may : &must, &l->arena, 4, &texts, &n, &more);
	if (r >= 0)
		r = exposure_admitting(e, may.n ? &may : &must, &l->arena, &rule);
	if (r < 0)
		return r;
	w->kind = may.n || must.n ? WAY_OPEN : WAY_SHUT;
	for (size_t i = 0; i < n && at + 50 < sizeof w->from; i++)
		at += (size_t)snprintf(w->from + at, sizeof w->from - at, "%s%.*s", i ? ", " : "",
				       STR_FMT(texts[i]));
	if (more && at + 8 < sizeof w->from)
		(void)snprintf(w->from + at, sizeof w->from - at, ", …");
	copy(w->rule, sizeof w->rule, e->unknown.len ? e->unknown : rule);
	return 0;
}

static bool is_same(const struct jit_way *x, const struct jit_way *y)
{
	return x->kind == y->kind && x->port.port == y->port.port &&
	       x->port.protocol == y->port.protocol && !strcmp(x->process, y->process) &&
	       !strcmp(x->from, y->from) && !strcmp(x->rule, y->rule);
}

/* Where there are too many, none that is open is left out for one that is not. */
static void keep_way(struct jit_ways *all, const struct jit_way *w)
{
	for (size_t i = 0; i < all->n; i++)
		if (is_same(&all->list[i], w))
			return;
	if (all->n < JIT_WAYS_MAX) {
		all->list[all->n++] = *w;
		return;
	}
	for (size_t i = 0; i < all->n && w->kind == WAY_OPEN; i++)
		if (all->list[i].kind != WAY_OPEN) {
			all->list[i] = *w;
			return;
		}
}

static int add_way(struct look *l, const struct exposure *e, bool other)
{
	struct jit_way w = {};
	int r;

	if (!port_of(e, &w.port))
		return 0;
	copy(w.process, sizeof w.process, e->process.len ? e->process : e->service);
	r = describe(l, e, &w);
	if (r < 0)
		return r;
	if (other)
		w.kind = WAY_OTHER;
	keep_way(l->ways, &w);
	return 0;
}

/* The same program at another port that others reach. */
static int add_others(struct look *l, const struct exposures *all)
{
	size_t n = l->ways->n;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < all->n; i++) {
		const struct exposure *e = &all->list[i];
		struct knock_port p;
		char name[64];
		bool same = false;

		copy(name, sizeof name, e->process.len ? e->process : e->service);
		for (size_t k = 0; k < n; k++)
			same |= *name && !strcmp(l->ways->list[k].process, name);
		if (!same || !port_of(e, &p) || wanted(l, p) || e->internet == INTERNET_NO)
			continue;
		r = add_way(l, e, true);
	}
	return r;
}

static int evaluate(const struct jit_host *h, struct look *l)
{
	static const char *const tables[] = { "host_info",           "listening_ports",
					      "expected_listeners",  "firewall_ruleset",
					      "interface_addresses", "routes" };
	struct exposed_source from = { .tables = tables,
				       .n_tables = COUNT(tables),
				       .live = true,
				       .azure = h->azure.items,
				       .n_azure = h->azure.n };
	struct exposed own(exposed_release) x = {};
	struct arena a own(arena_release) = { .limit = EXPOSED_MEMORY };
	struct exposed_port first = { .port = l->ports[0].port };
	int r;

	r = exposed_open(&from, &x);
	if (r == EXIT_OK)
		r = exposed_load(&x, l->n_ports == 1 ? &first : NULL, &a);
	if (r != EXIT_OK)
		return r;
	for (size_t i = 0; i < x.list.n; i++) {
		struct knock_port p;

		if (port_of(&x.list.list[i], &p) && wanted(l, p) &&
		    add_way(l, &x.list.list[i], false) < 0)
			return EXIT_FAILED;
	}
	return add_others(l, &x.list) < 0 ? EXIT_FAILED : EXIT_OK;
}

static int parse_allowed(struct look *l, const char *allowed)
{
	struct str rest = str_of(allowed), word;

	while ((word = str_word(&rest)).ptr) {
		struct net_range parts[2];
		size_t n;

		if (net_prefix_parse(word, parts, &n) < 0)
			continue;
		while (n)
			if (net_ranges_add(&l->allowed, &l->arena, parts[--n]) < 0)
				return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int write_ways(int fd, const struct jit_ways *ways)
{
	struct str bytes = { (const char *)ways, sizeof *ways };

	return file_write_all(fd, bytes) < 0 ? EXIT_FAILED : EXIT_OK;
}

static int read_ways(int fd, struct jit_ways *ret)
{
	if (file_read_full(fd, ret, sizeof *ret) != sizeof *ret)
		return -EIO;
	/* The process that evaluated has read what others wrote. */
	if (ret->n > JIT_WAYS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < ret->n; i++) {
		struct jit_way *w = &ret->list[i];

		w->process[sizeof w->process - 1] = w->from[sizeof w->from - 1] = '\0';
		w->rule[sizeof w->rule - 1] = '\0';
		if (w->kind > WAY_OTHER)
			return -EBADMSG;
	}
	return 0;
}

int jit_look(const struct jit_host *h, const struct knock_port *ports, size_t n,
	     const char *allowed, struct jit_ways *ret)
{
	struct look l = { .ports = ports, .n_ports = n, .arena = { .limit = EXPOSED_MEMORY } };
	struct jit_ways *ways = calloc(1, sizeof *ways);
	int pipes[2], status = 0, r;
	pid_t pid;

	l.ways = ways;
	if (!ways || pipe(pipes) < 0) {
		free(ways);
		return EXIT_FAILED;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(pipes[0]);
		r = parse_allowed(&l, allowed);
		if (r == EXIT_OK)
			r = evaluate(h, &l);
		if (r == EXIT_OK)
			r = write_ways(pipes[1], ways);
		_exit(r);
	}
	free(ways);
	close(pipes[1]);
	r = pid < 0 ? -EAGAIN : read_ways(pipes[0], ret);
	close(pipes[0]);
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
	if (r < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_OK) {
		cli_error("who reaches the ports cannot be told: nothing is changed");
		return EXIT_FAILED;
	}
	return EXIT_OK;
}
