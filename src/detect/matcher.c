/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "detect/fold.h"
#include "detect/index.h"
#include "detect/scratch.h"

#define NUMBER_ROOM 24
#define SOURCES_MAX 4096

enum { STATE_YES = 1, STATE_NO = 2, STATE_MAYBE = 3 };

/* A value of this event without regard to case, made when it is first asked for. */
struct known {
	uint32_t generation;
	struct folded folded;
};

static int grow(void *array, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 16;
	void *old, *p;

	if (n < *cap)
		return 0;
	memcpy(&old, array, sizeof old);
	if (alloc_fault && alloc_fault())
		return -ENOMEM;
	p = realloc(old, more * size);
	if (!p)
		return -ENOMEM;
	memcpy(array, &p, sizeof p);
	*cap = more;
	return 0;
}
#define GROW(array, n, cap) grow(&(array), n, &(cap), sizeof *(array))

struct source_buckets {
	struct log_source source;
	uint16_t also[2];
	uint32_t first, n;
};

struct matcher {
	const struct rules *rules;
	const struct event *event;
	uint32_t generation;
	uint32_t *slots;  /* of a field: generation */
	uint16_t *values; /* … which value */
	uint32_t *states; /* of a predicate: generation << 2 | state */
	uint32_t *seen;   /* of a program: generation when it was woken */
	uint32_t *woken;
	size_t n_woken;
	const struct rule **matches;
	size_t n_matches;
	struct known known[EVENT_VALUES_MAX];
	struct known raw;
	struct scratch scratch; /* of folded text */
	int error;
	struct source_buckets *sources;
	size_t n_sources, cap_sources, last_source;
	uint32_t *source_list;
	size_t n_source_list, cap_source_list;
};

void matcher_release(struct matcher **m)
{
	if (*m) {
		free((*m)->slots);
		free((*m)->values);
		free((*m)->states);
		free((*m)->seen);
		free((*m)->woken);
		free((*m)->matches);
		scratch_release(&(*m)->scratch);
		free((*m)->sources);
		free((*m)->source_list);
		free(*m);
	}
	*m = NULL;
}

int matcher_new(const struct rules *r, struct matcher **ret)
{
	own(matcher_release) struct matcher *m = calloc(1, sizeof *m);

	if (!m)
		return -ENOMEM;
	m->rules = r;
	m->slots = calloc(r->n_fields, sizeof *m->slots);
	m->values = calloc(r->n_fields, sizeof *m->values);
	m->states = calloc(r->n_predicates + 1, sizeof *m->states);
	m->seen = calloc(r->n_programs + 1, sizeof *m->seen);
	m->woken = calloc(r->n_programs + 1, sizeof *m->woken);
	m->matches = calloc(r->n_programs + 1, sizeof *m->matches);
	if (!m->slots || !m->values || !m->states || !m->seen || !m->woken || !m->matches)
		return -ENOMEM;
	*ret = m;
	m = NULL;
	return 0;
}

/* The raw record of an event log is no text; what it says is in the fields ([MS-EVEN6]). */
static bool raw_is_text(const struct matcher *m)
{
	static const char magic[] = { 0x2a, 0x2a, 0, 0 };
	const struct event *e = m->event;

	return e->raw.len && (e->source.product != m->rules->windows ||
			      !str_starts(e->raw, (struct str){ magic, sizeof magic }));
}

static size_t event_values(const struct event *e) { return MIN(e->n, EVENT_VALUES_MAX); }

static void fold(struct matcher *m, struct str text, struct known *k)
{
	char *p = scratch_take(&m->scratch, FOLD_ROOM(text.len) + INDEX_PADDING);
	size_t n;

	k->folded = (struct folded){};
	k->generation = m->generation;
	if (!p) {
		m->error = -ENOMEM;
		return;
	}
	n = fold_text(text, p, &k->folded.ascii);
	memset(p + n, 0, INDEX_PADDING);
	scratch_trim(&m->scratch, p, n + INDEX_PADDING);
	k->folded.text = text;
	k->folded.fold = (struct str){ p, n };
}

/* Decimal, where the decoder left that to whoever needs it. */
static struct str number_text(struct matcher *m, int64_t number)
{
	char *p = scratch_take(&m->scratch, NUMBER_ROOM);

	if (!p) {
		m->error = -ENOMEM;
		return STR("");
	}
	return (struct str){ p, (size_t)snprintf(p, NUMBER_ROOM, "%lld", (long long)number) };
}

static const struct folded *value_at(struct matcher *m, size_t i)
{
	const struct event_value *v = m->event->values + i;
	struct known *k = m->known + i;

	if (k->generation != m->generation) {
		struct str text = event_text(m->event, v);

		if (v->type == VALUE_NUMBER && !text.len)
			text = number_text(m, v->number);
		fold(m, text, k);
	}
	return &k->folded;
}

static const struct folded *raw_of(struct matcher *m)
{
	if (m->raw.generation != m->generation)
		fold(m, m->event->raw, &m->raw);
	return &m->raw.folded;
}

/* The event's value of a field, or NULL. */
static const struct event_value *value_of(const struct matcher *m, uint16_t field)
{
	if (field >= m->rules->n_fields || m->slots[field] != m->generation)
		return NULL;
	return m->event->values + m->values[field];
}

static const struct folded *text_of(struct matcher *m, uint16_t field)
{
	const struct event_value *v = value_of(m, field);

	if (!v || v->type == VALUE_NULL)
		return NULL;
	return value_at(m, (size_t)(v - m->event->values));
}

static bool keyword_test(struct matcher *m, const struct test *t)
{
	if (raw_is_text(m) && test_value(t, raw_of(m)))
		return true;
	for (size_t i = 0; i < event_values(m->event); i++)
		if (m->event->values[i].type != VALUE_NULL && test_value(t, value_at(m, i)))
			return true;
	return false;
}

static bool run_test(struct matcher *m, const struct test *t)
{
	const struct event_value *v = value_of(m, t->field);
	const struct folded *value, *other;

	if (t->field == FIELD_KEYWORD)
		return keyword_test(m, t);
	if (t->kind == TEST_EXISTS)
		return v;
	if (t->kind == TEST_NULL)
		return !v || v->type == VALUE_NULL;
	value = text_of(m, t->field);
	if (!value || t->kind != TEST_FIELD)
		return value && test_value(t, value);
	other = text_of(m, t->other);
	return other && atom_same(t->atom, value, other);
}

static bool holds(struct matcher *m, uint32_t id)
{
	const struct predicate *p = m->rules->predicates + id;
	uint32_t state = m->states[id] >> 2 == m->generation ? m->states[id] & 3 : 0;
	bool yes = false;

	if (state == STATE_YES || state == STATE_NO)
		return state == STATE_YES;
	if (!state && !p->blind)
		return false;
	for (uint32_t i = 0; !yes && i < p->n_lazy; i++)
		yes = run_test(m, m->rules->tests + p->tests[i]);
	m->states[id] = m->generation << 2 | (yes ? STATE_YES : STATE_NO);
	return yes;
}

static void run_program(struct matcher *m, uint32_t id)
{
	const struct program *p = m->rules->programs + id;
	uint32_t at = p->entry;

	while (at < JUMP_NO) {
		const struct jump *jump = m->rules->jumps + at;

		at = holds(m, jump->predicate) ? jump->yes : jump->no;
	}
	if (at == JUMP_MATCH)
		m->matches[m->n_matches++] = p->rule;
}

static void take_effects(struct matcher *m, const struct field_index *x, uint32_t from, uint32_t n)
{
	for (const struct effect *e = x->effects + from; n--; e++) {
		uint32_t *state = m->states + e->predicate;

		if (e->sure)
			*state = m->generation << 2 | STATE_YES;
		else if (*state >> 2 != m->generation)
			*state = m->generation << 2 | STATE_MAYBE;
		for (uint32_t i = 0; i < e->n_wakes; i++) {
			uint32_t id = x->wakes[e->wakes + i];

			if (m->seen[id] != m->generation) {
				m->seen[id] = m->generation;
				m->woken[m->n_woken++] = id;
			}
		}
	}
}

static void found(void *user, const struct field_index *x, const struct literal *l)
{
	take_effects(user, x, l->effects, l->n_effects);
}

/* A piece of the raw text says nothing that the text does not say. */
static bool is_inside(struct str raw, struct str s)
{
	return s.len <= raw.len && s.ptr >= raw.ptr && s.ptr + s.len <= raw.ptr + raw.len;
}

static void scan_keywords(struct matcher *m, const struct field_index *x)
{
	bool text = raw_is_text(m);

	take_effects(m, x, x->any, x->n_any);
	if (text)
		index_scan(x, raw_of(m)->fold, found, m);
	for (size_t i = 0; i < event_values(m->event); i++) {
		const struct event_value *v = m->event->values + i;

		if (v->type != VALUE_NULL && !(text && is_inside(m->event->raw, v->text)))
			index_scan(x, value_at(m, i)->fold, found, m);
	}
}

static void run_bucket(struct matcher *m, const struct bucket *b)
{
	const struct event *e = m->event;

	m->n_woken = 0;
	for (size_t i = 0; i < event_values(e); i++) {
		const struct event_value *v = e->values + i;
		const struct field_index *x;

		if (v->field >= m->rules->n_fields || !b->slots[v->field] || !v->field ||
		    v->type == VALUE_NULL)
			continue;
		x = b->fields + b->slots[v->field] - 1;
		take_effects(m, x, x->any, x->n_any);
		index_scan(x, value_at(m, i)->fold, found, m);
	}
	if (b->keywords)
		scan_keywords(m, b->fields + b->slots[FIELD_KEYWORD] - 1);
	for (size_t i = 0; i < m->n_woken; i++)
		run_program(m, m->woken[i]);
	for (size_t i = 0; i < b->n_always; i++)
		run_program(m, b->always[i]);
}

/* Which buckets take events of this source; remembered, there are few sources. */
static int find_buckets(struct matcher *m, const struct event *e, struct source_buckets *ret)
{
	const struct log_source *source = &e->source;
	const struct rules *rules = m->rules;
	struct source_buckets found = {
		*source, {e->also[0], e->also[1]},
                 (uint32_t)m->n_source_list, 0
	};

	for (size_t k = 0; k < m->n_sources; k++) {
		size_t i = (m->last_source + k) % m->n_sources;

		if (!memcmp(&m->sources[i].source, source, sizeof *source) &&
		    !memcmp(m->sources[i].also, e->also, sizeof e->also)) {
			m->last_source = i;
			*ret = m->sources[i];
			return 0;
		}
	}
	if (m->n_sources == SOURCES_MAX)
		m->n_sources = m->n_source_list = found.first = 0;
	for (size_t i = 0; i < rules->n_buckets; i++) {
		if (!bucket_takes(rules->buckets + i, source, e->also))
			continue;
		if (GROW(m->source_list, m->n_source_list, m->cap_source_list) < 0)
			return -ENOMEM;
		m->source_list[m->n_source_list++] = (uint32_t)i;
		found.n++;
	}
	if (GROW(m->sources, m->n_sources, m->cap_sources) < 0)
		return -ENOMEM;
	m->last_source = m->n_sources;
	m->sources[m->n_sources++] = found;
	*ret = found;
	return 0;
}

static int by_index(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a, *y = *(const struct rule *const *)b;

	return (x->index > y->index) - (x->index < y->index);
}

/* Marks of earlier events are told by their generation; it must not come round. */
static void next_generation(struct matcher *m)
{
	const struct rules *r = m->rules;

	if (++m->generation < UINT32_MAX >> 2)
		return;
	memset(m->slots, 0, r->n_fields * sizeof *m->slots);
	memset(m->states, 0, r->n_predicates * sizeof *m->states);
	memset(m->seen, 0, r->n_programs * sizeof *m->seen);
	memset(m->known, 0, sizeof m->known);
	m->raw.generation = 0;
	m->generation = 1;
}

int matcher_match(struct matcher *m, const struct event *e, const struct rule *const **ret,
		  size_t *ret_n)
{
	struct source_buckets buckets;
	int r = find_buckets(m, e, &buckets);

	if (r < 0)
		return r;
	scratch_reset(&m->scratch);
	m->error = 0;
	next_generation(m);
	m->event = e;
	m->n_matches = 0;
	for (size_t i = 0; buckets.n && i < event_values(e); i++)
		if (e->values[i].field < m->rules->n_fields) {
			m->slots[e->values[i].field] = m->generation;
			m->values[e->values[i].field] = (uint16_t)i;
		}
	for (uint32_t i = 0; i < buckets.n; i++)
		run_bucket(m, m->rules->buckets + m->source_list[buckets.first + i]);
	if (m->error < 0)
		return m->error;
	if (m->n_matches > 1)
		qsort(m->matches, m->n_matches, sizeof(struct rule *), by_index);
	*ret = m->matches;
	*ret_n = m->n_matches;
	return 0;
}
