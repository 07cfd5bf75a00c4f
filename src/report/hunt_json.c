/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON: docs/hunt.schema.json describes every member. One alert a line, in both formats. */
#include "report/hunt.h"

#define SCHEMA_VERSION 1
#define VALUE_MAX ((size_t)16 << 10)

static void escape(struct buf *out, int32_t c)
{
	if (c == '"' || c == '\\')
		buf_fmt(out, "\\%c", (char)c);
	else if (c == '\n')
		buf_puts(out, "\\n");
	else if (c == '\t')
		buf_puts(out, "\\t");
	else if (c > 0xffff)
		buf_fmt(out, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (c >> 10)),
			(unsigned)(0xdc00 + (c & 0x3ff)));
	else
		buf_fmt(out, "\\u%04x", (unsigned)c);
}

static bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static bool has_zero(uint64_t x) { return (x - EACH(1)) & ~x & EACH(0x80); }

/* How many bytes of it need no escape. */
static size_t plain_length(struct str s)
{
	size_t n = 0;

	for (; n + 8 <= s.len; n += 8) {
		uint64_t x;

		memcpy(&x, s.ptr + n, sizeof x);
		if (x & EACH(0x80) || (x - EACH(0x20)) & ~x & EACH(0x80) ||
		    has_zero(x ^ EACH(0x7f)) || has_zero(x ^ EACH('"')) || has_zero(x ^ EACH('\\')))
			break;
	}
	while (n < s.len && is_plain((unsigned char)s.ptr[n]))
		n++;
	return n;
}

void hunt_quote(struct buf *out, struct str s)
{
	buf_putc(out, '"');
	while (s.len) {
		size_t n = plain_length(s);
		unsigned char first = (unsigned char)*s.ptr;
		int32_t c;

		buf_add(out, s.ptr, n);
		s = str_sub(s, n, s.len);
		if (!s.len)
			break;
		if (n)
			continue;
		c = str_rune(&s);
		if (c < 0)
			buf_fmt(out, "\\\\x%02X", first);
		else
			escape(out, c);
	}
	buf_putc(out, '"');
}

static void member_name(struct buf *out, const char *name)
{
	buf_puts(out, ",\"");
	buf_puts(out, name);
	buf_puts(out, "\":");
}

static void member(struct buf *out, const char *name, struct str value)
{
	member_name(out, name);
	hunt_quote(out, value);
}

static void number_member(struct buf *out, const char *name, uint64_t n)
{
	char text[20], *p = text + sizeof text;

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	member_name(out, name);
	buf_add(out, p, (size_t)(text + sizeof text - p));
}

static void time_member(struct buf *out, const char *name, int64_t us)
{
	char text[HUNT_TIME];

	if (us == EVENT_TIME_UNKNOWN)
		buf_fmt(out, ",\"%s\":null", name);
	else
		member(out, name, str_of(hunt_time(us, text)));
}

static void value(struct buf *out, const struct event *e, const struct event_value *v)
{
	struct str text = event_text(e, v);

	if (v->type == VALUE_NULL)
		buf_puts(out, "null");
	else if (v->type == VALUE_NUMBER && !text.len)
		buf_fmt(out, "%lld", (long long)v->number);
	else
		hunt_quote(out, str_sub(text, 0, VALUE_MAX));
}

static void fields(const struct hunt_report *r, const struct event *e, struct buf *out)
{
	buf_puts(out, ",\"fields\":{");
	for (uint32_t i = 0; i < e->n; i++) {
		if (i)
			buf_putc(out, ',');
		hunt_quote(out, names_text(hunt_names(r->hunt), e->values[i].field));
		buf_putc(out, ':');
		value(out, e, &e->values[i]);
	}
	buf_putc(out, '}');
}

static void correlation(const struct alert *a, struct buf *out)
{
	number_member(out, "count", a->count);
	time_member(out, "first", a->first);
	time_member(out, "last", a->last);
	buf_puts(out, ",\"group\":{");
	for (size_t i = 0; a->group && i < a->rule->n_group_by; i++) {
		if (i)
			buf_putc(out, ',');
		hunt_quote(out, a->rule->group_by[i]);
		buf_putc(out, ':');
		hunt_quote(out, str_sub(a->group[i], 0, VALUE_MAX));
	}
	buf_putc(out, '}');
}

int hunt_jsonl_alert(const struct hunt_report *r, const struct alert *a, uint64_t number,
		     struct buf *out)
{
	const struct event *e = a->event;
	struct str line = hunt_line(r, e);
	char text[HUNT_TIME];

	(void)number;
	buf_puts(out, "{\"time\":");
	if (e->time == EVENT_TIME_UNKNOWN)
		buf_puts(out, "null");
	else
		hunt_quote(out, str_of(hunt_time(e->time, text)));
	member(out, "rule_id", a->rule->id.len ? a->rule->id : a->rule->name);
	member(out, "title", a->rule->title);
	member(out, "level", str_of(rule_level_name(a->rule->level)));
	buf_puts(out, ",\"tags\":[");
	for (size_t i = 0; i < a->rule->n_tags; i++) {
		if (i)
			buf_putc(out, ',');
		hunt_quote(out, a->rule->tags[i]);
	}
	buf_putc(out, ']');
	member(out, "source_file", hunt_file(r, e));
	number_member(out, "record", e->record);
	if (a->rule->type)
		correlation(a, out);
	fields(r, e, out);
	if (line.len)
		member(out, "line", str_sub(line, 0, VALUE_MAX));
	return buf_puts(out, "}\n");
}

int hunt_json_begin(const struct hunt_report *r, struct buf *out)
{
	(void)r;
	return buf_fmt(out,
		       "{\"schema_version\":%d,\"holdfast_version\":\"" HOLDFAST_VERSION
		       "\",\"alerts\":[\n",
		       SCHEMA_VERSION);
}

int hunt_json_alert(const struct hunt_report *r, const struct alert *a, uint64_t number,
		    struct buf *out)
{
	if (number)
		buf_putc(out, ',');
	return hunt_jsonl_alert(r, a, number, out);
}

static void files(const struct hunt_report *r, struct buf *out)
{
	buf_puts(out, "],\"files\":[");
	for (size_t i = 0; i < reader_count(r->reader); i++) {
		const struct reader_file *f = reader_file(r->reader, i);

		buf_puts(out, i ? ",\n{\"path\":" : "\n{\"path\":");
		hunt_quote(out, str_of(f->path));
		if (f->decoder)
			member(out, "format", str_of(f->decoder->name));
		else
			buf_puts(out, ",\"format\":null");
		buf_fmt(out,
			",\"bytes\":%llu,\"lines\":%llu,\"events\":%llu,\"skipped\":%llu,\"cut\":%llu",
			(unsigned long long)f->size, (unsigned long long)f->lines,
			(unsigned long long)f->events, (unsigned long long)f->skipped,
			(unsigned long long)f->cut);
		time_member(out, "first", f->first);
		time_member(out, "last", f->last);
		if (f->problem)
			member(out, "problem", str_of(f->problem));
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

static void attackers(const struct hunt_report *r, struct buf *out)
{
	const struct actor *const *list;
	uint64_t more;
	size_t n = actors_list(hunt_actors(r->hunt), &list, &more);

	buf_puts(out, ",\"attackers\":[");
	for (size_t i = 0; i < n; i++) {
		const struct actor *a = list[i];

		buf_puts(out, i ? ",\n{\"address\":" : "\n{\"address\":");
		hunt_quote(out, a->address);
		time_member(out, "first_seen", a->first);
		time_member(out, "last_seen", a->last);
		buf_fmt(out,
			",\"attempts\":%llu,\"alerts\":%llu,\"accounts\":%u,\"account_names\":[",
			(unsigned long long)a->attempts, (unsigned long long)a->alerts,
			a->accounts);
		for (size_t k = 0; k < ACTOR_NAMES && a->names[k].ptr; k++) {
			if (k)
				buf_putc(out, ',');
			hunt_quote(out, a->names[k]);
		}
		buf_putc(out, ']');
		member(out, "level", str_of(rule_level_name(a->level)));
		if (a->entered.ptr)
			member(out, "logged_in_as", a->entered);
		else
			buf_puts(out, ",\"logged_in_as\":null");
		buf_putc(out, '}');
	}
	buf_fmt(out, "],\"more_attackers\":%llu", (unsigned long long)more);
}

static void notices(const struct hunt_report *r, struct buf *out)
{
	buf_puts(out, ",\"notices\":[");
	for (size_t i = 0; i < r->n_notices; i++) {
		const struct hunt_notice *n = &r->notices[i];

		buf_puts(out, i ? ",\n{\"rule_id\":" : "\n{\"rule_id\":");
		hunt_quote(out, n->rule->id);
		member(out, "title", n->rule->title);
		member(out, "description", n->rule->description);
		member(out, "first_file", n->first);
		buf_fmt(out, ",\"files\":%zu}", n->files);
	}
	buf_puts(out, "]");
}

int hunt_json_end(const struct hunt_report *r, struct buf *out)
{
	struct hunt_stats s;

	hunt_stats(r->hunt, &s);
	files(r, out);
	attackers(r, out);
	notices(r, out);
	buf_puts(out, ",\"summary\":{");
	for (int i = LEVEL_N - 1; i >= 0; i--)
		buf_fmt(out, "\"%s\":%llu,", rule_level_name((enum rule_level)i),
			(unsigned long long)r->by_level[i]);
	buf_fmt(out, "\"interrupted\":%s},\"rules\":{\"loaded\":%zu,\"refused\":%zu}",
		r->interrupted ? "true" : "false", rules_count(hunt_rules(r->hunt)),
		r->all_refused);
	return buf_fmt(out, ",\"correlations\":{\"groups\":%llu,\"dropped\":%llu,\"late\":%llu}}\n",
		       (unsigned long long)s.correlations.groups,
		       (unsigned long long)s.correlations.evicted,
		       (unsigned long long)s.correlations.late);
}
