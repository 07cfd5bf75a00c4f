/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>

#include "facts/linux/netlink.h"
#include "facts/linux/sockets.h"

#define V4_MAPPED "\0\0\0\0\0\0\0\0\0\0\xff\xff"

static bool is_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static bool is_wildcard(const struct listener *l) { return is_zero(l->address, 16); }

static bool is_mapped(const struct listener *l)
{
	return l->family == AF_INET6 && !memcmp(l->address, V4_MAPPED, 12);
}

/* A connected UDP socket hears its peer alone; one without a port hears nobody. */
static bool accepts(uint8_t protocol, unsigned state, uint16_t port, const uint8_t *peer,
		    uint16_t peer_port)
{
	if (!port)
		return false;
	if (protocol == IPPROTO_TCP)
		return state == TCP_LISTEN;
	return state == TCP_CLOSE && !peer_port && is_zero(peer, 16);
}

bool socket_parse_diag(struct str payload, uint8_t protocol, struct listener *ret)
{
	struct listener l = { .protocol = protocol };
	struct inet_diag_msg m;
	struct str attrs, value;
	uint16_t type;

	if (payload.len < sizeof m)
		return false;
	memcpy(&m, payload.ptr, sizeof m);
	if (m.idiag_family != AF_INET && m.idiag_family != AF_INET6)
		return false;
	if (!accepts(protocol, m.idiag_state, ntohs(m.id.idiag_sport), (uint8_t *)m.id.idiag_dst,
		     ntohs(m.id.idiag_dport)))
		return false;
	l.family = m.idiag_family;
	memcpy(l.address, m.id.idiag_src, l.family == AF_INET ? 4 : 16);
	l.port = ntohs(m.id.idiag_sport);
	l.interface = m.id.idiag_if;
	l.uid = m.idiag_uid;
	l.inode = m.idiag_inode;
	attrs = str_sub(payload, sizeof m, payload.len);
	while (netlink_attr(&attrs, &type, &value))
		if (type == INET_DIAG_SKV6ONLY)
			l.v6only = netlink_u32(value) ? V6ONLY_YES : V6ONLY_NO;
	*ret = l;
	return true;
}

/* "0100007F:1F90": words of 32 bits as the machine has them in memory. */
static bool parse_end(struct str s, size_t bytes, uint8_t *ret, uint16_t *ret_port)
{
	struct str address = str_cut(&s, ':');
	uint64_t port;

	if (address.len != 2 * bytes || str_to_u64(s, 16, &port) < 0 || port > UINT16_MAX)
		return false;
	for (size_t i = 0; i < bytes; i += 4) {
		uint64_t v;
		uint32_t word;

		if (str_to_u64(str_sub(address, 2 * i, 2 * i + 8), 16, &v) < 0)
			return false;
		word = (uint32_t)v;
		memcpy(ret + i, &word, 4);
	}
	*ret_port = (uint16_t)port;
	return true;
}

int socket_parse_line(struct str line, uint8_t protocol, uint8_t family, struct listener *ret)
{
	struct listener l = { .protocol = protocol, .family = family };
	size_t bytes = family == AF_INET ? 4 : 16;
	struct str words[10];
	uint8_t peer[16] = {};
	uint16_t peer_port;
	uint64_t state, uid;

	for (size_t i = 0; i < COUNT(words); i++)
		words[i] = str_word(&line);
	if (!parse_end(words[1], bytes, l.address, &l.port) ||
	    !parse_end(words[2], bytes, peer, &peer_port) || str_to_u64(words[3], 16, &state) < 0 ||
	    str_to_u64(words[7], 10, &uid) < 0 || str_to_u64(words[9], 10, &l.inode) < 0)
		return -EBADMSG;
	l.uid = (uint32_t)uid;
	*ret = l;
	return accepts(protocol, (unsigned)state, l.port, peer, peer_port);
}

static const struct kind {
	uint8_t protocol, family;
	const char *path;
} kinds[] = {
	{IPPROTO_TCP,  AF_INET,  "/proc/net/tcp" },
	{ IPPROTO_TCP, AF_INET6, "/proc/net/tcp6"},
	{ IPPROTO_UDP, AF_INET,  "/proc/net/udp" },
	{ IPPROTO_UDP, AF_INET6, "/proc/net/udp6"},
};

struct loader {
	struct collect *c;
	struct listeners *ret;
	uint8_t protocol;
};

static int add(struct loader *x, const struct listener *l)
{
	if (x->ret->n >= LISTENERS_MAX)
		return -E2BIG;
	return arena_push(x->c->arena, x->ret->list, x->ret->n, x->ret->cap, *l);
}

static int on_diag(uint16_t type, struct str payload, void *user)
{
	struct loader *x = user;
	struct listener l;

	if (type != SOCK_DIAG_BY_FAMILY || !socket_parse_diag(payload, x->protocol, &l))
		return 0;
	return add(x, &l);
}

/* Asking for the states alone that matter spares the kernel all established connections. */
static int load_diag(struct loader *x, int fd, const struct kind *k)
{
	struct {
		struct nlmsghdr h;
		struct inet_diag_req_v2 req;
	} m = {
		.h = {.nlmsg_len = sizeof m,         .nlmsg_type = SOCK_DIAG_BY_FAMILY           },
		.req = { .sdiag_family = k->family,
                      .sdiag_protocol = k->protocol,
                      .idiag_states = 1u
					 << (k->protocol == IPPROTO_TCP ? TCP_LISTEN : TCP_CLOSE) },
	};

	size_t before = x->ret->n;
	int r = -EAGAIN;

	x->protocol = k->protocol;
	for (int i = 0; r == -EAGAIN && i < NETLINK_TRIES; i++) {
		x->ret->n = before;
		r = netlink_dump(fd, &m, on_diag, x);
	}
	return r;
}

static int add_lines(struct loader *x, struct str text, const struct kind *k, unsigned *line)
{
	struct str l;
	int r = 0;

	while (r >= 0 && str_line(&text, &l, line)) {
		struct listener s;

		/* The first line is the heading. */
		r = *line == 1 ? 0 : socket_parse_line(l, k->protocol, k->family, &s);
		if (r == 1)
			r = add(x, &s);
	}
	return r;
}

/* Reads through a small buffer: with many connections the file is large. */
static int load_lines(struct loader *x, int fd, const struct kind *k, unsigned *line)
{
	char p[16384];
	size_t have = 0;

	for (;;) {
		ssize_t n = read(fd, p + have, sizeof p - have);
		size_t whole;
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		whole = n ? (size_t)(str_rfind((struct str){ p, have }, '\n') + 1) : have;
		if (!whole && have == sizeof p)
			return -EBADMSG;
		r = add_lines(x, (struct str){ p, whole }, k, line);
		if (r < 0 || n == 0)
			return r;
		memmove(p, p + whole, have - whole);
		have -= whole;
	}
}

static int load_file(struct loader *x, const struct kind *k)
{
	own(close_fd) int fd = -1;
	unsigned line = 0;
	struct stat st;
	int r = root_open_file(x->c->proc, k->path + strlen("/proc"), &st, &fd);

	/* A kernel without IPv6 has no tcp6. */
	if (r == -ENOENT && k->family == AF_INET6)
		return 0;
	if (r >= 0)
		r = load_lines(x, fd, k, &line);
	if (r < 0 && r != -ENOMEM && r != -E2BIG) {
		collect_problem(x->c, r, k->path, "line %u: the sockets cannot be read", line);
		return 0;
	}
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct listener *x = a, *y = b;

	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return memcmp(x->address, y->address, sizeof x->address);
}

/*
 * /proc/net does not say whether an IPv6 wildcard takes IPv4, too. It does not where bindv6only is
 * set or an IPv4 wildcard has the same port.
 */
static void guess_v6only(struct collect *c, struct listeners *t)
{
	struct str text = {};
	bool only = c->proc &&
		    root_read(c->proc, "sys/net/ipv6/bindv6only", 0, c->arena, &text, NULL) >= 0 &&
		    str_eq(str_trim(text), STR("1"));

	for (size_t i = 0; i < t->n; i++) {
		struct listener *l = &t->list[i];

		if (l->family != AF_INET6 || l->v6only != V6ONLY_UNKNOWN)
			continue;
		l->v6only = only ? V6ONLY_YES : V6ONLY_NO;
		for (size_t k = i; k-- && t->list[k].port == l->port;)
			if (t->list[k].protocol == l->protocol && t->list[k].family == AF_INET &&
			    is_wildcard(&t->list[k]))
				l->v6only = V6ONLY_YES;
	}
}

int listeners_load(struct collect *c, struct listeners *ret)
{
	struct loader x = { .c = c, .ret = ret };
	int fd = c->live->sock_diag, r = 0;

	*ret = (struct listeners){};
	for (size_t i = 0; r >= 0 && i < COUNT(kinds); i++) {
		if (fd >= 0)
			r = load_diag(&x, fd, &kinds[i]);
		/* ENOENT: the kernel lacks the module, or the family. */
		if (fd < 0 || (r < 0 && r != -ENOMEM && r != -E2BIG))
			r = load_file(&x, &kinds[i]);
	}
	if (r == -E2BIG) {
		collect_problem(c, r, NULL, "more than %d listening sockets", LISTENERS_MAX);
		r = 0;
	}
	if (ret->n)
		qsort(ret->list, ret->n, sizeof *ret->list, compare);
	guess_v6only(c, ret);
	return r;
}

const char *listener_family(const struct listener *l)
{
	if (l->family == AF_INET || is_mapped(l))
		return "ipv4";
	return l->v6only == V6ONLY_NO && is_wildcard(l) ? "dual" : "ipv6";
}

void listener_address(const struct listener *l, char ret[static 46])
{
	const uint8_t *address = l->address + (is_mapped(l) ? 12 : 0);
	bool v6 = l->family == AF_INET6 && !is_mapped(l);

	if (!inet_ntop(v6 ? AF_INET6 : AF_INET, address, ret, 46))
		ret[0] = '\0';
}

bool listener_is_loopback(const struct listener *l)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (l->family == AF_INET)
		return l->address[0] == 127;
	return is_mapped(l) ? l->address[12] == 127 : !memcmp(l->address, one, sizeof one);
}
