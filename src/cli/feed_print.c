/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/feed.h"

#include <stdio.h>
#include <time.h>

#include "report/json.h"
#include "vuln/date.h"

#define BAR 24u
#define EVERY UINT64_C(100'000)
#define JSON_MAX ((size_t)16 << 20)

const char *feed_number(uint64_t n, char ret[static 32])
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), at = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			ret[at++] = ',';
		ret[at++] = digits[i];
	}
	ret[at] = 0;
	return ret;
}

static const char *bytes_text(uint64_t n, char ret[static 32])
{
	if (n < 10'000)
		snprintf(ret, 32, "%llu B", (unsigned long long)n);
	else if (n < 10'000'000)
		snprintf(ret, 32, "%.1f kB", (double)n / 1e3);
	else
		snprintf(ret, 32, "%.1f MB", (double)n / 1e6);
	return ret;
}

static uint64_t microseconds(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1'000'000 + (uint64_t)t.tv_nsec / 1000;
}

void feed_bar_start(struct feed_bar *b, const char *name)
{
	*b = (struct feed_bar){ .err = term_of(STDERR_FILENO), .name = name };
	b->start = microseconds();
}

static bool is_time(struct feed_bar *b)
{
	uint64_t now = microseconds();

	if (!b->err.tty || (b->drawn && now < b->shown + EVERY))
		return false;
	b->shown = now;
	b->drawn = true;
	return true;
}

static void draw(struct feed_bar *b, uint64_t done, uint64_t size, const char *rest)
{
	char bar[BAR + 1];
	uint64_t full = size ? MIN(done * BAR / size, BAR) : 0;

	memset(bar, '-', BAR);
	memset(bar, '#', full);
	bar[BAR] = 0;
	if (size)
		fprintf(stderr, "\r\033[K%-16s [%s] %3u%%  %s", b->name, bar,
			(unsigned)MIN(done * 100 / size, 100), rest);
	else
		fprintf(stderr, "\r\033[K%-16s %s", b->name, rest);
}

void feed_bar_fetch(void *user, uint64_t done, uint64_t size)
{
	struct feed_bar *b = user;
	char rest[96], amount[32], speed[32];
	uint64_t elapsed;

	if (!b->first)
		b->first = done;
	if (!is_time(b))
		return;
	elapsed = MAX(b->shown - b->start, 1u);
	snprintf(rest, sizeof rest, "%s  %s/s", bytes_text(done, amount),
		 bytes_text((done - MIN(done, b->first)) * 1'000'000 / elapsed, speed));
	draw(b, done, size, rest);
}

void feed_bar_read(void *user, uint64_t done, uint64_t size, uint64_t records)
{
	struct feed_bar *b = user;
	char rest[96], number[32];

	if (!is_time(b))
		return;
	snprintf(rest, sizeof rest, "%s records read", feed_number(records, number));
	draw(b, done, size, rest);
}

void feed_bar_clear(struct feed_bar *b)
{
	/* The process that reads may have drawn it. */
	if (b->err.tty && b->name)
		fprintf(stderr, "\r\033[K");
	b->drawn = false;
}

void feed_print_outcome(const struct feed_outcome *o)
{
	char records[32], left_out[32], size[32];

	if (o->error[0]) {
		printf("%-16s failed: %s\n", o->name, o->error);
		return;
	}
	if (o->updated.same) {
		printf("%-16s as it was\n", o->name);
		return;
	}
	printf("%-16s %s records", o->name, feed_number(o->updated.records, records));
	if (o->updated.left_out)
		printf(", %s say nothing of what is kept",
		       feed_number(o->updated.left_out, left_out));
	if (o->updated.size)
		printf("; %s", bytes_text(o->updated.size, size));
	if (o->updated.resumed_at)
		printf(", gone on with at %s", bytes_text(o->updated.resumed_at, size));
	printf("\n");
}

static int print_json(json_t *o)
{
	own(buf_release) struct buf out = BUF(JSON_MAX);

	if (json_write(o, JSON_INDENT(1), &out) < 0)
		return -ENOMEM;
	fwrite(out.ptr, 1, out.len, stdout);
	return 0;
}

int feed_print_outcomes_json(const struct feed_outcome *o, size_t n, size_t index_size)
{
	json_t *root = json_object(), *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *x = json_object();

		json_object_set_new(x, "name", json_text(str_of(o[i].name)));
		json_object_set_new(x, "result",
				    json_string(o[i].error[0]       ? "failed"
						: o[i].updated.same ? "unchanged"
								    : "imported"));
		if (o[i].error[0])
			json_object_set_new(x, "error", json_text(str_of(o[i].error)));
		json_object_set_new(x, "records", json_integer((json_int_t)o[i].updated.records));
		json_object_set_new(x, "left_out", json_integer((json_int_t)o[i].updated.left_out));
		json_object_set_new(x, "bytes", json_integer((json_int_t)o[i].updated.size));
		json_array_append_new(list, x);
	}
	json_object_set_new(root, "feeds", list);
	json_object_set_new(root, "index_bytes", json_integer((json_int_t)index_size));
	return print_json(root);
}

static const char *day_text(int64_t when, char ret[static DATE_TEXT])
{
	if (!when)
		return "-";
	return date_text((int32_t)MIN(when / 86'400, 2'932'896), ret);
}

static const char *age_text(int64_t seconds, char ret[static 32])
{
	seconds = MAX(seconds, 0);
	if (seconds < 7'200)
		snprintf(ret, 32, "%lld min", (long long)seconds / 60);
	else if (seconds < 172'800)
		snprintf(ret, 32, "%lld h", (long long)seconds / 3'600);
	else
		snprintf(ret, 32, "%lld d", (long long)seconds / 86'400);
	return ret;
}

static void print_row(const struct feed_state *s, const struct feed_row *r, const struct term *t)
{
	char name[FEED_NAME_MAX], format[32], records[32], published[DATE_TEXT], checked[DATE_TEXT],
		age[32];
	const char *color = r->stale ? term_on(t, TERM_YELLOW) : "";

	text_safe(str_of(r->name), name, sizeof name);
	text_safe(str_of(r->format), format, sizeof format);
	if (!r->source.name.len) {
		printf("%-18s %-10s %snever imported%s\n", name, format, term_on(t, TERM_YELLOW),
		       term_off(t));
		return;
	}
	printf("%-18s %-10s %12s  %-10s  %-10s  %s%s%s%s\n", name, format,
	       feed_number(r->source.records, records), day_text(r->source.published, published),
	       day_text(r->source.imported, checked), color,
	       age_text(s->now - r->source.imported, age), r->stale ? ", stale" : "",
	       r->stale ? term_off(t) : "");
}

void feed_print_status(const struct feed_state *s)
{
	struct term t = term_of(STDOUT_FILENO);
	char size[32], packages[32], vulns[32], ranges[32], age[32];

	printf("%s%-18s %-10s %12s  %-10s  %-10s  %s%s\n", term_on(&t, TERM_BOLD), "FEED", "FORMAT",
	       "RECORDS", "PUBLISHED", "CHECKED", "AGE", term_off(&t));
	for (size_t i = 0; i < s->n; i++)
		print_row(s, &s->rows[i], &t);
	if (!s->there) {
		printf("\nThere is no index yet: holdfast feed update, or feed import FILE.\n");
		return;
	}
	printf("\nIndex: %s; %s ranges of %s packages, %s vulnerabilities. "
	       "A feed is stale after %s.\n",
	       bytes_text(s->size, size), feed_number(s->ranges, ranges),
	       feed_number(s->packages, packages), feed_number(s->vulns, vulns),
	       age_text(s->stale_after, age));
}

static json_t *row_json(const struct feed_state *s, const struct feed_row *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_text(str_of(r->name)));
	json_object_set_new(o, "format", json_text(str_of(r->format)));
	json_object_set_new(o, "from", json_text(str_of(r->from)));
	json_object_set_new(o, "configured", json_boolean(r->configured));
	json_object_set_new(o, "imported", json_boolean(r->source.name.len));
	json_object_set_new(o, "stale", json_boolean(r->stale));
	if (!r->source.name.len)
		return o;
	json_object_set_new(o, "records", json_integer((json_int_t)r->source.records));
	json_object_set_new(o, "left_out", json_integer((json_int_t)r->source.left_out));
	json_object_set_new(o, "published",
			    r->source.published ? json_integer(r->source.published) : json_null());
	json_object_set_new(o, "checked", json_integer(r->source.imported));
	json_object_set_new(o, "age_seconds", json_integer(MAX(s->now - r->source.imported, 0)));
	return o;
}

int feed_print_status_json(const struct feed_state *s)
{
	json_t *root = json_object(), *list = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(list, row_json(s, &s->rows[i]));
	json_object_set_new(root, "feeds", list);
	json_object_set_new(root, "stale_after_seconds", json_integer(s->stale_after));
	json_object_set_new(root, "index_bytes", json_integer((json_int_t)s->size));
	json_object_set_new(root, "ranges", json_integer((json_int_t)s->ranges));
	json_object_set_new(root, "packages", json_integer((json_int_t)s->packages));
	json_object_set_new(root, "vulnerabilities", json_integer((json_int_t)s->vulns));
	return print_json(root);
}
