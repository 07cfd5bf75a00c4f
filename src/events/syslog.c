/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * syslog: lines of the system log: RFC 3164 with and without host, RFC 5424, and what daemons
 * write to files: RFC 3339 times, "date time program: message", FreeBSD's and busybox's
 * priorities.
 */
#include "events/syslog.h"
#include "events/decoders.h"

static const char *const facilities[] = {
	"kern",   "user",   "mail",     "daemon", "auth",   "syslog",   "lpr",     "news",
	"uucp",   "cron",   "authpriv", "ftp",    "ntp",    "security", "console", "solaris-cron",
	"local0", "local1", "local2",   "local3", "local4", "local5",   "local6",  "local7",
};
static const char *const severities[] = { "emerg",   "alert",  "crit", "err",
					  "warning", "notice", "info", "debug" };

/* "<38>" at the start. */
static bool priority(struct str *s, struct record *r)
{
	struct str rest = *s;
	uint32_t n;

	if (!EAT(&rest, "<") || !scan_number(&rest, &n) || n > 191 || !EAT(&rest, ">"))
		return false;
	r->facility = str_of(facilities[n / 8]);
	r->severity = str_of(severities[n % 8]);
	*s = rest;
	return true;
}

/* "auth.info" as busybox and socklog write it. */
static bool is_priority_word(struct str word)
{
	const char *dot = word.len ? memchr(word.ptr, '.', word.len) : NULL;
	size_t n = dot ? (size_t)(dot - word.ptr) : 0;

	for (size_t i = 0; n && i < COUNT(facilities); i++)
		if (strlen(facilities[i]) == n && !memcmp(facilities[i], word.ptr, n))
			return true;
	return false;
}

/*
 * "program[pid]: ", "program: ", "program[pid] ", "program(module)[pid]: "; stop: offset of the
 * first '[', ':' or blank.
 */
static bool tag(struct str *s, size_t stop, struct record *r)
{
	const char *p = s->ptr, *end = p + s->len, *q = p + stop;
	struct str pid = {};

	if (!stop || q == end || *q == ' ')
		return false;
	if (*q == '[') {
		pid.ptr = ++q;
		while (q < end && *q != ']' && *q != ' ')
			q++;
		if (q == end || *q != ']')
			return false;
		pid.len = (size_t)(q++ - pid.ptr);
		if (q < end && *q == ':')
			q++;
	} else {
		q++;
	}
	/* Not what is an address, a time or a path with a colon. */
	if (q < end && *q != ' ')
		return false;
	r->program = (struct str){ p, stop };
	r->pid = pid;
	q += q < end;
	*s = (struct str){ q, (size_t)(end - q) };
	return true;
}

/* "[program] " and "[program]: " of metalog. */
static bool bracket_tag(struct str *s, struct record *r)
{
	struct str rest = *s, name;

	if (!EAT(&rest, "[") || !scan_until(&rest, ']', &name) || !name.len || name.len > 32 ||
	    memchr(name.ptr, ' ', name.len) || *name.ptr < 'a' || *name.ptr > 'z')
		return false;
	EAT(&rest, ":");
	if (!EAT(&rest, " "))
		return false;
	r->program = name;
	*s = rest;
	return true;
}

static size_t stop_of(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.ptr[n] != ' ' && s.ptr[n] != '[' && s.ptr[n] != ':')
		n++;
	return n;
}

/* Structured data of RFC 5424, 6.3, and the blank behind it; false: neither "-" nor well-formed. */
static bool structured_data(struct str *s)
{
	struct str rest = *s;
	bool quoted = false;
	size_t i = 0;

	if (EAT(&rest, "-")) {
		*s = rest;
	} else {
		if (!rest.len || *rest.ptr != '[')
			return false;
		for (; i < rest.len; i++) {
			char c = rest.ptr[i];

			if (c == '\\' && quoted)
				i++;
			else if (c == '"')
				quoted = !quoted;
			else if (c == ']' && !quoted &&
				 (i + 1 == rest.len || rest.ptr[i + 1] != '['))
				break;
		}
		if (i >= rest.len)
			return false;
		*s = scan_skip(rest, i + 1);
	}
	EAT(s, " ");
	EAT(s, "\xef\xbb\xbf");
	return true;
}

/* "host program pid msgid data message" of RFC 5424. */
static bool fields_5424(struct str s, struct record *r)
{
	struct str host = scan_word(&s), program = scan_word(&s), pid = scan_word(&s), id;

	id = scan_word(&s);
	if (!host.len || !program.len || !pid.len || !id.len || !structured_data(&s))
		return false;
	if (!str_eq(host, STR("-")))
		r->hostname = host;
	if (!str_eq(program, STR("-")))
		r->program = program;
	if (!str_eq(pid, STR("-")))
		r->pid = pid;
	r->message = s;
	return true;
}

/* As sysklogd writes RFC 5424 to files, without the priority: it must look the part. */
static bool bare_5424(struct str s, struct record *r)
{
	struct str rest = s, pid;

	scan_word(&rest);
	scan_word(&rest);
	pid = scan_word(&rest);
	for (size_t i = 0; i < pid.len; i++)
		if (!scan_is_digit(pid.ptr[i]) && pid.len > 1)
			return false;
	return pid.len && EAT(&rest, "- ") && fields_5424(s, r);
}

/* A priority as a word of its own, cut off with the blanks behind it. */
static bool eat_priority(struct str *s)
{
	struct str rest = *s, word = scan_word(&rest);

	if (word.len > 2 && *word.ptr == '<' ? word.ptr[word.len - 1] != '>'
					     : (EAT_END(&word, ":"), !is_priority_word(word)))
		return false;
	scan_blanks(&rest);
	*s = rest;
	return true;
}

/* After the time: "program[pid]: message", with priorities, of RFC 5424; false: none of them. */
static bool odd_envelope(struct str s, struct record *r, struct clock *clock)
{
	bool bare = eat_priority(&s);
	struct str rest = s, host;
	int64_t again;

	/* socklog keeps the time that was sent, too. */
	if (bare && clock_bsd(clock, &rest, &again))
		scan_blanks(&rest);
	r->message = rest;
	if (tag(&rest, stop_of(rest), r) || bracket_tag(&rest, r)) {
		r->message = rest;
		return true;
	}
	host = scan_word(&rest);
	scan_blanks(&rest);
	eat_priority(&rest);
	if (host.len && *host.ptr != '[' && host.ptr[host.len - 1] != ':' &&
	    tag(&rest, stop_of(rest), r)) {
		r->hostname = host;
		r->message = rest;
		return true;
	}
	return bare || bare_5424(s, r);
}

/* After the time: most lines are "host program[pid]: message". */
static bool envelope(struct str s, struct record *r, struct clock *clock)
{
	size_t stop = stop_of(s);
	struct str host = { s.ptr, stop }, rest = s;

	if (stop && stop + 1 < s.len && s.ptr[stop] == ' ' && *s.ptr != '<' &&
	    !is_priority_word(host)) {
		rest = scan_skip(s, stop + 1);
		if (tag(&rest, stop_of(rest), r)) {
			r->hostname = host;
			r->message = rest;
			return true;
		}
	}
	return odd_envelope(s, r, clock);
}

static bool any_clock(struct clock *clock, struct str *line, int64_t *ret)
{
	char c = '\0';

	if (line->len)
		c = *line->ptr;

	if (c == '@')
		return clock_tai(clock, line, ret);
	if (scan_is_digit(c))
		return clock_iso(clock, line, ret) || clock_mysql(clock, line, ret);
	return clock_bsd(clock, line, ret) || clock_asctime(clock, line, ret);
}

/* "20220407-12:11:06] [INFO ] message" of xrdp's own logs. */
static bool xrdp(struct clock *clock, struct str line, struct record *r)
{
	char date[] = "0000-00-00";
	unsigned second;
	int64_t days;

	if (line.len < 19 || line.ptr[8] != '-' || line.ptr[17] != ']' || line.ptr[18] != ' ')
		return false;
	memcpy(date, line.ptr, 4);
	memcpy(date + 5, line.ptr + 4, 2);
	memcpy(date + 8, line.ptr + 6, 2);
	if (!clock_date(str_of(date), &days) || !clock_time(str_sub(line, 9, 17), &second))
		return false;
	r->time = clock_of(clock, days, second, 0);
	r->program = STR("xrdp-sesman");
	r->message = scan_skip(line, 19);
	return true;
}

/*
 * Apache's error log: "[Wed Oct 11 14:32:52.123456 2026] message"; some put brackets around
 * other times.
 */
static bool apache(struct clock *clock, struct str line, struct record *r)
{
	line = scan_skip(line, 1);
	if (clock_asctime(clock, &line, &r->time)) {
		if (!EAT(&line, "] "))
			return false;
		r->program = STR("apache2");
		r->message = line;
		return true;
	}
	if (xrdp(clock, line, r))
		return true;
	if (!any_clock(clock, &line, &r->time) || !EAT(&line, "] "))
		return false;
	scan_blanks(&line);
	if (!envelope(line, r, clock))
		r->message = line;
	return true;
}

bool syslog_parse(struct clock *clock, struct str line, struct record *r)
{
	bool has_priority = priority(&line, r);
	bool slashes = line.len > 4 && scan_is_digit(*line.ptr) && line.ptr[4] == '/';

	r->time = EVENT_TIME_UNKNOWN;
	if (line.len && *line.ptr == '[')
		return apache(clock, line, r);
	if (has_priority && EAT(&line, "1 ")) {
		if (!EAT(&line, "-") && !clock_iso(clock, &line, &r->time))
			return false;
		return EAT(&line, " ") && fields_5424(line, r);
	}
	if (!any_clock(clock, &line, &r->time))
		return false;
	EAT(&line, ":"); /* Cisco */
	if (!EAT(&line, " "))
		return false;
	scan_blanks(&line);
	if (slashes && line.len && *line.ptr == '[') { /* nginx writes 2026/11/22 */
		r->program = STR("nginx");
		r->message = line;
	} else if (line.len && !envelope(line, r, clock)) {
		r->message = line;
	}
	return true;
}

static void release(void *state) { program_release(&((struct syslog_state *)state)->programs); }

static int64_t when(void *state, const struct decode_context *x, struct str block)
{
	struct clock clock = { .zone = x->zone, .now = x->now };
	struct str line;

	(void)state;
	while (scan_line(&block, &line)) {
		struct record r = {};

		if (syslog_parse(&clock, line, &r) && r.time != EVENT_TIME_UNKNOWN)
			return r.time;
	}
	return EVENT_TIME_UNKNOWN;
}

static unsigned recognise(struct str head)
{
	struct clock clock = { .now = INT64_C(4'000'000'000'000'000) };
	unsigned lines = 0, good = 0, timed = 0;
	struct str line;

	while (lines < 16 && scan_line(&head, &line)) {
		struct record r = {};

		if (!line.len)
			continue;
		lines++;
		if (!syslog_parse(&clock, line, &r))
			continue;
		timed++;
		good += r.program.len > 0 || program_bare(r.message);
	}
	return lines ? (80 * good + 20 * timed) * 9 / 10 / lines : 0;
}

const struct decoder decoder_syslog = {
	.name = "syslog",
	.summary = "system logs: RFC 3164, RFC 5424, RFC 3339 times",
	.sets = program_sets,
	.n_sets = PROGRAM_SETS,
	.state_size = sizeof(struct syslog_state),
	.recognise = recognise,
	.decode = syslog_decode,
	.copies = true,
	.screens = true,
	.release = release,
	.when = when,
};
