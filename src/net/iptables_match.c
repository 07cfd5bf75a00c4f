/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matches: iptables(8) "PARAMETERS", iptables-extensions(8) "MATCH EXTENSIONS". */
#include "net/iptables_reader.h"

#define LIST_MAX 64

int iptables_unknown(struct iptables_rule *x, struct str name)
{
	iptables_narrow(x, MATCH_UNKNOWN, name);
	return 0;
}

bool iptables_number(struct str text, uint64_t max, uint64_t *ret)
{
	bool hex = str_istarts(text, STR("0x"));
	uint64_t value;

	if (str_to_u64(str_sub(text, hex ? 2 : 0, text.len), hex ? 16 : 10, &value) < 0 ||
	    value > max)
		return false;
	*ret = value;
	return true;
}

bool iptables_masked(const struct iptables_rule *x, struct str text, struct operand *o,
		     net_addr *ret)
{
	struct str addr = str_cut(&text, '/');
	net_addr at, mask = 0, base = x->r->v6 ? 0 : NET_V4_FIRST, top = (net_addr)0xffff'ffff;
	uint64_t len;

	if (x->r->v6)
		top = NET_ADDR_MAX;
	if (net_addr_parse(addr, &at) < 0 || net_is_v4(at) == x->r->v6)
		return false;
	if (!text.ptr)
		mask = top;
	else if (iptables_number(text, o->bits, &len))
		mask = len ? top << (o->bits - len) & top : 0;
	else if (net_addr_parse(text, &mask) < 0 || (net_is_v4(mask) == x->r->v6))
		return false;
	else
		mask -= base;
	o->mask = mask;
	*ret = (at - base) & mask;
	return true;
}

static struct match family(struct iptables_rule *x)
{
	pset s = x->r->v6 ? x->r->m.v6 : x->r->m.v4;

	return (struct match){ s, s };
}

/* A mask of leading ones alone is a range. */
struct match iptables_match_masked(struct iptables_rule *x, const struct operand *masked,
				   net_addr value)
{
	net_addr top = x->r->v6 ? NET_ADDR_MAX : (net_addr)0xffff'ffff;
	net_addr host = ~masked->mask & top;
	struct net_range range = { value, value };
	struct operand o = *masked;

	if (!(host & (host + 1))) {
		o.mask = NET_ADDR_MAX;
		range.last = value | host;
	}
	return match_in(&x->r->m, &o, &(struct numbers){ .list = &range, .n = 1 });
}

static int on_address(struct iptables_rule *x, const struct iptables_word *args,
		      enum pset_field field)
{
	struct str list = args[0].text;
	struct match any = MATCH_NONE;

	for (size_t i = 0; list.ptr; i++) {
		struct operand o = operand_addr(&x->r->m, field, x->r->v6);
		net_addr value;

		if (i == LIST_MAX || !iptables_masked(x, iptables_cut(&list), &o, &value))
			return iptables_unknown(x, field == PF_SRC ? STR("-s") : STR("-d"));
		any = match_or(&x->r->m, any, iptables_match_masked(x, &o, value));
	}
	iptables_narrow_in(x, family(x), any, STR("-s"));
	return 0;
}

int iptables_on_source(struct iptables_rule *x, const struct iptables_word *args)
{
	return on_address(x, args, PF_SRC);
}

int iptables_on_destination(struct iptables_rule *x, const struct iptables_word *args)
{
	return on_address(x, args, PF_DST);
}

static int on_range(struct iptables_rule *x, const struct iptables_word *args,
		    enum pset_field field)
{
	struct operand o = operand_addr(&x->r->m, field, x->r->v6);
	struct str to = args[0].text, from = str_cut(&to, '-');
	net_addr first, last, base = x->r->v6 ? 0 : NET_V4_FIRST;
	struct net_range range;

	if (net_addr_parse(from, &first) < 0 || net_addr_parse(to.ptr ? to : from, &last) < 0 ||
	    net_is_v4(first) == x->r->v6 || net_is_v4(last) == x->r->v6)
		return iptables_unknown(x, STR("iprange"));
	range = (struct net_range){ first - base, last - base };
	iptables_narrow_in(
		x, family(x),
		first > last ? MATCH_NONE
			     : match_in(&x->r->m, &o, &(struct numbers){ .list = &range, .n = 1 }),
		STR("iprange"));
	return 0;
}

int iptables_on_src_range(struct iptables_rule *x, const struct iptables_word *args)
{
	return on_range(x, args, PF_SRC);
}

int iptables_on_dst_range(struct iptables_rule *x, const struct iptables_word *args)
{
	return on_range(x, args, PF_DST);
}

static int on_interface(struct iptables_rule *x, const struct iptables_word *args,
			enum pset_field field)
{
	struct str name = args[0].text;
	bool wildcard = str_ends(name, STR("+"));
	struct match match;
	int e;

	name.len -= wildcard;
	e = match_interface(&x->r->m, field, name, wildcard, &match);
	if (e >= 0)
		iptables_narrow_in(x, MATCH_ALL, match, field == PF_IIF ? STR("-i") : STR("-o"));
	return e;
}

int iptables_on_in(struct iptables_rule *x, const struct iptables_word *args)
{
	return on_interface(x, args, PF_IIF);
}

int iptables_on_out(struct iptables_rule *x, const struct iptables_word *args)
{
	return on_interface(x, args, PF_OIF);
}

int iptables_on_protocol(struct iptables_rule *x, const struct iptables_word *args)
{
	struct str name = args[0].text;
	struct match match = MATCH_ALL;
	uint64_t number;

	if (!str_ieq(name, STR("all"))) {
		if (!iptables_number(name, 255, &number) &&
		    !words_find(WORDS_PROTOCOLS, name, &number))
			return iptables_unknown(x, STR("-p"));
		if (number)
			match = match_proto(&x->r->m, (unsigned)number, (unsigned)number);
	}
	iptables_narrow_in(x, MATCH_ALL, match, STR("-p"));
	return 0;
}

/* The packets are whole. */
int iptables_on_fragment(struct iptables_rule *x, [[maybe_unused]] const struct iptables_word *args)
{
	iptables_narrow_in(x, MATCH_ALL, MATCH_NONE, STR("-f"));
	return 0;
}

bool iptables_port(struct str text, struct net_range *ret)
{
	uint64_t first = 0, last = 65535;
	ssize_t colon = str_find(text, ':');
	struct str from = str_sub(text, 0, colon < 0 ? text.len : (size_t)colon);
	struct str to = colon < 0 ? from : str_sub(text, (size_t)colon + 1, text.len);

	if (from.len && !iptables_number(from, 65535, &first) &&
	    !words_find(WORDS_SERVICES, from, &first))
		return false;
	if (to.len && !iptables_number(to, 65535, &last) && !words_find(WORDS_SERVICES, to, &last))
		return false;
	*ret = (struct net_range){ first, last };
	return text.len && first <= last;
}

static int ports(struct iptables_rule *x, struct str list, bool source, struct match *ret)
{
	struct operand o = operand_ports(&x->r->m, source);
	struct numbers numbers = {};

	while (list.ptr) {
		struct net_range range;
		int e;

		if (!iptables_port(iptables_cut(&list), &range))
			return -EINVAL;
		e = numbers_add(&numbers, &x->r->scratch, range.first, range.last);
		if (e < 0)
			return e;
	}
	numbers_sort(&numbers);
	*ret = match_in(&x->r->m, &o, &numbers);
	return 0;
}

static int narrow_ports(struct iptables_rule *x, struct str list, bool source, bool destination)
{
	struct match match = MATCH_NONE, one;
	int e = 0;

	if (source)
		e = ports(x, list, true, &match);
	if (e >= 0 && destination) {
		e = ports(x, list, false, &one);
		if (e >= 0)
			match = match_or(&x->r->m, match, one);
	}
	if (e == -EINVAL)
		return iptables_unknown(x, STR("ports"));
	if (e >= 0)
		iptables_narrow_in(x, MATCH_ALL, match, STR("ports"));
	return e;
}

int iptables_on_sport(struct iptables_rule *x, const struct iptables_word *args)
{
	return narrow_ports(x, args[0].text, true, false);
}

int iptables_on_dport(struct iptables_rule *x, const struct iptables_word *args)
{
	return narrow_ports(x, args[0].text, false, true);
}

int iptables_on_ports(struct iptables_rule *x, const struct iptables_word *args)
{
	return narrow_ports(x, args[0].text, true, true);
}

static bool parse_flags(struct str list, uint64_t *ret)
{
	uint64_t flags = 0;

	while (list.ptr) {
		struct str name = iptables_cut(&list);
		uint64_t one = 0;

		if (str_ieq(name, STR("all")))
			one = 0x3f;
		else if (!str_ieq(name, STR("none")) && !words_find(WORDS_TCP_FLAGS, name, &one))
			return false;
		flags |= one;
	}
	*ret = flags;
	return true;
}

static void narrow_flags(struct iptables_rule *x, uint64_t mask, uint64_t flags)
{
	struct operand o = operand_tcp_flags(&x->r->m);

	o.mask = mask;
	iptables_narrow_in(x, o.domain, match_value(&x->r->m, &o, flags), STR("--tcp-flags"));
}

int iptables_on_tcp_flags(struct iptables_rule *x, const struct iptables_word *args)
{
	uint64_t mask, flags;

	if (!parse_flags(args[0].text, &mask) || !parse_flags(args[1].text, &flags))
		return iptables_unknown(x, STR("--tcp-flags"));
	narrow_flags(x, mask, flags);
	return 0;
}

int iptables_on_syn(struct iptables_rule *x, [[maybe_unused]] const struct iptables_word *args)
{
	narrow_flags(x, 0x17, 0x02); /* of FIN, SYN, RST and ACK, SYN alone */
	return 0;
}

/* "8", "8/0", "echo-request", "port-unreachable" (a type with its code), "any" */
int iptables_on_icmp(struct iptables_rule *x, const struct iptables_word *args)
{
	bool v6 = x->r->v6;
	struct operand type = operand_icmp(&x->r->m, v6, false);
	struct operand code = operand_icmp(&x->r->m, v6, true);
	struct str rest = args[0].text, name = str_cut(&rest, '/');
	struct match match = type.domain;
	uint64_t both, number, sub = 0;
	bool has_code = rest.ptr;

	if (str_ieq(name, STR("any")) || (!v6 && str_eq(name, STR("255")))) {
		iptables_narrow_in(x, type.domain, match, STR("icmp"));
		return 0;
	}
	if (words_find(v6 ? WORDS_ICMP6_TYPE_CODES : WORDS_ICMP_TYPE_CODES, name, &both)) {
		number = both >> 8;
		sub = both & 0xff;
		has_code = true;
	} else if ((!iptables_number(name, 255, &number) &&
		    !words_find(v6 ? WORDS_ICMP6_TYPES : WORDS_ICMP_TYPES, name, &number)) ||
		   (has_code && !iptables_number(rest, 255, &sub))) {
		return iptables_unknown(x, STR("--icmp-type"));
	}
	match = match_value(&x->r->m, &type, number);
	if (has_code)
		match = match_and(&x->r->m, match, match_value(&x->r->m, &code, sub));
	iptables_narrow_in(x, type.domain, match, STR("icmp"));
	return 0;
}
