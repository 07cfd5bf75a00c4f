/* SPDX-License-Identifier: GPL-3.0-or-later */
/* local_sockets: Sockets by which processes of this machine talk to each other: who accepts, and who is connected. */
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>

#include "base/map.h"
#include "facts/linux/netlink.h"
#include "facts/linux/socket_owners.h"

#define FACT_ROW local_sockets_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "unix or tcp") \
	X(TEXT, name, "path of the socket (with @ in front: of no file), or address and port") \
	X(INT, server, "process that accepts") \
	X(INT, client, "process that is connected now; 0: the socket listens")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "local_sockets",
	.doc = "Sockets by which processes of this machine talk to each other: who accepts, and who is connected.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define SOCKETS_MAX 65'536
#define NAME_MAX_ 108

struct end {
	uint8_t address[16];
	uint16_t port;
};
struct local {
	bool tcp, listens;
	struct str name;
	uint64_t inode, peer; /* peer: of UNIX sockets that are connected */
	struct end here, there;
	uint8_t family;
};
struct reader {
	struct collect *c;
	struct local *list;
	size_t n, cap;
};

static int add(struct reader *x, const struct local *s)
{
	if (x->n >= SOCKETS_MAX)
		return -E2BIG;
	return arena_push(x->c->arena, x->list, x->n, x->cap, *s);
}

/* Only the side that accepted, and the one that listens, have the name. */
static int on_unix(uint16_t type, struct str payload, void *user)
{
	struct reader *x = user;
	struct local s = {};
	struct unix_diag_msg m;
	struct str attrs, value;
	uint16_t kind;

	if (type != SOCK_DIAG_BY_FAMILY || payload.len < sizeof m)
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	s.inode = m.udiag_ino;
	s.listens = m.udiag_state == TCP_LISTEN;
	attrs = str_sub(payload, sizeof m, payload.len);
	while (netlink_attr(&attrs, &kind, &value)) {
		if (kind == UNIX_DIAG_PEER)
			s.peer = netlink_u32(value);
		if (kind == UNIX_DIAG_NAME && value.len && value.len <= NAME_MAX_)
			s.name = value;
	}
	if (!s.name.len || (!s.listens && !s.peer))
		return 0;
	if (s.name.ptr[0] == 0) {
		s.name = arena_cat(x->c->arena, STR("@"), str_sub(s.name, 1, s.name.len), STR(""));
	} else {
		size_t n = strnlen(s.name.ptr, s.name.len);

		s.name = arena_str(x->c->arena, str_sub(s.name, 0, n));
	}
	return s.name.ptr ? add(x, &s) : -ENOMEM;
}

static bool is_local(const uint8_t *address, uint8_t family)
{
	static const uint8_t six[16] = { [15] = 1 }, mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (family == AF_INET)
		return address[0] == 127;
	return !memcmp(address, six, 16) || (!memcmp(address, mapped, 12) && address[12] == 127);
}

static int on_tcp(uint16_t type, struct str payload, void *user)
{
	struct reader *x = user;
	struct local s = { .tcp = true };
	struct inet_diag_msg m;

	if (type != SOCK_DIAG_BY_FAMILY || payload.len < sizeof m)
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	if (m.idiag_family != AF_INET && m.idiag_family != AF_INET6)
		return 0;
	s.family = m.idiag_family;
	s.inode = m.idiag_inode;
	s.listens = m.idiag_state == TCP_LISTEN;
	s.here.port = ntohs(m.id.idiag_sport);
	s.there.port = ntohs(m.id.idiag_dport);
	memcpy(s.here.address, m.id.idiag_src, s.family == AF_INET ? 4 : 16);
	memcpy(s.there.address, m.id.idiag_dst, s.family == AF_INET ? 4 : 16);
	if (!s.inode || (!s.listens && !is_local(s.there.address, s.family)))
		return 0;
	return add(x, &s);
}

static int dump_unix(struct reader *x)
{
	struct {
		struct nlmsghdr h;
		struct unix_diag_req req;
	} m = {
		.h = {.nlmsg_len = sizeof m,                                    .nlmsg_type = SOCK_DIAG_BY_FAMILY},
		.req = { .sdiag_family = AF_UNIX,
                      .udiag_states = 1u << TCP_LISTEN | 1u << TCP_ESTABLISHED,
                      .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER },
	};

	return netlink_dump(x->c->live->sock_diag, &m, on_unix, x);
}

static int dump_tcp(struct reader *x, uint8_t family)
{
	struct {
		struct nlmsghdr h;
		struct inet_diag_req_v2 req;
	} m = {
		.h = {.nlmsg_len = sizeof m,         .nlmsg_type = SOCK_DIAG_BY_FAMILY},
		.req = { .sdiag_family = family,
                      .sdiag_protocol = IPPROTO_TCP,
                      .idiag_states = 1u << TCP_LISTEN | 1u << TCP_ESTABLISHED },
	};

	return netlink_dump(x->c->live->sock_diag, &m, on_tcp, x);
}

static int dump(struct reader *x)
{
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < NETLINK_TRIES; i++) {
		x->n = 0;
		r = dump_unix(x);
		if (r >= 0)
			r = dump_tcp(x, AF_INET);
		if (r >= 0)
			r = dump_tcp(x, AF_INET6);
	}
	return r;
}

static struct str key_of(struct arena *a, const struct local *s, bool turned)
{
	struct end ends[2] = { turned ? s->there : s->here, turned ? s->here : s->there };
	char *p = arena_alloc(a, 36);

	for (size_t i = 0; p && i < 2; i++) {
		memcpy(p + 18 * i, ends[i].address, 16);
		memcpy(p + 18 * i + 16, &ends[i].port, 2);
	}
	return (struct str){ p, p ? 36 : 0 };
}

static struct str tcp_name(struct arena *a, const struct local *s)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(s->family, s->here.address, text, sizeof text))
		return (struct str){};
	return arena_fmt(a, s->family == AF_INET ? "%s:%u" : "[%s]:%u", text, s->here.port);
}

static int emit(struct reader *x, const struct socket_owners *owners, const struct local *s,
		int client)
{
	struct local_sockets_row row = {
		.kind = s->tcp ? STR("tcp") : STR("unix"),
		.name = s->tcp ? tcp_name(x->c->arena, s) : s->name,
		.server = socket_owner(owners, s->inode),
		.client = client,
	};

	if (!row.name.ptr)
		return -ENOMEM;
	if (!row.server || row.server == client)
		return 0;
	return collect_row(x->c, &row);
}

struct connections {
	struct map ends;  /* of inodes, by both addresses of a connection */
	struct map ports; /* that somebody listens on */
	char (*names)[8]; /* of ports */
};

static void connections_release(struct connections *t)
{
	map_release(&t->ends);
	map_release(&t->ports);
}

static int load_tcp(struct reader *x, struct connections *t)
{
	int r = 0;

	t->names = arena_array(x->c->arena, x->n, sizeof *t->names);
	if (!t->names)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < x->n; i++) {
		const struct local *s = &x->list[i];
		struct str key;

		if (!s->tcp)
			continue;
		memcpy(t->names[i], &s->here.port, 2);
		key = s->listens ? (struct str){ t->names[i], 2 } : key_of(x->c->arena, s, false);
		r = key.ptr ? map_put(s->listens ? &t->ports : &t->ends, key, s->inode) : -ENOMEM;
	}
	return r;
}

/* Of a connection that side is the server's whose port is listened on; 0: it is not. */
static uint64_t peer_of(struct reader *x, const struct connections *t, size_t i)
{
	const struct local *s = &x->list[i];
	const uint64_t *other;
	struct str key;

	if (!s->tcp)
		return s->peer;
	key = key_of(x->c->arena, s, true);
	other = key.ptr ? map_get(&t->ends, key) : NULL;
	return other && map_get(&t->ports, (struct str){ t->names[i], 2 }) ? *other : 0;
}

static int emit_all(struct reader *x, const struct socket_owners *owners)
{
	own(connections_release) struct connections t = {};
	int r = load_tcp(x, &t);

	for (size_t i = 0; r >= 0 && i < x->n; i++) {
		const struct local *s = &x->list[i];
		uint64_t peer = s->listens ? 0 : peer_of(x, &t, i);
		int client = peer ? socket_owner(owners, peer) : 0;

		if (s->listens || client)
			r = emit(x, owners, s, client);
	}
	return r;
}

static int collect(struct collect *c)
{
	struct reader x = { .c = c };
	struct socket_owners owners;
	uint64_t *inodes;
	size_t n = 0;
	int r;

	if (c->live->sock_diag < 0)
		return collect_not_applicable(c, "needs this machine's own kernel");
	r = dump(&x);
	/* A kernel without the module for UNIX sockets. */
	if (r == -ENOENT || r == -EOPNOTSUPP || r == -EINVAL)
		return collect_not_applicable(c, "the kernel does not tell (unix_diag)");
	if (r < 0)
		return r == -ENOMEM ? r : collect_failed(c, r, collect_error(r));
	inodes = arena_array(c->arena, 2 * x.n, sizeof *inodes);
	if (!inodes)
		return -ENOMEM;
	for (size_t i = 0; i < x.n; i++) {
		inodes[n++] = x.list[i].inode;
		if (x.list[i].peer)
			inodes[n++] = x.list[i].peer;
	}
	r = socket_owners_find(c, inodes, n, &owners);
	return r < 0 ? r : emit_all(&x, &owners);
}

const struct collector collector_local_sockets = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
