/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compiled: rules as the matcher runs them; between the files of this folder alone.
 *
 * test       one atom: a text, a pattern, a network … about one field; every one is there once
 * predicate  "one of these tests of this field is true"; every one is there once
 * form       a rule's condition over predicates
 * program    the same as jumps
 * bucket     the rules of one log source, with an index of the literals of each field
 */
#ifndef HF_DETECT_COMPILED_H
#define HF_DETECT_COMPILED_H

#include "base/map.h"
#include "detect/atom.h"
#include "detect/regex.h"

#define FIELD_KEYWORD 0 /* every value of the event, and its raw text */

/* Shorter literals are not looked for by the index. */
#define LITERAL_MIN 3

enum test_kind {
	TEST_EQUAL,
	TEST_PREFIX,
	TEST_SUFFIX,
	TEST_CONTAINS,
	TEST_GLOB,
	TEST_ANY, /* the field has a value, whatever it is */
	TEST_REGEX,
	TEST_NULL,
	TEST_EXISTS,
	TEST_CIDR,
	TEST_COMPARE,
	TEST_FIELD,
};

struct test {
	uint8_t kind;
	bool cased, ascii; /* ascii: its text is, as far as it has one */
	uint16_t field, other;
	struct str text;  /* folded unless cased */
	struct glob glob; /* of TEST_GLOB */
	const struct regex *regex;
	const struct atom *atom; /* of the last three */
};

/* How a predicate's tests are found. */
struct predicate {
	uint16_t field;
	uint32_t n, n_lazy;
	uint32_t *tests; /* the lazy ones first: no literal of theirs alone decides */
	bool blind;      /* one of them has no literal that must be there, either */
};

enum form_op { FORM_PREDICATE, FORM_AND, FORM_OR, FORM_NOT };
struct form {
	enum form_op op;
	uint32_t predicate;
	struct form **list;
	size_t n;
};

#define JUMP_MATCH UINT32_MAX
#define JUMP_NO (UINT32_MAX - 1)
struct jump {
	uint32_t predicate, yes, no;
};

struct program {
	const struct rule *rule;
	const struct form *form;
	uint32_t entry;
};

struct field_index;

struct bucket {
	struct log_source source;
	uint32_t *programs;
	size_t n, cap;
	uint32_t *always; /* programs that no literal wakes */
	size_t n_always, cap_always;
	bool keywords;
	struct field_index *fields;
	size_t n_fields;
	uint16_t *slots; /* of a field: 1 + which of fields; 0 */
};

struct rules {
	struct arena arena;
	struct rule *list;
	size_t n;
	struct test *tests;
	size_t n_tests, cap_tests;
	struct predicate *predicates;
	size_t n_predicates, cap_predicates;
	struct program *programs; /* one a plain rule */
	size_t n_programs, cap_programs;
	struct jump *jumps;
	size_t n_jumps, cap_jumps;
	struct bucket *buckets;
	size_t n_buckets, cap_buckets;
	uint16_t windows; /* the product */
	bool *wanted;     /* one a field */
	size_t n_fields;
	void *image; /* all of it lies there instead (image.h); to be freed */
};

/* While rules are compiled. */
struct compiler {
	struct rules *rules;
	struct arena scratch;
	struct map tests, predicates;
	size_t steps;     /* of one rule: bounds what shared parts unfold to */
	double *costs;    /* of a predicate (index.h) */
	uint32_t *places; /* of a predicate in the bucket that is made: 1 + which; 0 */
};

/* -E2BIG: the rule is too large. -ENOMEM. */
[[nodiscard]] int compile_form(struct compiler *c, const struct expr *x, struct form **ret);
[[nodiscard]] int compile_program(struct compiler *c, struct form *f, uint32_t *entry);
/* Buckets, their indexes and what wakes a rule. */
[[nodiscard]] int compile_buckets(struct compiler *c, struct names *names);

/* Whether rules of this bucket concern events of that source; also: struct event, may be NULL. */
bool bucket_takes(const struct bucket *b, const struct log_source *source, const uint16_t *also);

/* Matching one test against a value that is there and not null. */
bool test_value(const struct test *t, const struct folded *value);

#endif
