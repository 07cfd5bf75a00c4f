/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Left sides of comparisons: nft(8) "EXPRESSIONS", libnftables-json(5). */
#include "net/nft_reader.h"

#define STATUS_KNOWN 0x23f /* bits of WORDS_CT_STATUSES */

const char *nft_kind(const json_t *object, const json_t **ret_value)
{
	void *at = json_is_object(object) ? json_object_iter((json_t *)object) : NULL;

	if (!at || json_object_size(object) != 1)
		return NULL;
	*ret_value = json_object_iter_value(at);
	return json_object_iter_key(at);
}

static void set_words(struct nft_left *left, enum words words)
{
	left->has_words = true;
	left->words = words;
}

static struct match family_domain(const struct matcher *m, bool v6)
{
	pset s = v6 ? m->v6 : m->v4;

	return (struct match){ s, s };
}

/*
 * What a packet carries beyond the fields of a packet set is up to its sender: unknown, in all
 * packets of the protocol.
 */
static struct match protocol_domain(struct matcher *m, struct str protocol)
{
	uint64_t number;

	if (str_eq(protocol, STR("ip")) || str_eq(protocol, STR("ip6")))
		return family_domain(m, protocol.len == 3);
	if (str_eq(protocol, STR("arp")))
		return MATCH_NONE;
	if (words_find(WORDS_PROTOCOLS, protocol, &number))
		return match_proto(m, (unsigned)number, (unsigned)number);
	return MATCH_ALL;
}

static void read_address(struct matcher *m, bool v6, bool source, struct nft_left *ret)
{
	ret->o = operand_addr(m, source ? PF_SRC : PF_DST, v6);
	ret->form = v6 ? FORM_ADDR6 : FORM_ADDR4;
}

static bool read_ip(struct matcher *m, bool v6, struct str field, struct nft_left *ret)
{
	if (str_eq(field, STR("saddr")) || str_eq(field, STR("daddr"))) {
		read_address(m, v6, field.ptr[0] == 's', ret);
	} else if (str_eq(field, v6 ? STR("nexthdr") : STR("protocol"))) {
		ret->o = operand_field(PF_PROTO, PART_WHOLE, family_domain(m, v6));
		set_words(ret, WORDS_PROTOCOLS);
	} else if (str_eq(field, STR("version"))) {
		ret->o = operand_const(v6 ? 6 : 4, 4, family_domain(m, v6));
	} else if (!v6 && str_eq(field, STR("hdrlength"))) {
		ret->o = operand_const(5, 4, family_domain(m, v6));
	} else if (!v6 && str_eq(field, STR("frag-off"))) {
		/* no fragment, whether or not it may be made into some (DF, RFC 791) */
		ret->o = operand_const(0, 16, family_domain(m, v6));
		operand_case(&ret->o, PSET_ALL, 0x4000);
	} else {
		return false;
	}
	return true;
}

static bool read_ports(struct matcher *m, struct str protocol, struct str field,
		       struct nft_left *ret)
{
	bool source = str_eq(field, STR("sport"));
	uint64_t number;

	if (!source && !str_eq(field, STR("dport")))
		return false;
	ret->o = operand_ports(m, source);
	set_words(ret, WORDS_SERVICES);
	if (str_eq(protocol, STR("th")))
		return true;
	if (!words_find(WORDS_PROTOCOLS, protocol, &number))
		return false;
	ret->o.domain = match_proto(m, (unsigned)number, (unsigned)number);
	return true;
}

static bool read_icmp(struct matcher *m, bool v6, struct str field, struct nft_left *ret)
{
	bool code = str_eq(field, STR("code"));

	if (!code && !str_eq(field, STR("type")))
		return false;
	ret->o = operand_icmp(m, v6, code);
	if (code)
		set_words(ret, v6 ? WORDS_ICMP6_CODES : WORDS_ICMP_CODES);
	else
		set_words(ret, v6 ? WORDS_ICMP6_TYPES : WORDS_ICMP_TYPES);
	return true;
}

static int read_payload(struct nft_reader *r, const json_t *x, struct nft_left *ret)
{
	struct str protocol = nft_json_member(x, "protocol"), field = nft_json_member(x, "field");
	struct matcher *m = &r->m;
	bool known;

	if (str_eq(protocol, STR("ip")) || str_eq(protocol, STR("ip6")))
		known = read_ip(m, protocol.len == 3, field, ret);
	else if (str_eq(protocol, STR("icmp")) || str_eq(protocol, STR("icmpv6")))
		known = read_icmp(m, protocol.len == 6, field, ret);
	else
		known = read_ports(m, protocol, field, ret);
	if (str_eq(protocol, STR("tcp")) && str_eq(field, STR("flags"))) {
		ret->o = operand_tcp_flags(m);
		set_words(ret, WORDS_TCP_FLAGS);
		known = true;
	}
	if (!known)
		ret->o = operand_unknown(64, protocol_domain(m, protocol));
	ret->name = protocol.len
			    ? arena_fmt(&r->scratch, "%.*s %.*s", STR_FMT(protocol), STR_FMT(field))
			    : STR("raw payload");
	return ret->name.ptr ? 0 : -ENOMEM;
}

static void read_interface(enum pset_field field, struct nft_left *ret)
{
	ret->kind = LEFT_INTERFACE;
	ret->field = field;
	ret->o.domain = MATCH_ALL;
}

/* Sockets of listeners are found after the input hook: there is none to be asked. */
static bool is_of_socket(struct str key)
{
	return str_eq(key, STR("skuid")) || str_eq(key, STR("skgid")) || str_eq(key, STR("cgroup"));
}

static int read_meta(struct nft_reader *r, const json_t *x, struct nft_left *ret)
{
	struct str key = nft_json_member(x, "key");
	struct matcher *m = &r->m;

	ret->o = operand_unknown(64, MATCH_ALL);
	if (str_eq(key, STR("iifname")) || str_eq(key, STR("iif"))) {
		read_interface(PF_IIF, ret);
	} else if (str_eq(key, STR("oifname")) || str_eq(key, STR("oif"))) {
		read_interface(PF_OIF, ret);
	} else if (str_eq(key, STR("l4proto"))) {
		ret->o = operand_field(PF_PROTO, PART_WHOLE, MATCH_ALL);
		set_words(ret, WORDS_PROTOCOLS);
	} else if (str_eq(key, STR("nfproto"))) {
		ret->o = operand_family(m, 2, 10, 8);
		set_words(ret, WORDS_NF_FAMILIES);
	} else if (str_eq(key, STR("protocol"))) {
		ret->o = operand_family(m, 0x0800, 0x86dd, 16);
		set_words(ret, WORDS_ETHERTYPES);
	} else if (str_eq(key, STR("mark"))) {
		ret->o = operand_mark(m);
	} else if (str_eq(key, STR("pkttype"))) {
		ret->o = operand_packet_type(m);
		set_words(ret, WORDS_PACKET_TYPES);
	} else if (str_eq(key, STR("ipsec")) || str_eq(key, STR("secpath")) ||
		   str_eq(key, STR("nftrace"))) {
		ret->o = operand_const(0, 1, MATCH_ALL);
		ret->form = FORM_BOOL;
	} else if (is_of_socket(key)) {
		ret->o.domain = MATCH_NONE;
	}
	ret->name = arena_fmt(&r->scratch, "meta %.*s", STR_FMT(key));
	return ret->name.ptr ? 0 : -ENOMEM;
}

/* Addresses, ports and protocol of the connection's first packet. */
static bool read_ct_tuple(struct matcher *m, struct str key, struct nft_left *ret)
{
	bool v6 = str_starts(key, STR("ip6 "));

	if (v6 || str_starts(key, STR("ip ")))
		key = str_sub(key, v6 ? 4 : 3, key.len);
	else if (str_eq(key, STR("saddr")) || str_eq(key, STR("daddr")))
		return false;
	if (str_eq(key, STR("saddr")) || str_eq(key, STR("daddr"))) {
		read_address(m, v6, key.ptr[0] == 's', ret);
	} else if (str_eq(key, STR("proto-src")) || str_eq(key, STR("proto-dst"))) {
		ret->o = operand_ports(m, str_eq(key, STR("proto-src")));
		set_words(ret, WORDS_SERVICES);
	} else if (str_eq(key, STR("protocol"))) {
		ret->o = operand_field(PF_PROTO, PART_WHOLE, MATCH_ALL);
		set_words(ret, WORDS_PROTOCOLS);
	} else if (str_eq(key, STR("l3proto"))) {
		ret->o = operand_family(m, 2, 10, 8);
		set_words(ret, WORDS_NF_FAMILIES);
	} else {
		return false;
	}
	ret->o = operand_ct_field(m, ret->o);
	return true;
}

static int read_ct(struct nft_reader *r, const json_t *x, struct nft_left *ret)
{
	struct str key = nft_json_member(x, "key"), dir = nft_json_member(x, "dir");
	struct matcher *m = &r->m;

	ret->o = operand_ct_const(m, 0, 64);
	ret->o.any = PSET_ALL;
	if (str_eq(key, STR("state"))) {
		ret->o = operand_ct_state(m);
		set_words(ret, WORDS_CT_STATES);
	} else if (str_eq(key, STR("status"))) {
		/* has bits without a name, too, which only a test for single ones leaves aside */
		ret->o = operand_ct_status(m);
		ret->bits_only = true;
		set_words(ret, WORDS_CT_STATUSES);
	} else if (str_eq(key, STR("direction"))) {
		ret->o = operand_ct_const(m, 0, 8);
		set_words(ret, WORDS_CT_DIRECTIONS);
	} else if (str_eq(key, STR("mark"))) {
		ret->o = operand_ct_mark(m);
	} else if (str_eq(key, STR("zone")) && !m->facts.zones) {
		ret->o = operand_ct_const(m, 0, 16);
	} else if (str_eq(key, STR("helper"))) {
		/* of the connection that this one belongs to (nft_ct.c): the first has none */
		ret->o.domain = MATCH_NONE;
	} else if (!str_eq(dir, STR("reply"))) {
		(void)read_ct_tuple(m, key, ret);
	}
	ret->name = arena_fmt(&r->scratch, "ct %.*s", STR_FMT(key));
	return ret->name.ptr ? 0 : -ENOMEM;
}

static bool has_flag(const json_t *flags, const char *name)
{
	if (!json_is_array(flags))
		return str_eq(nft_json_str(flags), str_of(name));
	for (size_t i = 0; i < json_array_size(flags); i++)
		if (str_eq(nft_json_str(json_array_get(flags, i)), str_of(name)))
			return true;
	return false;
}

static int read_fib(struct nft_reader *r, const json_t *x, struct nft_left *ret)
{
	struct str result = nft_json_member(x, "result");
	const json_t *flags = json_object_get(x, "flags");
	bool by_interface = has_flag(flags, "iif") || has_flag(flags, "oif");
	struct matcher *m = &r->m;

	ret->o = operand_unknown(32, MATCH_ALL);
	if (str_eq(result, STR("type"))) {
		if (!by_interface)
			ret->o = has_flag(flags, "daddr") ? operand_dst_type(m)
							  : operand_src_type(m);
		set_words(ret, WORDS_ADDRESS_TYPES);
	} else if (has_flag(flags, "saddr")) {
		/* there is a route back: see match.h */
		ret->o = operand_const(1, 1, MATCH_ALL);
		ret->form = FORM_BOOL;
	}
	ret->name = STR("fib");
	return 0;
}

/* What the packets of match.h do not have: asked whether it is there, or for a field of it. */
static int read_absent(const json_t *x, struct str name, struct nft_left *ret)
{
	if (json_object_get(x, "field")) {
		ret->o = operand_unknown(64, MATCH_NONE);
	} else {
		ret->o = operand_const(0, 1, MATCH_ALL);
		ret->form = FORM_BOOL;
	}
	ret->name = name;
	return 0;
}

static int read_concat(struct nft_reader *r, const json_t *x, unsigned depth, struct nft_left *ret)
{
	size_t n = json_array_size(x);

	ret->kind = LEFT_CONCAT;
	ret->name = STR("concatenation");
	ret->o.domain = MATCH_ALL;
	ret->parts = arena_array(&r->scratch, n + 1, sizeof *ret->parts);
	if (!ret->parts)
		return -ENOMEM;
	if (!n || n > NFT_CONCAT_MAX) {
		ret->kind = LEFT_NUMBER;
		ret->o = operand_unknown(64, MATCH_ALL);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		int e = nft_left_read(r, json_array_get(x, i), depth + 1, &ret->parts[i]);

		if (e < 0)
			return e;
		if (ret->parts[i].kind == LEFT_CONCAT)
			ret->parts[i].o = operand_unknown(64, MATCH_ALL);
		ret->o.domain = match_and(&r->m, ret->o.domain, ret->parts[i].o.domain);
		if (ret->parts[i].o.any != PSET_NONE)
			ret->name = ret->parts[i].name;
	}
	ret->n_parts = n;
	return 0;
}

static void apply(struct operand *o, char op, net_addr value)
{
	if (op == '&') {
		o->mask &= value;
		o->flip &= value;
	} else if (op == '|') {
		o->mask &= ~value;
		o->flip |= value;
	} else {
		o->flip ^= value;
	}
}

/* {"&": [expression, number, …]} and its like */
static int read_binary(struct nft_reader *r, char op, const json_t *x, unsigned depth,
		       struct nft_left *ret)
{
	int e = nft_left_read(r, json_array_get(x, 0), depth + 1, ret);
	bool known = json_array_size(x) > 1 && ret->kind == LEFT_NUMBER;

	for (size_t i = 1; e >= 0 && i < json_array_size(x); i++) {
		const json_t *value = json_array_get(x, i);
		struct net_range number;
		uint64_t bits;

		if (known && nft_value(ret, value, &number) >= 0 && number.first == number.last)
			apply(&ret->o, op, number.first);
		else if (known && nft_value_bits(ret, value, depth + 1, &bits) >= 0)
			apply(&ret->o, op, bits);
		else
			known = false;
	}
	if (e >= 0 && !known) {
		struct match domain = ret->o.domain;

		ret->kind = LEFT_NUMBER;
		ret->o = operand_unknown(64, domain);
	}
	ret->bits_only = ret->bits_only && (ret->o.mask & ~(net_addr)STATUS_KNOWN);
	return e;
}

int nft_left_read(struct nft_reader *r, const json_t *expr, unsigned depth, struct nft_left *ret)
{
	const json_t *x = NULL;
	struct str kind = str_of(nft_kind(expr, &x));

	*ret = (struct nft_left){ .o = operand_unknown(64, MATCH_ALL) };
	if (depth > NFT_DEPTH_MAX)
		kind = STR("");
	if (str_eq(kind, STR("payload")))
		return read_payload(r, x, ret);
	if (str_eq(kind, STR("meta")))
		return read_meta(r, x, ret);
	if (str_eq(kind, STR("ct")))
		return read_ct(r, x, ret);
	if (str_eq(kind, STR("fib")))
		return read_fib(r, x, ret);
	if (str_eq(kind, STR("exthdr")) || str_eq(kind, STR("ip option")))
		return read_absent(x, kind.len == 6 ? STR("exthdr") : STR("ip option"), ret);
	if (str_eq(kind, STR("concat")) && json_is_array(x))
		return read_concat(r, x, depth, ret);
	if (kind.len == 1 && strchr("&|^", kind.ptr[0]) && json_is_array(x))
		return read_binary(r, kind.ptr[0], x, depth, ret);
	ret->name = kind.len ? arena_str(&r->scratch, str_sub(kind, 0, 64)) : STR("expression");
	return ret->name.ptr ? 0 : -ENOMEM;
}
