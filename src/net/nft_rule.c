/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements of a rule, in their order: nft(8) "STATEMENTS", libnftables-json(5). */
#include "net/nft_reader.h"

#define PIECES_MAX 20'000 /* of one rule: chains that its map leads to */

void nft_narrow(struct nft_rule *x, struct match match, struct str name)
{
	x->now = match_and(&x->r->m, x->now, match);
	if (x->now.must == x->now.may)
		x->out.unknown = STR("");
	else if (!x->out.unknown.len)
		x->out.unknown = name;
}

int nft_emit(struct nft_rule *x, struct match match, enum filter_verdict verdict, size_t target)
{
	struct filter_rule rule = x->out;
	int e;

	rule.must = match.must;
	rule.may = match.may;
	rule.verdict = verdict;
	rule.target = target;
	if (x->pieces++ >= PIECES_MAX)
		return -E2BIG;
	if (x->r->dry)
		return 0;
	/* what one match left open, another one may have closed */
	if (match.must == match.may && verdict != VERDICT_UNKNOWN)
		rule.unknown = STR("");
	if (rule.unknown.len) {
		rule.unknown = arena_str(x->r->a, rule.unknown);
		if (!rule.unknown.ptr)
			return -ENOMEM;
	}
	e = filter_rule_add(x->r->f, x->chain, &rule);
	return e;
}

/* It may decide anything, or nothing. */
static int unknown_statement(struct nft_rule *x, const char *name)
{
	struct str was = x->out.unknown;
	int e;

	if (!was.len) {
		x->out.unknown = arena_str(&x->r->scratch, str_sub(str_of(name), 0, 100));
		if (!x->out.unknown.ptr)
			return -ENOMEM;
	}
	e = nft_emit(x, x->now, VERDICT_UNKNOWN, 0);
	x->now.must = PSET_NONE;
	return e;
}

static int end_with(struct nft_rule *x, enum filter_verdict verdict)
{
	x->ended = true;
	return nft_emit(x, x->now, verdict, 0);
}

static int on_accept(struct nft_rule *x, [[maybe_unused]] const char *name,
		     [[maybe_unused]] const json_t *v)
{
	return end_with(x, VERDICT_ACCEPT);
}

static int on_drop(struct nft_rule *x, [[maybe_unused]] const char *name,
		   [[maybe_unused]] const json_t *v)
{
	return end_with(x, VERDICT_DROP);
}

/*
 * What a rule has to ask for its kind of answer to be possible (nft adds it, evaluate.c's
 * stmt_evaluate_reject) is not listed: an ICMPv6 error is for IPv6, a reset for TCP.
 */
static int on_reject(struct nft_rule *x, const char *name, const json_t *v)
{
	struct str type = nft_json_member(v, "type");
	struct matcher *m = &x->r->m;

	(void)name;
	if (str_eq(type, STR("icmp")))
		nft_narrow(x, (struct match){ m->v4, m->v4 }, type);
	else if (str_eq(type, STR("icmpv6")))
		nft_narrow(x, (struct match){ m->v6, m->v6 }, type);
	else if (str_eq(type, STR("tcp reset")))
		nft_narrow(x, match_proto(m, 6, 6), type);
	return end_with(x, VERDICT_DROP);
}

static int on_return(struct nft_rule *x, [[maybe_unused]] const char *name,
		     [[maybe_unused]] const json_t *v)
{
	return end_with(x, VERDICT_RETURN);
}

static int on_continue([[maybe_unused]] struct nft_rule *x, [[maybe_unused]] const char *name,
		       [[maybe_unused]] const json_t *v)
{
	return 0;
}

static int on_unknown(struct nft_rule *x, const char *name, [[maybe_unused]] const json_t *v)
{
	return unknown_statement(x, name);
}

static int on_jump(struct nft_rule *x, const char *name, const json_t *v)
{
	struct str family = nft_json_member(x->json, "family");
	struct str table = nft_json_member(x->json, "table");
	ssize_t chain = nft_chain_find(x->r, family, table, nft_json_member(v, "target"));

	if (chain < 0)
		return unknown_statement(x, "jump to a chain that is not there");
	x->ended = true;
	return nft_emit(x, x->now, name[0] == 'j' ? VERDICT_JUMP : VERDICT_GOTO, (size_t)chain);
}

static int on_match(struct nft_rule *x, [[maybe_unused]] const char *name, const json_t *v)
{
	return nft_statement_match(x, v);
}

static int on_vmap(struct nft_rule *x, [[maybe_unused]] const char *name, const json_t *v)
{
	int e = nft_statement_vmap(x, v);

	return e == -EINVAL ? unknown_statement(x, "vmap") : e;
}

static int on_nat(struct nft_rule *x, const char *name, const json_t *v)
{
	int e = nft_statement_nat(x, name, v);

	return e == -EINVAL ? unknown_statement(x, name) : e;
}

/* Not used up: "over" does not match, "until" does. A named one's kind is the object's. */
static int on_limit(struct nft_rule *x, const char *name, const json_t *v)
{
	struct str object = nft_json_str(v);
	bool inverted = json_is_true(json_object_get(v, "inv"));

	if (object.len) {
		struct str key =
			arena_fmt(&x->r->scratch, "%s %.*s %.*s %.*s", name,
				  STR_FMT(nft_json_member(x->json, "family")),
				  STR_FMT(nft_json_member(x->json, "table")), STR_FMT(object));
		const uint64_t *known = key.ptr ? map_get(&x->r->objects, key) : NULL;

		if (!known) {
			nft_narrow(x, MATCH_UNKNOWN, str_of(name));
			return 0;
		}
		inverted = *known;
	} else if (!json_is_object(v)) {
		nft_narrow(x, MATCH_UNKNOWN, str_of(name));
		return 0;
	}
	if (inverted)
		x->now = MATCH_NONE;
	return 0;
}

static pset everywhere(struct nft_rule *x, pset s)
{
	struct match_facts *facts = &x->r->m.facts;

	/* what a translation changes says nothing of the packet afterwards */
	return pset_exists(x->r->m.sets, s,
			   1U << PF_OIF | (facts->translated ? 1U << PF_DST | 1U << PF_DPORT : 0));
}

static void note(struct nft_rule *x, pset *fact)
{
	*fact = pset_or(x->r->m.sets, *fact, everywhere(x, x->now.may));
}

static int on_notrack(struct nft_rule *x, [[maybe_unused]] const char *name,
		      [[maybe_unused]] const json_t *v)
{
	note(x, &x->r->found.untracked);
	return 0;
}

/* Changes of what packet sets are made of are not followed. */
static int on_mangle(struct nft_rule *x, [[maybe_unused]] const char *name, const json_t *v)
{
	static const struct str harmless[] = {
		STR("dscp"),      STR("ecn"),      STR("ttl"), STR("hoplimit"),
		STR("flowlabel"), STR("checksum"), STR("id"),  STR("frag-off"),
	};
	const json_t *what = NULL;
	struct str kind = str_of(nft_kind(json_object_get(v, "key"), &what));
	struct str key = nft_json_member(what, "key"), field = nft_json_member(what, "field");

	if (str_eq(kind, STR("meta"))) {
		if (str_eq(key, STR("mark")))
			note(x, &x->r->found.marked);
		return str_eq(key, STR("pkttype")) ? unknown_statement(x, "meta pkttype set") : 0;
	}
	if (str_eq(kind, STR("ct"))) {
		if (str_eq(key, STR("mark")))
			note(x, &x->r->found.ct_marked);
		x->r->found.zones |= str_eq(key, STR("zone"));
		return 0;
	}
	if (str_eq(kind, STR("exthdr")) || str_eq(kind, STR("tcp option")) ||
	    str_eq(kind, STR("ip option")))
		return 0;
	for (size_t i = 0; i < COUNT(harmless); i++)
		if (str_eq(field, harmless[i]))
			return 0;
	return unknown_statement(x, "change of a packet");
}

static int run_statement(struct nft_rule *x, const json_t *statement, unsigned depth);

/* add, update: the element is there before its statements are asked (nft_dynset.c). */
static int on_set(struct nft_rule *x, [[maybe_unused]] const char *name, const json_t *v)
{
	const json_t *statements = json_object_get(v, "stmt");
	struct nft_set *set = nft_set_find(x->r, x->json, nft_json_member(v, "set"));
	int e = 0;

	if (!set)
		set = nft_set_find(x->r, x->json, nft_json_member(v, "map"));
	if (set && !str_eq(nft_json_member(v, "op"), STR("delete")))
		note(x, &set->added);
	if (json_is_object(statements))
		return run_statement(x, statements, 1);
	for (size_t i = 0; e >= 0 && i < json_array_size(statements); i++)
		e = run_statement(x, json_array_get(statements, i), 1);
	return e;
}

/* Extensions of iptables: their names are all that nft says of them. */
static int on_xt(struct nft_rule *x, [[maybe_unused]] const char *name, const json_t *v)
{
	static const struct {
		struct str name;
		enum filter_verdict verdict;
	} targets[] = {
		{STR("DROP"),        VERDICT_DROP    },
                { STR("REJECT"),     VERDICT_DROP    },
		{ STR("TARPIT"),     VERDICT_DROP    },
                { STR("LOG"),        VERDICT_CONTINUE},
		{ STR("NFLOG"),      VERDICT_CONTINUE},
                { STR("TCPMSS"),     VERDICT_CONTINUE},
		{ STR("CHECKSUM"),   VERDICT_CONTINUE},
                { STR("MASQUERADE"), VERDICT_ACCEPT  },
		{ STR("SNAT"),       VERDICT_ACCEPT  },
                { STR("ACCEPT"),     VERDICT_ACCEPT  },
	};
	struct str type = nft_json_member(v, "type"), what = nft_json_member(v, "name");
	struct str full = arena_fmt(&x->r->scratch, "xt %.*s", STR_FMT(str_sub(what, 0, 64)));

	if (!full.ptr)
		return -ENOMEM;
	if (str_eq(type, STR("match"))) {
		if (!str_eq(what, STR("comment")))
			nft_narrow(x, MATCH_UNKNOWN, full);
		return 0;
	}
	for (size_t i = 0; i < COUNT(targets); i++)
		if (str_eq(what, targets[i].name))
			return targets[i].verdict == VERDICT_CONTINUE
				       ? 0
				       : end_with(x, targets[i].verdict);
	if (str_eq(what, STR("DNAT")) || str_eq(what, STR("REDIRECT")))
		x->r->found.translated = PSET_ALL;
	note(x, &x->r->found.marked);
	note(x, &x->r->found.ct_marked);
	note(x, &x->r->found.untracked);
	return unknown_statement(x, full.ptr);
}

static const struct {
	struct str name;
	int (*run)(struct nft_rule *x, const char *name, const json_t *v);
} statements[] = {
	{STR("match"),           on_match   },
	{ STR("accept"),         on_accept  },
	{ STR("drop"),           on_drop    },
	{ STR("reject"),         on_reject  },
	{ STR("return"),         on_return  },
	{ STR("continue"),       on_continue},
	{ STR("jump"),           on_jump    },
	{ STR("goto"),           on_jump    },
	{ STR("vmap"),           on_vmap    },
	{ STR("counter"),        on_continue},
	{ STR("log"),            on_continue},
	{ STR("last"),           on_continue},
	{ STR("comment"),        on_continue},
	{ STR("limit"),          on_limit   },
	{ STR("quota"),          on_limit   },
	{ STR("ct count"),       on_limit   },
	{ STR("notrack"),        on_notrack },
	{ STR("mangle"),         on_mangle  },
	{ STR("set"),            on_set     },
	{ STR("map"),            on_set     },
	{ STR("meter"),          on_set     },
	{ STR("dnat"),           on_nat     },
	{ STR("redirect"),       on_nat     },
	{ STR("snat"),           on_nat     },
	{ STR("masquerade"),     on_nat     },
	{ STR("dup"),            on_continue},
	{ STR("fwd"),            on_drop    },
	{ STR("flow"),           on_continue},
	{ STR("ct helper"),      on_continue},
	{ STR("ct timeout"),     on_continue},
	{ STR("ct expectation"), on_continue},
	{ STR("secmark"),        on_continue},
	{ STR("optstrip"),       on_continue},
	{ STR("reset"),          on_continue},
	{ STR("xt"),             on_xt      },
	{ STR("queue"),          on_unknown },
};

static int run_statement(struct nft_rule *x, const json_t *statement, unsigned depth)
{
	const json_t *value = NULL;
	const char *name = nft_kind(statement, &value);

	if (!name && json_is_string(statement))
		name = json_string_value(statement);
	if (!name || !name[0])
		name = "statement without a name";
	for (size_t i = 0; value && depth <= NFT_DEPTH_MAX && i < COUNT(statements); i++)
		if (str_eq(statements[i].name, str_of(name)))
			return statements[i].run(x, name, value);
	return unknown_statement(x, name);
}

static int rule_names(struct nft_rule *x)
{
	const json_t *rule = x->json, *handle = json_object_get(rule, "handle");
	const json_t *index = json_object_get(rule, "index"), *line = json_object_get(rule, "line");
	struct arena *a = x->r->a;
	struct str family = nft_json_member(rule, "family");
	bool known = json_is_integer(handle);
	json_int_t number = json_integer_value(known ? handle : index);

	x->out.id = arena_fmt(a, "%.*s %.*s %.*s %s %" JSON_INTEGER_FORMAT, STR_FMT(family),
			      STR_FMT(nft_json_member(rule, "table")),
			      STR_FMT(nft_json_member(rule, "chain")), known ? "handle" : "rule",
			      number);
	x->out.file = arena_str(a, nft_json_member(rule, "file"));
	if (json_is_integer(line) && json_integer_value(line) > 0)
		x->out.line = (unsigned)json_integer_value(line);
	if (!x->out.id.ptr || !x->out.file.ptr)
		return -ENOMEM;
	return nft_print(a, rule, &x->out.text);
}

int nft_rule_read(struct nft_reader *r, const json_t *rule, bool too_long)
{
	struct nft_rule x = { .r = r, .json = rule, .now = MATCH_ALL };
	const json_t *list = json_object_get(rule, "expr");
	ssize_t chain =
		nft_chain_find(r, nft_json_member(rule, "family"), nft_json_member(rule, "table"),
			       nft_json_member(rule, "chain"));
	int e = 0;

	if (chain < 0)
		return 0;
	x.chain = (size_t)chain;
	r->m.place = r->places[chain];
	if (!r->dry)
		e = rule_names(&x);
	if (e >= 0 && (too_long || !json_is_array(list)))
		e = unknown_statement(&x, too_long ? "rule of more than 4 MiB"
						   : "rule without statements");
	for (size_t i = 0; e >= 0 && !x.ended && i < json_array_size(list); i++)
		e = run_statement(&x, json_array_get(list, i), 0);
	if (e >= 0 && !x.ended)
		e = nft_emit(&x, x.now, VERDICT_CONTINUE, 0);
	return e;
}
