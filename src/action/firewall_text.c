/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/firewall_text.h"

#include <netinet/in.h>
#include <stdlib.h>

static ssize_t find(const struct firewall_text *t, uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->ports[i].protocol == protocol && t->ports[i].port == port)
			return (ssize_t)i;
	return -1;
}

int firewall_add(struct firewall_text *t, uint8_t protocol, uint16_t port)
{
	if (!port || find(t, protocol, port) >= 0)
		return 0;
	if (t->n == FIREWALL_PORTS_MAX)
		return -E2BIG;
	t->ports[t->n++] = (struct firewall_port){ protocol, port };
	return 0;
}

void firewall_drop(struct firewall_text *t, uint8_t protocol, uint16_t port)
{
	ssize_t i = find(t, protocol, port);

	if (i < 0)
		return;
	t->n--;
	memmove(&t->ports[i], &t->ports[i + 1], (t->n - (size_t)i) * sizeof *t->ports);
}

int firewall_parse(struct firewall_text *t, struct str list)
{
	while (list.ptr && list.len) {
		struct str protocol = str_trim(str_cut(&list, ',')), port = str_cut(&protocol, '/');
		uint64_t number;
		int r;

		if (str_to_u64(port, 10, &number) < 0 || !number || number > UINT16_MAX)
			return -EINVAL;
		if (protocol.ptr && !str_eq(protocol, STR("tcp")) && !str_eq(protocol, STR("udp")))
			return -EINVAL;
		r = firewall_add(
			t, protocol.ptr && str_eq(protocol, STR("udp")) ? IPPROTO_UDP : IPPROTO_TCP,
			(uint16_t)number);
		if (r < 0)
			return r;
	}
	return 0;
}

int firewall_read(struct firewall_text *t, struct str text)
{
	struct str line;

	while (str_line(&text, &line, NULL)) {
		struct str rest = str_trim(line), protocol = str_word(&rest),
			   word = str_word(&rest);

		if (str_eq(protocol, STR("chain")) && str_eq(word, STR("output")))
			t->log = true;
		if (!str_eq(word, STR("dport")) || !str_eq(str_word(&rest), STR("{")))
			continue;
		while ((word = str_word(&rest)).ptr && !str_eq(word, STR("}"))) {
			uint64_t port;
			int r;

			if (str_ends(word, STR(",")))
				word.len--;
			if (str_to_u64(word, 10, &port) < 0 || !port || port > UINT16_MAX)
				return -EINVAL;
			r = firewall_add(t,
					 str_eq(protocol, STR("udp")) ? IPPROTO_UDP : IPPROTO_TCP,
					 (uint16_t)port);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int by_port(const void *a, const void *b)
{
	const struct firewall_port *x = a, *y = b;

	return x->port - y->port;
}

static void put_ports(struct buf *out, const struct firewall_text *t, uint8_t protocol,
		      const char *name)
{
	struct firewall_port sorted[FIREWALL_PORTS_MAX];
	bool first = true;

	memcpy(sorted, t->ports, t->n * sizeof *sorted);
	if (t->n)
		qsort(sorted, t->n, sizeof *sorted, by_port);
	for (size_t i = 0; i < t->n; i++) {
		if (sorted[i].protocol != protocol)
			continue;
		if (first)
			buf_fmt(out, "\t\t%s dport { %u", name, sorted[i].port);
		else
			buf_fmt(out, ", %u", sorted[i].port);
		first = false;
	}
	if (!first)
		buf_puts(out, " } accept\n");
}

/*
 * Without neighbour discovery and "packet too big" IPv6 does not work at all (RFC 4890, 4.4.1);
 * answers of DHCP come from servers that the first packet was not sent to.
 */
static const char head[] =
	"#!/usr/sbin/nft -f\n"
	"# Written by holdfast fix; holdfast undo takes it back. Ports are added by hand below.\n"
	"table inet " FIREWALL_TABLE "\n"
	"delete table inet " FIREWALL_TABLE "\n"
	"table inet " FIREWALL_TABLE " {\n"
	"\tchain input {\n"
	"\t\ttype filter hook input priority filter; policy drop;\n"
	"\t\tiif \"lo\" accept\n"
	"\t\tct state established,related accept\n"
	"\t\tct state invalid drop\n"
	"\t\ticmp type { destination-unreachable, time-exceeded, parameter-problem, echo-request } "
	"accept\n"
	"\t\ticmpv6 type { destination-unreachable, packet-too-big, time-exceeded, "
	"parameter-problem, echo-request, mld-listener-query, nd-router-advert, "
	"nd-neighbor-solicit, nd-neighbor-advert } accept\n"
	"\t\tudp sport 67 udp dport 68 accept\n"
	"\t\tip6 saddr fe80::/10 udp sport 547 udp dport 546 accept\n";
static const char output[] =
	"\tchain output {\n"
	"\t\ttype filter hook output priority filter; policy accept;\n"
	"\t\tct state new limit rate 10/second log prefix \"out \" level info\n"
	"\t}\n";

int firewall_format(const struct firewall_text *t, struct buf *out)
{
	buf_puts(out, head);
	put_ports(out, t, IPPROTO_TCP, "tcp");
	put_ports(out, t, IPPROTO_UDP, "udp");
	buf_puts(out, "\t}\n");
	if (t->log)
		buf_puts(out, output);
	buf_puts(out, "}\n");
	return out->error;
}
