/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sigma_events: events made from rules: such that a rule should match, and such that it nearly
 * does. Deterministic.
 */
#ifndef HF_SIGMA_EVENTS_H
#define HF_SIGMA_EVENTS_H

#include "detect/sigma.h"

#define MADE_FIELDS 96
#define MADE_TEXT 2048

static uint64_t made_seed = 1;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t made_random(void)
{
	uint64_t z = made_seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static size_t made_below(size_t n) { return n ? made_random() % n : 0; }

/* What the text of one field is put together from. */
struct made_field {
	uint16_t field;
	bool null, absent;
	char start[MADE_TEXT], middle[MADE_TEXT], end[MADE_TEXT];
	size_t n_start, n_middle, n_end;
};

struct made {
	struct made_field fields[MADE_FIELDS];
	size_t n;
	char room[MADE_FIELDS + 1][3 * MADE_TEXT];
	struct event_value values[MADE_FIELDS];
	struct event event;
};

static struct made_field *made_field(struct made *m, uint16_t field)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->fields[i].field == field)
			return m->fields + i;
	if (m->n == MADE_FIELDS)
		return m->fields;
	m->fields[m->n] = (struct made_field){ .field = field };
	return m->fields + m->n++;
}

static void made_put(char *to, size_t *n, const char *text, size_t len)
{
	len = MIN(len, MADE_TEXT - *n);
	memcpy(to + *n, text, len);
	*n += len;
}

/* Runs of plain text in any case, something for every wildcard. */
static size_t made_pattern(const struct pattern *p, bool cased, char *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n && n + 4 < MADE_TEXT; i++) {
		char c = p->text[i];

		if (p->special[i] == PATTERN_STAR) {
			if (made_below(2))
				ret[n++] = "x \\/"[made_below(4)];
		} else if (p->special[i] == PATTERN_ANY) {
			if (made_below(4))
				ret[n++] = 'q';
			else
				n += (size_t)sprintf(ret + n, "\u00e9");
		} else if (!cased && made_below(3) == 0 && c >= 'a' && c <= 'z') {
			ret[n++] = (char)(c - 32);
		} else if (!cased && made_below(3) == 0 && c >= 'A' && c <= 'Z') {
			ret[n++] = (char)(c + 32);
		} else {
			ret[n++] = c;
		}
	}
	return n;
}

static void made_text(struct made_field *f, const struct atom *a)
{
	const struct pattern *p = &a->pattern;
	bool start = p->n && p->special[0] == PATTERN_STAR;
	bool end = p->n && p->special[p->n - 1] == PATTERN_STAR;
	char text[MADE_TEXT];
	size_t n = made_pattern(p, a->flags & ATOM_CASED, text);

	if (start && end)
		made_put(f->middle, &f->n_middle, text, n);
	else if (start) {
		f->n_end = 0;
		made_put(f->end, &f->n_end, text, n);
	} else {
		f->n_start = 0;
		made_put(f->start, &f->n_start, text, n);
	}
}

/* Plain characters of a regular expression: enough for some, and close to the others. */
static void made_regex(struct made_field *f, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '\\' && i + 1 < s.len) {
			c = s.ptr[++i];
			c = c == 's' ? ' ' : c == 'd' ? '7' : c == 'w' ? 'w' : c;
		} else if (strchr("()[]{}^$*+?|", c)) {
			continue;
		} else if (c == '.') {
			c = 'z';
		}
		made_put(f->middle, &f->n_middle, &c, 1);
	}
}

static void made_atom(struct made *m, const struct atom *a, bool want)
{
	struct made_field *f = made_field(m, a->field);
	char text[INET6_ADDRSTRLEN];

	if (!want) {
		if (a->kind == ATOM_NULL || a->kind == ATOM_EXISTS)
			f->absent = a->kind == ATOM_EXISTS;
		return;
	}
	switch (a->kind) {
	case ATOM_TEXT: made_text(f, a); break;
	case ATOM_REGEX: made_regex(f, a->text); break;
	case ATOM_NULL:
		f->absent = made_below(2);
		f->null = true;
		break;
	case ATOM_CIDR:
		inet_ntop(AF_INET6, a->address, text, sizeof text);
		made_put(f->start, &f->n_start, text, strlen(text));
		break;
	case ATOM_COMPARE:
		made_put(f->start, &f->n_start, text,
			 (size_t)sprintf(text, "%lld",
					 (long long)a->number.integer + (long long)made_below(3) -
						 1));
		break;
	case ATOM_FIELD: made_put(f->start, &f->n_start, "same", 4); break;
	default: break;
	}
	if (a->kind == ATOM_FIELD) {
		struct made_field *other = made_field(m, a->other);

		made_put(other->start, &other->n_start, "SAME", 4);
	}
}

static void made_want(struct made *m, const struct expr *x, bool want)
{
	bool all = (x->op == EXPR_AND) == want;

	if (x->op == EXPR_ATOM) {
		made_atom(m, x->atom, want);
	} else if (x->op == EXPR_NOT) {
		made_want(m, x->list[0], !want);
	} else if (all) {
		for (size_t i = 0; i < x->n; i++)
			made_want(m, x->list[i], want);
	} else {
		made_want(m, x->list[made_below(x->n)], want);
	}
}

/* A character less, another one, the rest of it gone, or something before it. */
static void made_spoil(struct made_field *f)
{
	size_t n = f->n_middle, at = made_below(n);

	switch (made_below(6)) {
	case 0: f->absent = true; break;
	case 1: f->null = true; break;
	case 2:
		if (n)
			f->middle[at] = (char)(f->middle[at] + 1) & 0x7f;
		break;
	case 3: f->n_middle = at; break;
	case 4: f->n_start -= f->n_start > 0; break;
	default:
		if (f->n_end)
			f->end[made_below(f->n_end)] ^= 0x20;
		break;
	}
}

static struct str made_join(const struct made_field *f, char *room)
{
	size_t n = 0;

	memcpy(room, f->start, f->n_start);
	n += f->n_start;
	memcpy(room + n, f->middle, f->n_middle);
	n += f->n_middle;
	memcpy(room + n, f->end, f->n_end);
	return (struct str){ room, n + f->n_end };
}

/* The event of what was asked for since made_reset(). */
static const struct event *made_event(struct made *m, const struct event *source)
{
	m->event = *source;
	m->event.values = m->values;
	for (size_t i = 0; i < m->n; i++) {
		const struct made_field *f = m->fields + i;
		struct event_value v = { .field = f->field, .text = made_join(f, m->room[i]) };

		if (!f->field) {
			m->event.raw = v.text;
			continue;
		}
		if (f->absent)
			continue;
		if (f->null)
			v = (struct event_value){ .field = f->field, .type = VALUE_NULL };
		else if (made_below(2) && v.text.len < 10 && str_to_int64(v.text, &v.number) == 0 &&
			 v.text.ptr[0] != '0' && v.text.ptr[0] != '-') {
			v.type = VALUE_NUMBER;
			v.text = made_below(2) ? v.text : (struct str){};
		}
		m->values[m->event.n++] = v;
	}
	return &m->event;
}

static void made_start(struct made *m, const struct expr *x)
{
	m->n = 0;
	made_want(m, x, true);
}

/* The event, with some of it spoiled. */
static const struct event *made_finish(struct made *m, const struct event *source, unsigned spoil)
{
	while (spoil-- && m->n)
		made_spoil(m->fields + made_below(m->n));
	return made_event(m, source);
}

#endif
