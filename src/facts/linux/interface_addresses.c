/* SPDX-License-Identifier: GPL-3.0-or-later */
/* interface_addresses: Addresses of network interfaces. */
#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#include "facts/fact.h"
#include "facts/linux/netlink.h"

#define FACT_ROW interface_addresses_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, interface, "name") \
	X(TEXT, address, "address") \
	X(INT, prefix, "prefix length") \
	X(TEXT, scope, "global, link, host or site") \
	X(INT, up, "1 when the interface is up") \
	X(INT, promiscuous, "1 in promiscuous mode") \
	X(TEXT, mac, "hardware address")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "interface_addresses",
	.doc = "Addresses of network interfaces.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define MANY 100000

struct link {
	uint32_t index, flags;
	struct str name, mac;
};

struct address {
	struct interface_addresses_row row;
	uint32_t index; /* of the interface */
};

struct reader {
	struct collect *c;
	struct link *links;
	size_t n_links, cap_links;
	struct address *list;
	size_t n, cap;
};

static struct str mac_text(struct collect *c, struct str bytes)
{
	char text[3 * 32] = "";

	for (size_t i = 0; i < MIN(bytes.len, 32u); i++)
		snprintf(text + 3 * i - (i > 0), 4, "%s%02x", i ? ":" : "",
			 (unsigned char)bytes.ptr[i]);
	return arena_str(c->arena, str_of(text));
}

static int on_link(uint16_t message, struct str payload, void *user)
{
	struct reader *x = user;
	struct link l = { .mac = STR("") };
	struct ifinfomsg m;
	struct str attrs, value;
	uint16_t type;

	if (message != RTM_NEWLINK || payload.len < sizeof m)
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	l.index = (uint32_t)m.ifi_index;
	l.flags = m.ifi_flags;
	attrs = str_sub(payload, NLMSG_ALIGN(sizeof m), payload.len);
	while (netlink_attr(&attrs, &type, &value)) {
		if (type == IFLA_IFNAME)
			l.name = arena_str(x->c->arena, str_cut(&value, '\0'));
		else if (type == IFLA_ADDRESS)
			l.mac = mac_text(x->c, value);
	}
	if (!l.name.ptr || !l.mac.ptr)
		return -ENOMEM;
	if (x->n_links >= MANY)
		return -E2BIG;
	return arena_push(x->c->arena, x->links, x->n_links, x->cap_links, l);
}

static const char *scope_name(unsigned scope)
{
	switch (scope) {
	case RT_SCOPE_LINK: return "link";
	case RT_SCOPE_HOST: return "host";
	case RT_SCOPE_SITE: return "site";
	default: return "global";
	}
}

static int on_address(uint16_t message, struct str payload, void *user)
{
	struct reader *x = user;
	struct address a = {};
	struct ifaddrmsg m;
	struct str attrs, value, local = {}, address = {};
	uint16_t type;
	char text[INET6_ADDRSTRLEN];
	size_t size;

	if (message != RTM_NEWADDR || payload.len < sizeof m)
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	size = m.ifa_family == AF_INET ? 4 : 16;
	attrs = str_sub(payload, NLMSG_ALIGN(sizeof m), payload.len);
	while (netlink_attr(&attrs, &type, &value)) {
		if (type == IFA_LOCAL)
			local = value;
		else if (type == IFA_ADDRESS)
			address = value;
	}
	/* On a point-to-point link IFA_ADDRESS is the peer's. */
	if (local.len)
		address = local;
	if ((m.ifa_family != AF_INET && m.ifa_family != AF_INET6) || address.len != size ||
	    !inet_ntop(m.ifa_family, address.ptr, text, sizeof text))
		return 0;
	a.row.address = arena_str(x->c->arena, str_of(text));
	a.row.prefix = m.ifa_prefixlen;
	a.row.scope = str_of(scope_name(m.ifa_scope));
	a.index = m.ifa_index;
	if (!a.row.address.ptr)
		return -ENOMEM;
	if (x->n >= MANY)
		return -E2BIG;
	return arena_push(x->c->arena, x->list, x->n, x->cap, a);
}

static int compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static void join(const struct reader *x, struct address *a)
{
	struct link key = { .index = a->index };
	const struct link *l =
		x->n_links ? bsearch(&key, x->links, x->n_links, sizeof *x->links, compare_links)
			   : NULL;

	if (!l)
		return;
	a->row.interface = l->name;
	a->row.mac = l->mac;
	a->row.up = (l->flags & IFF_UP) != 0;
	a->row.promiscuous = (l->flags & IFF_PROMISC) != 0;
}

static int read_all(struct reader *x)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg m;
	} links = {
		.h = {.nlmsg_len = sizeof links, .nlmsg_type = RTM_GETLINK}
	};
	struct {
		struct nlmsghdr h;
		struct ifaddrmsg m;
	} addresses = {
		.h = {.nlmsg_len = sizeof addresses, .nlmsg_type = RTM_GETADDR}
	};
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < NETLINK_TRIES; i++) {
		x->n_links = x->n = 0;
		r = netlink_dump(x->c->live->rtnetlink, &links, on_link, x);
		if (r >= 0)
			r = netlink_dump(x->c->live->rtnetlink, &addresses, on_address, x);
	}
	return r;
}

static int collect(struct collect *c)
{
	struct reader x = { .c = c };
	int r = c->live->rtnetlink < 0 ? -ENOTCONN : read_all(&x);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		collect_problem(c, r, NULL, "the kernel could not be asked for its addresses");
	if (x.n_links)
		qsort(x.links, x.n_links, sizeof *x.links, compare_links);
	r = 0;
	for (size_t i = 0; r >= 0 && i < x.n; i++) {
		join(&x, &x.list[i]);
		r = collect_row(c, &x.list[i].row);
	}
	return r;
}

const struct collector collector_interface_addresses = {
	.table = &table,
	.collect = collect,
	.group = GROUP_KERNEL,
	.needs_live = true,
};
