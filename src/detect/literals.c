/* SPDX-License-Identifier: GPL-3.0-or-later */
/* literals: what must stand in a line so that a rule can match it. */
#include <math.h>

#include "detect/fold.h"
#include "detect/index.h"

#define SCRATCH_MEMORY ((size_t)512 << 20)

struct asking {
	const struct rules *rules;
	struct arena *arena;
	const struct rule_constant *constants;
	size_t n_constants;
	double *costs; /* of a predicate: as it is, and its opposite; negative: not asked yet */
	int error;
};

struct texts {
	struct str *list;
	size_t n, cap;
};

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

static bool is_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
	       c == '-' || c == ' ';
}

/* The longest run of characters that no format escapes. */
static struct str safe_run(struct str s)
{
	struct str best = {};

	for (size_t i = 0, end; i < s.len; i = end + 1) {
		for (end = i; end < s.len && is_safe(s.ptr[end]);)
			end++;
		if (end - i > best.len)
			best = str_sub(s, i, end);
	}
	return best;
}

static const struct rule_constant *constant_of(const struct asking *a, uint16_t field)
{
	for (size_t i = 0; field != FIELD_KEYWORD && i < a->n_constants; i++)
		if (a->constants[i].field == field)
			return a->constants + i;
	return NULL;
}

static enum answer known(struct asking *a, const struct predicate *p)
{
	const struct rule_constant *c = constant_of(a, p->field);
	enum answer answer = ANSWER_NO;
	struct folded value = {};

	if (!c)
		return ANSWER_UNKNOWN;
	value.text = c->value;
	value.fold = fold_copy(a->arena, c->value);
	if (!value.fold.ptr) {
		a->error = -ENOMEM;
		return ANSWER_UNKNOWN;
	}
	for (uint32_t i = 0; i < p->n; i++) {
		const struct test *t = a->rules->tests + p->tests[i];

		if (t->kind == TEST_FIELD)
			answer = ANSWER_UNKNOWN;
		else if (t->kind != TEST_NULL && test_value(t, &value))
			return ANSWER_YES;
	}
	return answer;
}

/* Safe literals of all tests of a predicate; where one test has none there are none. */
static bool predicate_texts(struct asking *a, uint32_t id, struct texts *ret)
{
	const struct predicate *p = a->rules->predicates + id;

	for (uint32_t i = 0; i < p->n; i++) {
		struct literal list[TEST_LITERALS_MAX];
		size_t n = 0;

		if (test_literals(a->arena, a->rules->tests + p->tests[i], list, &n) < 0)
			a->error = -ENOMEM;
		if (!n)
			return false;
		for (size_t k = 0; k < n; k++) {
			struct str run = safe_run(list[k].text);

			if (run.len < LITERAL_MIN)
				return false;
			if (arena_push(a->arena, ret->list, ret->n, ret->cap, run) < 0)
				a->error = -ENOMEM;
		}
	}
	return true;
}

/* What is known to be false is never true, and its literals are none. */
static double find_cost(struct asking *a, uint32_t id, bool negated)
{
	enum answer answer = known(a, a->rules->predicates + id);
	struct texts texts = {};
	double sum = 0;

	if (answer != ANSWER_UNKNOWN)
		return (answer == ANSWER_YES) != negated ? INFINITY : 0;
	if (negated || !predicate_texts(a, id, &texts))
		return INFINITY;
	for (size_t i = 0; i < texts.n; i++)
		sum += literal_cost(
			&(struct literal){ .text = texts.list[i], .kind = TEST_CONTAINS });
	return sum;
}

static double text_cost(const void *user, uint32_t id, bool negated)
{
	struct asking *a = *(struct asking *const *)user;
	double *cost = a->costs + (size_t)id * 2 + negated;

	if (*cost < 0)
		*cost = find_cost(a, id, negated);
	return *cost;
}

static int add_program(struct asking *a, const struct program *p, struct texts *ret, bool *all)
{
	struct predicate_list list = {};
	double cost = 0;
	int r = witness_find(a->arena, p->form, text_cost, &a, &list, &cost);

	if (r < 0 || cost == INFINITY) {
		*all = *all || r == 0;
		return r;
	}
	for (size_t i = 0; i < list.n; i++)
		if (known(a, a->rules->predicates + list.list[i]) == ANSWER_UNKNOWN)
			(void)predicate_texts(a, list.list[i], ret);
	return a->error;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int ask(struct asking *a, const struct log_source *source, struct texts *ret, bool *all)
{
	const struct rules *r = a->rules;

	a->costs = arena_array(a->arena, r->n_predicates * 2 + 1, sizeof *a->costs);
	if (!a->costs)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_predicates * 2; i++)
		a->costs[i] = -1;
	for (size_t i = 0; !*all && i < r->n_buckets; i++) {
		const struct bucket *b = r->buckets + i;

		for (size_t k = 0; !*all && bucket_takes(b, source, NULL) && k < b->n; k++) {
			int err = add_program(a, r->programs + b->programs[k], ret, all);

			if (err < 0)
				return err;
		}
	}
	return 0;
}

int rules_literals(const struct rules *r, const struct log_source *source,
		   const struct rule_constant *constants, size_t n_constants, struct arena *a,
		   struct str **ret, size_t *ret_n, bool *ret_all)
{
	own(arena_release) struct arena scratch = { .limit = SCRATCH_MEMORY };
	struct asking asking = { r, &scratch, constants, n_constants, NULL, 0 };
	struct str *list = NULL;
	struct texts texts = {};
	bool all = false;
	size_t n = 0, cap = 0;
	int err = ask(&asking, source, &texts, &all);

	if (err == 0 && texts.n)
		qsort(texts.list, texts.n, sizeof *texts.list, by_text);
	for (size_t i = 0; err == 0 && i < texts.n; i++) {
		struct str copy;

		if (n && str_eq(texts.list[i], list[n - 1]))
			continue;
		copy = arena_str(a, texts.list[i]);
		err = copy.ptr ? arena_push(a, list, n, cap, copy) : -ENOMEM;
	}
	if (err < 0)
		return err;
	*ret = list;
	*ret_n = n;
	*ret_all = all;
	return 0;
}
