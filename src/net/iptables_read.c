/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines, tables and chains of iptables-save(8). */
#include <stdio.h>

#include "net/iptables_reader.h"

#define READER_MEMORY ((size_t)512 << 20)
#define LINE_MAX_BYTES ((size_t)64 << 10)
#define RULES_MAX 200'000
#define INSERTS_MAX 10'000 /* each moves those behind it */

static const struct {
	struct str name;
	int64_t priority;
} tables[] = {
	{STR("raw"),       -300},
        { STR("mangle"),   -150},
        { STR("nat"),      -100},
	{ STR("filter"),   0   },
        { STR("security"), 50  },
};

static const struct {
	struct str name;
	bool evaluated;
	enum filter_hook hook;
} builtin[] = {
	{STR("PREROUTING"),   true,  HOOK_PREROUTING},
        { STR("INPUT"),       true,  HOOK_INPUT     },
	{ STR("FORWARD"),     true,  HOOK_FORWARD   },
        { STR("OUTPUT"),      false, HOOK_N         },
	{ STR("POSTROUTING"), false, HOOK_N         },
};

struct lines {
	struct iptables_reader *r;
	struct str file, table, rest;
	unsigned line;
	bool in_table;
};

static int refuse(struct lines *x, const char *why)
{
	struct iptables_reader *r = x->r;
	struct str reason = arena_fmt(r->a, "%.*s%sline %u: %s", STR_FMT(x->file),
				      x->file.len ? " " : "", x->line, why);

	if (!reason.ptr)
		return -ENOMEM;
	if (!r->f->unknown.len)
		r->f->unknown = reason;
	diag_set(r->d, 0, arena_cstr(&r->keep, x->file), x->line, "%s", why);
	return -EBADMSG;
}

/* Names that are longer are none of iptables'. */
#define KEY_MAX 256

static struct str key_of(char space[static KEY_MAX], struct str table, struct str name)
{
	int n = snprintf(space, KEY_MAX, "%.*s %.*s", STR_FMT(table), STR_FMT(name));

	return (struct str){ space, n < KEY_MAX ? (size_t)n : 0 };
}

ssize_t iptables_chain_find(struct iptables_reader *r, struct str table, struct str name)
{
	char space[KEY_MAX];
	const uint64_t *index = map_get(&r->names, key_of(space, table, name));

	return index ? (ssize_t)*index : -1;
}

static int64_t priority_of(struct str table, struct str chain)
{
	/* destinations are translated before the filters, sources after them */
	if (str_eq(table, STR("nat")) && str_eq(chain, STR("INPUT")))
		return 100;
	for (size_t i = 0; i < COUNT(tables); i++)
		if (str_eq(table, tables[i].name))
			return tables[i].priority;
	return 0;
}

static const typeof(*builtin) *builtin_find(struct str name)
{
	for (size_t i = 0; i < COUNT(builtin); i++)
		if (str_eq(name, builtin[i].name))
			return &builtin[i];
	return NULL;
}

/* Chains of other hooks are kept, too, but nothing leads to them. */
static int add_chain(struct lines *x, struct str name, struct str policy, size_t *ret)
{
	struct iptables_reader *r = x->r;
	const typeof(*builtin) *b = builtin_find(name);
	char space[KEY_MAX];
	struct str key = key_of(space, x->table, name);
	struct iptables_chain chain = { .table = arena_str(&r->keep, x->table) };
	struct filter_chain c = {
		.family = r->v6 ? STR("ip6") : STR("ip"),
		.table = arena_str(r->a, x->table),
		.name = arena_str(r->a, name),
		.file = arena_str(r->a, x->file),
		.line = x->line,
		.base = b && b->evaluated,
		.hook = b && b->evaluated ? b->hook : HOOK_INGRESS,
		.nat = b && str_eq(x->table, STR("nat")),
		.priority = priority_of(x->table, name),
		.policy = str_eq(policy, STR("DROP")) ? VERDICT_DROP : VERDICT_ACCEPT,
	};
	int e;

	if (!key.len)
		return refuse(x, "a name that is too long");
	key = arena_str(&r->keep, key);
	if (!c.table.ptr || !c.name.ptr || !c.file.ptr || !key.ptr || !chain.table.ptr)
		return -ENOMEM;
	e = filter_chain_add(r->f, &c, &chain.index);
	if (e >= 0)
		e = arena_push(&r->keep, r->chains, r->n, r->cap, chain);
	if (e >= 0)
		e = map_put(&r->names, key, r->n - 1);
	if (e >= 0)
		*ret = r->n - 1;
	return e;
}

static int set_policy(struct lines *x, struct str name, struct str policy)
{
	struct iptables_reader *r = x->r;
	ssize_t at = iptables_chain_find(r, x->table, name);
	struct filter_chain *c;
	size_t index;

	if (!name.len)
		return refuse(x, "a chain without a name");
	if (builtin_find(name) && !str_eq(policy, STR("ACCEPT")) && !str_eq(policy, STR("DROP")) &&
	    !str_eq(policy, STR("-")))
		return refuse(x, "no policy of a chain");
	if (at < 0)
		return add_chain(x, name, policy, &index);
	c = &r->f->chains[r->chains[at].index];
	/* iptables-restore --noflush empties what is declared again */
	if (!builtin_find(name))
		r->chains[at].n = 0;
	if (str_eq(policy, STR("-")))
		return 0;
	c->policy = str_eq(policy, STR("DROP")) ? VERDICT_DROP : VERDICT_ACCEPT;
	c->line = x->line;
	c->file = arena_str(r->a, x->file);
	return c->file.ptr ? 0 : -ENOMEM;
}

static int start_table(struct lines *x, struct str name)
{
	name = str_trim(name);
	x->in_table = true;
	x->table = name;
	for (size_t i = 0; i < COUNT(tables); i++)
		if (str_eq(name, tables[i].name))
			return 0;
	return refuse(x, "no table of iptables");
}

static int insert_at(struct iptables_reader *r, struct iptables_chain *c, size_t at,
		     struct iptables_line line)
{
	int e = arena_push(&r->keep, c->lines, c->n, c->cap, line);

	if (e < 0)
		return e;
	at = MIN(at, c->n - 1);
	memmove(&c->lines[at + 1], &c->lines[at], (c->n - 1 - at) * sizeof line);
	c->lines[at] = line;
	return 0;
}

static int add_rule(struct lines *x, bool insert, struct str rest, struct str whole)
{
	struct iptables_reader *r = x->r;
	struct str name = str_unquote(str_word(&rest)), number = rest;
	ssize_t at = iptables_chain_find(r, x->table, name);
	struct iptables_line line = { .whole = whole, .file = x->file, .line = x->line };
	uint64_t position = 1;
	size_t index = (size_t)at;
	int e = 0;

	if (at < 0 && !builtin_find(name))
		return refuse(x, "a rule of a chain that is not declared");
	r->n_inserts += insert;
	if (++r->n_rules > RULES_MAX || r->n_inserts > INSERTS_MAX)
		return refuse(x, "too many rules");
	if (at < 0)
		e = add_chain(x, name, STR("-"), &index);
	if (e < 0)
		return e;
	if (insert && str_to_u64(str_word(&number), 10, &position) >= 0)
		rest = number;
	line.text = rest;
	return insert_at(r, &r->chains[index], insert && position ? position - 1 : SIZE_MAX, line);
}

static int take_line(struct lines *x, struct str line)
{
	struct str whole = line, word;

	/* "[12:345] -A INPUT …" of iptables-save -c */
	if (str_starts(line, STR("["))) {
		str_word(&line);
		whole = str_trim(line);
	}
	word = str_word(&line);
	if (!word.len || word.ptr[0] == '#')
		return 0;
	if (word.ptr[0] == '*')
		return start_table(x, str_sub(word, 1, word.len));
	if (word.ptr[0] == ':' && x->table.len) {
		struct str name = str_sub(word, 1, word.len);

		return set_policy(x, name.len ? name : str_word(&line), str_word(&line));
	}
	if (str_eq(word, STR("COMMIT"))) {
		x->in_table = false;
		x->table = STR("");
		return 0;
	}
	if (!x->table.len)
		return refuse(x, "outside of a table");
	if (str_eq(word, STR("-A")) || str_eq(word, STR("--append")))
		return add_rule(x, false, line, whole);
	if (str_eq(word, STR("-I")) || str_eq(word, STR("--insert")))
		return add_rule(x, true, line, whole);
	if (str_eq(word, STR("-P")) || str_eq(word, STR("-N"))) {
		word = str_word(&line);
		return set_policy(x, word, line.len ? str_word(&line) : STR("-"));
	}
	return refuse(x, "not understood");
}

static int read_lines(struct iptables_reader *r, const struct iptables_text *text)
{
	struct lines x = { .r = r, .file = text->file, .rest = text->text };
	struct str line;
	int e = 0;

	/* as `iptables -S` prints it */
	x.table = STR("filter");
	while (e >= 0 && str_line(&x.rest, &line, &x.line)) {
		if (line.len > LINE_MAX_BYTES)
			e = refuse(&x, "longer than 64 KiB");
		else
			e = take_line(&x, str_trim(line));
	}
	if (e >= 0 && x.in_table)
		e = refuse(&x, "the table ends without COMMIT");
	return e;
}

static int survey_interface(struct iptables_reader *r, struct str name)
{
	uint8_t number;
	int e;

	if (!name.len || str_ends(name, STR("+")))
		return 0;
	e = filter_interface(r->f, name, &number);
	return e == -ENOMEM ? e : 0;
}

static int survey_target(struct iptables_reader *r, size_t chain, struct iptables_line *line,
			 struct str target)
{
	ssize_t to = iptables_chain_find(r, r->chains[chain].table, target);
	struct match_edge edge = { (uint32_t)r->chains[chain].index, 0 };

	if (to < 0) {
		iptables_target_does(r, target, &line->does);
		r->chains[chain].accepts |= iptables_target_accepts(target);
		return 0;
	}
	edge.to = (uint32_t)r->chains[to].index;
	return arena_push(&r->keep, r->edges, r->n_edges, r->cap_edges, edge);
}

static int survey_line(struct iptables_reader *r, size_t chain, struct iptables_line *line)
{
	struct arena_mark mark = arena_mark(&r->scratch);
	struct iptables_word *words;
	size_t n;
	int e = iptables_words(r, line->text, &words, &n);

	if (e == -E2BIG)
		return 0;
	for (size_t i = 0; e >= 0 && i + 1 < n; i++) {
		struct str word = words[i].text, next = words[i + 1].text;

		if (str_eq(word, STR("--set")))
			line->does = true;
		if (str_eq(word, STR("-j")) || str_eq(word, STR("-g")) ||
		    str_eq(word, STR("--jump")) || str_eq(word, STR("--goto")))
			e = survey_target(r, chain, line, next);
		else if (str_eq(word, STR("-i")) || str_eq(word, STR("-o")))
			e = survey_interface(r, next);
	}
	arena_rewind(&r->scratch, mark);
	return e;
}

/* Against the jumps: from chains that accept to those that lead to them. */
static int spread_accepts(struct iptables_reader *r)
{
	struct match_place *marks = arena_array(&r->keep, r->f->n + 1, sizeof *marks);
	struct match_edge *back = arena_array(&r->keep, r->n_edges + 1, sizeof *back);
	int e;

	if (!marks || !back)
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++)
		marks[r->chains[i].index].hooks = r->chains[i].accepts;
	for (size_t i = 0; i < r->n_edges; i++)
		back[i] = (struct match_edge){ r->edges[i].to, r->edges[i].from };
	e = match_spread(&r->keep, back, r->n_edges, marks, r->f->n);
	for (size_t i = 0; e >= 0 && i < r->n; i++)
		r->chains[i].accepts = marks[r->chains[i].index].hooks;
	return e;
}

static int survey(struct iptables_reader *r)
{
	int e = 0;

	for (size_t c = 0; e >= 0 && c < r->n; c++)
		for (size_t i = 0; e >= 0 && i < r->chains[c].n; i++)
			e = survey_line(r, c, &r->chains[c].lines[i]);
	if (e >= 0)
		e = spread_accepts(r);
	r->places = arena_array(&r->keep, r->f->n + 1, sizeof *r->places);
	if (!r->places)
		return -ENOMEM;
	for (size_t i = 0; i < r->f->n; i++)
		if (r->f->chains[i].base)
			r->places[i] =
				match_place_of(r->f->chains[i].hook, r->f->chains[i].priority);
	return e < 0 ? e : match_spread(&r->keep, r->edges, r->n_edges, r->places, r->f->n);
}

/* At most 500 bytes, ending with a whole character. */
static struct str short_text(struct arena *a, struct str text)
{
	size_t n = MIN(text.len, 497);

	if (text.len <= 500)
		return arena_str(a, text);
	while (n && (text.ptr[n] & 0xc0) == 0x80)
		n--;
	return arena_cat(a, str_sub(text, 0, n), STR("..."), STR(""));
}

static int read_rule(struct iptables_reader *r, struct iptables_chain *chain, size_t number)
{
	const struct iptables_line *line = &chain->lines[number];
	const struct filter_chain *c = &r->f->chains[chain->index];
	struct iptables_rule x = { .r = r, .chain = chain, .now = MATCH_ALL };
	int e;

	r->m.place = r->places[chain->index];
	x.out.line = line->line;
	if (!r->dry) {
		x.out.id = arena_fmt(r->a, "%s%.*s %.*s rule %zu", r->v6 ? "ip6 " : "",
				     STR_FMT(c->table), STR_FMT(c->name), number + 1);
		x.out.text = short_text(r->a, line->whole);
		x.out.file = arena_str(r->a, line->file);
		if (!x.out.id.ptr || !x.out.text.ptr || !x.out.file.ptr)
			return -ENOMEM;
	}
	e = iptables_words(r, line->text, &x.words, &x.n);
	if (e == -E2BIG) {
		x.n = 0;
		x.now = MATCH_UNKNOWN;
		x.unknown = STR("more than 512 words");
		x.has_target = true;
		return iptables_target(&x);
	}
	if (e >= 0)
		e = iptables_options(&x);
	return e < 0 ? e : iptables_target(&x);
}

static void collect(struct iptables_reader *r)
{
	for (size_t i = 0; i < r->n_recents; i++)
		psets_keep(r->m.sets, r->recents[i].added);
	matcher_keep(&r->m, &r->found);
	matcher_keep(&r->m, &r->given);
	psets_collect(r->m.sets, r->mark);
}

static int read_rules(struct iptables_reader *r)
{
	int e = 0;

	for (size_t c = 0; c < r->n; c++)
		for (size_t i = 0; e >= 0 && i < r->chains[c].n; i++) {
			struct arena_mark mark = arena_mark(&r->scratch);

			if (!r->dry || r->chains[c].lines[i].does)
				e = read_rule(r, &r->chains[c], i);
			e = e < 0 ? e : r->m.error;
			arena_rewind(&r->scratch, mark);
			if (psets_collect_due(r->m.sets))
				collect(r);
		}
	return e;
}

static int read_all(struct iptables_reader *r)
{
	int e = survey(r);

	if (e < 0)
		return e;
	r->m.facts = match_facts_or(&r->m, r->given,
				    (struct match_facts){
					    .marked = r->mangles ? PSET_ALL : PSET_NONE,
					    .ct_marked = r->mangles ? PSET_ALL : PSET_NONE,
					    .untracked = r->untracks ? PSET_ALL : PSET_NONE,
					    .translated = r->translates ? PSET_ALL : PSET_NONE,
					    .zones = r->untracks,
				    });
	r->dry = true;
	e = read_rules(r);
	r->dry = false;
	r->m.facts = match_facts_or(&r->m, r->found, r->given);
	return e < 0 ? e : read_rules(r);
}

static void reader_release(struct iptables_reader *r)
{
	map_release(&r->names);
	arena_release(&r->keep);
	arena_release(&r->scratch);
}

bool iptables_is_nft(struct str text)
{
	text = str_sub(text, 0, 200);
	return str_contains(text, STR("tables-nft-save")) || str_contains(text, STR("(nf_tables)"));
}

int iptables_read(const struct iptables_text *texts, size_t n, bool v6, struct match_facts *facts,
		  struct filter *f, struct diag *d)
{
	own(reader_release) struct iptables_reader r = {
		.f = f,
		.a = f->arena,
		.d = d,
		.v6 = v6,
		.keep.limit = READER_MEMORY,
		.scratch.limit = READER_MEMORY,
	};
	int e = 0;

	matcher_init(&r.m, f);
	r.mark = psets_mark(f->sets);
	if (facts)
		r.given = *facts;
	for (size_t i = 0; e >= 0 && i < n; i++)
		e = read_lines(&r, &texts[i]);
	if (e >= 0)
		e = read_all(&r);
	if (facts)
		*facts = match_facts_or(&r.m, r.given, r.found);
	if (e == -EBADMSG || e == -E2BIG) {
		if (!f->unknown.len)
			f->unknown = STR("rule set too large");
		e = 0;
	}
	return e < 0 ? e : psets_error(f->sets);
}
