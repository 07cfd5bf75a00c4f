/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/notice.h"
#include "base/diag.h"
#include "base/json.h"
#include "detect/rule.h"
#include "events/zone.h"
#include "guard/notice_work.h"

const char *notice_format_name(enum notice_format f)
{
	static const char *const names[NOTICE_FORMATS] = { "text",  "json",  "ocsf", "cef",
							   "slack", "teams", "mail" };

	return f < NOTICE_FORMATS ? names[f] : "";
}

int notice_format_find(struct str name)
{
	for (int f = 0; f < NOTICE_FORMATS; f++)
		if (str_eq(name, str_of(notice_format_name((enum notice_format)f))))
			return f;
	return -1;
}

bool notice_technique(struct str *tags, char ret[static 16])
{
	struct str word;

	while ((word = str_word(tags)).ptr) {
		size_t n = 0;

		if (!str_istarts(word, STR("attack.t")) || word.len < 9 || word.len > 20)
			continue;
		word = str_sub(word, 8, word.len);
		ret[n++] = 'T';
		for (size_t i = 0; i < word.len && n < 15; i++)
			if ((word.ptr[i] >= '0' && word.ptr[i] <= '9') || word.ptr[i] == '.')
				ret[n++] = word.ptr[i];
		ret[n] = '\0';
		if (n == word.len + 1)
			return true;
	}
	return false;
}

bool notice_tactic(struct str *tags, struct str *ret)
{
	struct str word;

	while ((word = str_word(tags)).ptr) {
		bool good = str_istarts(word, STR("attack.")) && word.len > 8;

		word = good ? str_sub(word, 7, word.len) : word;
		/* Techniques, groups and software have a number. */
		for (size_t i = 0; i < word.len; i++)
			good &= word.ptr[i] < '0' || word.ptr[i] > '9';
		if (!good)
			continue;
		*ret = word;
		return true;
	}
	return false;
}

static void put_unit(struct buf *b, unsigned unit) { buf_fmt(b, "\\u%04x", unit); }

void notice_json_put(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	while (s.len) {
		int32_t c = str_rune(&s);

		if (c < 0)
			c = 0xfffd;
		if (c == '"' || c == '\\')
			buf_fmt(b, "\\%c", (char)c);
		else if (c >= ' ' && c < 0x7f)
			buf_putc(b, (char)c);
		else if (c < 0x10000)
			put_unit(b, (unsigned)c);
		else {
			put_unit(b, 0xd800 + (((unsigned)c - 0x10000) >> 10));
			put_unit(b, 0xdc00 + (((unsigned)c - 0x10000) & 0x3ff));
		}
	}
	buf_putc(b, '"');
}

void time_put(struct buf *b, int64_t micros)
{
	int64_t seconds = micros / 1'000'000, rest = micros % 1'000'000;
	unsigned month, day, of_day;
	int year;

	if (micros < 0 || micros > INT64_C(253402300799000000))
		seconds = rest = 0;
	of_day = (unsigned)(seconds % 86400);
	date_of(seconds / 86400, &year, &month, &day);
	buf_fmt(b, "%04d-%02u-%02uT%02u:%02u:%02u.%06uZ", year, month, day, of_day / 3600,
		of_day / 60 % 60, of_day % 60, (unsigned)rest);
}

void safe_put(struct buf *b, struct str s)
{
	char text[4 * 512 + 64];

	/* In parts, each of whole characters where there are any. */
	while (s.len) {
		size_t n = MIN(s.len, 200);

		while (n < s.len && n < 204 && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
			n++;
		buf_puts(b, text_safe(str_sub(s, 0, n), text, sizeof text));
		s = str_sub(s, n, s.len);
	}
}

struct str notice_cut(struct str s, size_t max)
{
	if (s.len <= max)
		return s;
	/* Not within a character. */
	while (max && ((unsigned char)s.ptr[max] & 0xc0) == 0x80)
		max--;
	return str_sub(s, 0, max);
}

static void member(struct buf *b, const char *name, struct str s)
{
	if (!s.len)
		return;
	buf_fmt(b, ",\"%s\":", name);
	notice_json_put(b, notice_cut(s, NOTICE_TEXT_MAX));
}

static void time_member(struct buf *b, const char *name, int64_t time)
{
	if (time < 0)
		return;
	buf_fmt(b, ",\"%s\":\"", name);
	time_put(b, time);
	buf_putc(b, '"');
}

void notice_json(const struct notice *n, struct buf *b)
{
	struct str tags = n->tags;
	char technique[16];
	bool first = true;

	buf_fmt(b, "{\"id\":\"%016llx\"", (unsigned long long)n->id);
	time_member(b, "time", n->time);
	time_member(b, "first", n->first);
	time_member(b, "last", n->last);
	buf_fmt(b, ",\"level\":\"%s\"", rule_level_name((enum rule_level)n->level));
	member(b, "host", n->host);
	member(b, "rule", n->rule);
	member(b, "rule_id", n->rule_id);
	member(b, "title", n->title);
	member(b, "from", n->from);
	member(b, "account", n->account);
	member(b, "source", n->source);
	buf_fmt(b, ",\"count\":%llu,\"more\":%llu,\"late\":%s,\"attack\":[",
		(unsigned long long)n->count, (unsigned long long)n->more,
		n->late ? "true" : "false");
	for (; notice_technique(&tags, technique); first = false)
		buf_fmt(b, "%s\"%s\"", first ? "" : ",", technique);
	buf_putc(b, ']');
	member(b, "done", n->done);
	member(b, "advice", n->advice);
	buf_puts(b, ",\"evidence\":[");
	for (size_t i = 0; i < n->n_evidence; i++) {
		buf_puts(b, i ? "," : "");
		notice_json_put(b, notice_cut(n->evidence[i], NOTICE_TEXT_MAX));
	}
	buf_puts(b, "]}");
}

static void some(struct buf *b, const char *before, struct str s)
{
	if (!s.len)
		return;
	buf_puts(b, before);
	safe_put(b, notice_cut(s, NOTICE_TEXT_MAX));
}

/* Who, how often, what was done: the same in every text for people. */
void notice_story(const struct notice *n, struct buf *b)
{
	struct str tags = n->tags;
	char technique[16];

	safe_put(b, notice_cut(n->title.len ? n->title : n->rule, NOTICE_TEXT_MAX));
	some(b, ": from ", n->from);
	some(b, ", account ", n->account);
	if (n->count > 1)
		buf_fmt(b, ", %llu events", (unsigned long long)n->count);
	if (n->more)
		buf_fmt(b, ", and %llu more like it", (unsigned long long)n->more);
	some(b, ", ", n->done);
	if (n->late)
		buf_puts(b, " (read late)");
	while (notice_technique(&tags, technique))
		buf_fmt(b, " [%s]", technique);
}

static void put_text(const struct notice *n, struct buf *b)
{
	time_put(b, n->time);
	buf_fmt(b, " %s ", rule_level_name((enum rule_level)n->level));
	notice_story(n, b);
	if (n->n_evidence)
		some(b, " | ", notice_cut(n->evidence[0], 512));
}

static void put_mail(const struct notice *n, struct buf *b)
{
	buf_fmt(b, "[%s] ", rule_level_name((enum rule_level)n->level));
	notice_story(n, b);
	buf_puts(b, "\n  when: ");
	time_put(b, n->time);
	some(b, "\n  machine: ", n->host);
	some(b, "\n  seen in: ", n->source);
	some(b, "\n  what to do: ", n->advice);
	for (size_t i = 0; i < n->n_evidence; i++)
		some(b, "\n  > ", n->evidence[i]);
	buf_putc(b, '\n');
}

int notice_put(const struct notice *n, enum notice_format f, struct buf *b)
{
	static void (*const formats[NOTICE_FORMATS])(const struct notice *, struct buf *) = {
		[NOTICE_TEXT] = put_text,      [NOTICE_JSON] = notice_json,
		[NOTICE_OCSF] = notice_ocsf,   [NOTICE_CEF] = notice_cef,
		[NOTICE_SLACK] = notice_slack, [NOTICE_TEAMS] = notice_teams,
		[NOTICE_MAIL] = put_mail,
	};

	if (f >= NOTICE_FORMATS || n->level >= LEVEL_N || n->n_evidence > NOTICE_EVIDENCE)
		return -EINVAL;
	formats[f](n, b);
	return b->error;
}
