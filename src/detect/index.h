/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index: what the literals of one log source's rules say about one field.
 *
 * Whole values and their last path component are looked up by hash. Every other literal is known
 * by four of its bytes (the ones that are rarest among the literals): a bitmap says whether four
 * bytes of a value are any of these. A literal that is found decides its predicates and wakes the
 * rules that cannot match without one of them; all other rules are not looked at.
 */
#ifndef HF_DETECT_INDEX_H
#define HF_DETECT_INDEX_H

#include "detect/compiled.h"
#include "detect/gram.h"

/* Bytes after a folded text that may be read. */
#define INDEX_PADDING GRAM_PADDING

struct literal {
	struct str text;
	uint64_t hash; /* of what the table is keyed by */
	uint8_t kind;  /* test_kind */
	uint32_t effects, n_effects;
};

/* What a literal that was found means. */
struct effect {
	uint32_t predicate;
	bool sure; /* the predicate is true; otherwise it may be */
	uint32_t wakes, n_wakes;
};

struct literal_table {
	uint32_t *slots; /* 1 + index of a literal */
	size_t mask, longest;
};

struct gram_slot {
	uint32_t gram, refs, n;
};
struct gram_ref {
	uint32_t literal, offset;
};
struct gram_table {
	struct gram_filter filter;
	struct gram_slot *slots;
	size_t mask;
	struct gram_ref *refs;
	size_t n;
};

struct field_index {
	uint16_t field;
	struct literal *literals;
	size_t n_literals;
	struct effect *effects;
	size_t n_effects;
	uint32_t *wakes; /* programs */
	size_t n_wakes;
	struct literal_table equal, tails;
	struct gram_table grams, trigrams;
	uint32_t any, n_any; /* effects of the field being there */
};

typedef void found_fn(void *user, const struct field_index *x, const struct literal *l);
/* Calls found for every literal that is in a folded text. */
void index_scan(const struct field_index *x, struct str fold, found_fn *found, void *user);

/* Of every predicate how often it is expected to be true: before the first bucket. */
[[nodiscard]] int index_costs(struct compiler *c);
/* Makes the indexes of a bucket and says what wakes each of its rules. */
[[nodiscard]] int index_bucket(struct compiler *c, struct bucket *b);
/* Tables over the literals of a field (index_table.c). */
[[nodiscard]] int index_tables(struct compiler *c, struct field_index *x);

/*
 * Literals in lower case of which one must stand in a value for which the test is true; the test
 * itself may be one. 0: none is known. Memory of the rules or of scratch.
 */
[[nodiscard]] int test_literals(struct arena *scratch, const struct test *t, struct literal *ret,
				size_t *ret_n);
#define TEST_LITERALS_MAX REGEX_LITERALS_MAX

/*
 * Predicates of which one is true whenever the form is: the set that is expected to be true least
 * often. cost: how often a predicate (or its opposite) is expected to be true; INFINITY: never
 * choose it. *ret_cost: of the set, INFINITY where there is none.
 */
typedef double cost_fn(const void *user, uint32_t predicate, bool negated);
struct predicate_list {
	uint32_t *list;
	size_t n, cap;
};
[[nodiscard]] int witness_find(struct arena *a, const struct form *f, cost_fn *cost,
			       const void *user, struct predicate_list *ret, double *ret_cost);
/* How often a literal is expected in a value. */
double literal_cost(const struct literal *l);

uint64_t index_hash(struct str s);

#endif
