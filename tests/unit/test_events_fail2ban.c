/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fail2ban's annotated logs: does a line yield a failure, of which host, when? What we judge
 * otherwise stands in docs/hunt-corpus.md with the reason; nothing else may differ, and nothing
 * may stand there that does not.
 */
#include <dirent.h>
#include <jansson.h>

#include "base/file.h"
#include "events.h"

#define CORPUS "../shared/corpora/logs/fail2ban/"
#define LIST "docs/hunt-corpus.md"
#define STATE_MAX ((size_t)1 << 20)

/* events: any event counts; which of them are attacks is for rules to say. */
static const struct {
	const char *file, *decoder;
	bool events;
} files[] = {
	{"sshd",		  "syslog", false},
	{ "sshd-journal",         "syslog", false},
	{ "pam-generic",          "syslog", false},
	{ "vsftpd",               "syslog", false},
	{ "proftpd",              "syslog", false},
	{ "pure-ftpd",            "syslog", false},
	{ "wuftpd",               "syslog", false},
	{ "gssftpd",              "syslog", false},
	{ "dropbear",             "syslog", false},
	{ "dovecot",              "syslog", false},
	{ "exim",                 "syslog", false},
	{ "postfix",              "syslog", false},
	{ "courier-auth",         "syslog", false},
	{ "courier-smtp",         "syslog", false},
	{ "cyrus-imap",           "syslog", false},
	{ "sendmail-auth",        "syslog", false},
	{ "mysqld-auth",          "syslog", false},
	{ "apache-auth",          "syslog", false},
	{ "apache-shellshock",    "syslog", false},
	{ "apache-overflows",     "syslog", false},
	{ "apache-modsecurity",   "syslog", false},
	{ "apache-noscript",      "syslog", true },
	{ "apache-botsearch",     "syslog", true },
	{ "apache-nohome",        "syslog", true },
	{ "nginx-http-auth",      "syslog", true },
	{ "nginx-limit-req",      "syslog", false},
	{ "nginx-forbidden",      "syslog", false},
	{ "nginx-bad-request",    "access", true },
	{ "nginx-botsearch",      "access", true },
	{ "apache-badbots",       "access", true },
	{ "apache-fakegooglebot", "access", true },
	{ "apache-pass",          "access", true },
	{ "mssql-auth",           "syslog", false},
	{ "xrdp",                 "syslog", false},
	{ "selinux-ssh",          "audit",  false},
};

/* What the next line of the log is expected to be. */
struct expectation {
	bool known, match;
	char host[128], time[40];
	bool skip; /* speaks of a mode that is not tested now */
};

struct state {
	const char *file;
	bool events;
	const struct decoder *decoder;
	void *memory;
	struct names *names;
	struct decode_context x;
	struct str listed; /* the document */
	char mode[32];
	bool journal, all_journal; /* lines may have no time */
	unsigned lines, agree, excused, bad, listed_seen;
	/* of the line */
	bool failed;
	char host[2][128];
	int64_t time;
};

static bool is_value(const struct state *s, const struct event *e, const char *field,
		     const char *want)
{
	const struct event_value *v = event_get(e, names_find(s->names, str_of(field)));

	return v && str_eq(v->text, str_of(want));
}

static void keep(const struct state *s, const struct event *e, const char *field,
		 char ret[static 128])
{
	const struct event_value *v = event_get(e, names_find(s->names, str_of(field)));

	snprintf(ret, 128, "%.*s", v ? (int)v->text.len : 0, v ? v->text.ptr : "");
}

/*
 * For sshd the line that decides, and in other modes those that say that nothing was tried; for
 * others whatever failed, in other modes connections, too.
 */
static bool is_failure(const struct state *s, const struct event *e)
{
	bool strict = !strncmp(s->file, "sshd", 4);

	if (s->events)
		return true;
	if (!strict)
		return is_value(s, e, "outcome", "failure") &&
		       (*s->mode || !(is_value(s, e, "action", "connect") ||
				      is_value(s, e, "action", "lookup")));
	return is_value(s, e, "attempt", "failed") || is_value(s, e, "attempt", "refused") ||
	       (*s->mode &&
		(is_value(s, e, "attempt", "abandoned") || is_value(s, e, "attempt", "probe")));
}

static int look(void *user, const struct event *e)
{
	struct state *s = user;

	if (!is_failure(s, e))
		return 0;
	s->failed = true;
	s->time = e->time;
	keep(s, e, "src_ip", s->host[0]);
	keep(s, e, "src_host", s->host[1]);
	return 0;
}

static void get(const json_t *o, const char *key, char *ret, size_t size)
{
	const char *text = json_string_value(json_object_get(o, key));

	snprintf(ret, size, "%s", text ? text : "");
}

static void expect(struct state *s, struct str text, struct expectation *x)
{
	json_t *o = json_loadb(text.ptr, text.len, 0, NULL);
	char constraint[128];

	*x = (struct expectation){ .known = o != NULL };
	x->match = json_is_true(json_object_get(o, "match"));
	get(o, "time", x->time, sizeof x->time);
	get(o, "host", x->host, sizeof x->host);
	if (!*x->host)
		get(o, "ip4", x->host, sizeof x->host);
	if (!*x->host)
		get(o, "ip6", x->host, sizeof x->host);
	get(o, "constraint", constraint, sizeof constraint);
	x->skip = strstr(constraint, "== 'aggressive'") != NULL;
	json_decref(o);
	(void)s;
}

static bool same_time(const struct state *s, const char *want)
{
	struct clock clock = { .zone = s->x.zone };
	struct str text = str_of(want);
	int64_t time;

	/* One of them is "2005-03-7". */
	return !*want || !clock_iso(&clock, &text, &time) || time / 1000000 == s->time / 1000000;
}

static const char *judge(const struct state *s, const struct expectation *x)
{
	struct str host;

	if (s->events && !x->match)
		return NULL;
	if (s->failed != x->match)
		return x->match ? "no failure" : "a failure";
	if (!x->match)
		return NULL;
	if (!address_parse(str_of(x->host), &host))
		host = str_of(x->host);
	if (*x->host && !str_eq(host, str_of(s->host[0])) && !str_eq(host, str_of(s->host[1])))
		return "another host";
	return same_time(s, x->time) ? NULL : "another time";
}

/* "| sshd:123 |" in the document. */
static bool is_listed(const struct state *s, unsigned line)
{
	char key[64];

	snprintf(key, sizeof key, "| %s:%u |", s->file, line);
	return str_contains(s->listed, str_of(key));
}

static void line(struct state *s, struct str text, unsigned number, const struct expectation *x)
{
	char shown[200], dated[4096];
	const char *why;
	uint64_t skipped = 0;
	int r;

	s->failed = false;
	*s->host[0] = *s->host[1] = '\0';
	if ((s->journal || s->all_journal) && !scan_is_digit(*text.ptr)) {
		snprintf(dated, sizeof dated, "Aug 14 12:00:00 %.*s", STR_FMT(text));
		text = str_of(dated);
	}
	/* Some hold two formats. */
	if (s->events && !s->decoder->recognise(text)) {
		s->decoder =
			events_decoder(strcmp(s->decoder->name, "access") ? "access" : "syslog");
		memset(s->memory, 0, s->decoder->state_size);
	}
	r = s->decoder->decode(s->memory, &s->x, text, number, look, s, &skipped);
	if (r == 0 && s->decoder->finish)
		r = s->decoder->finish(s->memory, &s->x, look, s);
	if (r != 0)
		s->bad++;
	if (!x->known)
		return;
	s->lines++;
	why = judge(s, x);
	s->agree += !why;
	s->excused += why && is_listed(s, number);
	s->listed_seen += is_listed(s, number);
	if (!!why == is_listed(s, number))
		return;
	s->bad++;
	printf("# %s:%u: %s (%s %s): %s\n", s->file, number,
	       why ? why : "agrees, but is listed as a difference", s->host[0], x->host,
	       text_safe(text, shown, sizeof shown));
}

static void options(struct state *s, struct str text)
{
	struct str before, mode = text;

	s->journal = str_contains(text, STR("\"logtype\": \"journal\""));
	*s->mode = '\0';
	/* A list may begin with the default mode. */
	if (!UNTIL(&mode, "\"mode\": \"", &before) || str_contains(before, STR("{}")) ||
	    str_starts(mode, STR("normal")))
		return;
	snprintf(s->mode, sizeof s->mode, "%.*s", (int)MIN(mode.len, (size_t)str_find(mode, '"')),
		 mode.ptr);
}

static void file(struct state *s, struct str text)
{
	struct expectation x = {};
	struct str rest;
	unsigned number = 0;
	struct str l;

	while (str_line(&text, &l, &number)) {
		rest = l;
		if (EAT(&rest, "#   disable this") || EAT(&rest, "# fileOptions:"))
			s->all_journal |= str_contains(l, STR("\"logtype\": \"journal\""));
		if (EAT(&rest, "# failJSON:") || EAT(&rest, "#failJSON:")) {
			expect(s, rest, &x);
		} else if (EAT(&rest, "# filterOptions:")) {
			options(s, rest);
		} else if (l.len && *l.ptr != '#') {
			if (!x.skip)
				line(s, l, number, &x);
			x = (struct expectation){};
		}
	}
}

/* What is not compared is named. */
static void test_all_named(struct str listed)
{
	DIR *dir = opendir(CORPUS);
	unsigned unnamed = 0;

	for (const struct dirent *e; dir && (e = readdir(dir));) {
		bool known = *e->d_name == '.';
		char name[300];

		for (size_t i = 0; i < COUNT(files); i++)
			known |= !strcmp(files[i].file, e->d_name);
		snprintf(name, sizeof name, "`%s`", e->d_name);
		if (known || str_contains(listed, str_of(name)))
			continue;
		printf("# %s\n", e->d_name);
		unnamed++;
	}
	if (dir)
		closedir(dir);
	ok(dir && !unnamed, "every log is compared, or named with the reason");
}

int main(void)
{
	own(arena_release) struct arena a = {};
	struct names *names;
	struct zone *zone = NULL;
	struct str listed = {};
	unsigned total = 0, agree = 0;

	if (access(CORPUS "sshd", R_OK) < 0) {
		skip("fail2ban's logs", "the corpora are not there");
		return done();
	}
	events_names(&names, "");
	if (file_read(LIST, 1 << 20, &a, &listed) < 0 || zone_open("Europe/Zurich", &zone) < 0) {
		ok(false, LIST " and the time zone can be read");
		return done();
	}
	for (size_t i = 0; i < COUNT(files); i++) {
		struct state s = { .file = files[i].file,
				   .events = files[i].events,
				   .decoder = events_decoder(files[i].decoder),
				   .names = names,
				   .listed = listed };
		const char *path = arena_fmt(&a, CORPUS "%s", s.file).ptr;
		struct str text = {};
		char name[128];

		s.memory = calloc(1, STATE_MAX);
		/* 2005-08-14 12:00 in Zurich, as fail2ban's tests have it. */
		s.x = (struct decode_context){ .names = names,
					       .now = INT64_C(1124013600000000),
					       .zone = zone };
		if (file_read(path, 1 << 20, &a, &text) < 0)
			s.bad++;
		file(&s, text);
		total += s.lines;
		agree += s.agree;
		snprintf(name, sizeof name, "%s: %u of %u lines agree, %u are listed as different",
			 s.file, s.agree, s.lines, s.excused);
		is_int(s.bad, 0, name);
		free(s.memory);
	}
	printf("# %u of %u lines agree\n", agree, total);
	test_all_named(listed);
	names_release(&names);
	zone_release(&zone);
	return done();
}
