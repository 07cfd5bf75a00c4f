/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/crontab_parse.h"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static struct str skip_blanks(struct str s)
{
	while (s.len && is_blank(*s.ptr))
		s = str_sub(s, 1, s.len);
	return s;
}

static struct str take_word(struct str *s)
{
	size_t n = 0;
	struct str word;

	*s = skip_blanks(*s);
	while (n < s->len && !is_blank(s->ptr[n]))
		n++;
	word = str_sub(*s, 0, n);
	*s = skip_blanks(str_sub(*s, n, s->len));
	return word;
}

/* load_env(): a name, in quotes or not, and "=" with or without blanks before it. */
static bool is_setting(struct str s)
{
	size_t n = 1;

	if (!s.len)
		return false;
	if (*s.ptr == '"' || *s.ptr == '\'') {
		while (n < s.len && s.ptr[n] != *s.ptr)
			n++;
		n++;
	} else {
		for (n = 0; n < s.len && s.ptr[n] != '=' && !is_blank(s.ptr[n]);)
			n++;
	}
	s = skip_blanks(str_sub(s, n, s.len));
	return n && s.len && *s.ptr == '=';
}

/* Numbers, names of months and days, lists, ranges, steps; '~' is a random one (cronie). */
static bool is_field(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      c == '*' || c == '/' || c == ',' || c == '-' || c == '~'))
			return false;
	}
	return s.len;
}

static bool take_schedule(struct str *s, struct str *ret)
{
	struct str start = *s, word = take_word(s);

	if (word.len && *word.ptr == '@') {
		*ret = word;
		return word.len > 1;
	}
	for (int i = 0;; i++) {
		if (!is_field(word))
			return false;
		if (i == 4)
			break;
		word = take_word(s);
	}
	*ret = (struct str){ start.ptr, (size_t)(word.ptr + word.len - start.ptr) };
	return true;
}

static bool next_line(struct str *text, unsigned *line, struct str *ret)
{
	struct str s;

	while (str_line(text, &s, line)) {
		s = skip_blanks(s);
		if (!s.len || *s.ptr == '#' || is_setting(s))
			continue;
		*ret = s;
		return true;
	}
	return false;
}

bool crontab_next(struct str *text, unsigned *line, bool system, struct crontab_entry *ret)
{
	struct crontab_entry e;
	struct str s;

	while (next_line(text, line, &s)) {
		e = (struct crontab_entry){ .line = *line };
		/* cronie: '-' before the minute keeps the job out of the log. */
		if (s.len > 1 && *s.ptr == '-')
			s = str_sub(s, 1, s.len);
		if (!take_schedule(&s, &e.schedule))
			continue;
		if (system)
			e.username = take_word(&s);
		e.command = s;
		if (!s.len)
			continue;
		*ret = e;
		return true;
	}
	return false;
}

bool anacrontab_next(struct str *text, unsigned *line, struct crontab_entry *ret)
{
	struct str s;

	while (next_line(text, line, &s)) {
		struct crontab_entry e = { .line = *line };
		struct str delay;
		int64_t n;

		e.schedule = take_word(&s);
		delay = take_word(&s);
		take_word(&s);
		e.command = s;
		if (!s.len || str_to_int64(delay, &n) < 0 ||
		    (*e.schedule.ptr != '@' && str_to_int64(e.schedule, &n) < 0))
			continue;
		*ret = e;
		return true;
	}
	return false;
}

struct str crontab_command(struct str command, struct arena *a)
{
	char *out;
	size_t n = 0;

	if (str_find(command, '%') < 0)
		return command;
	out = arena_alloc(a, command.len + 1);
	if (!out)
		return (struct str){};
	for (size_t i = 0; i < command.len; i++) {
		if (command.ptr[i] == '\\' && i + 1 < command.len && command.ptr[i + 1] == '%')
			out[n++] = command.ptr[++i];
		else
			out[n++] = (char)(command.ptr[i] == '%' ? '\n' : command.ptr[i]);
	}
	return (struct str){ out, n };
}

bool at_name(struct str name, int64_t *ret_due)
{
	uint64_t job, minutes;

	/* A queue ('=' while it runs), five hexadecimal digits of a number, eight of minutes. */
	if (name.len != 14 || str_to_u64(str_sub(name, 1, 6), 16, &job) < 0 ||
	    str_to_u64(str_sub(name, 6, 14), 16, &minutes) < 0)
		return false;
	*ret_due = (int64_t)minutes * 60;
	return true;
}

struct str at_command(struct str text)
{
	static const struct str marker = STR("Execution directory inaccessible");
	struct str rest = text, line;

	while (str_line(&rest, &line, NULL)) {
		if (!str_contains(line, marker))
			continue;
		while (str_line(&rest, &line, NULL)) {
			if (str_eq(str_trim(line), STR("}")))
				return str_trim(rest);
		}
	}
	return str_trim(text);
}

struct str at_user(struct str text)
{
	struct str line;

	for (int i = 0; i < 5 && str_line(&text, &line, NULL); i++) {
		if (str_starts(line, STR("# mail "))) {
			line = str_sub(line, 7, line.len);
			return take_word(&line);
		}
	}
	return STR("");
}

struct str crontab_schedule(struct str schedule, struct arena *a)
{
	char *out = arena_alloc(a, schedule.len + 1);
	size_t n = 0;

	if (!out)
		return (struct str){};
	for (size_t i = 0; i < schedule.len; i++) {
		bool blank = is_blank(schedule.ptr[i]);

		if (!blank || (n && out[n - 1] != ' '))
			out[n++] = (char)(blank ? ' ' : schedule.ptr[i]);
	}
	return (struct str){ out, n };
}
