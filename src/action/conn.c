/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "action/conn.h"
#include "action/cut.h"

_Static_assert(sizeof(struct inet_diag_sockid) == CONN_ID, "conn.h has room for it");

struct search {
	struct conn *list;
	size_t n, cap;
	uint16_t port;
};

static int on_socket(uint16_t type, struct str payload, void *user)
{
	struct search *s = user;
	struct inet_diag_msg m;
	struct conn c = {};

	if (type != SOCK_DIAG_BY_FAMILY || !cut_peer(payload, &c.peer))
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	c.port = ntohs(m.id.idiag_sport);
	c.remote = ntohs(m.id.idiag_dport);
	c.family = m.idiag_family;
	memcpy(c.id, &m.id, sizeof c.id);
	if (c.port == s->port && s->n < s->cap)
		s->list[s->n++] = c;
	return 0;
}

/* The kernel sends no other socket: our port is at least and at most that one. */
static void put_filter(struct nl_out *o, uint16_t port)
{
	const struct inet_diag_bc_op filter[4] = {
		{INET_DIAG_BC_S_GE,  8, 20  },
		{ 0,                 0, port},
		{ INET_DIAG_BC_S_LE, 8, 12  },
		{ 0,                 0, port},
	};

	nl_put(o, INET_DIAG_REQ_BYTECODE, filter, sizeof filter);
}

static int find(struct nl *n, struct search *s, uint8_t family)
{
	const struct inet_diag_req_v2 r = {
		.sdiag_family = family,
		.sdiag_protocol = IPPROTO_TCP,
		/* All that have a peer and still carry data; not those that wait to be forgotten. */
		.idiag_states = 1u << TCP_ESTABLISHED | 1u << TCP_CLOSE_WAIT | 1u << TCP_FIN_WAIT1 |
				1u << TCP_FIN_WAIT2,
	};
	char bytes[256];
	struct nl_out o = { .ptr = bytes, .cap = sizeof bytes };

	nl_begin(&o, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, ++n->seq);
	nl_raw(&o, &r, sizeof r);
	put_filter(&o, s->port);
	nl_end(&o);
	return nl_ask(n, &o, on_socket, s);
}

int conn_list(struct nl *n, uint16_t port, struct conn *ret, size_t cap, size_t *ret_n)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct search s = { .list = ret, .cap = cap, .port = port };

	for (size_t i = 0; i < COUNT(families); i++) {
		int r = find(n, &s, families[i]);

		/* A list that changed meanwhile is a list; no IPv6 is none. */
		if (r < 0 && r != -EINTR && r != -ENOENT && r != -EAFNOSUPPORT)
			return r;
	}
	*ret_n = s.n;
	return 0;
}

int conn_end(struct nl *n, const struct conn *c)
{
	struct inet_diag_req_v2 r = { .sdiag_family = c->family, .sdiag_protocol = IPPROTO_TCP };
	char bytes[128];
	struct nl_out o = { .ptr = bytes, .cap = sizeof bytes };
	int e;

	memcpy(&r.id, c->id, sizeof r.id);
	nl_begin(&o, SOCK_DESTROY, NLM_F_ACK, ++n->seq);
	nl_raw(&o, &r, sizeof r);
	nl_end(&o);
	e = nl_ask(n, &o, NULL, NULL);
	return e == -ENOENT || e == -ESTALE ? 0 : e;
}
