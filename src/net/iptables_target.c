/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets: iptables(8) "TARGETS", iptables-extensions(8) "TARGET EXTENSIONS". */
#include "net/iptables_reader.h"

#define RECENTS_MAX 64

enum effect { MARKS = 1, UNTRACKS = 2, TRANSLATES = 4 };

static const struct {
	struct str name;
	enum filter_verdict verdict;
	unsigned effects;
} targets[] = {
	{STR("ACCEPT"),       VERDICT_ACCEPT,   0         },
	{ STR("DROP"),        VERDICT_DROP,     0         },
	{ STR("REJECT"),      VERDICT_DROP,     0         },
	{ STR("TARPIT"),      VERDICT_DROP,     0         },
	{ STR("RETURN"),      VERDICT_RETURN,   0         },
	{ STR("DNAT"),        VERDICT_DNAT,     TRANSLATES},
	{ STR("REDIRECT"),    VERDICT_DNAT,     TRANSLATES},
	{ STR("NETMAP"),      VERDICT_UNKNOWN,  TRANSLATES},
	{ STR("SNAT"),        VERDICT_ACCEPT,   0         },
	{ STR("MASQUERADE"),  VERDICT_ACCEPT,   0         },
	{ STR("NOTRACK"),     VERDICT_CONTINUE, UNTRACKS  },
	{ STR("CT"),          VERDICT_CONTINUE, UNTRACKS  },
	{ STR("MARK"),        VERDICT_CONTINUE, MARKS     },
	{ STR("CONNMARK"),    VERDICT_CONTINUE, MARKS     },
	{ STR("LOG"),         VERDICT_CONTINUE, 0         },
	{ STR("NFLOG"),       VERDICT_CONTINUE, 0         },
	{ STR("ULOG"),        VERDICT_CONTINUE, 0         },
	{ STR("TCPMSS"),      VERDICT_CONTINUE, 0         },
	{ STR("CHECKSUM"),    VERDICT_CONTINUE, 0         },
	{ STR("CLASSIFY"),    VERDICT_CONTINUE, 0         },
	{ STR("DSCP"),        VERDICT_CONTINUE, 0         },
	{ STR("TOS"),         VERDICT_CONTINUE, 0         },
	{ STR("TTL"),         VERDICT_CONTINUE, 0         },
	{ STR("HL"),          VERDICT_CONTINUE, 0         },
	{ STR("ECN"),         VERDICT_CONTINUE, 0         },
	{ STR("TRACE"),       VERDICT_CONTINUE, 0         },
	{ STR("AUDIT"),       VERDICT_CONTINUE, 0         },
	{ STR("SECMARK"),     VERDICT_CONTINUE, 0         },
	{ STR("CONNSECMARK"), VERDICT_CONTINUE, 0         },
	{ STR("SET"),         VERDICT_CONTINUE, 0         },
	{ STR("LED"),         VERDICT_CONTINUE, 0         },
	{ STR("RATEEST"),     VERDICT_CONTINUE, 0         },
	{ STR("IDLETIMER"),   VERDICT_CONTINUE, 0         },
	{ STR("TEE"),         VERDICT_CONTINUE, 0         },
	{ STR("TCPOPTSTRIP"), VERDICT_CONTINUE, 0         },
};

static const typeof(*targets) *target_find(struct str name)
{
	for (size_t i = 0; i < COUNT(targets); i++)
		if (str_eq(name, targets[i].name))
			return &targets[i];
	return NULL;
}

void iptables_target_does(struct iptables_reader *r, struct str target, bool *ret_does)
{
	const typeof(*targets) *t = target_find(target);
	unsigned effects = t ? t->effects : MARKS;

	r->mangles |= effects & MARKS;
	r->untracks |= effects & UNTRACKS;
	r->translates |= effects & TRANSLATES;
	*ret_does |= effects != 0;
}

bool iptables_target_accepts(struct str target)
{
	const typeof(*targets) *t = target_find(target);

	return !t || (t->verdict != VERDICT_DROP && t->verdict != VERDICT_CONTINUE &&
		      t->verdict != VERDICT_RETURN);
}

static void note(struct iptables_rule *x, pset *fact)
{
	struct psets *s = x->r->m.sets;
	bool moves = x->r->m.facts.translated != PSET_NONE;
	pset set = pset_exists(s, x->now.may,
			       1U << PF_OIF | (moves ? 1U << PF_DST | 1U << PF_DPORT : 0));

	*fact = pset_or(s, *fact, set);
}

static int emit(struct iptables_rule *x, enum filter_verdict verdict, size_t target)
{
	struct iptables_reader *r = x->r;
	struct filter_rule rule = x->out;

	if (r->dry)
		return 0;
	rule.must = x->now.must;
	rule.may = x->now.may;
	rule.verdict = verdict;
	rule.target = target;
	/* what one match left open, another one may have closed */
	if (rule.must == rule.may && verdict != VERDICT_UNKNOWN)
		x->unknown = STR("");
	rule.unknown = arena_str(r->a, x->unknown);
	if (!rule.unknown.ptr)
		return -ENOMEM;
	return filter_rule_add(r->f, x->chain->index, &rule);
}

static struct iptables_recent *recent_find(struct iptables_rule *x)
{
	struct iptables_reader *r = x->r;
	struct str name = x->recent_list.len ? x->recent_list : STR("DEFAULT");

	for (size_t i = 0; i < r->n_recents; i++)
		if (str_eq(r->recents[i].name, name))
			return &r->recents[i];
	if (r->n_recents == RECENTS_MAX)
		return NULL;
	name = arena_str(&r->keep, name);
	if (!name.ptr || arena_push(&r->keep, r->recents, r->n_recents, r->cap_recents,
				    ((struct iptables_recent){ .name = name })) < 0) {
		r->m.error = -ENOMEM;
		return NULL;
	}
	return &r->recents[r->n_recents - 1];
}

/*
 * The sender was never seen, so it is in no list but for what this packet has done already. A list
 * that lets in is a knock at the door: the next packet may find it open.
 */
static void narrow_recent(struct iptables_rule *x, bool accepts)
{
	struct iptables_recent *list = recent_find(x);
	struct match match = MATCH_NONE;

	if (x->recent == RECENT_SET) {
		if (list)
			note(x, &list->added);
		match = MATCH_ALL;
	} else if (!list || x->r->dry || accepts || x->recent_invert) {
		match = MATCH_UNKNOWN;
	} else if (x->recent_hits < 2) {
		match.may = list->added;
	}
	if (x->recent_invert)
		match = match_minus(&x->r->m, MATCH_ALL, match);
	iptables_narrow(x, match, STR("recent"));
}

/* "10.0.0.1-10.0.0.9:80-90", "[2001:db8::1]:80", "8080", ":80" */
static bool parse_to(struct iptables_rule *x, struct str text, bool ports_alone)
{
	struct filter_rule *out = &x->out;
	struct str addr, last;
	ssize_t colon = str_rfind(text, ':');
	struct net_range port = {};
	net_addr first, end;

	if (str_starts(text, STR("["))) {
		ssize_t close = str_rfind(text, ']');

		if (close < 0)
			return false;
		addr = str_sub(text, 1, (size_t)close);
		text = str_sub(text, (size_t)close + 1, text.len);
		text = str_sub(text, str_starts(text, STR(":")), text.len);
	} else if (ports_alone) {
		addr = STR("");
	} else if (colon >= 0 && !x->r->v6) {
		addr = str_sub(text, 0, (size_t)colon);
		text = str_sub(text, (size_t)colon + 1, text.len);
	} else {
		addr = text;
		text = STR("");
	}
	if (text.len) {
		struct str to = text, from = str_cut(&to, '-');
		struct net_range upper;

		if (!iptables_port(from, &port) || !iptables_port(to.ptr ? to : from, &upper) ||
		    upper.first < port.first || !port.first)
			return false;
		out->to_port = (uint16_t)port.first;
		out->to_port_last = (uint16_t)(upper.first > port.first ? upper.first : 0);
	}
	if (!addr.len)
		return text.len;
	last = addr;
	addr = str_cut(&last, '-');
	if (str_ends(addr, STR("]")))
		addr.len--;
	if (str_starts(last, STR("[")))
		last = str_sub(last, 1, last.len);
	if (net_addr_parse(addr, &first) < 0 || net_addr_parse(last.ptr ? last : addr, &end) < 0 ||
	    first > end || net_is_v4(first) == x->r->v6 || net_is_v4(end) == x->r->v6)
		return false;
	out->to = (struct net_range){ first, end };
	out->n_to = 1;
	return true;
}

static void note_translation(struct iptables_rule *x, bool known)
{
	struct psets *s = x->r->m.sets;
	const struct filter_rule *out = &x->out;
	unsigned last = out->to_port_last ? out->to_port_last : out->to_port;
	pset lands = PSET_ALL;

	if (known && out->n_to)
		lands = pset_addr_range(s, PF_DST, out->to);
	if (known && out->to_port)
		lands = pset_and(s, lands, pset_field_range(s, PF_DPORT, out->to_port, last));
	if (x->now.may != PSET_NONE)
		x->r->found.translated = pset_or(s, x->r->found.translated, lands);
}

static int translate(struct iptables_rule *x)
{
	bool redirect = str_eq(x->target, STR("REDIRECT"));
	bool known = x->to.len ? parse_to(x, x->to, redirect) : redirect;

	note_translation(x, known);
	if (!known && !x->unknown.len)
		x->unknown = x->target;
	return emit(x, known ? VERDICT_DNAT : VERDICT_UNKNOWN, 0);
}

static void note_effects(struct iptables_rule *x, unsigned effects)
{
	struct match_facts *found = &x->r->found;

	if (effects & MARKS) {
		note(x, &found->marked);
		note(x, &found->ct_marked);
	}
	if (!(effects & UNTRACKS))
		return;
	if (x->notrack || str_eq(x->target, STR("NOTRACK")))
		note(x, &found->untracked);
	else
		found->zones = true;
}

int iptables_target(struct iptables_rule *x)
{
	const typeof(*targets) *t = target_find(x->target);
	ssize_t chain = iptables_chain_find(x->r, x->chain->table, x->target);
	enum filter_verdict verdict = VERDICT_UNKNOWN;

	if (!x->has_target)
		verdict = VERDICT_CONTINUE;
	else if (chain >= 0)
		verdict = x->is_goto ? VERDICT_GOTO : VERDICT_JUMP;
	else if (t && !x->is_goto)
		verdict = t->verdict;
	if (x->recent != RECENT_NONE)
		narrow_recent(x, chain >= 0 ? x->r->chains[chain].accepts
					    : verdict == VERDICT_RETURN ||
						      (x->has_target &&
						       iptables_target_accepts(x->target)));
	if (verdict == VERDICT_DNAT)
		return translate(x);
	if (chain >= 0)
		return emit(x, verdict, x->r->chains[chain].index);
	if (t && t->effects & TRANSLATES)
		note_translation(x, false);
	note_effects(x, t ? t->effects : MARKS);
	if (verdict == VERDICT_UNKNOWN && !x->unknown.len)
		x->unknown = x->target.len ? x->target : STR("-j");
	return emit(x, verdict, 0);
}
