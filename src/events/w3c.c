/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * w3c: logs in the Extended Log File Format (W3C WD-logfile-960323): IIS, HTTP.SYS (HTTPERR),
 * the Windows firewall, CloudFront. "#Fields:" says what the columns are, as often as it likes.
 */
#include <stdio.h>

#include "events/decoders.h"
#include "events/web.h"

enum {
	W3C_WEB,
	W3C_IIS,
	W3C_HTTPERR,
	W3C_FIREWALL,
	W3C_HEADER,
	W3C_HEADER_OTHER,
	W3C_SOFTWARE,
	W3C_DATE,
	W3C_N
};

#define REQUEST                                                                                \
	{                                                                                      \
		"src_ip", "c-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "cs-user-agent", \
			"cs-referer", "cs-host", "cs-username", "sc-status", "user", "action", \
			"outcome", "attempt"                                                   \
	}

/* clang-format off */
static const struct message_form forms[W3C_N] = {
	[W3C_WEB] = { "", {}, REQUEST, .category = "webserver" },
	[W3C_IIS] = { "", {}, REQUEST, .product = "windows", .service = "iis",
	  .category = "webserver" },
	[W3C_HTTPERR] = { "", {}, { "src_ip", "c-ip", "cs-method", "cs-uri-stem", "cs-uri-query",
	  "cs-uri", "cs-host", "sc-status", "s-reason", "action", "outcome", "attempt" },
	  .product = "windows", .service = "httperr", .category = "webserver" },
	[W3C_FIREWALL] = { "", {}, { "src_ip", "dst_ip", "src_port", "dst_port", "protocol",
	  "action" }, .product = "windows", .service = "firewall", .category = "firewall" },
	/*
	 * What a log cannot show: rules over what is missing are silent, and somebody should
	 * know.
	 */
	[W3C_HEADER] = { "#Fields:", { { "action", "log_fields" } }, { "fields", "missing" },
	  .product = "windows", .service = "iis", .context = true },
	[W3C_HEADER_OTHER] = { "#Fields:", { { "action", "log_fields" } }, { "fields",
	  "missing" }, .service = "w3c", .context = true },
	[W3C_SOFTWARE] = { "#Software:", {}, {}, .context = true },
	[W3C_DATE] = { "#Date:", {}, {}, .context = true },
};
/* clang-format on */
static const struct message_set set = { "w3c", "IIS and others in W3C's extended format", forms,
					W3C_N };
static const struct message_set *const sets[] = { &set };

#define COLUMNS 128U
#define URI_MAX 8192U

/* What a column is, beside the fields it goes to. */
enum column_kind {
	PLAIN,
	DATE,
	TIME,
	CLIENT,
	CLIENT_PORT,
	STEM,
	QUERY,
	AGENT,
	HOST,
	STATUS,
	SUBSTATUS,
	METHOD,
	NAME,
	NUMBER,
	KINDS
};

struct column {
	enum column_kind kind;
	uint16_t field;
};

struct w3c_state {
	struct work work;
	struct clock clock;
	struct column columns[COLUMNS];
	size_t n;
	unsigned form;
	char separator;
	bool started, local;
	char date_text[10];
	int64_t days;   /* of date_text, or of #Date */
	int64_t header; /* time of #Date */
	bool dated;
	struct str row[COLUMNS];
	char uri[URI_MAX];
};

/* Names as they are written, and as Sigma has them. */
static const struct {
	const char *name, *sigma;
	enum column_kind kind;
} known[] = {
	{"date",             NULL,              DATE       },
	{ "time",            NULL,              TIME       },
	{ "c-ip",            NULL,              CLIENT     },
	{ "c-port",          NULL,              CLIENT_PORT},
	{ "cs-uri-stem",     "cs-uri-stem",     STEM       },
	{ "cs-uri-query",    NULL,              QUERY      },
	{ "cs-uri",          "cs-uri",          PLAIN      },
	{ "cs(User-Agent)",  NULL,              AGENT      },
	{ "cs(Referer)",     "cs-referer",      PLAIN      },
	{ "cs(Cookie)",      "cs-cookie",       PLAIN      },
	{ "cs(Host)",        NULL,              HOST       },
	{ "x-host-header",   NULL,              HOST       },
	{ "cs-host",         NULL,              HOST       },
	{ "cs-method",       "cs-method",       METHOD     },
	{ "cs-username",     "cs-username",     NAME       },
	{ "sc-status",       "sc-status",       STATUS     },
	{ "sc-substatus",    "sc-substatus",    SUBSTATUS  },
	{ "sc-win32-status", "sc-win32-status", NUMBER     },
	{ "sc-bytes",        "sc-bytes",        NUMBER     },
	{ "cs-bytes",        "cs-bytes",        NUMBER     },
	{ "time-taken",      "time-taken",      NUMBER     },
	{ "s-port",          "s-port",          NUMBER     },
	{ "src-ip",          "src_ip",          PLAIN      },
	{ "dst-ip",          "dst_ip",          PLAIN      },
	{ "src-port",        "src_port",        NUMBER     },
	{ "dst-port",        "dst_port",        NUMBER     },
};

static struct column column_of(const struct names *names, struct str name)
{
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_ieq(name, str_of(known[i].name)))
			return (struct column){ known[i].kind,
						known[i].sigma
							? names_find(names, str_of(known[i].sigma))
							: 0 };
	return (struct column){ PLAIN, names_find(names, name) };
}

static bool has_column(struct str list, char separator, struct str name)
{
	while (list.len) {
		struct str word;

		if (!scan_until(&list, separator, &word)) {
			word = list;
			list.len = 0;
		}
		if (str_ieq(str_trim(word), name))
			return true;
	}
	return false;
}

/* The columns that requests cannot be judged without. */
static struct str missing(struct w3c_state *s, struct str list)
{
	static const char *const wanted[] = { "cs(User-Agent)", "cs-uri-query", "c-ip" };
	size_t len = 0;

	if (!has_column(list, s->separator, STR("cs-uri-stem")) &&
	    !has_column(list, s->separator, STR("cs-method")))
		return (struct str){};
	if (!has_column(list, s->separator, STR("cs-host")) &&
	    !has_column(list, s->separator, STR("cs(Host)")) &&
	    !has_column(list, s->separator, STR("x-host-header")))
		len += (size_t)snprintf(s->uri, URI_MAX, "cs-host");
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!has_column(list, s->separator, str_of(wanted[i])))
			len += (size_t)snprintf(s->uri + len, URI_MAX - len, "%s%s", len ? " " : "",
						wanted[i]);
	return (struct str){ s->uri, len };
}

static void fields_line(struct w3c_state *s, struct str list)
{
	struct str rest;

	list = str_trim(list);
	s->separator = ' ';
	if (list.len && memchr(list.ptr, '\t', list.len))
		s->separator = '\t';
	else if (list.len && memchr(list.ptr, ',', list.len) && !memchr(list.ptr, ' ', list.len))
		s->separator = ',';
	s->n = 0;
	for (rest = list; rest.len && s->n < COLUMNS;) {
		struct str word;

		if (!scan_until(&rest, s->separator, &word)) {
			word = rest;
			rest.len = 0;
		}
		word = str_trim(word);
		if (word.len)
			s->columns[s->n++] = column_of(s->work.names, word);
	}
}

/* One event a header, for what it lacks. */
static int header(struct w3c_state *s, struct str list, struct str line, uint64_t number,
		  event_fn *emit, void *user)
{
	struct work *w = &s->work;
	unsigned form = s->form == W3C_IIS ? W3C_HEADER : W3C_HEADER_OTHER;
	struct str lacks;

	list = str_trim(list);
	lacks = missing(s, list);
	work_begin(w, &forms[form], form);
	work_put(w, FIELD_FIELDS, list);
	work_some(w, FIELD_MISSING, lacks);
	work_put(w, FIELD_MESSAGE, line);
	w->e.time = s->header ? s->header : EVENT_TIME_UNKNOWN;
	w->e.raw = line;
	w->e.record = number;
	return emit(user, &w->e);
}

static int directive(struct w3c_state *s, struct str line, uint64_t number, event_fn *emit,
		     void *user)
{
	struct str rest = line, date;

	if (EAT(&rest, "#Fields:")) {
		fields_line(s, rest);
		return header(s, rest, line, number, emit, user);
	}
	if (EAT(&rest, "#Date:")) {
		struct clock utc = {};

		rest = date = str_trim(rest);
		if (!clock_iso(&utc, &rest, &s->header))
			s->header = 0;
		date = scan_word(&date);
		s->dated = clock_date(date, &s->days);
		memset(s->date_text, 0, sizeof s->date_text);
	} else if (EAT(&rest, "#Software:")) {
		rest = str_trim(rest);
		s->form = W3C_WEB;
		if (str_starts(rest, STR("Microsoft Internet Information Services")))
			s->form = W3C_IIS;
		else if (str_starts(rest, STR("Microsoft HTTP API")) ||
			 str_starts(rest, STR("Microsoft HTTP Server API")))
			s->form = W3C_HTTPERR;
		else if (str_starts(rest, STR("Microsoft Windows Firewall")))
			s->form = W3C_FIREWALL;
	} else if (EAT(&rest, "#Time Format:")) {
		s->local = str_contains(rest, STR("Local"));
	}
	return 0;
}

/* The columns of a line; false: not as many as there are fields. */
static bool split(struct w3c_state *s, struct str line)
{
	size_t n = 0;

	while (n < s->n) {
		struct str rest = line;

		if (!scan_until(&line, s->separator, &s->row[n])) {
			s->row[n++] = rest;
			return n == s->n && rest.len;
		}
		n++;
	}
	return !line.len;
}

static int64_t row_time(struct w3c_state *s)
{
	unsigned second = 0;
	bool timed = false;

	for (size_t i = 0; i < s->n; i++) {
		if (s->columns[i].kind == DATE && s->row[i].len == 10 &&
		    memcmp(s->row[i].ptr, s->date_text, 10) != 0) {
			s->dated = clock_date(s->row[i], &s->days);
			memcpy(s->date_text, s->row[i].ptr, 10);
		} else if (s->columns[i].kind == TIME) {
			timed = clock_time(s->row[i], &second);
		}
	}
	if (!s->dated || !timed)
		return EVENT_TIME_UNKNOWN;
	/* The format is in UTC; the firewall says when it is not. */
	return s->local ? clock_of(&s->clock, s->days, second, 0)
			: (s->days * 86400 + second) * INT64_C(1000000);
}

/* Columns that are needed together. */
struct parts {
	struct str client, port, stem, query, agent, host, status, substatus, method, name;
};

static void put_column(struct work *w, const struct column *c, struct str value)
{
	if (!c->field || w->e.n >= WORK_VALUES)
		return;
	w->values[w->e.n] = (struct event_value){ .field = c->field, .text = value };
	if (value.len && value.len < 18) {
		int64_t n = 0;
		size_t i = 0;

		for (; i < value.len && scan_is_digit(value.ptr[i]); i++)
			n = n * 10 + (value.ptr[i] - '0');
		if (i == value.len &&
		    (c->kind == NUMBER || c->kind == STATUS || c->kind == SUBSTATUS)) {
			w->values[w->e.n].type = VALUE_NUMBER;
			w->values[w->e.n].number = n;
		}
	}
	w->e.n++;
}

static void collect(struct parts *p, enum column_kind kind, struct str value)
{
	struct str *const slots[KINDS] = {
		[CLIENT] = &p->client, [CLIENT_PORT] = &p->port,    [STEM] = &p->stem,
		[QUERY] = &p->query,   [AGENT] = &p->agent,         [HOST] = &p->host,
		[STATUS] = &p->status, [SUBSTATUS] = &p->substatus, [METHOD] = &p->method,
		[NAME] = &p->name,
	};

	if (slots[kind])
		*slots[kind] = value;
}

/* IIS writes '+' for blanks in header fields. */
static struct str with_blanks(char *to, size_t size, struct str s)
{
	size_t n = MIN(s.len, size);

	for (size_t i = 0; i < n; i++)
		to[i] = (char)(s.ptr[i] == '+' ? ' ' : s.ptr[i]);
	return (struct str){ to, n };
}

static struct str whole_uri(char *to, size_t size, const struct parts *p)
{
	size_t n = MIN(p->stem.len, size - 1), more;

	if (!p->query.len)
		return p->stem;
	if (!p->stem.len)
		return p->query;
	memcpy(to, p->stem.ptr, n);
	to[n++] = '?';
	more = MIN(p->query.len, size - n);
	memcpy(to + n, p->query.ptr, more);
	return (struct str){ to, n + more };
}

/* IIS: 401.1 is a refused login (HTTP), 530 after PASS one by FTP. */
static void put_login(struct work *w, const struct parts *p)
{
	bool ftp = str_eq(p->method, STR("PASS"));
	bool failed = ftp ? str_eq(p->status, STR("530"))
			  : str_eq(p->status, STR("401")) &&
				      (str_eq(p->substatus, STR("1")) || p->name.len);
	bool done = ftp && str_eq(p->status, STR("230"));

	work_some(w, FIELD_USER, p->name);
	if (!failed && !done)
		return;
	work_say(w, FIELD_ACTION, STR("login"));
	work_say(w, FIELD_OUTCOME, failed ? STR("failure") : STR("success"));
	work_say(w, FIELD_ATTEMPT, failed ? STR("failed") : STR("succeeded"));
}

static int row(struct w3c_state *s, struct str line, uint64_t number, event_fn *emit, void *user)
{
	struct work *w = &s->work;
	struct parts p = {};
	size_t half = URI_MAX / 2;

	work_begin(w, &forms[s->form], s->form);
	for (size_t i = 0; i < s->n; i++) {
		if (s->row[i].len == 1 && *s->row[i].ptr == '-') {
			/* Not the same as a log that lacks the column. */
			if (s->columns[i].kind == HOST)
				work_put(w, FIELD_CS_HOST, s->row[i]);
			continue;
		}
		put_column(w, &s->columns[i], s->row[i]);
		collect(&p, s->columns[i].kind, s->row[i]);
	}
	if (p.client.len)
		web_client(w, p.client, p.port);
	if (p.stem.len || p.query.len) {
		struct str uri = whole_uri(s->uri, half, &p);

		work_put(w, FIELD_CS_URI_QUERY, uri);
		work_put(w, FIELD_C_URI, uri);
	}
	if (p.agent.len)
		web_agent(w, with_blanks(s->uri + half, half, p.agent));
	if (p.host.len)
		work_put(w, FIELD_CS_HOST, web_host(p.host));
	put_login(w, &p);
	work_put(w, FIELD_MESSAGE, line);
	w->e.time = row_time(s);
	w->e.raw = line;
	w->e.record = number;
	return emit(user, &w->e);
}

static int decode(void *state, const struct decode_context *x, struct str block,
		  uint64_t first_line, event_fn *emit, void *user, uint64_t *skipped)
{
	struct w3c_state *s = state;
	struct str line;

	if (!s->started) {
		work_start(&s->work, x);
		s->clock.zone = x->zone;
		s->started = true;
	}
	for (; scan_line(&block, &line); first_line++) {
		int r = 0;

		EAT(&line, "\xef\xbb\xbf");
		if (line.len && *line.ptr == '#')
			r = directive(s, line, first_line, emit, user);
		else if (s->n && split(s, line))
			r = row(s, line, first_line, emit, user);
		else
			*skipped += line.len > 0;
		if (r)
			return r;
	}
	return 0;
}

/* Almost always the first two columns; otherwise the date of the header. */
static int64_t when(void *state, const struct decode_context *x, struct str block)
{
	struct clock clock = {};
	struct str line;
	int64_t time, days, header = EVENT_TIME_UNKNOWN;

	(void)state;
	(void)x;
	while (scan_line(&block, &line)) {
		struct str date = line;

		if (clock_iso(&clock, &line, &time))
			return time;
		if (EAT(&date, "#Date:") &&
		    (date = str_trim(date), clock_date(scan_word(&date), &days)))
			header = days * 86400 * INT64_C(1000000);
	}
	return header;
}

static unsigned recognise(struct str head)
{
	struct str line;

	EAT(&head, "\xef\xbb\xbf");
	while (scan_line(&head, &line) && line.len && *line.ptr == '#')
		if (str_starts(line, STR("#Fields:")) ||
		    str_starts(line, STR("#Software: Microsoft")))
			return 98;
	return 0;
}

const struct decoder decoder_w3c = {
	.name = "w3c",
	.summary = "W3C's extended log format: IIS, HTTPERR, Windows firewall, CloudFront",
	.sets = sets,
	.n_sets = COUNT(sets),
	.state_size = sizeof(struct w3c_state),
	.recognise = recognise,
	.decode = decode,
	.ordered = true,
	.when = when,
};
