/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nft_parse: what the parts of nft_text_json() share. */
#ifndef HF_NET_NFT_PARSE_H
#define HF_NET_NFT_PARSE_H

#include <jansson.h>

#include "net/nft_scan.h"
#include "net/nft_text.h"

#define NFT_SOURCES_MAX 1024 /* open at a time */
#define NFT_NESTED_MAX 16    /* as nft's MAX_INCLUDE_DEPTH */

enum nft_token_type { NFT_END, NFT_LINE, NFT_WORD, NFT_STRING, NFT_SIGN };
struct nft_token {
	enum nft_token_type type;
	struct str text;
	unsigned line;
	struct str file;
};

/* A file, or what a variable stands for. */
struct nft_source {
	struct str rest, file;
	unsigned line, depth;
	size_t define; /* of a variable: its index */
	bool variable;
};

struct nft_define {
	struct str name, value, file; /* value.ptr == NULL: not defined from here on */
	unsigned line;
};

struct nft_parser {
	const struct nft_text *in;
	struct arena arena;
	struct diag *d;
	int error;
	struct nft_source sources[NFT_SOURCES_MAX];
	size_t n_sources;
	struct nft_token now;
	struct nft_define *defines;
	size_t n_defines, cap_defines;
	size_t bytes, tokens, inserted;
	json_t *chains, *sets, *rules, *tables, *objects;
	/* Where the parser is. */
	struct str family, table;
};

void nft_next(struct nft_parser *p);
/* Remembers the first error; the parser sees the end of the text from then on. */
int nft_fail(struct nft_parser *p, int error, const char *why);
static inline bool nft_is_sign(const struct nft_parser *p, const char *sign)
{
	return p->now.type == NFT_SIGN && str_eq(p->now.text, str_of(sign));
}
static inline bool nft_is_word(const struct nft_parser *p, const char *word)
{
	return p->now.type == NFT_WORD && str_eq(p->now.text, str_of(word));
}
/* Steps over it where it stands. */
bool nft_sign(struct nft_parser *p, const char *sign);
bool nft_word(struct nft_parser *p, const char *word);
/* A word or string, ret.ptr == NULL if neither stands there. */
struct str nft_text_take(struct nft_parser *p);
static inline bool nft_at_end(const struct nft_parser *p)
{
	return p->now.type == NFT_END || p->now.type == NFT_LINE || nft_is_sign(p, "}");
}
void nft_skip_lines(struct nft_parser *p);
/* To the end of the statement, over what is in braces. */
void nft_skip_statement(struct nft_parser *p);

json_t *nft_string(struct str text);
/* {key: value}; takes the value, NULL if it is NULL. */
json_t *nft_object(const char *key, json_t *value);

/* NULL: not understood, or p->error. */
json_t *nft_parse_expression(struct nft_parser *p);
json_t *nft_parse_value(struct nft_parser *p, unsigned depth);
/* { element, … }; a map where data is set: [key, data]. */
json_t *nft_parse_elements(struct nft_parser *p, bool map, unsigned depth);
json_t *nft_parse_verdict(struct nft_parser *p);
/* One statement of a rule; NULL as above. */
json_t *nft_parse_statement(struct nft_parser *p, struct str *ret_comment);

void nft_put(json_t *object, const char *key, struct str text);
/* A new object of the table at hand; NULL: p->error. */
json_t *nft_item(struct nft_parser *p, json_t *list, struct str name);
/* The rule that begins here. */
void nft_parse_rule(struct nft_parser *p, json_t *chain, bool insert);
/* Are both rules of the same chain? */
bool nft_is_of_chain(const json_t *rule, const json_t *other);
void nft_parse_define(struct nft_parser *p);
/* What stands behind "flush", "delete" or "destroy". */
void nft_parse_flush(struct nft_parser *p);
void nft_parse_delete(struct nft_parser *p);
void nft_parse_family(struct nft_parser *p);
json_t *nft_find_item(struct nft_parser *p, json_t *list, struct str name);
/* A line of a chain's block. */
void nft_chain_line(struct nft_parser *p, json_t *chain);

#endif
