/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "report/hunt.h"

#define SAMPLE_MAX 512U
#define WHO_MAX 256U
#define ROWS_MEMORY ((size_t)32 << 20)

const struct hunt_format hunt_formats[] = {
	{.name = "text",
         .summary = "a timeline and the attackers, for people",
         .rows = true,
         .end = hunt_text_end														},
	{ .name = "json",
         .summary = "one document; docs/hunt.schema.json describes it",
         .begin = hunt_json_begin,
         .alert = hunt_json_alert,
         .end = hunt_json_end },
	{ .name = "jsonl",              .summary = "one alert a line",                                           .alert = hunt_jsonl_alert},
	{ .name = "csv",
         .summary = "one alert a row",
         .begin = hunt_csv_begin,
         .alert = hunt_csv_alert},
	{ .name = "html",
         .summary = "a page that needs nothing else",
         .rows = true,
         .end = hunt_html_end													     },
};
const size_t n_hunt_formats = COUNT(hunt_formats);

const struct hunt_format *hunt_format_find(const char *name)
{
	for (size_t i = 0; i < n_hunt_formats; i++)
		if (!strcmp(hunt_formats[i].name, name))
			return &hunt_formats[i];
	return NULL;
}

void hunt_report_release(struct hunt_report *r)
{
	map_release(&r->index);
	arena_release(&r->arena);
	*r = (struct hunt_report){};
}

static char *put_digits(char *to, unsigned n, unsigned width)
{
	for (unsigned i = width; i--; n /= 10)
		to[i] = (char)('0' + n % 10);
	return to + width;
}

/* Of the years 1970 to 9999, in which most logs were written: what the rest of hunt_time() makes. */
static void usual_time(int64_t us, char *to)
{
	unsigned second = (unsigned)(us / 1'000'000 % 86400), rest = (unsigned)(us % 1'000'000);
	/* From 1 March of the year 0 on leap days are the last of their years (Hinnant, civil_from_days). */
	unsigned days = (unsigned)(us / 86'400'000'000) + 719468, era = days / 146097;
	unsigned of_era = days % 146097;
	unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153, day = of_year - (153 * month + 2) / 5 + 1;

	month = month < 10 ? month + 3 : month - 9;
	to = put_digits(to, era * 400 + year + (month <= 2), 4);
	*to++ = '-';
	to = put_digits(to, month, 2);
	*to++ = '-';
	to = put_digits(to, day, 2);
	*to++ = 'T';
	to = put_digits(to, second / 3600, 2);
	*to++ = ':';
	to = put_digits(to, second / 60 % 60, 2);
	*to++ = ':';
	to = put_digits(to, second % 60, 2);
	if (rest) {
		*to++ = '.';
		to = put_digits(to, rest, 6);
	}
	*to++ = 'Z';
	*to = '\0';
}

#define YEAR_10000 (INT64_C(253402300800) * 1'000'000)

const char *hunt_time(int64_t us, char ret[static HUNT_TIME])
{
	time_t at = (time_t)(us / 1'000'000);
	int64_t rest = us % 1'000'000;
	struct tm tm;
	size_t n;

	ret[0] = 0;
	if (us >= 0 && us < YEAR_10000) {
		usual_time(us, ret);
		return ret;
	}
	if (rest < 0) {
		rest += 1'000'000;
		at--;
	}
	if (us == EVENT_TIME_UNKNOWN || !gmtime_r(&at, &tm))
		return ret;
	n = strftime(ret, HUNT_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest)
		n += (size_t)snprintf(ret + n, HUNT_TIME - n, ".%06d", (int)rest);
	snprintf(ret + n, HUNT_TIME - n, "Z");
	return ret;
}

struct str hunt_file(const struct hunt_report *r, const struct event *e)
{
	return e->file < reader_count(r->reader) ? str_of(reader_file(r->reader, e->file)->path)
						 : STR("");
}

struct str hunt_line(const struct hunt_report *r, const struct event *e)
{
	const struct decoder *d =
		e->file < reader_count(r->reader) ? reader_file(r->reader, e->file)->decoder : NULL;

	/* Blocks of a unit are binary. */
	return d && !d->unit ? e->raw : STR("");
}

static struct str value_of(const struct hunt_report *r, const struct event *e,
			   const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct event_value *v =
			event_get(e, names_find(hunt_names(r->hunt), str_of(list[i])));

		if (v && v->type != VALUE_NULL && event_text(e, v).len)
			return event_text(e, v);
	}
	return STR("");
}

/* "192.0.2.1 alice": the group of a correlation, or source and account of an event. */
static struct str who_of(const struct hunt_report *r, const struct alert *a,
			 char ret[static WHO_MAX])
{
	static const char *const sources[] = { "src_ip", "c-ip", "IpAddress", "SourceIp" };
	static const char *const users[] = { "target_user", "user", "TargetUserName", "User" };
	size_t n = 0;

	for (size_t i = 0; a->group && i < a->rule->n_group_by && n < WHO_MAX; i++)
		n += (size_t)snprintf(ret + n, WHO_MAX - n, "%s%.*s", i ? " " : "",
				      (int)MIN(a->group[i].len, 100), a->group[i].ptr);
	if (!a->group) {
		struct str source = value_of(r, a->event, sources, COUNT(sources));
		struct str user = value_of(r, a->event, users, COUNT(users));

		n = (size_t)snprintf(ret, WHO_MAX, "%.*s%s%.*s", (int)MIN(source.len, 100),
				     source.ptr, source.len && user.len ? " " : "",
				     (int)MIN(user.len, 100), user.ptr);
	}
	return (struct str){ ret, MIN(n, WHO_MAX - 1) };
}

static int add_row(struct hunt_report *r, const struct alert *a, struct str key, struct str who)
{
	struct str line = hunt_line(r, a->event);
	struct hunt_row row = { .rule = a->rule,
				.who = arena_str(&r->arena, who),
				.file = hunt_file(r, a->event),
				.sample = arena_str(&r->arena, str_sub(line, 0, SAMPLE_MAX)),
				.record = a->event->record,
				.time = a->event->time,
				.first = a->first,
				.last = a->last,
				.count = a->count,
				.alerts = 1 };
	int e;

	key = arena_str(&r->arena, key);
	if (!row.who.ptr || !row.sample.ptr || !key.ptr)
		return -ENOMEM;
	e = map_put(&r->index, key, r->n_rows);
	return e < 0 ? e : arena_push(&r->arena, r->rows, r->n_rows, r->cap_rows, row);
}

int hunt_note(struct hunt_report *r, const struct hunt_format *f, const struct alert *a)
{
	char who_text[WHO_MAX], key_text[WHO_MAX + 16];
	struct str who, key = { key_text, 0 };
	const uint64_t *at;
	struct hunt_row *row;

	r->by_level[a->rule->level]++;
	if (!f->rows)
		return 0;
	r->arena.limit = ROWS_MEMORY;
	who = who_of(r, a, who_text);
	key.len = (size_t)snprintf(key_text, sizeof key_text, "%u %.*s", a->rule->index,
				   STR_FMT(who));
	key.len = MIN(key.len, sizeof key_text - 1);
	at = map_get(&r->index, key);
	if (!at) {
		if (r->n_rows < HUNT_ROWS_MAX && add_row(r, a, key, who) == 0)
			return 0;
		r->unshown++;
		return 0;
	}
	row = &r->rows[*at];
	row->alerts++;
	row->first = MIN(row->first, a->first);
	row->last = MAX(row->last, a->last);
	row->count = a->rule->type ? MAX(row->count, a->count) : row->count + 1;
	return 0;
}

static int by_time(const void *x, const void *y)
{
	const struct hunt_row *a = x, *b = y;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (a->rule->level != b->rule->level)
		return a->rule->level > b->rule->level ? -1 : 1;
	if (a->rule->index != b->rule->index)
		return a->rule->index < b->rule->index ? -1 : 1;
	return str_cmp(a->who, b->who);
}

static int by_level(const void *x, const void *y)
{
	const struct hunt_row *a = x, *b = y;

	if (a->rule->level != b->rule->level)
		return a->rule->level > b->rule->level ? -1 : 1;
	return by_time(x, y);
}

void hunt_sort_rows(struct hunt_row *rows, size_t n, bool worst)
{
	if (n)
		qsort(rows, n, sizeof *rows, worst ? by_level : by_time);
}
