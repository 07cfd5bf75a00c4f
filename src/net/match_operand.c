/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel's expressions load, for the packets of match.h. */
#include "net/match.h"

enum { P_ICMP = 1, P_TCP = 6, P_UDP = 17, P_DCCP = 33, P_ICMP6 = 58, P_SCTP = 132, P_LITE = 136 };
enum { STATE_INVALID = 1, STATE_NEW = 8, STATE_UNTRACKED = 64 };
enum { STATUS_DNAT = 32 };
enum {
	TYPE_UNICAST = 1,
	TYPE_LOCAL = 2,
	TYPE_BROADCAST = 3,
	TYPE_MULTICAST = 5
};                                                        /* RTN_… of rtnetlink(7) */
enum { PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST }; /* of packet(7) */
enum { TCP_SYN = 2 };

static pset icmp_types(struct psets *s, const uint8_t (*types)[2], size_t n)
{
	pset set = PSET_NONE;

	for (size_t i = 0; i < n; i++)
		set = pset_or(s, set,
			      pset_field_range(s, PF_DPORT, (unsigned)types[i][0] << 8,
					       (unsigned)types[i][1] << 8 | 0xff));
	return set;
}

/*
 * Linux makes connections of these requests (valid_new of nf_conntrack_proto_icmp.c), leaves
 * neighbour discovery alone (noct_valid_new of …_icmpv6.c), and calls all other ICMP invalid.
 */
static void icmp_states(struct matcher *m)
{
	static const uint8_t requests[][2] = {
		{8,   8 },
                { 13, 13},
                { 15, 15},
                { 17, 17}
	};
	static const uint8_t requests6[][2] = {
		{128,  128},
                { 139, 139}
	};
	static const uint8_t discovery[][2] = {
		{130,  136},
                { 143, 143}
	};
	struct psets *s = m->sets;
	pset icmp = pset_and(s, m->v4, pset_field_range(s, PF_PROTO, P_ICMP, P_ICMP));
	pset icmp6 = pset_and(s, m->v6, pset_field_range(s, PF_PROTO, P_ICMP6, P_ICMP6));

	m->stateless = pset_and(s, icmp6, icmp_types(s, discovery, COUNT(discovery)));
	icmp = pset_minus(s, icmp, icmp_types(s, requests, COUNT(requests)));
	icmp6 = pset_minus(s, icmp6, icmp_types(s, requests6, COUNT(requests6)));
	m->invalid = pset_or(s, icmp, pset_minus(s, icmp6, m->stateless));
}

void matcher_init(struct matcher *m, struct filter *f)
{
	static const uint8_t ported[] = { P_TCP, P_UDP, P_DCCP, P_SCTP, P_LITE };

	*m = (struct matcher){ .f = f, .sets = f->sets };
	m->v4 = pset_field_range(f->sets, PF_FAMILY, 0, 0);
	m->v6 = pset_field_range(f->sets, PF_FAMILY, 1, 1);
	for (size_t i = 0; i < COUNT(ported); i++)
		m->ported = pset_or(f->sets, m->ported,
				    pset_field_range(f->sets, PF_PROTO, ported[i], ported[i]));
	icmp_states(m);
}

static void keep_facts(struct psets *s, const struct match_facts *facts)
{
	psets_keep(s, facts->marked);
	psets_keep(s, facts->ct_marked);
	psets_keep(s, facts->untracked);
	psets_keep(s, facts->translated);
}

void matcher_keep(struct matcher *m, const struct match_facts *facts)
{
	const struct filter *f = m->f;

	keep_facts(m->sets, facts);
	keep_facts(m->sets, &m->facts);
	for (size_t c = 0; c < f->n; c++) {
		psets_keep(m->sets, f->chains[c].aside);
		for (size_t i = 0; i < f->chains[c].n; i++) {
			psets_keep(m->sets, f->chains[c].rules[i].must);
			psets_keep(m->sets, f->chains[c].rules[i].may);
		}
	}
}

struct match_facts match_facts_or(struct matcher *m, struct match_facts x, struct match_facts y)
{
	return (struct match_facts){
		.marked = pset_or(m->sets, x.marked, y.marked),
		.ct_marked = pset_or(m->sets, x.ct_marked, y.ct_marked),
		.untracked = pset_or(m->sets, x.untracked, y.untracked),
		.translated = pset_or(m->sets, x.translated, y.translated),
		.zones = x.zones || y.zones,
	};
}

struct operand operand_unknown(unsigned bits, struct match domain)
{
	return (struct operand){
		.domain = domain, .any = PSET_ALL, .bits = bits, .mask = NET_ADDR_MAX
	};
}

void operand_case(struct operand *o, pset may, uint64_t value)
{
	if (o->n_cases < COUNT(o->cases))
		o->cases[o->n_cases++] = (struct operand_case){ may, value };
}

struct operand operand_const(uint64_t value, unsigned bits, struct match domain)
{
	struct operand o = operand_unknown(bits, domain);

	o.any = PSET_NONE;
	operand_case(&o, PSET_ALL, value);
	return o;
}

struct operand operand_field(enum pset_field field, enum operand_part part, struct match domain)
{
	struct operand o = operand_unknown(16, domain);

	o.kind = OPERAND_FIELD;
	o.any = PSET_NONE;
	o.field = field;
	o.part = part;
	if (part != PART_WHOLE || field == PF_PROTO || field == PF_IIF || field == PF_OIF)
		o.bits = 8;
	return o;
}

struct operand operand_addr(struct matcher *m, enum pset_field field, bool v6)
{
	pset family = v6 ? m->v6 : m->v4;
	struct operand o = operand_unknown(v6 ? 128 : 32, (struct match){ family, family });

	o.kind = OPERAND_ADDR;
	o.any = PSET_NONE;
	o.field = field;
	o.v6 = v6;
	return o;
}

struct operand operand_ports(struct matcher *m, bool source)
{
	struct operand o = operand_field(source ? PF_SPORT : PF_DPORT, PART_WHOLE, MATCH_ALL);

	o.any = pset_not(m->sets, m->ported);
	return o;
}

struct operand operand_icmp(struct matcher *m, bool v6, bool code)
{
	unsigned proto = v6 ? P_ICMP6 : P_ICMP;
	pset set = pset_and(m->sets, v6 ? m->v6 : m->v4,
			    pset_field_range(m->sets, PF_PROTO, proto, proto));

	return operand_field(PF_DPORT, code ? PART_LOW : PART_HIGH, (struct match){ set, set });
}

struct operand operand_family(struct matcher *m, uint64_t v4, uint64_t v6, unsigned bits)
{
	struct operand o = operand_const(v4, bits, MATCH_ALL);

	o.cases[0].may = m->v4;
	operand_case(&o, m->v6, v6);
	return o;
}

/* Packets that have an entry: nft_ct.c and xt_conntrack.c match no others. */
static struct match tracked(struct matcher *m)
{
	pset without = pset_or(m->sets, m->invalid, m->stateless);
	struct match x = { .may = pset_not(m->sets, without) };

	if (!m->place.late)
		return MATCH_NONE;
	if (!m->place.early)
		x.must = pset_minus(m->sets, x.may, m->facts.untracked);
	return x;
}

struct operand operand_ct_state(struct matcher *m)
{
	struct operand o = operand_unknown(32, MATCH_ALL);

	o.any = PSET_NONE;
	operand_case(&o, m->place.early ? PSET_ALL : m->invalid, STATE_INVALID);
	operand_case(&o, m->facts.untracked, STATE_UNTRACKED);
	if (!m->place.late)
		return o;
	operand_case(&o, tracked(m).may, STATE_NEW);
	operand_case(&o, m->stateless, STATE_UNTRACKED);
	return o;
}

struct operand operand_ct_const(struct matcher *m, uint64_t value, unsigned bits)
{
	return operand_const(value, bits, tracked(m));
}

struct operand operand_ct_status(struct matcher *m)
{
	struct operand o = operand_ct_const(m, 0, 32);

	operand_case(&o, m->facts.translated, STATUS_DNAT);
	return o;
}

struct operand operand_ct_field(struct matcher *m, struct operand field)
{
	field.domain = match_and(m, field.domain, tracked(m));
	if (field.kind != OPERAND_CASES && (field.field == PF_DST || field.field == PF_DPORT))
		field.any = pset_or(m->sets, field.any, m->facts.translated);
	return field;
}

struct operand operand_mark(struct matcher *m)
{
	struct operand o = operand_const(0, 32, MATCH_ALL);

	o.any = m->facts.marked;
	return o;
}

struct operand operand_ct_mark(struct matcher *m)
{
	struct operand o = operand_ct_const(m, 0, 32);

	o.any = m->facts.ct_marked;
	return o;
}

static pset multicast(struct matcher *m, enum pset_field field)
{
	struct psets *s = m->sets;
	struct net_range v4 = { net_v4(0xe000'0000), net_v4(0xefff'ffff) };
	struct net_range v6 = { (net_addr)0xff << 120, NET_ADDR_MAX };

	return pset_or(s, pset_addr_range(s, field, v4), pset_addr_range(s, field, v6));
}

/* What comes before routing and what input sees is for this machine, forward for other hosts. */
struct operand operand_dst_type(struct matcher *m)
{
	struct operand o = operand_unknown(32, MATCH_ALL);
	struct psets *s = m->sets;
	struct net_range all_ones = { NET_V4_LAST, NET_V4_LAST };
	pset groups = multicast(m, PF_DST), broadcast = pset_addr_range(s, PF_DST, all_ones);
	pset others = pset_not(s, pset_or(s, groups, broadcast));
	unsigned forward = 1U << HOOK_FORWARD;

	o.any = PSET_NONE;
	operand_case(&o, groups, TYPE_MULTICAST);
	operand_case(&o, broadcast, TYPE_BROADCAST);
	if (m->place.hooks & ~forward)
		operand_case(&o, others, TYPE_LOCAL);
	if (m->place.hooks & forward)
		operand_case(&o, others, TYPE_UNICAST);
	return o;
}

struct operand operand_packet_type(struct matcher *m)
{
	struct operand o = operand_dst_type(m);

	o.cases[0].value = PACKET_MULTICAST;
	o.cases[1].value = PACKET_BROADCAST;
	for (size_t i = 2; i < o.n_cases; i++)
		o.cases[i].value = PACKET_HOST;
	return o;
}

/* A host sends from an address of its own. */
struct operand operand_src_type(struct matcher *m)
{
	struct operand o = operand_unknown(32, MATCH_ALL);
	struct psets *s = m->sets;
	struct net_range all_ones = { NET_V4_LAST, NET_V4_LAST }, one = { 1, 1 };
	struct net_range loopback = { net_v4(0x7f00'0000), net_v4(0x7fff'ffff) };
	pset groups = multicast(m, PF_SRC), broadcast = pset_addr_range(s, PF_SRC, all_ones);
	pset local =
		pset_or(s, pset_addr_range(s, PF_SRC, loopback), pset_addr_range(s, PF_SRC, one));

	o.any = PSET_NONE;
	operand_case(&o, groups, TYPE_MULTICAST);
	operand_case(&o, broadcast, TYPE_BROADCAST);
	operand_case(&o, local, TYPE_LOCAL);
	operand_case(&o, pset_not(s, pset_or(s, pset_or(s, groups, broadcast), local)),
		     TYPE_UNICAST);
	return o;
}

struct operand operand_tcp_flags(struct matcher *m)
{
	return operand_const(TCP_SYN, 8, match_proto(m, P_TCP, P_TCP));
}

struct match_place match_place_of(enum filter_hook hook, int64_t priority)
{
	const int64_t conntrack = -200;
	bool before = hook == HOOK_INGRESS || (hook == HOOK_PREROUTING && priority <= conntrack);

	return (struct match_place){
		.hooks = 1U << hook,
		.early = before,
		.late = !before || (hook == HOOK_PREROUTING && priority == conntrack),
	};
}

static bool place_add(struct match_place *to, struct match_place from)
{
	struct match_place was = *to;

	to->hooks |= from.hooks;
	to->early |= from.early;
	to->late |= from.late;
	return was.hooks != to->hooks || was.early != to->early || was.late != to->late;
}

/* Each node is looked at again only when its place grew, which it can six times. */
int match_spread(struct arena *a, const struct match_edge *edges, size_t n_edges,
		 struct match_place *place, size_t n)
{
	struct arena_mark mark = arena_mark(a);
	size_t *start = arena_array(a, n + 2, sizeof *start);
	uint32_t *to = arena_array(a, n_edges + 1, sizeof *to);
	uint32_t *stack = arena_array(a, n + n_edges * 6 + 1, sizeof *stack);
	size_t depth = 0;

	if (!start || !to || !stack)
		return -ENOMEM;
	for (size_t i = 0; i < n_edges; i++)
		start[edges[i].from + 2]++;
	for (size_t i = 2; i < n + 2; i++)
		start[i] += start[i - 1];
	for (size_t i = 0; i < n_edges; i++)
		to[start[edges[i].from + 1]++] = edges[i].to;
	for (size_t i = 0; i < n; i++)
		if (place[i].hooks)
			stack[depth++] = (uint32_t)i;
	while (depth) {
		uint32_t from = stack[--depth];

		for (size_t i = start[from]; i < start[from + 1]; i++)
			if (place_add(&place[to[i]], place[from]))
				stack[depth++] = to[i];
	}
	arena_rewind(a, mark);
	return 0;
}
