/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <sys/random.h>

#include "detect/index.h"
#include "detect/memo.h"
#include "events/prefilter.h"

#define SLOTS 2048U
#define WAYS 2U /* places of a key, side by side: two that are common do not push each other out */
#define KEY_MAX 160U
#define RULES_KEPT 8U
#define SOURCES_MAX 64U
#define FIELDS_MAX 16U /* where rules ask about more, events are too different */
#define KEYWORD_MIN 3U /* shorter keywords are everywhere */
#define KEYWORDS_MEMORY ((size_t)16 << 20)

/* One way in which a log source was seen, and the fields that its rules ask about. */
struct source {
	struct log_source source;
	uint16_t also[2];
	bool usable;
	uint16_t fields[FIELDS_MAX];
	unsigned n_fields;
	uint8_t *asked; /* one a name up to n_names */
	struct prefilter
		*keywords; /* what bears none of them is remembered; NULL: there are none */
};

/* Keywords of which one stands wherever a rule's keyword predicate is true. */
struct keywords {
	struct arena arena;
	struct str *list;
	size_t n, cap;
};

struct slot {
	uint8_t len; /* 0: empty */
	uint8_t n;
	uint16_t source;
	char key[KEY_MAX];
	const struct rule *rules[RULES_KEPT];
};

struct memo {
	const struct rules *rules;
	uint64_t seed[2];
	struct source sources[SOURCES_MAX];
	unsigned n_sources, last;
	size_t n_names;
	struct arena arena;
	unsigned turn; /* which of its places a key that is new takes */
	struct slot slots[SLOTS];
};

int memo_new(const struct rules *r, struct memo **ret)
{
	struct memo *m = calloc(1, sizeof *m);

	if (!m)
		return -ENOMEM;
	m->rules = r;
	m->n_names = r->n_fields;
	if (getrandom(m->seed, sizeof m->seed, 0) != sizeof m->seed) {
		memo_release(&m);
		return -EIO;
	}
	*ret = m;
	return 0;
}

void memo_release(struct memo **m)
{
	for (unsigned i = 0; *m && i < (*m)->n_sources; i++)
		prefilter_release(&(*m)->sources[i].keywords);
	if (*m)
		arena_release(&(*m)->arena);
	free(*m);
	*m = NULL;
}

static void ask(struct source *s, uint16_t field)
{
	if (field == FIELD_KEYWORD || s->asked[field])
		return;
	s->asked[field] = 1;
	if (s->n_fields == FIELDS_MAX)
		s->usable = false;
	else
		s->fields[s->n_fields++] = field;
}

/* False: nothing is known that must stand in the event. */
static bool add_keywords(const struct memo *m, const struct predicate *p, struct keywords *k)
{
	for (uint32_t i = 0; i < p->n; i++) {
		struct literal list[TEST_LITERALS_MAX];
		size_t n = 0;

		if (test_literals(&k->arena, &m->rules->tests[p->tests[i]], list, &n) < 0 || !n)
			return false;
		for (size_t j = 0; j < n; j++)
			if (list[j].text.len < KEYWORD_MIN ||
			    memchr(list[j].text.ptr, '\n', list[j].text.len) ||
			    arena_push(&k->arena, k->list, k->n, k->cap, list[j].text) < 0)
				return false;
	}
	return true;
}

static void ask_form(const struct memo *m, struct source *s, const struct form *f,
		     struct keywords *k)
{
	const struct predicate *p;

	for (size_t i = 0; i < f->n; i++)
		ask_form(m, s, f->list[i], k);
	if (f->op != FORM_PREDICATE)
		return;
	p = &m->rules->predicates[f->predicate];
	if (p->field == FIELD_KEYWORD)
		s->usable = s->usable && add_keywords(m, p, k);
	ask(s, p->field);
	for (uint32_t i = 0; i < p->n; i++)
		ask(s, m->rules->tests[p->tests[i]].other);
}

static bool same_source(const struct source *s, const struct event *e)
{
	return !memcmp(&s->source, &e->source, sizeof s->source) &&
	       !memcmp(s->also, e->also, sizeof s->also);
}

/* A program for which one of some keywords must be there is asked about nothing else. */
static double keyword_cost(const void *user, uint32_t id, bool negated)
{
	const struct memo *m = *(const struct memo *const *)user;
	struct keywords k = { .arena.limit = KEYWORDS_MEMORY };
	const struct predicate *p = &m->rules->predicates[id];
	bool good = !negated && p->field == FIELD_KEYWORD && add_keywords(m, p, &k);

	arena_release(&k.arena);
	return good ? (double)p->n : INFINITY;
}

static void ask_program(const struct memo *m, struct source *s, const struct form *f,
			struct keywords *k)
{
	struct predicate_list witness = {};
	double cost;

	if (witness_find(&k->arena, f, keyword_cost, &m, &witness, &cost) < 0 || cost == INFINITY) {
		ask_form(m, s, f, k);
		return;
	}
	for (size_t i = 0; i < witness.n; i++)
		if (!add_keywords(m, &m->rules->predicates[witness.list[i]], k))
			s->usable = false;
}

/* A new one; the last one stands for all that have no room. */
static unsigned add_source(struct memo *m, const struct event *e)
{
	struct source s = {
		.source = e->source,
		.also = {e->also[0], e->also[1]},
		.usable = true,
		.asked = arena_alloc(&m->arena, m->n_names + 1)
	};

	struct keywords k = { .arena.limit = KEYWORDS_MEMORY };

	for (size_t i = 0; s.asked && i < m->rules->n_buckets; i++) {
		const struct bucket *b = &m->rules->buckets[i];

		if (!bucket_takes(b, &e->source, e->also))
			continue;
		for (size_t j = 0; j < b->n && s.usable; j++)
			ask_program(m, &s, m->rules->programs[b->programs[j]].form, &k);
	}
	s.usable = s.usable && s.asked && (!k.n || prefilter_new(k.list, k.n, &s.keywords) >= 0);
	arena_release(&k.arena);
	m->sources[m->n_sources] = s;
	return m->n_sources++;
}

static unsigned find_source(struct memo *m, const struct event *e)
{
	if (m->n_sources && same_source(&m->sources[m->last], e))
		return m->last;
	for (unsigned i = 0; i < m->n_sources; i++)
		if (same_source(&m->sources[i], e))
			return m->last = i;
	return m->n_sources < SOURCES_MAX ? m->last = add_source(m, e) : SOURCES_MAX;
}

/* Whether it is a part of the line, where keywords were looked for. */
static inline bool is_inside(struct str raw, struct str s)
{
	return (size_t)(s.ptr - raw.ptr) < raw.len && s.len <= raw.len;
}

static bool is_ascii(struct str s)
{
	uint64_t all = 0, word;
	size_t i = 0;

	for (; i + sizeof word <= s.len; i += sizeof word) {
		memcpy(&word, s.ptr + i, sizeof word);
		all |= word;
	}
	for (; i < s.len; i++)
		all |= (unsigned char)s.ptr[i];
	return !(all & 0x8080808080808080);
}

/* Other letters may be the same as ASCII's in another case. */
static bool has_keyword(const struct source *s, const struct event *e)
{
	return !e->raw.len || !is_ascii(e->raw) ||
	       prefilter_find(s->keywords, e->raw, 0) < e->raw.len;
}

/* What the event says in a field that matters. */
struct part {
	uint32_t head; /* field, type, length */
	struct str text;
};
#define PARTS_MAX 24U

/* In the order in which the event says it: how many bytes of a key that is; 0: too many. */
static size_t find_parts(const struct memo *m, const struct source *s, const struct event *e,
			 struct part parts[static PARTS_MAX], unsigned *ret_n)
{
	size_t n = sizeof e->form;
	unsigned n_parts = 0;

	for (uint32_t i = e->form ? e->n_constant : 0; i < e->n; i++) {
		const struct event_value *v = &e->values[i];

		if ((v->field >= m->n_names || !s->asked[v->field]) &&
		    (!s->keywords || is_inside(e->raw, v->text)))
			continue;
		if (v->type == VALUE_RAW || (v->type == VALUE_NUMBER && !v->text.len) ||
		    v->text.len > UINT8_MAX || n_parts == PARTS_MAX)
			return 0;
		parts[n_parts].head =
			(uint32_t)v->field << 16 | (uint32_t)v->type << 8 | (uint8_t)v->text.len;
		parts[n_parts++].text = v->text;
		n += sizeof parts->head + v->text.len;
	}
	*ret_n = n_parts;
	return n <= KEY_MAX ? n : 0;
}

static inline uint64_t load_8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline uint32_t load_4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* Of a text of less than 8 bytes: all of them. */
static inline uint64_t load_short(struct str s)
{
	uint64_t v = 0;

	if (s.len >= 4)
		return load_4(s.ptr) | (uint64_t)load_4(s.ptr + s.len - 4) << 32;
	for (size_t i = 0; i < s.len; i++)
		v = v << 8 | (unsigned char)s.ptr[i];
	return v;
}

static inline uint64_t mix(const struct memo *m, uint64_t h, uint64_t word)
{
	h = (h ^ word) * (m->seed[1] | 1);
	return h ^ h >> 32;
}

/*
 * Whoever finds several keys of one place wins that they are matched one by one. The words are read where the event
 * has them: those of a key that was just put together would have to wait for it.
 */
static size_t place_of(const struct memo *m, const struct event *e, const struct part *parts,
		       unsigned n)
{
	uint64_t h = mix(m, m->seed[0], (uintptr_t)e->form);

	for (const struct part *p = parts; p < parts + n; p++) {
		struct str s = p->text;

		h = mix(m, h, p->head);
		if (s.len < 8) {
			h = mix(m, h, load_short(s));
			continue;
		}
		for (size_t i = 0; i + 8 < s.len; i += 8)
			h = mix(m, h, load_8(s.ptr + i));
		h = mix(m, h, load_8(s.ptr + s.len - 8));
	}
	return (h >> 13) % (SLOTS / WAYS) * WAYS;
}

static inline bool same_text(const char *key, struct str s)
{
	if (s.len < 8)
		return load_short((struct str){ key, s.len }) == load_short(s);
	for (size_t i = 0; i + 8 < s.len; i += 8)
		if (load_8(key + i) != load_8(s.ptr + i))
			return false;
	return load_8(key + s.len - 8) == load_8(s.ptr + s.len - 8);
}

/* They are as long as each other. */
static bool same_key(const char *key, const struct event *e, const struct part *parts, unsigned n)
{
	if (memcmp(key, &e->form, sizeof e->form) != 0)
		return false;
	key += sizeof e->form;
	for (const struct part *p = parts; p < parts + n; p++) {
		if (load_4(key) != p->head || !same_text(key + sizeof p->head, p->text))
			return false;
		key += sizeof p->head + p->text.len;
	}
	return true;
}

static void put_key(char *key, const struct event *e, const struct part *parts, unsigned n)
{
	memcpy(key, &e->form, sizeof e->form);
	key += sizeof e->form;
	for (const struct part *p = parts; p < parts + n; p++) {
		memcpy(key, &p->head, sizeof p->head);
		key += sizeof p->head;
		if (p->text.len)
			memcpy(key, p->text.ptr, p->text.len);
		key += p->text.len;
	}
}

static int match(struct slot *slot, size_t n, struct matcher *matcher, const struct event *e,
		 const struct rule *const **ret, size_t *ret_n)
{
	int r = matcher_match(matcher, e, ret, ret_n);

	slot->len = 0;
	if (r < 0 || *ret_n > RULES_KEPT)
		return r;
	slot->len = (uint8_t)n;
	slot->n = (uint8_t)*ret_n;
	for (size_t i = 0; i < *ret_n; i++)
		slot->rules[i] = (*ret)[i];
	return r;
}

int memo_match(struct memo *m, struct matcher *matcher, const struct event *e,
	       const struct rule *const **ret, size_t *ret_n)
{
	unsigned source = find_source(m, e);
	struct part parts[PARTS_MAX] __attribute__((uninitialized));
	unsigned n_parts = 0;
	struct slot *slot;
	size_t n;

	if (source == SOURCES_MAX || !m->sources[source].usable ||
	    (m->sources[source].keywords && has_keyword(&m->sources[source], e)))
		return matcher_match(matcher, e, ret, ret_n);
	n = find_parts(m, &m->sources[source], e, parts, &n_parts);
	if (!n)
		return matcher_match(matcher, e, ret, ret_n);
	slot = &m->slots[place_of(m, e, parts, n_parts)];
	for (unsigned i = 0; i < WAYS; i++)
		if (slot[i].len == n && slot[i].source == source &&
		    same_key(slot[i].key, e, parts, n_parts)) {
			*ret = slot[i].rules;
			*ret_n = slot[i].n;
			return 0;
		}
	slot += m->turn++ % WAYS;
	slot->source = (uint16_t)source;
	put_key(slot->key, e, parts, n_parts);
	return match(slot, n, matcher, e, ret, ret_n);
}
