/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/recall.h"
#include "base/map.h"

#define RULES_OF_MATCH 64u
#define FIELDS_OF_MATCH 32u

struct rule_hash {
	uint64_t hash;
	const struct rule *rule;
};

struct recall {
	const struct policy *policy;
	struct rule_hash *rules; /* sorted */
	size_t n_rules;
	uint64_t count;
	alert_fn *fn;
	void *user;
};

static uint64_t hash_of(const struct rule *r)
{
	static const uint64_t seed[2] = { 0x686f6c6466617374, 0x726563616c6c3031 };
	struct str key = r->id.len ? r->id : r->name;

	return siphash13(seed, key.ptr, key.len);
}

static size_t put_fields(const struct policy *p, const struct event *e, char *to, size_t room,
			 uint8_t *ret_n)
{
	const struct names *names = hunt_names(p->hunt);
	size_t at = 0;
	uint8_t n = 0;

	for (uint32_t i = 0; i < e->n && n < FIELDS_OF_MATCH; i++) {
		const struct event_value *v = &e->values[i];
		struct str name, value;
		uint16_t length;

		if (!p->kept[v->field] || v->type == VALUE_NULL)
			continue;
		name = names_text(names, v->field);
		value = str_sub(event_text(e, v), 0, RECALL_VALUE_MAX);
		if (name.len > UINT8_MAX || at + 3 + name.len + value.len > room)
			continue;
		to[at++] = (char)name.len;
		memcpy(to + at, name.ptr, name.len);
		at += name.len;
		length = (uint16_t)value.len;
		memcpy(to + at, &length, sizeof length);
		at += sizeof length;
		if (value.len)
			memcpy(to + at, value.ptr, value.len);
		at += value.len;
		n++;
	}
	*ret_n = n;
	return at;
}

int recall_put(struct buf *b, const struct policy *p, const struct event *e,
	       const struct rule *const *rules, size_t n)
{
	char match[RECALL_MATCH_MAX];
	size_t at = sizeof e->time;
	uint8_t count = (uint8_t)MIN(n, RULES_OF_MATCH), fields;

	if (e->time == EVENT_TIME_UNKNOWN)
		return 0;
	memcpy(match, &e->time, sizeof e->time);
	match[at++] = (char)count;
	for (size_t i = 0; i < count; i++) {
		uint64_t hash = hash_of(rules[i]);

		memcpy(match + at, &hash, sizeof hash);
		at += sizeof hash;
	}
	at++;
	at += put_fields(p, e, match + at, sizeof match - at, &fields);
	match[sizeof e->time + 1 + count * sizeof(uint64_t)] = (char)fields;
	return fields ? buf_add(b, match, at) : 0;
}

static int by_hash(const void *x, const void *y)
{
	const struct rule_hash *a = x, *b = y;

	return a->hash < b->hash ? -1 : a->hash > b->hash;
}

int recall_new(const struct policy *p, alert_fn *fn, void *user, struct recall **ret)
{
	own(recall_release) struct recall *r = calloc(1, sizeof *r);

	if (!r)
		return -ENOMEM;
	r->policy = p;
	r->fn = fn;
	r->user = user;
	r->n_rules = p->n_rules;
	r->rules = calloc(p->n_rules + 1, sizeof *r->rules);
	if (!r->rules)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_rules; i++) {
		r->rules[i].rule = rules_get(hunt_rules(p->hunt), i);
		r->rules[i].hash = hash_of(r->rules[i].rule);
	}
	qsort(r->rules, r->n_rules, sizeof *r->rules, by_hash);
	*ret = r;
	r = NULL;
	return 0;
}

void recall_release(struct recall **r)
{
	if (*r) {
		free((*r)->rules);
		free(*r);
	}
	*r = NULL;
}

uint64_t recall_count(const struct recall *r) { return r->count; }

static bool cut(struct str *s, void *to, size_t n)
{
	if (s->len < n)
		return false;
	memcpy(to, s->ptr, n);
	*s = str_sub(*s, n, s->len);
	return true;
}

static bool cut_str(struct str *s, size_t n, struct str *ret)
{
	if (s->len < n)
		return false;
	*ret = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	return true;
}

/* A match without rules or fields that are known now is passed over. */
static int take_match(struct recall *r, struct str *s)
{
	const struct rule *rules[RULES_OF_MATCH];
	struct event_value values[FIELDS_OF_MATCH] = {};
	struct event e = { .values = values };
	uint8_t count, fields;
	size_t n = 0;

	if (!cut(s, &e.time, sizeof e.time) || !cut(s, &count, 1) || count > RULES_OF_MATCH)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) {
		struct rule_hash key = {}, *found;

		if (!cut(s, &key.hash, sizeof key.hash))
			return -EBADMSG;
		found = bsearch(&key, r->rules, r->n_rules, sizeof key, by_hash);
		if (found)
			rules[n++] = found->rule;
	}
	if (!cut(s, &fields, 1) || fields > FIELDS_OF_MATCH)
		return -EBADMSG;
	for (size_t i = 0; i < fields; i++) {
		struct str name, value;
		uint8_t name_length;
		uint16_t length;

		if (!cut(s, &name_length, 1) || !cut_str(s, name_length, &name) ||
		    !cut(s, &length, sizeof length) || !cut_str(s, length, &value))
			return -EBADMSG;
		values[e.n].field = names_find(hunt_names(r->policy->hunt), name);
		values[e.n].type = VALUE_TEXT;
		values[e.n].text = value;
		if (values[e.n].field &&
		    !event_get(&(struct event){ .n = e.n, .values = values }, values[e.n].field))
			e.n++;
	}
	r->count++;
	return n && e.n ? hunt_recall(r->policy->hunt, &e, rules, n, r->fn, r->user) : 0;
}

int recall_body(struct recall *r, struct str body, struct str *ret_cursor)
{
	struct str matches, cursor;
	uint32_t length;
	int e = 0;

	if (!cut(&body, &length, sizeof length) || !cut_str(&body, length, &matches) ||
	    !cut(&body, &length, sizeof length) || !cut_str(&body, length, &cursor) || body.len)
		return -EBADMSG;
	while (e >= 0 && matches.len)
		e = take_match(r, &matches);
	if (e >= 0)
		*ret_cursor = cursor;
	return e;
}
