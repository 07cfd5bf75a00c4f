/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * access: requests as Apache, nginx and others log them: common, combined, with a virtual host
 * in front, with more behind. "host ident user [time] "request" status bytes "referer" "agent"
 * …"
 */
#include "events/decoders.h"
#include "events/web.h"

enum { ACCESS_OTHER, ACCESS_APACHE, ACCESS_NGINX, ACCESS_HEADER, ACCESS_N };

#define REQUEST                                                                                  \
	{                                                                                        \
		"src_ip", "c-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "cs-user-agent",   \
			"cs-referer", "cs-host", "cs-username", "sc-status", "sc-bytes", "user", \
			"action", "outcome", "attempt"                                           \
	}

/* clang-format off */
static const struct message_form forms[ACCESS_N] = {
	[ACCESS_OTHER] = { "", {}, REQUEST, .category = "webserver" },
	[ACCESS_APACHE] = { "", {}, REQUEST, .service = "apache", .category = "webserver" },
	[ACCESS_NGINX] = { "", {}, REQUEST, .service = "nginx", .category = "webserver" },
	/* What a log cannot show, once a file. */
	[ACCESS_HEADER] = { "", { { "action", "log_fields" } }, { "missing" },
	  .service = "access" },
};
/* clang-format on */
static const struct message_set set = { "access", "requests to web servers", forms, ACCESS_N };
static const struct message_set *const sets[] = { &set };

struct access_state {
	struct work work;
	struct clock clock;
	unsigned form;
	bool started;
};

struct request {
	struct str host, client, user, request, status, bytes, referer, agent;
	int64_t time;
};

/* Up to the closing quote, which a backslash in front makes part of the text. */
static bool quoted(struct str *s, struct str *ret)
{
	struct str rest = *s;
	const char *p, *from, *end;

	if (!EAT(&rest, "\""))
		return false;
	end = rest.ptr + rest.len;
	for (p = from = rest.ptr; (p = memchr(p, '"', (size_t)(end - p))); p++) {
		const char *q = p;

		while (q > from && q[-1] == '\\')
			q--;
		if ((p - q) % 2 == 0)
			break;
	}
	if (!p)
		return false;
	*ret = (struct str){ from, (size_t)(p - from) };
	*s = scan_skip(rest, ret->len + 1);
	EAT(s, " ");
	return true;
}

/* "[22/Nov/2026:11:42:33 +0000] " with something in quotes behind it: names may have brackets. */
static bool bracketed_time(struct clock *clock, struct str *s, struct str *before, int64_t *ret)
{
	for (size_t i = 0; i + 22 < s->len; i++) {
		struct str rest = { s->ptr + i, s->len - i };

		if (*rest.ptr != '[' || !scan_is_digit(rest.ptr[1]))
			continue;
		rest = scan_skip(rest, 1);
		if (!clock_clf(clock, &rest, ret))
			continue;
		EAT(&rest, " ");
		if (!EAT(&rest, "] "))
			continue;
		*before = (struct str){ s->ptr, i };
		*s = rest;
		return true;
	}
	return false;
}

static struct str number_or_dash(struct str *s)
{
	struct str rest = *s, word = scan_word(&rest);

	for (size_t i = 0; i < word.len; i++)
		if (!scan_is_digit(word.ptr[i]) && !(word.len == 1 && *word.ptr == '-'))
			return (struct str){};
	if (word.len)
		*s = rest;
	return word;
}

/* "[host ]client ident user" */
static bool who(struct str s, struct request *ret)
{
	struct str first = scan_word(&s), next = s, second = scan_word(&next);

	if (!first.len)
		return false;
	ret->client = first;
	/* An ident is no address, so there is a host in front, which may be one. */
	if (address_parse(second, NULL)) {
		ret->host = first;
		ret->client = second;
		s = next;
	}
	scan_word(&s); /* ident */
	while (s.len && s.ptr[s.len - 1] == ' ')
		s.len--;
	s = str_unquote(s);
	if (s.len && !str_eq(s, STR("-")))
		ret->user = s;
	return true;
}

static bool parse(struct clock *clock, struct str line, struct request *ret)
{
	struct str before;

	if (line.len && *line.ptr == '<') /* by way of syslog without a tag */
		return false;
	if (!bracketed_time(clock, &line, &before, &ret->time) || !who(before, ret))
		return false;
	if (line.len && *line.ptr != '"') { /* a name between time and request */
		struct str host = scan_word(&line);

		ret->host = host;
	}
	if (!quoted(&line, &ret->request))
		return false;
	ret->status = number_or_dash(&line);
	if (!ret->status.len || ret->status.len > 3)
		return false;
	ret->bytes = number_or_dash(&line);
	if (!quoted(&line, &ret->referer))
		return true;
	if (!quoted(&line, &ret->agent)) {
		ret->agent = ret->referer;
		ret->referer = (struct str){};
	}
	return true;
}

/* A refused password, where the server asks for one: the same fields as everywhere. */
static void put_login(struct work *w, const struct request *q)
{
	if (!q->user.len)
		return;
	work_put(w, FIELD_CS_USERNAME, q->user);
	work_put(w, FIELD_USER, q->user);
	if (!str_eq(q->status, STR("401")))
		return;
	work_say(w, FIELD_ACTION, STR("login"));
	work_say(w, FIELD_OUTCOME, STR("failure"));
	work_say(w, FIELD_ATTEMPT, STR("failed"));
}

static void put(struct work *w, const struct request *q)
{
	web_client(w, q->client, (struct str){});
	web_request(w, q->request);
	work_number(w, FIELD_SC_STATUS, q->status);
	if (!str_eq(q->bytes, STR("-")))
		work_number(w, FIELD_SC_BYTES, q->bytes);
	if (q->referer.len && !str_eq(q->referer, STR("-")))
		work_put(w, FIELD_CS_REFERER, q->referer);
	if (q->agent.len && !str_eq(q->agent, STR("-")))
		web_agent(w, q->agent);
	if (q->host.len)
		work_put(w, FIELD_CS_HOST, web_host(q->host));
	put_login(w, q);
}

static void start(struct access_state *s, const struct decode_context *x)
{
	struct str path = str_of(x->path);

	work_start(&s->work, x);
	s->clock.zone = x->zone;
	s->form = ACCESS_OTHER;
	if (str_contains(path, STR("nginx")))
		s->form = ACCESS_NGINX;
	else if (str_contains(path, STR("apache")) || str_contains(path, STR("httpd")))
		s->form = ACCESS_APACHE;
	s->started = true;
}

/* What the first request of a file lacks. */
static int header(struct work *w, const struct request *q, event_fn *emit, void *user)
{
	if (q->host.len)
		return 0;
	work_begin(w, &forms[ACCESS_HEADER], ACCESS_HEADER);
	work_say(w, FIELD_MISSING, STR("cs-host"));
	w->e.time = q->time;
	w->e.raw = (struct str){};
	w->e.record = 1;
	return emit(user, &w->e);
}

static int decode(void *state, const struct decode_context *x, struct str block,
		  uint64_t first_line, event_fn *emit, void *user, uint64_t *skipped)
{
	struct access_state *s = state;
	struct work *w = &s->work;
	struct str line;

	if (!s->started)
		start(s, x);
	for (; scan_line(&block, &line); first_line++) {
		struct request q = {};
		int r;

		if (!parse(&s->clock, line, &q)) {
			*skipped += line.len > 0;
			continue;
		}
		r = first_line == 1 ? header(w, &q, emit, user) : 0;
		if (r)
			return r;
		work_begin(w, &forms[s->form], s->form);
		put(w, &q);
		work_put(w, FIELD_MESSAGE, line);
		w->e.time = q.time;
		w->e.raw = line;
		w->e.record = first_line;
		r = emit(user, &w->e);
		if (r)
			return r;
	}
	return 0;
}

static int64_t when(void *state, const struct decode_context *x, struct str block)
{
	struct clock clock = { .zone = x->zone };
	struct str line;

	(void)state;
	while (scan_line(&block, &line)) {
		struct request q = {};

		if (parse(&clock, line, &q))
			return q.time;
	}
	return EVENT_TIME_UNKNOWN;
}

static unsigned recognise(struct str head)
{
	struct clock clock = {};
	unsigned lines = 0, good = 0;
	struct str line;

	while (lines < 16 && scan_line(&head, &line)) {
		struct request q = {};

		if (!line.len)
			continue;
		lines++;
		good += parse(&clock, line, &q);
	}
	return lines ? 95 * good / lines : 0;
}

const struct decoder decoder_access = {
	.name = "access",
	.summary = "requests to web servers: common, combined, with virtual hosts",
	.sets = sets,
	.n_sets = COUNT(sets),
	.state_size = sizeof(struct access_state),
	.recognise = recognise,
	.decode = decode,
	.when = when,
};
