/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json: one object a line: Elastic's common schema, Azure Monitor, osquery, laurel, the journal,
 * web servers, MongoDB and whatever else; nested names as a.b.c. Arrays of objects and
 * {"records":[…]} in a line are read object by object.
 */
#include "events/json_work.h"

#define REQUEST                                                                                \
	{                                                                                      \
		"src_ip", "c-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "cs-user-agent", \
			"cs-referer", "cs-host", "cs-username", "sc-status"                    \
	}
#define PROCESS                                                                        \
	{                                                                              \
		"Image", "CommandLine", "CurrentDirectory", "User", "ParentImage",     \
			"ParentCommandLine", "ProcessId", "ParentProcessId", "LogonId" \
	}
#define LINUX(name) .product = "linux", .category = name

/* clang-format off */
const struct message_form json_forms[JSON_N] = {
	[JSON_OTHER] = { .literal = "" },
	[JSON_AZURE] = { "", .product = "azure" },
	[JSON_SIGNIN] = { "", .product = "azure", .service = "signinlogs" },
	[JSON_AUDIT] = { "", .product = "azure", .service = "auditlogs" },
	[JSON_ACTIVITY] = { "", .product = "azure", .service = "activitylogs" },
	[JSON_RISK] = { "", .product = "azure", .service = "riskdetection" },
	[JSON_PIM] = { "", .product = "azure", .service = "pim" },
	[JSON_WEB] = { "", {}, REQUEST, .category = "webserver" },
	[JSON_LINUX] = { "", .product = "linux" },
	[JSON_PROCESS] = { "", {}, PROCESS, LINUX("process_creation") },
	[JSON_FILE] = { "", {}, { "TargetFilename", "Image", "User" }, LINUX("file_event") },
	[JSON_NETWORK] = { "", {}, { "DestinationIp", "DestinationPort", "DestinationHostname",
	  "Image", "User", "Initiated" }, LINUX("network_connection") },
	[JSON_RECORD] = { "", {}, { "type" }, .product = "linux", .service = "auditd" },
	[JSON_MONGO_FAILED] = { "Authentication failed", { { "action", "login" }, { "outcome",
	  "failure" }, { "attempt", "failed" } }, { "user", "src_ip", "src_port" },
	  .service = "mongodb", .category = "database" },
	[JSON_WINDOWS] = { "", .product = "windows" },
};
/* clang-format on */
static const struct message_set set = { "json", "objects, one a line", json_forms, JSON_N };
static const struct message_set *const sets[] = { &set };

static bool is_true(const struct json_state *s, enum json_mark m) { return s->marks[m] != NULL; }

static struct str mark(const struct json_state *s, enum json_mark m)
{
	return s->marks[m] ? s->marks[m]->text : (struct str){};
}

void json_put(struct json_state *s, uint16_t id, struct str text, enum json_kind kind)
{
	struct event_value *v = &s->values[s->event.n];
	int64_t number;

	if (!id || s->event.n == EVENT_VALUES_MAX || event_get(&s->event, id))
		return;
	*v = (struct event_value){ .field = id, .text = text };
	if (kind == JSON_NULL) {
		v->type = VALUE_NULL;
		v->text = (struct str){};
	} else if (kind == JSON_NUMBER && str_to_int64(text, &number) == 0) {
		v->type = VALUE_NUMBER;
		v->number = number;
	}
	s->event.n++;
}

void json_put_name(struct json_state *s, const char *name, struct str text)
{
	if (text.len)
		json_put(s, names_find(s->keys.names, str_of(name)), text, JSON_STRING);
}

void json_begin(struct json_state *s, enum json_form form)
{
	struct form_work *f = &s->programs.work.forms[JSON_FORMS + form];

	if (!f->ready)
		work_prepare(&s->programs.work, f, &json_forms[form]);
	s->event.source = f->source;
	s->event.also[0] = f->also[0];
	s->event.also[1] = f->also[1];
	s->event.n = 0;
	for (uint16_t i = 0; i < f->n; i++)
		json_put(s, f->constants[i].field, f->constants[i].text, JSON_STRING);
}

/* Seconds, milliseconds, microseconds or nanoseconds since 1970, by their size. */
static int64_t unix_time(struct str s)
{
	int64_t n = 0, scale = 1'000'000;
	size_t i = 0;

	for (; i < s.len && i < 18 && scan_is_digit(s.ptr[i]); i++)
		n = n * 10 + (s.ptr[i] - '0');
	if (!i)
		return EVENT_TIME_UNKNOWN;
	if (n < 100'000'000'000)
		n *= 1'000'000;
	else if (n < 100'000'000'000'000)
		n *= 1'000;
	else if (n >= 100'000'000'000'000'000)
		n /= 1'000;
	if (i < s.len && s.ptr[i] == '.')
		for (i++; i < s.len && scale > 1 && scan_is_digit(s.ptr[i]); i++) {
			scale /= 10;
			n += (s.ptr[i] - '0') * scale;
		}
	return n;
}

static int64_t time_of(struct json_state *s)
{
	struct str text = mark(s, MARK_TIME);
	int64_t time;

	if (text.len && (clock_iso(&s->clock, &text, &time) || clock_clf(&s->clock, &text, &time) ||
			 clock_asctime(&s->clock, &text, &time)))
		return time;
	if (is_true(s, MARK_JOURNAL_TIME))
		return unix_time(mark(s, MARK_JOURNAL_TIME));
	if (text.len && (time = unix_time(text)) != EVENT_TIME_UNKNOWN)
		return time;
	return unix_time(mark(s, MARK_TIME_UNIX));
}

/* Looks every name up, once. */
static void look(struct json_state *s)
{
	memset(s->marks, 0, sizeof s->marks);
	for (size_t i = 0; i < s->flat.n; i++) {
		const struct json_value *v = &s->flat.list[i];
		const struct json_key *k = json_key_of(&s->keys, v->path);

		if (k->mark && !s->marks[k->mark] && v->kind != JSON_NULL &&
		    (v->kind != JSON_RAW || k->mark == MARK_LAUREL_RECORD))
			s->marks[k->mark] = v;
	}
}

/*
 * Every member under each of the names that was asked for; the text of containers where nothing
 * else has the name.
 */
static void put_members(struct json_state *s)
{
	for (unsigned raw = 0; raw < 2; raw++) {
		for (size_t i = 0; i < s->flat.n; i++) {
			const struct json_value *v = &s->flat.list[i];
			const struct json_key *k;

			if ((v->kind == JSON_RAW) != raw)
				continue;
			k = json_key_of(&s->keys, v->path);
			for (size_t f = 0; f < JSON_KEY_FIELDS && k->fields[f]; f++)
				json_put(s, k->fields[f], v->text, v->kind);
		}
	}
}

static bool is_web(const struct json_state *s)
{
	return is_true(s, MARK_STATUS) &&
	       (is_true(s, MARK_REQUEST) || (is_true(s, MARK_METHOD) && is_true(s, MARK_PATH)));
}

static enum json_form azure_form(struct str category)
{
	static const struct {
		const char *name;
		enum json_form form;
	} services[] = {
		{"SignInLogs",                    JSON_SIGNIN  },
		{ "NonInteractiveUserSignInLogs", JSON_SIGNIN  },
		{ "ServicePrincipalSignInLogs",   JSON_SIGNIN  },
		{ "AuditLogs",                    JSON_AUDIT   },
		{ "Administrative",               JSON_ACTIVITY},
		{ "Security",                     JSON_ACTIVITY},
		{ "Policy",                       JSON_ACTIVITY},
		{ "ServiceHealth",                JSON_ACTIVITY},
		{ "ResourceHealth",               JSON_ACTIVITY},
		{ "Alert",                        JSON_ACTIVITY},
		{ "Autoscale",                    JSON_ACTIVITY},
		{ "UserRiskEvents",               JSON_RISK    },
		{ "RiskyUsers",                   JSON_RISK    },
	};

	for (size_t i = 0; i < COUNT(services); i++)
		if (str_ieq(category, str_of(services[i].name)))
			return services[i].form;
	return JSON_AZURE;
}

static bool is_linux(const struct json_state *s)
{
	return !str_ieq(mark(s, MARK_OS), STR("windows"));
}

static enum json_form form_of(const struct json_state *s)
{
	struct str category = mark(s, MARK_ECS_CATEGORY), name = mark(s, MARK_OSQUERY_NAME);

	if (is_true(s, MARK_CHANNEL) && is_true(s, MARK_EVENT_ID))
		return JSON_WINDOWS;
	if (is_web(s))
		return JSON_WEB;
	if (is_true(s, MARK_AZURE_CATEGORY) &&
	    (is_true(s, MARK_AZURE_OPERATION) || is_true(s, MARK_AZURE_RESOURCE)))
		return azure_form(mark(s, MARK_AZURE_CATEGORY));
	if (is_true(s, MARK_OSQUERY_HOST)) {
		if (str_contains(name, STR("process_events")))
			return JSON_PROCESS;
		if (str_contains(name, STR("file_events")))
			return JSON_FILE;
		return str_contains(name, STR("socket_events")) ? JSON_NETWORK : JSON_LINUX;
	}
	if (category.len && is_linux(s)) {
		if (str_contains(category, STR("process")))
			return JSON_PROCESS;
		if (str_contains(category, STR("file")))
			return JSON_FILE;
		return str_contains(category, STR("network")) ? JSON_NETWORK : JSON_LINUX;
	}
	if (is_true(s, MARK_MONGO_REMOTE) &&
	    str_starts(mark(s, MARK_MONGO_MESSAGE), STR("Authentication failed")))
		return JSON_MONGO_FAILED;
	return JSON_OTHER;
}

/* Requests have their parts under many names. */
static void put_request(struct json_state *s)
{
	struct work *w = &s->programs.work;
	struct str path = mark(s, MARK_PATH), query = mark(s, MARK_QUERY), uri = path;
	char *joined;

	w->e.n = 0;
	w->scratch_used = 0;
	if (query.len && path.len && !memchr(path.ptr, '?', path.len) &&
	    path.len + query.len < 8192) {
		joined = s->uri;
		memcpy(joined, path.ptr, path.len);
		joined[path.len] = '?';
		memcpy(joined + path.len + 1, query.ptr, query.len);
		uri = (struct str){ joined, path.len + 1 + query.len };
	}
	web_client(w, mark(s, MARK_CLIENT), (struct str){});
	if (is_true(s, MARK_REQUEST)) {
		web_request(w, mark(s, MARK_REQUEST));
	} else if (uri.len) {
		const char *end = memchr(uri.ptr, '?', uri.len);

		work_put(w, FIELD_CS_URI, uri);
		work_put(w, FIELD_CS_URI_QUERY, uri);
		work_put(w, FIELD_C_URI, uri);
		work_put(w, FIELD_CS_URI_STEM,
			 (struct str){ uri.ptr, end ? (size_t)(end - uri.ptr) : uri.len });
	}
	work_number(w, FIELD_SC_STATUS, mark(s, MARK_STATUS));
	if (is_true(s, MARK_AGENT))
		web_agent(w, mark(s, MARK_AGENT));
	if (is_true(s, MARK_HOST))
		work_put(w, FIELD_CS_HOST, web_host(mark(s, MARK_HOST)));
	for (uint32_t i = 0; i < w->e.n && s->event.n < EVENT_VALUES_MAX; i++)
		if (!event_get(&s->event, w->values[i].field))
			s->values[s->event.n++] = w->values[i];
}

static void put_windows(struct json_state *s)
{
	int64_t id = 0;
	int channel = evtx_source_channel(s->sources, mark(s, MARK_CHANNEL));
	struct evtx_source source;

	if (str_to_int64(mark(s, MARK_EVENT_ID), &id) < 0)
		return;
	source = evtx_source_find(s->sources, channel, id, (struct str){});
	s->event.source = source.source;
}

static void put_mongo(struct json_state *s)
{
	struct work *w = &s->programs.work;

	w->e.n = 0;
	w->scratch_used = 0;
	work_some(w, FIELD_USER, mark(s, MARK_MONGO_USER));
	if (!work_endpoint(w, mark(s, MARK_MONGO_REMOTE)))
		work_source(w, mark(s, MARK_MONGO_REMOTE));
	for (uint32_t i = 0; i < w->e.n && s->event.n < EVENT_VALUES_MAX; i++)
		s->values[s->event.n++] = w->values[i];
}

/* An entry of the journal: what programs say goes the way of all their messages. */
static int journal(struct json_state *s, struct str line, uint64_t number, event_fn *emit,
		   void *user)
{
	struct str program = mark(s, MARK_JOURNAL_IDENTIFIER);
	struct record r = {
		.raw = line,
		.number = number,
		.time = time_of(s),
		.hostname = mark(s, MARK_JOURNAL_HOST),
		.pid = mark(s, MARK_JOURNAL_PID),
		.message = mark(s, MARK_JOURNAL_MESSAGE),
	};

	if (!program.len)
		program = mark(s, MARK_JOURNAL_COMM);
	r.program = journal_program(program, mark(s, MARK_JOURNAL_UID), mark(s, MARK_JOURNAL_EXE));
	return program_emit(&s->programs, &r, emit, user);
}

static int object(struct json_state *s, struct str line, uint64_t number, event_fn *emit,
		  void *user)
{
	enum json_form form;

	look(s);
	if (is_true(s, MARK_JOURNAL_TIME) && is_true(s, MARK_JOURNAL_MESSAGE))
		return journal(s, line, number, emit, user);
	s->event.time = time_of(s);
	s->event.raw = line;
	s->event.record = number;
	s->event.file = s->programs.work.e.file;
	if (is_true(s, MARK_LAUREL_ID) && is_true(s, MARK_LAUREL_RECORD))
		return json_laurel(s, mark(s, MARK_LAUREL_ID), emit, user);
	form = form_of(s);
	json_begin(s, form);
	if (form == JSON_WINDOWS)
		put_windows(s);
	else if (form == JSON_WEB)
		put_request(s);
	else if (form == JSON_MONGO_FAILED)
		put_mongo(s);
	put_members(s);
	json_put_name(s, "message", line);
	return emit(user, &s->event);
}

/* All objects of a line; false: something in it is no JSON. */
static int line_objects(struct json_state *s, struct str line, uint64_t number, event_fn *emit,
			void *user, bool *ret_good)
{
	struct str rest = line, whole;
	bool many = false;
	int r = 0;

	*ret_good = true;
	scan_blanks(&rest);
	if (EAT(&rest, "{\"records\":") || EAT(&rest, "{\"records\" :") ||
	    EAT(&rest, "{ \"records\":")) {
		many = true;
		scan_blanks(&rest);
		if (!EAT(&rest, "["))
			*ret_good = false;
	} else if (EAT(&rest, "[")) {
		many = true;
	}
	scan_blanks(&rest);
	while (r == 0 && *ret_good && rest.len && *rest.ptr == '{') {
		whole = rest;
		*ret_good = json_flatten(&s->flat, &rest);
		if (!*ret_good)
			break;
		whole.len -= rest.len;
		r = object(s, many ? whole : line, number, emit, user);
		scan_blanks(&rest);
		if (!EAT(&rest, ","))
			break;
		scan_blanks(&rest);
	}
	return r;
}

static int start(struct json_state *s, const struct decode_context *x)
{
	int r = json_keys_new(&s->keys, x->names);

	if (r == 0)
		r = evtx_sources_new(x->names, &s->sources);
	if (r < 0)
		return r;
	work_start(&s->programs.work, x);
	s->clock.zone = x->zone;
	s->event.values = s->values;
	s->started = true;
	return 0;
}

static int decode(void *state, const struct decode_context *x, struct str block,
		  uint64_t first_line, event_fn *emit, void *user, uint64_t *skipped)
{
	struct json_state *s = state;
	struct str line;
	int r = s->started ? 0 : start(s, x);

	for (; r == 0 && scan_line(&block, &line); first_line++) {
		bool good;

		EAT(&line, "\xef\xbb\xbf");
		r = line_objects(s, line, first_line, emit, user, &good);
		/* Brackets of an array around the lines are no loss. */
		if (!good || (line.len > 2 && !memchr(line.ptr, '{', line.len)))
			++*skipped;
	}
	return r;
}

static void release(void *state)
{
	struct json_state *s = state;

	json_keys_release(&s->keys);
	evtx_sources_release(&s->sources);
	program_release(&s->programs);
}

static int64_t when(void *state, const struct decode_context *x, struct str block)
{
	struct json_state *s = state;
	unsigned lines = 0;
	struct str line;

	if (!s->started && start(s, x) < 0)
		return EVENT_TIME_UNKNOWN;
	while (lines++ < 16 && scan_line(&block, &line)) {
		int64_t time;
		ssize_t at = str_find(line, '{');

		if (at < 0)
			continue;
		line = scan_skip(line, (size_t)at);
		EAT(&line, "{\"records\":[");
		if (!json_flatten(&s->flat, &line))
			continue;
		look(s);
		time = is_true(s, MARK_LAUREL_ID) ? unix_time(mark(s, MARK_LAUREL_ID)) : time_of(s);
		if (time != EVENT_TIME_UNKNOWN)
			return time;
	}
	return EVENT_TIME_UNKNOWN;
}

/* Lines that begin and end as objects do. */
static unsigned recognise(struct str head)
{
	unsigned lines = 0, good = 0;
	struct str line;

	EAT(&head, "\xef\xbb\xbf");
	while (lines < 8 && scan_line(&head, &line)) {
		struct str rest = line;
		bool whole = head.len || (line.len && line.ptr[line.len - 1] == '}');

		scan_blanks(&rest);
		if (!rest.len || (rest.len <= 2 && (*rest.ptr == '[' || *rest.ptr == ']')))
			continue;
		lines++;
		EAT(&rest, "[");
		scan_blanks(&rest);
		if (*line.ptr == '{' || (rest.len && *rest.ptr == '{'))
			good += !whole || rest.ptr[rest.len - 1] == '}' ||
				rest.ptr[rest.len - 1] == ']' || rest.ptr[rest.len - 1] == ',';
	}
	return lines ? 90 * good / lines : 0;
}

const struct decoder decoder_json = {
	.name = "json",
	.summary = "JSON, one object a line: ECS, Azure Monitor, osquery, laurel, the journal",
	.sets = sets,
	.n_sets = COUNT(sets),
	.state_size = sizeof(struct json_state),
	.recognise = recognise,
	.decode = decode,
	.release = release,
	.escapes = true,
	.when = when,
};
