/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "action/cut.h"
#include "action/netlink.h"

/* Sockets that are looked for at a time; each round finds what is left. */
#define SOCKETS_MAX 4096u
#define ROUNDS 64

struct request {
	struct nlmsghdr h;
	struct inet_diag_req_v2 r;
};

static void request(struct nl *n, struct nl_out *o, uint16_t type, uint16_t flags,
		    const struct inet_diag_req_v2 *r)
{
	nl_begin(o, type, flags, ++n->seq);
	nl_raw(o, r, sizeof *r);
	nl_end(o);
}

static int destroy(struct nl *n, const struct inet_diag_req_v2 *r)
{
	char bytes[sizeof(struct request) + 16];
	struct nl_out o = { .ptr = bytes, .cap = sizeof bytes };

	request(n, &o, SOCK_DESTROY, NLM_F_ACK, r);
	return nl_ask(n, &o, NULL, NULL);
}

int cut_open(struct nl *ret, struct diag *d)
{
	/* No socket has this id: who can end sockets says ENOENT. */
	struct inet_diag_req_v2 probe = { .sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP };
	own(nl_close) struct nl n = NL_NONE;
	int r = nl_open(NETLINK_SOCK_DIAG, &n);

	probe.id.idiag_sport = probe.id.idiag_dport = htons(1);
	probe.id.idiag_cookie[0] = probe.id.idiag_cookie[1] = 1;
	if (r < 0)
		return diag_set(d, r, "", 0, "sockets cannot be looked at: %s", strerror(-r));
	r = destroy(&n, &probe);
	if (r == -EOPNOTSUPP || r == -EINVAL)
		return diag_set(d, -EOPNOTSUPP, "", 0,
				"this kernel cannot end connections (CONFIG_INET_DIAG_DESTROY)");
	if (r == -EPERM)
		return diag_set(d, r, "", 0, "ending connections needs CAP_NET_ADMIN");
	if (r < 0 && r != -ENOENT)
		return diag_set(d, r, "", 0, "connections cannot be ended: %s", strerror(-r));
	*ret = n;
	n = NL_NONE;
	return 0;
}

struct search {
	const struct prefix *list; /* of prefix_sort() */
	size_t n;
	struct inet_diag_req_v2 *found; /* owned by the caller, SOCKETS_MAX */
	size_t n_found;
	uint8_t protocol;
	bool v4; /* one of them is of IPv4; those are peers of both families' sockets */
	bool more;
	bool look; /* end nothing */
};

bool cut_peer(struct str payload, struct prefix *ret)
{
	struct inet_diag_msg m;

	if (payload.len < sizeof m)
		return false;
	memcpy(&m, payload.ptr, sizeof m);
	if (!m.id.idiag_dport)
		return false;
	if (m.idiag_family == AF_INET) {
		*ret = prefix_v4((const uint8_t *)m.id.idiag_dst, 32);
	} else if (m.idiag_family == AF_INET6) {
		*ret = (struct prefix){ .bits = PREFIX_HOST };
		memcpy(ret->addr, m.id.idiag_dst, sizeof ret->addr);
	} else {
		return false;
	}
	return true;
}

static int on_socket(uint16_t type, struct str payload, void *user)
{
	struct search *s = user;
	struct inet_diag_msg m;
	struct prefix peer;

	if (type != SOCK_DIAG_BY_FAMILY || !cut_peer(payload, &peer) ||
	    !prefix_listed(s->list, s->n, &peer))
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	if (s->n_found == SOCKETS_MAX) {
		s->more = true;
		return 0;
	}
	s->found[s->n_found++] = (struct inet_diag_req_v2){
		.sdiag_family = m.idiag_family,
		.sdiag_protocol = s->protocol,
		.id = m.id,
	};
	return 0;
}

/*
 * The kernel compares addresses itself where there is one prefix only, and sends no other socket
 * (INET_DIAG_BC_D_COND).
 */
static void put_filter(struct nl_out *o, const struct search *s, bool v4)
{
	const struct prefix *p = &s->list[0];
	unsigned len = v4 ? 4 : 16, bits = p->bits - (v4 ? (unsigned)PREFIX_V4 : 0);
	struct inet_diag_bc_op op = { .code = INET_DIAG_BC_D_COND };
	struct inet_diag_hostcond where = { .family = v4 ? AF_INET : AF_INET6,
					    .prefix_len = (uint8_t)bits,
					    .port = -1 };
	size_t size = sizeof op + sizeof where + len;
	char filter[sizeof op + sizeof where + 16];

	if (s->n != 1 || prefix_is_v4(p) != v4)
		return;
	op.yes = (unsigned char)size;
	op.no = (unsigned short)(size + 4);
	memcpy(filter, &op, sizeof op);
	memcpy(filter + sizeof op, &where, sizeof where);
	memcpy(filter + sizeof op + sizeof where, p->addr + 16 - len, len);
	nl_put(o, INET_DIAG_REQ_BYTECODE, filter, size);
}

static int find(struct nl *n, struct search *s, uint8_t family)
{
	struct inet_diag_req_v2 r = {
		.sdiag_family = family,
		.sdiag_protocol = s->protocol,
		/* All but those that listen or are only remembered. */
		.idiag_states = ~(1U << TCP_LISTEN | 1U << TCP_TIME_WAIT | 1U << TCP_CLOSE),
	};
	char bytes[sizeof(struct request) + 64];
	struct nl_out o = { .ptr = bytes, .cap = sizeof bytes };
	int got;

	nl_begin(&o, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, ++n->seq);
	nl_raw(&o, &r, sizeof r);
	/* IPv4 peers of IPv6 sockets are compared here: the kernel's answer to them differs. */
	if (family == AF_INET || !prefix_is_v4(&s->list[0]))
		put_filter(&o, s, family == AF_INET);
	nl_end(&o);
	got = nl_ask(n, &o, on_socket, s);
	return got == -EINTR ? 0 : got;
}

static int cut_round(struct nl *n, struct search *s, unsigned *cut)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	int r = 0;

	s->n_found = 0;
	s->more = false;
	for (size_t i = 0; r == 0 && i < COUNT(families); i++)
		if (s->v4 || families[i] == AF_INET6)
			r = find(n, s, families[i]);
	/* A kernel without IPv6 or without the protocol's module has no such sockets. */
	if (r == -ENOENT || r == -EAFNOSUPPORT)
		r = 0;
	if (s->look) {
		*cut += (unsigned)s->n_found;
		s->more = false;
		return r;
	}
	for (size_t i = 0; r == 0 && i < s->n_found; i++) {
		int one = destroy(n, &s->found[i]);

		*cut += one == 0;
		/* It may have ended by itself. */
		if (one < 0 && one != -ENOENT && one != -ESTALE)
			r = one;
	}
	return r;
}

static int search(struct nl *n, const struct prefix *list, size_t count, bool look, unsigned *ret)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP };
	own(free_ptr) struct prefix *sorted = calloc(count + 1, sizeof *sorted);
	own(free_ptr) struct inet_diag_req_v2 *found = malloc(SOCKETS_MAX * sizeof *found);
	struct search s = { .list = sorted, .found = found, .look = look };
	unsigned cut = 0;
	int r = 0;

	if (!sorted || !found)
		return -ENOMEM;
	if (count)
		memcpy(sorted, list, count * sizeof *list);
	s.n = prefix_sort(sorted, count);
	for (size_t i = 0; i < s.n; i++)
		s.v4 |= prefix_is_v4(&sorted[i]);
	for (size_t i = 0; s.n && r == 0 && i < COUNT(protocols); i++) {
		int rounds = ROUNDS;

		s.protocol = protocols[i];
		do {
			r = cut_round(n, &s, &cut);
		} while (r == 0 && s.more && --rounds);
	}
	*ret = cut;
	return r;
}

int cut_peers(struct nl *n, const struct prefix *list, size_t count, unsigned *ret, struct diag *d)
{
	int r = search(n, list, count, false, ret);

	return r < 0 ? diag_set(d, r, "", 0, "connections cannot be ended: %s", strerror(-r)) : 0;
}

int cut_look(struct nl *n, const struct prefix *list, size_t count, unsigned *ret, struct diag *d)
{
	int r = search(n, list, count, true, ret);

	return r < 0 ? diag_set(d, r, "", 0, "connections cannot be listed: %s", strerror(-r)) : 0;
}
