/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nft_parse: tokens of nft(8) and what is made of them; the parts of nft_text_read() share it. */
#ifndef HF_NET_NFT_PARSE_H
#define HF_NET_NFT_PARSE_H

#include <jansson.h>

#include "net/nft_text.h"

enum nft_token {
	NFT_END,
	NFT_WORD,
	NFT_STRING,
	NFT_SEPARATOR, /* ';' or a line feed */
	NFT_OPEN,      /* '{' */
	NFT_CLOSE,     /* '}' */
	NFT_SIGN,      /* ( ) , : = == != < > <= >= & | ^ / . * as one token */
};

struct nft_lexeme {
	enum nft_token type;
	struct str text;
	unsigned line;
};

/* Where tokens come from: a file, or the value of a define inside it. */
struct nft_input {
	struct str rest, file;
	unsigned line;
	bool define;
};

#define NFT_INPUTS_MAX 24 /* includes and defines within each other */
#define NFT_DEFINES_MAX 1'000
#define NFT_TOKENS_MAX 4'000'000

struct nft_define_value {
	struct str name, value;
	unsigned line;
};

struct nft_parser {
	const struct nft_file *files;
	size_t n_files;
	struct nft_input inputs[NFT_INPUTS_MAX];
	size_t n_inputs;
	struct nft_define_value defines[NFT_DEFINES_MAX];
	size_t n_defines;
	struct nft_lexeme now;
	size_t tokens;
	json_t *list;      /* the objects, as `nft -j` lists them */
	const char *error; /* why a file cannot be read: NULL, else reading has ended */
	struct str error_file;
	unsigned error_line;
};

void nft_next(struct nft_parser *p);
bool nft_is(const struct nft_parser *p, const char *text); /* a word or sign */
bool nft_accept(struct nft_parser *p, const char *text);
bool nft_is_text(const struct nft_parser *p); /* a word or string */
void nft_fail(struct nft_parser *p, const char *error);
/* Starts to read from text; false: too deep. */
bool nft_push(struct nft_parser *p, struct str text, struct str file, unsigned line, bool define);
json_t *nft_take_string(struct nft_parser *p); /* of the word at hand */

/* Statements up to the end of the rule; comment: "" or the rule's. Always an array. */
json_t *nft_parse_rule(struct nft_parser *p);
/* One expression or value; NULL: not understood. */
json_t *nft_parse_expression(struct nft_parser *p);
json_t *nft_parse_value(struct nft_parser *p);
/* "{ a, b : c }" as an array of elements. */
json_t *nft_parse_elements(struct nft_parser *p);
/* accept, drop, jump x …: NULL where there is none. */
json_t *nft_parse_verdict(struct nft_parser *p);
/* To the end of the rule or block item, over nested braces. */
void nft_skip(struct nft_parser *p);

#endif
