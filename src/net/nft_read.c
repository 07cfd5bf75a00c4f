/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nft_reader.h"

enum { TABLE_OFF = 1, TABLE_UNSURE = 2 };

#define READER_MEMORY ((size_t)512 << 20)

/* -EBADMSG: names that are too long for nftables. */
static int put(struct nft_reader *r, struct map *to, const char *kind, const json_t *o,
	       const char *name, uint64_t value)
{
	struct nft_key key;
	struct str copy;

	nft_key(&key, kind, nft_json_member(o, "family"), nft_json_member(o, name ? name : "table"),
		name ? STR("") : nft_json_member(o, "name"));
	if (!key.text.len)
		return -EBADMSG;
	copy = arena_str(&r->keep, key.text);
	return copy.ptr ? map_put(to, copy, value) : -ENOMEM;
}

static bool is_ours(struct str family)
{
	return str_eq(family, STR("ip")) || str_eq(family, STR("ip6")) ||
	       str_eq(family, STR("inet")) || str_eq(family, STR("netdev"));
}

static int judge_flag(struct str flag)
{
	if (str_eq(flag, STR("dormant")))
		return TABLE_OFF;
	/* nft 1.0.6 puts arbitrary text there */
	return str_eq(flag, STR("owner")) || str_eq(flag, STR("persist")) ? 0 : TABLE_UNSURE;
}

static int add_table(struct nft_reader *r, const json_t *o)
{
	const json_t *flags = json_object_get(o, "flags");
	int state = 0;

	if (json_is_string(flags))
		state = judge_flag(nft_json_str(flags));
	for (size_t i = 0; i < json_array_size(flags); i++)
		state = MAX(state, judge_flag(nft_json_str(json_array_get(flags, i))));
	return state ? put(r, &r->tables, "table", o, "name", (uint64_t)state) : 0;
}

static int table_state(struct nft_reader *r, const json_t *o)
{
	const uint64_t *state;
	struct nft_key key;

	nft_key(&key, "table", nft_json_member(o, "family"), nft_json_member(o, "table"), STR(""));
	state = map_get(&r->tables, key.text);
	return state ? (int)*state : 0;
}

/* Tables that iptables-nft keeps, when iptables-save has said them in full. */
static bool is_left_out(const struct nft_reader *r, const struct filter_chain *c)
{
	static const struct str tables[] = {
		STR("raw"), STR("mangle"), STR("nat"), STR("filter"), STR("security"),
	};
	bool ip = str_eq(c->family, STR("ip")) || str_eq(c->family, STR("ip6"));

	for (size_t i = 0; ip && r->options.without_iptables && i < COUNT(tables); i++)
		if (str_eq(c->table, tables[i]))
			return true;
	return false;
}

static bool hook_of(struct str name, enum filter_hook *ret)
{
	static const struct str hooks[] = { STR("ingress"), STR("prerouting"), STR("input"),
					    STR("forward") };

	for (size_t i = 0; i < COUNT(hooks); i++)
		if (str_eq(name, hooks[i])) {
			*ret = (enum filter_hook)i;
			return true;
		}
	return false;
}

/* Packets that come by the chain's devices. */
static int read_devices(struct nft_reader *r, const json_t *devices, struct match *ret)
{
	size_t n = json_is_array(devices) ? json_array_size(devices) : 1;
	struct match all = MATCH_NONE;

	for (size_t i = 0; i < n; i++) {
		struct str name =
			nft_json_str(json_is_array(devices) ? json_array_get(devices, i) : devices);
		bool wildcard = str_ends(name, STR("*"));
		struct match one;
		int e;

		name.len -= wildcard;
		e = match_interface(&r->m, PF_IIF, name, wildcard, &one);
		if (e < 0)
			return e;
		all = match_or(&r->m, all, one);
	}
	*ret = all;
	return 0;
}

/* A rule of ours at the start of a chain that perhaps does not hold as it is written. */
static int add_unsure(struct nft_reader *r, size_t chain, pset set, struct str why)
{
	const struct filter_chain *c = &r->f->chains[chain];
	struct filter_rule rule = {
		.id = arena_fmt(r->a, "%.*s %.*s %.*s", STR_FMT(c->family), STR_FMT(c->table),
				STR_FMT(c->name)),
		.text = STR(""),
		.file = c->file,
		.line = c->line,
		.unknown = why,
		.may = set,
		.verdict = VERDICT_UNKNOWN,
	};

	return !rule.id.ptr ? -ENOMEM : filter_rule_add(r->f, chain, &rule);
}

static int describe_chain(struct nft_reader *r, const json_t *o, struct filter_chain *ret)
{
	const json_t *line = json_object_get(o, "line");
	struct filter_chain c = {
		.family = arena_str(r->a, nft_json_member(o, "family")),
		.table = arena_str(r->a, nft_json_member(o, "table")),
		.name = arena_str(r->a, nft_json_member(o, "name")),
		.file = arena_str(r->a, nft_json_member(o, "file")),
		.base = nft_json_member(o, "hook").len,
		.nat = str_eq(nft_json_member(o, "type"), STR("nat")),
		.priority = json_integer_value(json_object_get(o, "prio")),
		.policy = str_eq(nft_json_member(o, "policy"), STR("drop")) ? VERDICT_DROP
									    : VERDICT_ACCEPT,
	};

	if (json_integer_value(line) > 0)
		c.line = (unsigned)json_integer_value(line);
	if (!c.family.ptr || !c.table.ptr || !c.name.ptr || !c.file.ptr)
		return -ENOMEM;
	*ret = c;
	return 0;
}

static int add_chain(struct nft_reader *r, const json_t *o)
{
	struct str hook = nft_json_member(o, "hook");
	const json_t *devices = json_object_get(o, "dev");
	struct match of_devices = MATCH_ALL;
	struct filter_chain chain;
	int state = table_state(r, o), e = describe_chain(r, o, &chain);
	size_t index;

	if (e < 0)
		return e;
	if (!is_ours(chain.family) || state == TABLE_OFF || is_left_out(r, &chain) ||
	    (chain.base && !hook_of(hook, &chain.hook)))
		return 0;
	if (nft_chain_find(r, chain.family, chain.table, chain.name) >= 0)
		return -EBADMSG;
	if (chain.base && devices) {
		e = read_devices(r, devices, &of_devices);
		chain.aside = pset_not(r->m.sets, of_devices.may);
	}
	/* that of Debian 12 does not list them */
	if (chain.base && chain.hook == HOOK_INGRESS && !devices)
		of_devices.must = PSET_NONE;
	if (e >= 0)
		e = filter_chain_add(r->f, &chain, &index);
	if (e >= 0)
		e = put(r, &r->chains, "chain", o, NULL, index);
	if (e >= 0 && of_devices.must != of_devices.may)
		e = add_unsure(r, index, of_devices.may, STR("devices of the chain"));
	if (e >= 0 && chain.base && state == TABLE_UNSURE)
		e = add_unsure(r, index, PSET_ALL, STR("flags of the table"));
	return e;
}

/* The members but for the elements, which may be millions. */
static int add_set(struct nft_reader *r, struct str text)
{
	own(nft_json_release) json_t *o = json_object();
	struct nft_set set = {};
	struct nft_scan scan;
	struct str key, value;
	int e;

	if (!o)
		return -ENOMEM;
	if (!nft_scan_open(&scan, text, '{'))
		return -EBADMSG;
	while (nft_scan_next(&scan, &key, &value)) {
		char name[16] = "";

		if (str_eq(key, STR("elem"))) {
			set.elements = value;
			continue;
		}
		if (!key.len || key.len >= sizeof name)
			continue;
		memcpy(name, key.ptr, key.len);
		json_object_set_new(o, name, nft_json(value, NFT_SMALL_MAX));
	}
	if (scan.bad)
		return -EBADMSG;
	set.verdicts = str_eq(nft_json_member(o, "map"), STR("verdict"));
	set.family = arena_str(&r->keep, nft_json_member(o, "family"));
	set.table = arena_str(&r->keep, nft_json_member(o, "table"));
	if (!set.family.ptr || !set.table.ptr)
		return -ENOMEM;
	e = arena_push(&r->keep, r->set, r->n_set, r->cap_set, set);
	return e < 0 ? e : put(r, &r->sets, "set", o, NULL, r->n_set - 1);
}

/* pass 0: tables. 1: what rules speak of. */
static int add_element(struct nft_reader *r, struct str element, unsigned pass)
{
	own(nft_json_release) json_t *o = NULL;
	struct nft_scan scan;
	struct str kind, value;

	if (!nft_scan_open(&scan, element, '{') || !nft_scan_next(&scan, &kind, &value))
		return scan.bad ? -EBADMSG : 0;
	if (str_eq(kind, STR("table")) != (pass == 0))
		return 0;
	if (str_eq(kind, STR("rule")))
		return arena_push(&r->keep, r->rules, r->n_rules, r->cap_rules,
				  ((struct nft_text){ .text = value }));
	if (str_eq(kind, STR("set")) || str_eq(kind, STR("map")))
		return add_set(r, value);
	if (!str_eq(kind, STR("table")) && !str_eq(kind, STR("chain")) &&
	    !str_eq(kind, STR("limit")) && !str_eq(kind, STR("quota")))
		return 0;
	o = nft_json(value, NFT_SMALL_MAX);
	if (!json_is_object(o))
		return -EBADMSG;
	if (str_eq(kind, STR("table")))
		return add_table(r, o);
	if (str_eq(kind, STR("chain")))
		return add_chain(r, o);
	return put(r, &r->objects, str_eq(kind, STR("limit")) ? "limit" : "quota", o, NULL,
		   json_is_true(json_object_get(o, "inv")));
}

static int add_elements(struct nft_reader *r, struct str list, unsigned pass)
{
	struct nft_scan scan;
	struct str element;
	int e = nft_scan_open(&scan, list, '[') ? 0 : -EBADMSG;

	while (e >= 0 && nft_scan_next(&scan, NULL, &element)) {
		struct arena_mark mark = arena_mark(&r->scratch);

		e = add_element(r, element, pass);
		arena_rewind(&r->scratch, mark);
	}
	return e < 0 ? e : scan.bad ? -EBADMSG : 0;
}

static int find_list(struct str json, struct str *ret)
{
	struct nft_scan scan;
	struct str key, value, list = {};

	if (!nft_scan_open(&scan, json, '{'))
		return -EBADMSG;
	while (nft_scan_next(&scan, &key, &value))
		if (str_eq(key, STR("nftables")) && !list.ptr)
			list = value;
	if (scan.bad || !list.ptr || str_trim(scan.rest).len)
		return -EBADMSG;
	*ret = list;
	return 0;
}

static void collect(struct nft_reader *r)
{
	for (size_t i = 0; i < r->n_cached; i++) {
		psets_keep(r->m.sets, r->cached[i].must);
		psets_keep(r->m.sets, r->cached[i].may);
	}
	for (size_t i = 0; i < r->n_set; i++)
		psets_keep(r->m.sets, r->set[i].added);
	matcher_keep(&r->m, &r->found);
	matcher_keep(&r->m, &r->given);
	psets_collect(r->m.sets, r->mark);
}

static int read_rules(struct nft_reader *r)
{
	int e = 0;

	for (size_t i = 0; e >= 0 && i < r->n_rules; i++) {
		struct arena_mark mark = arena_mark(&r->scratch);
		own(nft_json_release) json_t *rule = NULL;
		bool too_long;

		if (r->dry && !r->rules[i].does)
			continue;
		rule = nft_rule_json(r->rules[i].text, &too_long);
		e = json_is_object(rule) ? nft_rule_read(r, rule, too_long) : -EBADMSG;
		e = e < 0 ? e : r->m.error;
		arena_rewind(&r->scratch, mark);
		if (psets_collect_due(r->m.sets))
			collect(r);
	}
	return e;
}

/* While it is found out what rules do to packets, they may have done everything. */
static int read_all(struct nft_reader *r)
{
	int e;

	r->places = arena_array(&r->keep, r->f->n + r->n_set + 1, sizeof *r->places);
	if (!r->places)
		return -ENOMEM;
	for (size_t i = 0; i < r->f->n; i++)
		if (r->f->chains[i].base)
			r->places[i] =
				match_place_of(r->f->chains[i].hook, r->f->chains[i].priority);
	e = nft_survey(r);
	if (e < 0)
		return e;
	r->m.facts = match_facts_or(&r->m, r->given,
				    (struct match_facts){
					    .marked = r->mangles ? PSET_ALL : PSET_NONE,
					    .ct_marked = r->mangles ? PSET_ALL : PSET_NONE,
					    .untracked = r->untracks ? PSET_ALL : PSET_NONE,
					    .translated = r->translates ? PSET_ALL : PSET_NONE,
					    .zones = r->mangles,
				    });
	r->dry = true;
	e = read_rules(r);
	r->m.facts = match_facts_or(&r->m, r->found, r->given);
	r->dry = false;
	return e < 0 ? e : read_rules(r);
}

static void reader_release(struct nft_reader *r)
{
	map_release(&r->chains);
	map_release(&r->sets);
	map_release(&r->tables);
	map_release(&r->objects);
	map_release(&r->cache);
	arena_release(&r->keep);
	arena_release(&r->scratch);
}

int nft_read(struct str json, const struct nft_options *options, struct filter *f, struct diag *d)
{
	own(reader_release) struct nft_reader r = {
		.f = f,
		.a = f->arena,
		.options = options ? *options : (struct nft_options){},
		.keep.limit = READER_MEMORY,
		.scratch.limit = READER_MEMORY,
	};
	struct str list;
	int e = find_list(json, &list);

	matcher_init(&r.m, f);
	r.mark = psets_mark(f->sets);
	if (r.options.facts)
		r.given = *r.options.facts;
	if (e >= 0)
		e = add_elements(&r, list, 0);
	if (e >= 0)
		e = add_elements(&r, list, 1);
	if (e >= 0)
		e = read_all(&r);
	if (r.options.facts)
		*r.options.facts = match_facts_or(&r.m, r.given, r.found);
	if (e == -EBADMSG || e == -E2BIG) {
		f->unknown = !str_trim(json).len ? STR("no rule set could be read")
			     : e == -E2BIG       ? STR("rule set too large")
						 : STR("rule set is cut off or no JSON of nft");
		diag_set(d, e, "", 0, "%s", f->unknown.ptr);
		e = 0;
	}
	return e < 0 ? e : psets_error(f->sets);
}
