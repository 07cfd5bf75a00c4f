/* SPDX-License-Identifier: GPL-3.0-or-later */
/* routes: Routing table. */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>

#include "facts/fact.h"
#include "facts/linux/netlink.h"

#define FACT_ROW routes_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, destination, "prefix as 10.0.0.0/8, default for all") \
	X(INT, prefix, "prefix length") \
	X(TEXT, gateway, "next hop, ''") \
	X(TEXT, interface, "interface") \
	X(TEXT, family, "ipv4 or ipv6") \
	X(INT, metric, "metric") \
	X(INT, table_id, "routing table number")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "routes",
	.doc = "Routing table.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define MANY 200000

struct reader {
	struct collect *c;
	struct routes_row *rows;
	size_t n, cap;
	struct str *names; /* of interfaces, by index */
	size_t n_names;
};
#define INTERFACES_MAX 65536u

static int on_link(uint16_t message, struct str payload, void *user)
{
	struct reader *x = user;
	struct ifinfomsg m;
	struct str attrs, value;
	uint16_t type;

	if (message != RTM_NEWLINK || payload.len < sizeof m)
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	if (m.ifi_index < 0 || (uint32_t)m.ifi_index >= INTERFACES_MAX)
		return 0;
	while ((size_t)m.ifi_index >= x->n_names) {
		size_t n = MAX(2 * x->n_names, 64u);
		struct str *names = arena_array(x->c->arena, n, sizeof *names);

		if (!names)
			return -ENOMEM;
		if (x->n_names)
			memcpy(names, x->names, x->n_names * sizeof *names);
		x->names = names;
		x->n_names = n;
	}
	attrs = str_sub(payload, NLMSG_ALIGN(sizeof m), payload.len);
	while (netlink_attr(&attrs, &type, &value))
		if (type == IFLA_IFNAME)
			x->names[m.ifi_index] = arena_str(x->c->arena, str_cut(&value, '\0'));
	return 0;
}

static struct str address_text(struct collect *c, int family, struct str bytes)
{
	char text[INET6_ADDRSTRLEN];

	if (bytes.len != (family == AF_INET ? 4u : 16u) ||
	    !inet_ntop(family, bytes.ptr, text, sizeof text))
		return STR("");
	return arena_str(c->arena, str_of(text));
}

static struct str prefix_text(struct collect *c, int family, struct str bytes, unsigned len)
{
	struct str address = address_text(c, family, bytes);

	if (!len || !address.len)
		return STR("default");
	return arena_fmt(c->arena, "%.*s/%u", STR_FMT(address), len);
}

static int add(struct reader *x, struct routes_row *row, int family, struct str gateway,
	       uint32_t interface)
{
	row->gateway = address_text(x->c, family, gateway);
	row->interface = interface < x->n_names ? x->names[interface] : STR("");
	if (!row->gateway.ptr || !row->destination.ptr)
		return -ENOMEM;
	if (x->n >= MANY)
		return -E2BIG;
	return arena_push(x->c->arena, x->rows, x->n, x->cap, *row);
}

/* RTA_VIA: the next hop is of another family than the route. */
static void take_via(struct str value, int *ret_family, struct str *ret)
{
	uint16_t family;

	if (value.len <= sizeof family)
		return;
	memcpy(&family, value.ptr, sizeof family);
	*ret_family = family;
	*ret = str_sub(value, sizeof family, value.len);
}

/* RTA_MULTIPATH: several next hops, each with attributes of its own. */
static int add_hops(struct reader *x, struct routes_row *row, int family, struct str hops)
{
	struct rtnexthop hop;
	int r = 0;

	while (r >= 0 && hops.len >= sizeof hop) {
		struct str attrs, value, gateway = {};
		int hop_family = family;
		uint16_t type;

		memcpy(&hop, hops.ptr, sizeof hop);
		if (hop.rtnh_len < sizeof hop || hop.rtnh_len > hops.len)
			break;
		attrs = str_sub(hops, sizeof hop, hop.rtnh_len);
		while (netlink_attr(&attrs, &type, &value)) {
			if (type == RTA_GATEWAY)
				gateway = value;
			else if (type == RTA_VIA)
				take_via(value, &hop_family, &gateway);
		}
		r = add(x, row, hop_family, gateway, (uint32_t)hop.rtnh_ifindex);
		hops = str_sub(hops, RTNH_ALIGN((size_t)hop.rtnh_len), hops.len);
	}
	return r;
}

struct attributes {
	struct str destination, gateway, hops;
	uint32_t interface, metric, table;
	int via;
};

static struct attributes read_attributes(const struct rtmsg *m, struct str attrs)
{
	struct attributes a = { .table = m->rtm_table, .via = m->rtm_family };
	struct str value;
	uint16_t type;

	while (netlink_attr(&attrs, &type, &value)) {
		switch (type) {
		case RTA_DST: a.destination = value; break;
		case RTA_GATEWAY: a.gateway = value; break;
		case RTA_VIA: take_via(value, &a.via, &a.gateway); break;
		case RTA_OIF: a.interface = netlink_u32(value); break;
		case RTA_PRIORITY: a.metric = netlink_u32(value); break;
		case RTA_TABLE: a.table = netlink_u32(value); break;
		case RTA_MULTIPATH: a.hops = value; break;
		default: break;
		}
	}
	return a;
}

static int on_route(uint16_t message, struct str payload, void *user)
{
	struct reader *x = user;
	struct routes_row row = {};
	struct attributes a;
	struct rtmsg m;

	if (message != RTM_NEWROUTE || payload.len < sizeof m)
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	if (m.rtm_type != RTN_UNICAST || m.rtm_flags & RTM_F_CLONED ||
	    (m.rtm_family != AF_INET && m.rtm_family != AF_INET6))
		return 0;
	a = read_attributes(&m, str_sub(payload, NLMSG_ALIGN(sizeof m), payload.len));
	row.destination = prefix_text(x->c, m.rtm_family, a.destination, m.rtm_dst_len);
	row.prefix = m.rtm_dst_len;
	row.family = m.rtm_family == AF_INET ? STR("ipv4") : STR("ipv6");
	row.metric = a.metric;
	row.table_id = a.table;
	if (a.hops.len)
		return add_hops(x, &row, m.rtm_family, a.hops);
	return add(x, &row, a.via, a.gateway, a.interface);
}

static int read_kernel(struct reader *x, int fd)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg m;
	} links = {
		.h = {.nlmsg_len = sizeof links, .nlmsg_type = RTM_GETLINK}
	};
	struct {
		struct nlmsghdr h;
		struct rtmsg m;
	} routes = {
		.h = {.nlmsg_len = sizeof routes, .nlmsg_type = RTM_GETROUTE}
	};
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < NETLINK_TRIES; i++) {
		x->n = 0;
		r = netlink_dump(fd, &links, on_link, x);
		for (int v6 = 0; r >= 0 && v6 <= 1; v6++) {
			routes.m.rtm_family = v6 ? AF_INET6 : AF_INET;
			r = netlink_dump(fd, &routes, on_route, x);
		}
	}
	return r;
}

/* "eth0 0000000A FE01000A 0003 0 0 100 000000FF …": words as the machine has them in memory. */
static int add_line(struct reader *x, struct str line)
{
	struct str word[8];
	struct routes_row row = { .family = STR("ipv4"), .table_id = RT_TABLE_MAIN };
	uint64_t destination, gateway, mask;
	uint32_t bytes;

	for (size_t i = 0; i < COUNT(word); i++)
		word[i] = str_word(&line);
	if (str_to_u64(word[1], 16, &destination) < 0 || str_to_u64(word[2], 16, &gateway) < 0 ||
	    str_to_int64(word[6], &row.metric) < 0 || str_to_u64(word[7], 16, &mask) < 0)
		return -EBADMSG;
	row.prefix = __builtin_popcountll(mask & UINT32_MAX);
	bytes = (uint32_t)destination;
	row.destination = prefix_text(x->c, AF_INET, (struct str){ (char *)&bytes, sizeof bytes },
				      (unsigned)row.prefix);
	bytes = (uint32_t)gateway;
	row.gateway = STR("");
	if (bytes)
		row.gateway =
			address_text(x->c, AF_INET, (struct str){ (char *)&bytes, sizeof bytes });
	row.interface = word[0];
	if (!row.destination.ptr || !row.gateway.ptr)
		return -ENOMEM;
	return arena_push(x->c->arena, x->rows, x->n, x->cap, row);
}

static int read_file(struct reader *x)
{
	struct str text = {}, line;
	unsigned n = 0;
	int r = root_read(x->c->proc, "net/route", 0, x->c->arena, &text, NULL);

	while (r >= 0 && str_line(&text, &line, &n)) {
		r = n == 1 || !str_trim(line).len ? 0 : add_line(x, line);
		if (r == -EBADMSG) {
			collect_problem(x->c, r, "/proc/net/route", "line %u is no route", n);
			r = 0;
		}
	}
	return r;
}

static int collect(struct collect *c)
{
	struct reader x = { .c = c };
	int r = c->live->rtnetlink >= 0 ? read_kernel(&x, c->live->rtnetlink) : read_file(&x);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		collect_problem(c, r, NULL, "the routes could not be read");
	else if (c->live->rtnetlink < 0)
		collect_problem(c, 0, NULL, "IPv6 routes could not be asked for");
	r = 0;
	for (size_t i = 0; r >= 0 && i < x.n; i++)
		r = collect_row(c, &x.rows[i]);
	return r;
}

const struct collector collector_routes = {
	.table = &table,
	.collect = collect,
	.group = GROUP_KERNEL,
	.needs_live = true,
};
