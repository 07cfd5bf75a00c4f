/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line: secrets in one line of text, found by the grammar of the program that it calls, by the
 * name that something is given, or by its own shape. Placeholders, variables, hashes and the
 * examples of manuals are none.
 *
 * What is found is a slice of the line or of a text that was decoded from it (quotes removed);
 * either way the place in the line is known, so that it can be replaced there.
 */
#ifndef HF_SECRETS_LINE_H
#define HF_SECRETS_LINE_H

#include "base/arena.h"

#define SECRET_LINE_MAX ((size_t)16 << 10) /* bytes that are looked at together */
#define SECRET_LINE_HITS 512

struct secret_hit {
	const char *kind;
	struct str value; /* never to be shown; see secret_mask() */
	uint32_t at, len; /* its place in the line as it stands in the file */
	const char *rule; /* id of a rule of the user's own, or NULL */
};
/* 0, or an error that ends the scan. */
typedef int secret_fn(void *user, const struct secret_hit *hit);

/* A text made from the line, with the offset in the line of each of its bytes. */
struct secret_decoded {
	struct str text;
	const uint32_t *raw;
};
#define SECRET_EXPANDED (1U << 31) /* in raw: the shell puts something else there */

struct secret_line {
	struct str text;
	struct arena *arena; /* scratch, rewound by the caller */
	secret_fn *fn;
	void *user;
	const char *kind; /* of what only a name tells, or NULL: by the name */
	struct secret_decoded decoded[24];
	uint8_t n_decoded;
	struct {
		uint32_t at, end;
	} seen[SECRET_LINE_HITS];
	uint16_t n_seen;
	bool inert; /* a command that only looks for something */
};

/* What a line of such a file may hold. */
enum secret_grammar {
	GRAMMAR_SHELL = 1 << 0,   /* commands */
	GRAMMAR_SETTING = 1 << 1, /* NAME=value, name: value, unquoted too */
	GRAMMAR_CODE = 1 << 2,    /* names of variables: only quoted texts are values */
};

/* Everything; text is at most SECRET_LINE_MAX long. 0, an error of fn, -ENOMEM. */
[[nodiscard]] int secret_line(struct secret_line *l, unsigned grammar);

/* What any text may hold: tokens, URLs, headers and other marks; statements of a database. */
[[nodiscard]] int secret_anywhere(struct secret_line *l, struct str text);
[[nodiscard]] int secret_statement(struct secret_line *l, struct str text);
/* The parts. */
[[nodiscard]] int secret_tokens(struct secret_line *l, struct str text);
[[nodiscard]] int secret_marks(struct secret_line *l, struct str text);
[[nodiscard]] int secret_urls(struct secret_line *l, struct str text);
[[nodiscard]] int secret_sql(struct secret_line *l, struct str text);
[[nodiscard]] int secret_calls(struct secret_line *l, struct str text);
/* The nth word of a line, from 1; what stands behind its ":" where that is asked for. */
[[nodiscard]] int secret_column(struct secret_line *l, unsigned nth, bool pair);
[[nodiscard]] int secret_shell(struct secret_line *l, struct str text);
[[nodiscard]] int secret_directive(struct secret_line *l, struct str text, bool written);
[[nodiscard]] int secret_lists(struct secret_line *l, struct str text);
[[nodiscard]] int secret_insert(struct secret_line *l, struct str text);
/* Commands among the texts of a program. */
[[nodiscard]] int secret_spawned(struct secret_line *l, struct str text);
/* Files of a form of their own: a history of SQL, .netrc, .pgpass, "name:secret", a token alone. */
[[nodiscard]] int secret_sql_history(struct secret_line *l);
[[nodiscard]] int secret_netrc(struct secret_line *l);
[[nodiscard]] int secret_pgpass(struct secret_line *l);
[[nodiscard]] int secret_chpasswd(struct secret_line *l);
[[nodiscard]] int secret_whole_file(struct secret_line *l);
/* A command of Redis' own prompt. */
[[nodiscard]] int secret_redis(struct secret_line *l, struct str text);
/* What an element of XML is called, by its tag; by what stands before it: <name>…</name><value>. */
struct str secret_element_name(struct str tag);
struct str secret_element_before(struct str head, struct str otherwise);
/* "- name: DB_PASSWORD", and "value: secret" of one of the next lines; empty: it is none. */
struct str secret_split_name(struct str line);
struct str secret_split_value(struct str line);
[[nodiscard]] int secret_pairs(struct secret_line *l, struct str text, unsigned grammar);

/* Gives a value to the caller unless one was found there already. */
[[nodiscard]] int secret_found(struct secret_line *l, const char *kind, struct str value);
/* Whether the shell would put something else for a part of it. */
bool secret_expands(const struct secret_line *l, struct str value);
/* Place in the line of the byte at p; UINT32_MAX: neither of the line nor decoded from it. */
uint32_t secret_raw(const struct secret_line *l, const char *p);
/* Room for a text of at most n bytes that is made from the line; ret->raw is to be filled. */
[[nodiscard]] int secret_decode(struct secret_line *l, size_t n, char **ret, uint32_t **ret_raw);
/* Says how long it became. */
struct str secret_decoded_end(struct secret_line *l, size_t n);

/* The texts of which one stands in every line that can hold a secret; at least four bytes each. */
extern const struct str secret_keywords[];
extern const size_t secret_n_keywords;
/* The same of the shapes of tokens; false at the end. */
bool secret_shape_keyword(size_t i, struct str *ret);
/* Programs of the grammar; false at the end. */
bool secret_program_keyword(size_t i, struct str *ret);

/* "user:secret" in base 64, as headers and Docker have it. */
bool secret_is_encoded_pair(struct str s);

/* Where a private key begins; *ret_end is the offset behind the line of its head. */
bool secret_key_head(struct str text, size_t *ret_at, size_t *ret_end);

#endif
