/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matches of what the kernel knows beyond the packet: iptables-extensions(8). */
#include "net/iptables_reader.h"

int iptables_on_state(struct iptables_rule *x, const struct iptables_word *args)
{
	struct operand state = operand_ct_state(&x->r->m), status = operand_ct_status(&x->r->m);
	struct str list = args[0].text;
	uint64_t bits = 0, translated = 0;

	while (list.ptr) {
		struct str name = iptables_cut(&list);
		uint64_t one = 0;

		if (words_find(WORDS_CT_STATES, name, &one))
			bits |= one;
		else if ((str_ieq(name, STR("dnat")) || str_ieq(name, STR("snat"))) &&
			 words_find(WORDS_CT_STATUSES, name, &one))
			translated |= one;
		else
			return iptables_unknown(x, STR("--ctstate"));
	}
	iptables_narrow_in(x, MATCH_ALL,
			   match_or(&x->r->m, match_bits(&x->r->m, &state, bits),
				    match_bits(&x->r->m, &status, translated)),
			   STR("--ctstate"));
	return 0;
}

int iptables_on_status(struct iptables_rule *x, const struct iptables_word *args)
{
	struct operand status = operand_ct_status(&x->r->m);
	struct str list = args[0].text;
	uint64_t bits = 0;

	while (list.ptr) {
		struct str name = iptables_cut(&list);
		uint64_t one = 0;

		if (!str_ieq(name, STR("none")) && !words_find(WORDS_CT_STATUSES, name, &one))
			return iptables_unknown(x, STR("--ctstatus"));
		bits |= one;
	}
	iptables_narrow_in(x, status.domain, match_bits(&x->r->m, &status, bits),
			   STR("--ctstatus"));
	return 0;
}

int iptables_on_direction(struct iptables_rule *x, const struct iptables_word *args)
{
	struct operand o = operand_ct_const(&x->r->m, 0, 8);
	uint64_t direction;

	if (!words_find(WORDS_CT_DIRECTIONS, args[0].text, &direction))
		return iptables_unknown(x, STR("--ctdir"));
	iptables_narrow_in(x, o.domain, match_value(&x->r->m, &o, direction), STR("--ctdir"));
	return 0;
}

static int ct_address(struct iptables_rule *x, struct str text, enum pset_field field)
{
	struct operand o = operand_ct_field(&x->r->m, operand_addr(&x->r->m, field, x->r->v6));
	net_addr value;

	if (!iptables_masked(x, text, &o, &value))
		return iptables_unknown(x, STR("--ctorigdst"));
	iptables_narrow_in(x, o.domain, iptables_match_masked(x, &o, value), STR("--ctorigdst"));
	return 0;
}

int iptables_on_ct_src(struct iptables_rule *x, const struct iptables_word *args)
{
	return ct_address(x, args[0].text, PF_SRC);
}

int iptables_on_ct_dst(struct iptables_rule *x, const struct iptables_word *args)
{
	return ct_address(x, args[0].text, PF_DST);
}

static int ct_port(struct iptables_rule *x, struct str text, bool source)
{
	struct operand o = operand_ct_field(&x->r->m, operand_ports(&x->r->m, source));
	struct net_range range;

	if (!iptables_port(text, &range))
		return iptables_unknown(x, STR("--ctorigdstport"));
	iptables_narrow_in(x, o.domain,
			   match_in(&x->r->m, &o, &(struct numbers){ .list = &range, .n = 1 }),
			   STR("--ctorigdstport"));
	return 0;
}

int iptables_on_ct_sport(struct iptables_rule *x, const struct iptables_word *args)
{
	return ct_port(x, args[0].text, true);
}

int iptables_on_ct_dport(struct iptables_rule *x, const struct iptables_word *args)
{
	return ct_port(x, args[0].text, false);
}

int iptables_on_ct_proto(struct iptables_rule *x, const struct iptables_word *args)
{
	struct operand o = operand_field(PF_PROTO, PART_WHOLE, MATCH_ALL);
	uint64_t number;

	o = operand_ct_field(&x->r->m, o);
	if (!iptables_number(args[0].text, 255, &number) &&
	    !words_find(WORDS_PROTOCOLS, args[0].text, &number))
		return iptables_unknown(x, STR("--ctproto"));
	iptables_narrow_in(x, o.domain, match_value(&x->r->m, &o, number), STR("--ctproto"));
	return 0;
}

static int narrow_words(struct iptables_rule *x, struct str list, struct operand o,
			enum words words, struct str name)
{
	struct match any = MATCH_NONE;

	while (list.ptr) {
		uint64_t value;

		if (!words_find(words, iptables_cut(&list), &value))
			return iptables_unknown(x, name);
		any = match_or(&x->r->m, any, match_value(&x->r->m, &o, value));
	}
	iptables_narrow_in(x, MATCH_ALL, any, name);
	return 0;
}

int iptables_on_dst_type(struct iptables_rule *x, const struct iptables_word *args)
{
	return narrow_words(x, args[0].text, operand_dst_type(&x->r->m), WORDS_ADDRESS_TYPES,
			    STR("--dst-type"));
}

int iptables_on_src_type(struct iptables_rule *x, const struct iptables_word *args)
{
	return narrow_words(x, args[0].text, operand_src_type(&x->r->m), WORDS_ADDRESS_TYPES,
			    STR("--src-type"));
}

int iptables_on_packet_type(struct iptables_rule *x, const struct iptables_word *args)
{
	return narrow_words(x, args[0].text, operand_packet_type(&x->r->m), WORDS_PACKET_TYPES,
			    STR("--pkt-type"));
}

/* "0x10/0xff" of the marks of packets and connections */
int iptables_on_mark(struct iptables_rule *x, const struct iptables_word *args)
{
	bool of_ct = x->n_modules && str_eq(x->modules[x->n_modules - 1], STR("connmark"));
	struct operand o = of_ct ? operand_ct_mark(&x->r->m) : operand_mark(&x->r->m);
	struct str mask = args[0].text, value = str_cut(&mask, '/');
	uint64_t want, bits = UINT32_MAX;

	if (!iptables_number(value, UINT32_MAX, &want) ||
	    (mask.ptr && !iptables_number(mask, UINT32_MAX, &bits)))
		return iptables_unknown(x, STR("--mark"));
	o.mask = bits;
	iptables_narrow_in(x, o.domain, match_value(&x->r->m, &o, want), STR("--mark"));
	return 0;
}

/* Not used up. */
int iptables_on_below(struct iptables_rule *x, [[maybe_unused]] const struct iptables_word *args)
{
	iptables_narrow_in(x, MATCH_ALL, MATCH_ALL, STR("limit"));
	return 0;
}

int iptables_on_above(struct iptables_rule *x, [[maybe_unused]] const struct iptables_word *args)
{
	iptables_narrow_in(x, MATCH_ALL, MATCH_NONE, STR("limit"));
	return 0;
}

/* Connections of the same host: this one is the first. */
static int on_connections(struct iptables_rule *x, struct str text, bool above)
{
	uint64_t limit;

	if (!iptables_number(text, UINT32_MAX, &limit))
		return iptables_unknown(x, STR("connlimit"));
	iptables_narrow_in(x, MATCH_ALL, above == (limit == 0) ? MATCH_ALL : MATCH_NONE,
			   STR("connlimit"));
	return 0;
}

int iptables_on_conn_above(struct iptables_rule *x, const struct iptables_word *args)
{
	return on_connections(x, args[0].text, true);
}

int iptables_on_conn_upto(struct iptables_rule *x, const struct iptables_word *args)
{
	return on_connections(x, args[0].text, false);
}

int iptables_on_recent(struct iptables_rule *x, [[maybe_unused]] const struct iptables_word *args)
{
	const struct iptables_word *w = &x->words[x->at - 1];

	x->recent = str_eq(w->text, STR("--set")) ? RECENT_SET : RECENT_CHECK;
	x->recent_invert = x->invert;
	return 0;
}

/* Packets come in where their answers go out. */
int iptables_on_rpfilter(struct iptables_rule *x)
{
	for (size_t i = x->at; i < x->n; i++)
		if (str_eq(x->words[i].text, STR("--invert"))) {
			iptables_narrow(x, MATCH_NONE, STR("rpfilter"));
			return 0;
		}
	return 0;
}

int iptables_on_policy(struct iptables_rule *x, const struct iptables_word *args)
{
	if (str_eq(args[0].text, STR("none")))
		iptables_narrow_in(x, MATCH_ALL, MATCH_ALL, STR("policy"));
	else if (str_eq(args[0].text, STR("ipsec")))
		iptables_narrow_in(x, MATCH_ALL, MATCH_NONE, STR("policy"));
	else
		return iptables_unknown(x, STR("policy"));
	return 0;
}
