/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of nft(8): tables, base chains, policies, and how a chain ends; sets are stepped over. */
#include "facts/linux/firewall.h"

#define DEFINES_MAX 1000
#define DEPTH_MAX 16 /* as nft's MAX_INCLUDE_DEPTH */

struct nft_define {
	struct str name, value;
};

enum token_type { T_END, T_WORD, T_STRING, T_SEPARATOR, T_OPEN, T_CLOSE };
struct token {
	enum token_type type;
	struct str text;
	unsigned line;
};

struct parser {
	struct nft_conf *conf;
	struct str rest;
	unsigned line;
	struct token now;
};

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '{' ||
	       c == '}' || c == '"' || c == '#' || c == ',' || c == '=';
}

static void skip_blanks(struct parser *p)
{
	for (;;) {
		struct str *s = &p->rest;

		if (s->len && (s->ptr[0] == ' ' || s->ptr[0] == '\t' || s->ptr[0] == '\r' ||
			       s->ptr[0] == ',' || s->ptr[0] == '=')) {
			*s = str_sub(*s, 1, s->len);
		} else if (str_starts(*s, STR("\\\n"))) {
			*s = str_sub(*s, 2, s->len);
			p->line++;
		} else if (s->len && s->ptr[0] == '#') {
			ssize_t end = str_find(*s, '\n');

			*s = str_sub(*s, end < 0 ? s->len : (size_t)end, s->len);
		} else {
			return;
		}
	}
}

static void next_token(struct parser *p)
{
	struct token *t = &p->now;
	size_t n = 1;
	char c;

	skip_blanks(p);
	*t = (struct token){ .line = p->line };
	if (!p->rest.len)
		return;
	c = p->rest.ptr[0];
	if (c == '\n' || c == ';') {
		t->type = T_SEPARATOR;
		p->line += c == '\n';
	} else if (c == '{' || c == '}') {
		t->type = c == '{' ? T_OPEN : T_CLOSE;
	} else if (c == '"') {
		while (n < p->rest.len && p->rest.ptr[n] != '"' && p->rest.ptr[n] != '\n')
			n++;
		t->type = T_STRING;
		t->text = str_sub(p->rest, 1, n);
		n += n < p->rest.len && p->rest.ptr[n] == '"';
	} else {
		while (n < p->rest.len && !ends_word(p->rest.ptr[n]))
			n++;
		t->type = T_WORD;
		t->text = str_sub(p->rest, 0, n);
	}
	p->rest = str_sub(p->rest, n, p->rest.len);
}

static bool is_word(const struct parser *p, struct str word)
{
	return p->now.type == T_WORD && str_eq(p->now.text, word);
}

static bool accept(struct parser *p, struct str word)
{
	bool is = is_word(p, word);

	if (is)
		next_token(p);
	return is;
}

static struct str take_text(struct parser *p)
{
	struct str text = STR("");

	if (p->now.type == T_WORD || p->now.type == T_STRING) {
		text = p->now.text;
		next_token(p);
	}
	return text;
}

static void skip_separators(struct parser *p)
{
	while (p->now.type == T_SEPARATOR)
		next_token(p);
}

/* Behind the brace that closes the one at hand. -EBADMSG: there is none. */
static int skip_block(struct parser *p)
{
	size_t depth = 0;

	do {
		if (p->now.type == T_END)
			return -EBADMSG;
		depth += p->now.type == T_OPEN;
		depth -= p->now.type == T_CLOSE;
		next_token(p);
	} while (depth);
	return 0;
}

/* To the end of the statement: separators between braces do not count. */
static int skip_statement(struct parser *p)
{
	int r = 0;

	while (r >= 0 && p->now.type != T_END && p->now.type != T_SEPARATOR &&
	       p->now.type != T_CLOSE) {
		if (p->now.type == T_OPEN)
			r = skip_block(p);
		else
			next_token(p);
	}
	return r;
}

static struct str resolve(const struct parser *p, struct str text)
{
	const struct nft_conf *c = p->conf;

	if (!str_starts(text, STR("$")))
		return text;
	text = str_sub(text, 1, text.len);
	for (size_t i = c->n_defines; i--;)
		if (str_eq(c->defines[i].name, text))
			return c->defines[i].value;
	return STR("");
}

bool nft_priority(struct str name, struct str family, int64_t *ret)
{
	static const struct {
		struct str name;
		int64_t inet, bridge;
	} names[] = {
		{STR("raw"),       -300, -300},
                { STR("mangle"),   -150, -150},
		{ STR("dstnat"),   -100, -300},
                { STR("filter"),   0,    -200},
		{ STR("security"), 50,   50  },
                { STR("srcnat"),   100,  300 },
		{ STR("out"),      100,  100 },
	};
	bool bridge = str_eq(family, STR("bridge"));

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(name, names[i].name)) {
			*ret = bridge ? names[i].bridge : names[i].inet;
			return true;
		}
	return false;
}

/* "0", "-150", "filter", "filter - 5", "filter+5" */
static int64_t take_priority(struct parser *p, struct str family)
{
	char text[64];
	size_t n = 0, name = 0;
	int64_t base = 0, offset = 0;

	while (p->now.type == T_WORD && n + p->now.text.len < sizeof text) {
		struct str word = resolve(p, take_text(p));

		if (n + word.len >= sizeof text)
			break;
		if (word.len)
			memcpy(text + n, word.ptr, word.len);
		n += word.len;
	}
	while (name < n && text[name] != '+' && text[name] != '-')
		name++;
	if (!name || !nft_priority((struct str){ text, name }, family, &base))
		name = 0;
	if (name < n &&
	    str_to_int64(str_sub((struct str){ text, n }, name + (text[name] == '+'), n), &offset) <
		    0)
		return FACT_UNKNOWN;
	return n ? base + offset : FACT_UNKNOWN;
}

/* type filter hook input device eth0 priority 0; policy drop; */
static int take_hook(struct parser *p, struct fw_chain *chain)
{
	int r = 0;

	while (r >= 0 && p->now.type != T_SEPARATOR && p->now.type != T_CLOSE &&
	       p->now.type != T_END) {
		if (accept(p, STR("hook")))
			chain->hook = take_text(p);
		else if (accept(p, STR("priority")))
			chain->priority = take_priority(p, chain->family);
		else if (p->now.type == T_OPEN)
			r = skip_block(p);
		else
			next_token(p);
	}
	return r;
}

/* The options of "log": they choose nothing. */
static void skip_log(struct parser *p)
{
	static const struct str options[] = {
		STR("prefix"),  STR("level"),           STR("group"),
		STR("snaplen"), STR("queue-threshold"), STR("flags")
	};

	for (bool found = true; found;) {
		found = false;
		for (size_t i = 0; !found && i < COUNT(options); i++)
			found = accept(p, options[i]);
		if (found)
			take_text(p);
	}
}

/* Reads a rule; does every packet end here that comes so far? */
static int take_rule(struct parser *p, bool *ret_drops)
{
	*ret_drops = false;
	for (;;) {
		if (accept(p, STR("counter"))) {
			if (accept(p, STR("packets")))
				take_text(p);
			if (accept(p, STR("bytes")))
				take_text(p);
		} else if (accept(p, STR("log"))) {
			skip_log(p);
		} else if (accept(p, STR("comment"))) {
			take_text(p);
		} else {
			break;
		}
	}
	*ret_drops = is_word(p, STR("drop")) || is_word(p, STR("reject"));
	return skip_statement(p);
}

static bool is_chain_property(const struct parser *p)
{
	return is_word(p, STR("flags")) || is_word(p, STR("comment")) || is_word(p, STR("devices"));
}

/* What stands between the braces of a chain, up to the closing one. */
static int chain_body(struct parser *p, struct fw_chain *chain)
{
	int r = 0;

	while (r >= 0 && p->now.type != T_CLOSE && p->now.type != T_END) {
		bool drops = false;

		if (p->now.type == T_SEPARATOR) {
			next_token(p);
		} else if (accept(p, STR("type"))) {
			r = take_hook(p, chain);
		} else if (accept(p, STR("policy"))) {
			chain->policy = resolve(p, take_text(p));
			r = skip_statement(p);
		} else if (is_chain_property(p)) {
			r = skip_statement(p);
		} else {
			r = take_rule(p, &drops);
			chain->rules++;
			chain->final_drop = drops;
		}
	}
	if (r >= 0 && p->now.type == T_END)
		r = -EBADMSG;
	next_token(p);
	return r;
}

/* "chain NAME { … }": a chain may be opened more than once. */
static int chain_block(struct parser *p, struct str family, struct str table)
{
	struct fw_chain fresh = {
		.backend = STR("nftables"),
		.family = family,
		.table = table,
		.hook = STR(""),
		.policy = STR(""),
		.file = p->conf->file,
		.line = p->now.line,
		.priority = FACT_UNKNOWN,
	};
	struct fw_chain *chain;
	int r;

	fresh.chain = take_text(p);
	chain = fw_find(p->conf->chains, family, table, fresh.chain);
	if (!chain) {
		r = fw_add(p->conf->chains, p->conf->arena, &fresh);
		if (r < 0)
			return r;
		chain = &p->conf->chains->list[p->conf->chains->n - 1];
	}
	if (p->now.type != T_OPEN)
		return skip_statement(p);
	next_token(p);
	return chain_body(p, chain);
}

static int table_body(struct parser *p, struct str family, struct str table)
{
	int r = 0;

	next_token(p);
	while (r >= 0 && p->now.type != T_CLOSE && p->now.type != T_END) {
		if (p->now.type == T_SEPARATOR)
			next_token(p);
		else if (accept(p, STR("chain")))
			r = chain_block(p, family, table);
		else
			r = skip_statement(p);
	}
	if (r >= 0 && p->now.type == T_END)
		r = -EBADMSG;
	next_token(p);
	return r;
}

static struct str take_family(struct parser *p)
{
	static const struct str families[] = { STR("inet"),   STR("ip"),  STR("ip6"),
					       STR("bridge"), STR("arp"), STR("netdev") };

	for (size_t i = 0; i < COUNT(families); i++)
		if (accept(p, families[i]))
			return families[i];
	return STR("ip");
}

static int table_statement(struct parser *p)
{
	struct str family = take_family(p), table = take_text(p);

	if (p->now.type == T_OPEN)
		return table_body(p, family, table);
	return skip_statement(p);
}

/* add rule inet filter input tcp dport 22 accept */
static int rule_statement(struct parser *p, bool append)
{
	struct str family = take_family(p), table = take_text(p), name = take_text(p);
	struct fw_chain *chain = fw_find(p->conf->chains, family, table, name);
	bool drops = false;
	int r;

	if (accept(p, STR("index")) || accept(p, STR("handle")) || accept(p, STR("position")))
		take_text(p);
	r = take_rule(p, &drops);
	if (chain) {
		chain->rules++;
		if (append)
			chain->final_drop = drops;
	}
	return r;
}

static int add_statement(struct parser *p, bool append)
{
	struct str family, table;

	if (accept(p, STR("table")))
		return table_statement(p);
	if (accept(p, STR("rule")))
		return rule_statement(p, append);
	if (!accept(p, STR("chain")))
		return skip_statement(p);
	family = take_family(p);
	table = take_text(p);
	return chain_block(p, family, table);
}

static int define_statement(struct parser *p)
{
	struct nft_define d = { .name = take_text(p) };
	struct nft_conf *c = p->conf;

	d.value = p->now.type == T_WORD || p->now.type == T_STRING ? p->now.text : STR("");
	if (c->n_defines < DEFINES_MAX &&
	    arena_push(c->arena, c->defines, c->n_defines, c->cap_defines, d) < 0)
		return -ENOMEM;
	return skip_statement(p);
}

static int include_statement(struct parser *p)
{
	struct nft_conf *c = p->conf;
	unsigned line = p->now.line;
	struct str pattern = take_text(p), file = c->file;
	int r;

	if (!c->include || !pattern.len)
		return skip_statement(p);
	if (c->depth >= DEPTH_MAX)
		return -ELOOP;
	c->depth++;
	r = c->include(c, pattern, line, c->user);
	c->depth--;
	c->file = file;
	return r < 0 ? r : skip_statement(p);
}

static int statement(struct parser *p)
{
	bool insert = is_word(p, STR("insert"));

	if (accept(p, STR("table")))
		return table_statement(p);
	if (accept(p, STR("add")) || accept(p, STR("create")) || accept(p, STR("insert")) ||
	    accept(p, STR("replace")))
		return add_statement(p, !insert);
	if (accept(p, STR("define")) || accept(p, STR("redefine")))
		return define_statement(p);
	if (accept(p, STR("include")))
		return include_statement(p);
	if (accept(p, STR("flush")) && is_word(p, STR("ruleset")))
		p->conf->chains->n = 0;
	return skip_statement(p);
}

int nft_conf_parse(struct nft_conf *conf, struct str text)
{
	struct parser p = { .conf = conf, .rest = text, .line = 1 };
	int r = 0;

	next_token(&p);
	while (r >= 0 && p.now.type != T_END) {
		skip_separators(&p);
		if (p.now.type == T_CLOSE)
			r = -EBADMSG;
		else
			r = statement(&p);
	}
	if (r < 0 && !conf->line)
		conf->line = p.now.line;
	return r;
}
