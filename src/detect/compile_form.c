/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compile_form: conditions over atoms become conditions over shared predicates. */
#include "detect/compiled.h"
#include "detect/fold.h"

#define STEPS_MAX 200'000

/* A key that two atoms share when they ask the same. */
struct key {
	uint8_t kind, flags, op, part, real, bits, address[16];
	uint16_t field, other;
	int64_t integer;
	double value;
};

static struct str key_of(struct compiler *c, const struct test *t, const struct atom *a,
			 struct str text)
{
	struct key key;

	memset(&key, 0, sizeof key);
	key.kind = t->kind;
	key.flags = a->kind == ATOM_REGEX || a->kind == ATOM_FIELD ? a->flags : t->cased;
	key.op = a->op;
	key.part = a->part;
	key.real = a->number.real;
	key.bits = (uint8_t)a->bits;
	memcpy(key.address, a->address, sizeof key.address);
	key.field = t->field;
	key.other = t->other;
	key.integer = a->number.integer;
	key.value = a->number.value;
	return arena_cat(&c->scratch, (struct str){ (const char *)&key, sizeof key }, text,
			 (struct str){});
}

/* Where the wildcards stand says what kind of question it is. */
static enum test_kind text_kind(const struct pattern *p, size_t *from, size_t *to)
{
	bool start = p->n && p->special[0] == PATTERN_STAR;
	bool end = p->n && p->special[p->n - 1] == PATTERN_STAR;

	*from = start;
	*to = p->n - (end && p->n > 1);
	if (p->n == 1 && start)
		return TEST_ANY;
	for (size_t i = *from; i < *to; i++)
		if (p->special[i])
			return TEST_GLOB;
	if (start)
		return end ? TEST_CONTAINS : TEST_SUFFIX;
	return end ? TEST_PREFIX : TEST_EQUAL;
}

/* Pattern text with its wildcards marked, so that "a\*" and "a*" differ. */
static struct str glob_key(struct compiler *c, const struct pattern *p)
{
	return arena_cat(&c->scratch, pattern_text(p),
			 (struct str){ (const char *)p->special, p->n }, (struct str){});
}

static int text_test(struct compiler *c, const struct atom *a, struct test *ret, struct str *key)
{
	const struct pattern *p = &a->pattern;
	struct str text;
	size_t from, to;

	ret->cased = a->flags & ATOM_CASED;
	ret->kind = (uint8_t)text_kind(p, &from, &to);
	if (ret->kind == TEST_ANY) {
		*key = STR("");
		return 0;
	}
	if (ret->kind == TEST_GLOB) {
		*key = glob_key(c, p);
		return key->ptr ? 0 : -ENOMEM;
	}
	text = (struct str){ p->text + from, to - from };
	*key = ret->cased ? text : fold_copy(&c->scratch, text);
	ret->text = *key;
	return key->ptr ? 0 : -ENOMEM;
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

/* Owned by the rules: what the parser made goes away. */
static int keep_test(struct compiler *c, const struct atom *a, struct test *t)
{
	struct arena *arena = &c->rules->arena;
	struct atom *atom;

	/* Folded: the Kelvin sign is a k. */
	t->ascii = a->kind != ATOM_TEXT || t->kind == TEST_ANY || t->kind == TEST_GLOB ||
		   is_ascii(t->text);
	if (t->text.len && !(t->text = arena_str(arena, t->text)).ptr)
		return -ENOMEM;
	if (t->kind == TEST_GLOB)
		return glob_compile(arena, &a->pattern, t->cased, &t->glob);
	if (t->kind < TEST_CIDR)
		return 0;
	atom = arena_new(arena, struct atom);
	if (!atom)
		return -ENOMEM;
	*atom = *a;
	t->atom = atom;
	return 0;
}

static int add_test(struct compiler *c, const struct atom *a, uint32_t *ret)
{
	static const uint8_t kinds[] = {
		[ATOM_REGEX] = TEST_REGEX,     [ATOM_CIDR] = TEST_CIDR,
		[ATOM_NULL] = TEST_NULL,       [ATOM_EXISTS] = TEST_EXISTS,
		[ATOM_COMPARE] = TEST_COMPARE, [ATOM_FIELD] = TEST_FIELD,
	};
	struct rules *rules = c->rules;
	struct test t = {
		.kind = kinds[a->kind], .field = a->field, .other = a->other, .regex = a->regex
	};
	struct str text = a->kind == ATOM_REGEX ? a->text : STR("");
	struct arena_mark mark = arena_mark(&c->scratch);
	int r = a->kind == ATOM_TEXT ? text_test(c, a, &t, &text) : 0;
	struct str key = r == 0 ? key_of(c, &t, a, text) : (struct str){};
	const uint64_t *known;

	if (!key.ptr)
		return -ENOMEM;
	known = map_get(&c->tests, key);
	if (known) {
		*ret = (uint32_t)*known;
		arena_rewind(&c->scratch, mark);
		return 0;
	}
	r = keep_test(c, a, &t);
	if (r == 0)
		r = map_put(&c->tests, key, rules->n_tests);
	if (r == 0)
		r = arena_push(&rules->arena, rules->tests, rules->n_tests, rules->cap_tests, t);
	if (r == 0)
		*ret = (uint32_t)(rules->n_tests - 1);
	return r;
}

/* A literal of an index decides them; the others are tried when a rule asks. */
static bool is_lazy(const struct test *t)
{
	return t->cased || t->kind == TEST_GLOB || t->kind >= TEST_REGEX ||
	       (t->kind <= TEST_CONTAINS && t->kind != TEST_EQUAL && t->text.len < LITERAL_MIN);
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Sorted, each once, the lazy ones first. */
static size_t order_tests(struct rules *rules, uint32_t *tests, size_t n, uint32_t *n_lazy)
{
	size_t kept = 0, lazy = 0;

	qsort(tests, n, sizeof *tests, by_id);
	for (size_t i = 0; i < n; i++)
		if (!i || tests[i] != tests[i - 1])
			tests[kept++] = tests[i];
	for (size_t i = 0; i < kept; i++)
		if (is_lazy(rules->tests + tests[i])) {
			uint32_t moved = tests[i];

			memmove(tests + lazy + 1, tests + lazy, (i - lazy) * sizeof *tests);
			tests[lazy++] = moved;
		}
	*n_lazy = (uint32_t)lazy;
	return kept;
}

static int add_predicate(struct compiler *c, uint16_t field, uint32_t *tests, size_t n,
			 struct form **ret)
{
	struct rules *rules = c->rules;
	struct predicate p = { .field = field, .tests = tests };
	struct form *f = arena_new(&c->rules->arena, struct form);
	struct str key;
	const uint64_t *known;
	int r = 0;

	p.n = (uint32_t)order_tests(rules, tests, n, &p.n_lazy);
	key = arena_cat(&c->scratch, (struct str){ (const char *)tests, p.n * sizeof *tests },
			(struct str){ (const char *)&field, sizeof field }, (struct str){});
	if (!f || !key.ptr)
		return -ENOMEM;
	known = map_get(&c->predicates, key);
	f->op = FORM_PREDICATE;
	f->predicate = known ? (uint32_t)*known : (uint32_t)rules->n_predicates;
	*ret = f;
	if (known)
		return 0;
	p.tests = arena_array(&rules->arena, p.n, sizeof *p.tests);
	if (!p.tests)
		return -ENOMEM;
	memcpy(p.tests, tests, p.n * sizeof *tests);
	r = map_put(&c->predicates, key, rules->n_predicates);
	if (r == 0)
		r = arena_push(&rules->arena, rules->predicates, rules->n_predicates,
			       rules->cap_predicates, p);
	return r;
}

static int single(struct compiler *c, const struct atom *a, struct form **ret)
{
	uint32_t test = 0;
	int r = add_test(c, a, &test);

	return r < 0 ? r : add_predicate(c, a->field, &test, 1, ret);
}

/* Operands of an OR, with those of ORs inside it. */
struct operands {
	const struct expr **list;
	size_t n, cap;
};

static int flatten(struct compiler *c, const struct expr *x, enum expr_op op, struct operands *ret)
{
	for (size_t i = 0; i < x->n; i++) {
		int r;

		if (++c->steps > STEPS_MAX)
			return -E2BIG;
		r = x->list[i]->op == op ? flatten(c, x->list[i], op, ret)
					 : arena_push(&c->scratch, ret->list, ret->n, ret->cap,
						      (const struct expr *)x->list[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* All atoms of the i-th operand's field are one predicate. */
static int gather(struct compiler *c, const struct operands *all, size_t i, bool *used,
		  struct form **ret)
{
	uint16_t field = all->list[i]->atom->field;
	uint32_t *tests = arena_array(&c->scratch, all->n - i, sizeof *tests);
	size_t n = 0;
	int r = tests ? 0 : -ENOMEM;

	c->steps += all->n - i;
	if (c->steps > STEPS_MAX)
		return -E2BIG;
	for (size_t k = i; r == 0 && k < all->n; k++) {
		const struct expr *x = all->list[k];

		if (x->op != EXPR_ATOM || x->atom->field != field)
			continue;
		used[k] = true;
		r = add_test(c, x->atom, tests + n++);
	}
	return r < 0 ? r : add_predicate(c, field, tests, n, ret);
}

static int list_form(struct compiler *c, const struct expr *x, struct form **ret)
{
	struct form *f = arena_new(&c->rules->arena, struct form);
	struct operands all = {};
	bool *used = NULL;
	int r = f ? flatten(c, x, x->op, &all) : -ENOMEM;

	if (r == 0) {
		used = arena_array(&c->scratch, all.n, sizeof *used);
		f->list = arena_array(&c->rules->arena, all.n, sizeof *f->list);
		f->op = x->op == EXPR_AND ? FORM_AND : FORM_OR;
	}
	if (r == 0 && (!used || !f->list))
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < all.n; i++) {
		if (used[i])
			continue;
		if (x->op == EXPR_OR && all.list[i]->op == EXPR_ATOM)
			r = gather(c, &all, i, used, f->list + f->n++);
		else
			r = compile_form(c, all.list[i], f->list + f->n++);
	}
	if (r == 0)
		*ret = f->n == 1 ? f->list[0] : f;
	return r;
}

static int not_form(struct compiler *c, const struct expr *x, struct form **ret)
{
	struct form *f = arena_new(&c->rules->arena, struct form);
	int r;

	if (!f || !(f->list = arena_new(&c->rules->arena, struct form *)))
		return -ENOMEM;
	f->op = FORM_NOT;
	f->n = 1;
	r = compile_form(c, x->list[0], f->list);
	if (r == 0)
		*ret = f;
	return r;
}

int compile_form(struct compiler *c, const struct expr *x, struct form **ret)
{
	if (++c->steps > STEPS_MAX)
		return -E2BIG;
	switch (x->op) {
	case EXPR_ATOM: return single(c, x->atom, ret);
	case EXPR_NOT: return not_form(c, x, ret);
	default: return list_form(c, x, ret);
	}
}
