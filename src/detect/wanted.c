/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "detect/fold.h"
#include "detect/index.h"
#include "detect/wanted.h"
#include "events/decoders.h"
#include "events/field.h"

#define PART_MIN 3U
#define ASKED_MAX 16U
#define ASKED_LONG 10U
#define COVER_MAX 4096U /* texts that are compared with each other */

struct texts {
	struct str *list;
	size_t n, cap;
};

/* What is known of one form's events before they are decoded. */
struct known {
	const struct rules *rules;
	const struct names *names;
	const struct message_form *form;
	bool verbatim; /* values stand in the line as they are, and no others than the form says */
	bool no_attempt; /* the event is none */
	struct arena *arena;
	struct arena scratch;
};

enum truth { NEVER, MAYBE, ALWAYS };
enum said { NOTHING, CONSTANT, ELSEWHERE, LINE }; /* LINE: it is a part of the line */

static bool is_one_of(uint16_t field, const struct names *names, const enum field *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (names_find(names, str_of(field_name(list[i]))) == field)
			return true;
	return false;
}

/* Where an event of the form has a field from. */
static enum said said_of(const struct known *k, uint16_t field, const char **ret_constant)
{
	static const enum field envelope[] = { FIELD_HOSTNAME, FIELD_PROGRAM, FIELD_PID,
					       FIELD_MESSAGE };
	static const enum field made[] = { FIELD_FACILITY, FIELD_SEVERITY, FIELD_ATTEMPT,
					   FIELD_INVALID_USER };
	const struct message_form *f = k->form;

	if (field == FIELD_KEYWORD || is_one_of(field, k->names, envelope, COUNT(envelope)))
		return LINE;
	for (size_t i = 0; i < COUNT(f->constants) && f->constants[i].field; i++)
		if (names_find(k->names, str_of(f->constants[i].field)) == field) {
			*ret_constant = f->constants[i].value;
			return CONSTANT;
		}
	if (k->no_attempt && is_one_of(field, k->names, &made[2], 1))
		return NOTHING;
	if (is_one_of(field, k->names, made, 2))
		return ELSEWHERE;
	for (size_t i = 0; i < COUNT(f->fields) && f->fields[i]; i++)
		if (names_find(k->names, str_of(f->fields[i])) == field)
			return is_one_of(field, k->names, made, COUNT(made)) ? ELSEWHERE : LINE;
	if (k->no_attempt)
		return ELSEWHERE;
	if (is_one_of(field, k->names, made, COUNT(made)))
		return NOTHING;
	return k->verbatim ? NOTHING : LINE;
}

static enum truth constant_truth(const struct rules *r, const struct predicate *p, const char *text)
{
	char room[256];
	struct folded value = { .text = str_of(text) };

	if (FOLD_ROOM(value.text.len) > sizeof room)
		return MAYBE;
	value.fold = (struct str){ room, fold_text(value.text, room, &value.ascii) };
	for (uint32_t i = 0; i < p->n; i++) {
		const struct test *t = &r->tests[p->tests[i]];

		if (t->kind == TEST_FIELD)
			return MAYBE;
		if (t->kind == TEST_EXISTS || (t->kind != TEST_NULL && test_value(t, &value)))
			return ALWAYS;
	}
	return NEVER;
}

static enum truth predicate_truth(const struct known *k, uint32_t id)
{
	const struct predicate *p = &k->rules->predicates[id];
	const char *constant = "";

	switch (said_of(k, p->field, &constant)) {
	case CONSTANT: return constant_truth(k->rules, p, constant);
	case NOTHING:
		for (uint32_t i = 0; i < p->n; i++)
			if (k->rules->tests[p->tests[i]].kind == TEST_NULL)
				return ALWAYS;
		return NEVER;
	default: return MAYBE;
	}
}

static enum truth form_truth(const struct known *k, const struct form *f)
{
	enum truth all = ALWAYS, any = NEVER;

	if (f->op == FORM_PREDICATE)
		return predicate_truth(k, f->predicate);
	for (size_t i = 0; i < f->n; i++) {
		enum truth t = form_truth(k, f->list[i]);

		all = MIN(all, t);
		any = MAX(any, t);
	}
	if (f->op == FORM_NOT)
		return (enum truth)(ALWAYS - all);
	return f->op == FORM_AND ? all : any;
}

/* Whether all its tests name something that must stand in the line. */
static bool has_literals(struct known *k, const struct predicate *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		struct literal list[TEST_LITERALS_MAX];
		size_t n = 0;

		if (test_literals(&k->scratch, &k->rules->tests[p->tests[i]], list, &n) < 0 || !n)
			return false;
	}
	return true;
}

static double cost(const void *user, uint32_t id, bool negated)
{
	struct known *k = *(struct known *const *)user;
	const struct predicate *p = &k->rules->predicates[id];
	const char *constant;

	switch (predicate_truth(k, id)) {
	case NEVER: return negated ? INFINITY : 0;
	case ALWAYS: return negated ? 0 : INFINITY;
	default:
		if (negated || said_of(k, p->field, &constant) != LINE || !has_literals(k, p))
			return INFINITY;
		return (double)p->n;
	}
}

/* What formats write in other ways, or as several columns. */
static bool is_plain(const struct known *k, char c)
{
	if ((unsigned char)c >= 0x80 || (unsigned char)c < ' ')
		return false;
	return k->verbatim || !strchr(" +\"'\\<>&/?", c);
}

/* The longest part that must stand in the line like that. */
static struct str plain_part(const struct known *k, struct str s)
{
	struct str best = {};

	for (size_t i = 0, end; i < s.len; i = end + 1) {
		for (end = i; end < s.len && is_plain(k, s.ptr[end]);)
			end++;
		if (end - i > best.len)
			best = (struct str){ s.ptr + i, end - i };
	}
	return best;
}

static bool has(const struct texts *t, struct str text)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->list[i], text))
			return true;
	return false;
}

static int add(struct arena *a, struct texts *t, struct str text)
{
	if (has(t, text))
		return 0;
	text = arena_str(a, text);
	return text.ptr ? arena_push(a, t->list, t->n, t->cap, text) : -ENOMEM;
}

static int add_predicate(struct known *k, uint32_t id, struct texts *t, bool *ret_all)
{
	const struct predicate *p = &k->rules->predicates[id];
	int e = 0;

	if (predicate_truth(k, id) != MAYBE)
		return 0;
	for (uint32_t i = 0; e >= 0 && i < p->n; i++) {
		struct literal list[TEST_LITERALS_MAX];
		size_t n = 0;

		e = test_literals(&k->scratch, &k->rules->tests[p->tests[i]], list, &n);
		for (size_t j = 0; e >= 0 && j < n; j++) {
			struct str part = plain_part(k, list[j].text);

			if (part.len < PART_MIN)
				*ret_all = true;
			else
				e = add(k->arena, t, part);
		}
	}
	return e;
}

/* Both must stand in the line: what the rule asks for, where that says more than the form's words. */
static int add_with_words(struct known *k, const struct texts *asked, bool all, struct texts *t)
{
	struct str words = str_of(k->form->literal);
	bool better = !all && asked->n > 0 && asked->n <= ASKED_MAX;
	bool known = !all && asked->n > 0;
	int e = 0;

	/* Lines with what the rule asks for are decoded anyway. */
	for (size_t i = 0; known && i < asked->n; i++)
		known = has(t, asked->list[i]);
	if (known)
		return 0;
	for (size_t i = 0; i < asked->n; i++)
		better = better && asked->list[i].len >= MIN(words.len, ASKED_LONG);
	for (size_t i = 0; e >= 0 && better && i < asked->n; i++)
		e = add(k->arena, t, asked->list[i]);
	return better || e < 0 ? e : add(k->arena, t, words);
}

static int add_program(struct known *k, const struct form *f, struct texts *t, bool *ret_all)
{
	struct predicate_list witness = {};
	struct texts asked = {};
	bool all;
	double total;
	int e;

	if (form_truth(k, f) == NEVER)
		return 0;
	e = witness_find(&k->scratch, f, cost, &k, &witness, &total);
	all = total == INFINITY;
	for (size_t i = 0; e >= 0 && !all && i < witness.n; i++)
		e = add_predicate(k, witness.list[i], &asked, &all);
	if (e < 0)
		return e;
	if (k->form->literal[0])
		return add_with_words(k, &asked, all, t);
	*ret_all |= all;
	for (size_t i = 0; e >= 0 && !all && i < asked.n; i++)
		e = add(k->arena, t, asked.list[i]);
	return e;
}

static uint16_t name_of(const struct names *names, const char *s)
{
	return s ? names_find(names, str_of(s)) : 0;
}

/* Whether a bucket's rules are about events of the form. */
static bool takes_form(const struct known *k, const struct bucket *b)
{
	const struct message_form *f = k->form;
	const struct log_source source = { .product = name_of(k->names, f->product),
					   .service = name_of(k->names, f->service),
					   .category = name_of(k->names, f->category) };
	const uint16_t also[2] = { name_of(k->names, f->also[0]), name_of(k->names, f->also[1]) };

	return bucket_takes(b, &source, also);
}

static int add_form(struct known *k, struct texts *t, bool *ret_all)
{
	const struct rules *r = k->rules;
	int e = 0;

	for (size_t i = 0; e >= 0 && i < r->n_buckets; i++) {
		const struct bucket *b = &r->buckets[i];

		if (!takes_form(k, b))
			continue;
		for (size_t n = 0; e >= 0 && !*ret_all && n < b->n; n++)
			e = add_program(k, r->programs[b->programs[n]].form, t, ret_all);
	}
	return e;
}

/* Whether no rule can match an event of the form that is no attempt. */
static bool is_idle(struct known *k)
{
	const struct rules *r = k->rules;
	bool idle = true;

	k->no_attempt = true;
	for (size_t i = 0; i < r->n_buckets; i++) {
		const struct bucket *b = &r->buckets[i];

		for (size_t n = 0; idle && n < b->n && takes_form(k, b); n++)
			idle = form_truth(k, r->programs[b->programs[n]].form) == NEVER;
	}
	k->no_attempt = false;
	return idle;
}

static int add_idle(struct known *k, const struct decoder *d, struct reader_filter *ret)
{
	const struct message_form **list;
	size_t n = 0;

	for (size_t s = 0; s < d->n_sets; s++)
		n += d->sets[s]->n;
	list = arena_array(k->arena, n + 1, sizeof *list);
	if (!list)
		return -ENOMEM;
	n = 0;
	for (size_t s = 0; s < d->n_sets; s++)
		for (size_t i = 0; i < d->sets[s]->n; i++) {
			k->form = &d->sets[s]->forms[i];
			if (is_idle(k))
				list[n++] = k->form;
		}
	ret->idle = list;
	ret->n_idle = n;
	return 0;
}

static bool has_part(struct str s, struct str part)
{
	return memmem(s.ptr, s.len, part.ptr, part.len) != NULL;
}

static void lower(struct str s)
{
	char *p = (char *)s.ptr;

	for (size_t i = 0; i < s.len; i++)
		p[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i]);
}

/* Where a text stands its parts stand, too: looking for those is enough. */
static void drop_longer(struct texts *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		lower(t->list[i]);
	for (size_t i = 0; i < t->n; i++) {
		bool covered = false;

		for (size_t k = 0; k < t->n && !covered; k++)
			covered = k != i && t->list[k].len && has_part(t->list[i], t->list[k]) &&
				  (t->list[k].len < t->list[i].len || k < i);
		if (covered)
			t->list[i].len = 0;
	}
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].len)
			t->list[n++] = t->list[i];
	t->n = n;
}

static int add_decoder(struct known *k, const struct decoder *d, struct reader_filter *ret)
{
	struct texts t = {};
	/* Whatever an object says, in whatever way, and what programs say in them. */
	bool all = !d->n_sets || d == &decoder_json;
	int e = 0;

	k->verbatim = d == &decoder_syslog;

	/* Those that no words tell come first: what they need is looked for whatever the others do. */
	for (size_t s = 0; e >= 0 && s < 2 * d->n_sets; s++) {
		const struct message_set *set = d->sets[s % d->n_sets];

		for (size_t i = 0; e >= 0 && !all && i < set->n; i++) {
			k->form = &set->forms[i];
			if (!*k->form->literal != (s < d->n_sets))
				continue;
			e = add_form(k, &t, &all);
			arena_release(&k->scratch);
		}
	}
	if (e >= 0 && !all && t.n <= COVER_MAX)
		drop_longer(&t);
	*ret = (struct reader_filter){ .all = all, .texts = t.list, .n = t.n };
	return e < 0 || !k->verbatim ? e : add_idle(k, d, ret);
}

int wanted_lines(const struct rules *r, const struct names *names, struct arena *a,
		 struct reader_filter **ret)
{
	struct reader_filter *filters = arena_array(a, n_decoders, sizeof *filters);
	struct known k = { .rules = r, .names = names, .arena = a };
	int e = filters ? 0 : -ENOMEM;

	k.scratch.limit = (size_t)256 << 20;
	for (size_t d = 0; e >= 0 && d < n_decoders; d++)
		e = add_decoder(&k, decoders[d], &filters[d]);
	arena_release(&k.scratch);
	if (e >= 0)
		*ret = filters;
	return e;
}
