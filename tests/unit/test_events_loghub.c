/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole logs of others, by way of the reader: loghub's samples and the IIS logs. */
#include "events.h"
#include "events/reader.h"

#define CORPUS "../shared/corpora/logs/"

struct totals {
	struct names *names;
	unsigned failed, succeeded, sessions, connections, apache, requests, headers, denied;
};

static bool is_value(const struct totals *t, const struct event *e, const char *field,
		     const char *want)
{
	const struct event_value *v = event_get(e, names_find(t->names, str_of(field)));

	return v && str_eq(v->text, str_of(want));
}

static int count(void *user, const struct event *e)
{
	struct totals *t = user;

	t->failed += is_value(t, e, "attempt", "failed");
	t->succeeded += is_value(t, e, "attempt", "succeeded");
	t->sessions += is_value(t, e, "action", "session_open");
	t->connections +=
		is_value(t, e, "action", "connect") && is_value(t, e, "outcome", "success");
	t->headers +=
		is_value(t, e, "action", "log_fields") && is_value(t, e, "missing", "cs-host");
	t->requests += str_eq(names_text(t->names, e->source.category), STR("webserver"));
	t->apache += str_eq(names_text(t->names, e->source.service), STR("apache"));
	t->denied += is_value(t, e, "reason", "denied") && is_value(t, e, "action", "request");
	return 0;
}

static struct totals run(const char *path, uint64_t *skipped)
{
	struct totals t = {};
	struct reader *r = NULL;
	struct diag d;

	events_names(&t.names, "");
	*skipped = 0;
	if (reader_new(&r) < 0 || reader_add(r, path, &d) < 0 ||
	    reader_start(r, &(struct reader_options){ .names = t.names, .now = EVENTS_NOW }) < 0 ||
	    reader_run(r, count, &t) < 0)
		ok(false, path);
	for (size_t i = 0; i < reader_count(r); i++)
		*skipped += reader_file(r, i)->skipped;
	reader_release(&r);
	names_release(&t.names);
	return t;
}

int main(void)
{
	struct totals t;
	uint64_t skipped;

	if (access(CORPUS "ssh/OpenSSH_2k.log", R_OK) < 0) {
		skip("loghub's logs", "the corpora are not there");
		return done();
	}
	/* 528 passwords, and three connections that named an unknown user and went. */
	t = run(CORPUS "ssh/OpenSSH_2k.log", &skipped);
	is_int(t.failed, 531, "OpenSSH: attempts, each counted once");
	is_int(t.succeeded, 1, "OpenSSH: one login");
	is_int((int64_t)skipped, 0, "OpenSSH: no line is skipped");
	t = run(CORPUS "ssh/Linux_2k.log", &skipped);
	is_int(t.failed, 490, "Linux: failures that only PAM tells of");
	is_int(t.sessions, 123, "Linux: sessions");
	is_int(t.connections, 909, "Linux: connections to ftpd");
	is_int((int64_t)skipped, 0, "Linux: no line is skipped");
	t = run(CORPUS "web/Apache_2k.log", &skipped);
	is_int(t.apache, 2000, "Apache: lines");
	is_int((int64_t)skipped, 0, "Apache: no line is skipped");
	t = run(CORPUS "iis", &skipped);
	is_int(t.requests, 2001, "IIS: requests under 424 headers");
	is_int(t.headers, 424, "IIS: headers that lack cs-host");
	is_int((int64_t)skipped, 0, "IIS: no line is skipped");
	return done();
}
