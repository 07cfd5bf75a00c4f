/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshguard's pairs of line and attack: does a line say that something failed, and of which
 * address? What we judge otherwise stands in docs/hunt-corpus.md.
 */
#include "base/file.h"
#include "events.h"

#define CORPUS "../shared/corpora/logs/sshguard/tests.txt"
#define LIST "docs/hunt-corpus.md"

/* Lines without an envelope are of the program that the service number stands for. */
static const struct {
	unsigned service;
	const char *program;
} services[] = {
	{100,  "sshd"     },
        { 101, "dropbear" },
        { 120, "named"    },
        { 200, "imapd"    },
	{ 210, "dovecot"  },
        { 220, "cyrus"    },
        { 240, "exim"     },
        { 250, "sendmail" },
	{ 260, "postfix"  },
        { 270, "smtpd"    },
        { 280, "courier"  },
        { 300, "ftpd"     },
	{ 310, "proftpd"  },
        { 320, "pure-ftpd"},
        { 330, "vsftpd"   },
        { 340, "cockpit"  },
	{ 380, "php-fpm"  },
        { 400, "openvpn"  },
        { 500, "gitea"    },
        { 600, "mssql"    },
	{ 601, "mysqld"   },
        { 700, "pvedaemon"},
};

struct state {
	struct names *names;
	struct decode_context x;
	bool failed, counted, any;
	char source[128];
};

static struct str value(const struct state *s, const struct event *e, const char *field)
{
	const struct event_value *v = event_get(e, names_find(s->names, str_of(field)));

	return v ? v->text : (struct str){};
}

static int look(void *user, const struct event *e)
{
	struct state *s = user;

	s->any = true;
	s->failed |= str_eq(value(s, e, "outcome"), STR("failure"));
	s->counted |= str_eq(value(s, e, "attempt"), STR("failed"));
	snprintf(s->source, sizeof s->source, "%.*s", STR_FMT(value(s, e, "src_ip")));
	return 0;
}

static void decode(struct state *s, const struct decoder *d, struct str line)
{
	void *memory = calloc(1, d->state_size);
	uint64_t skipped = 0;

	s->failed = s->counted = s->any = false;
	*s->source = '\0';
	if (!memory || d->decode(memory, &s->x, line, 1, look, s, &skipped) != 0)
		abort();
	if (d->release)
		d->release(memory);
	free(memory);
}

static const char *program_of(unsigned service)
{
	for (size_t i = 0; i < COUNT(services); i++)
		if (services[i].service == service)
			return services[i].program;
	return NULL;
}

/* Requests are judged by rules: there it counts that the address is right. */
static bool is_web(unsigned service) { return service >= 350 && service <= 370; }

static const char *judge(struct state *s, struct str line, struct str want, unsigned last)
{
	const struct decoder *access = events_decoder("access"), *d = events_decoder("syslog");
	bool attack = !str_eq(want, STR("*"));
	uint64_t service = last;
	struct str word = str_word(&want), address;
	char dated[8192];

	if (attack && str_to_u64(word, 10, &service) < 0)
		return "no service";
	if (access->recognise(line)) {
		decode(s, access, line);
		address = str_word(&want);
		return !s->any                              ? "no request"
		       : !attack                            ? NULL
		       : str_eq(str_of(s->source), address) ? NULL
							    : "another address";
	}
	/* A line with a time may lack the program. */
	if (!d->recognise(line) && !program_of((unsigned)service))
		return attack ? "no decoder" : NULL;
	if (!d->recognise(line)) {
		snprintf(dated, sizeof dated, "Aug 14 12:00:00 host %s: %.*s",
			 program_of((unsigned)service), STR_FMT(line));
		line = str_of(dated);
	}
	decode(s, d, line);
	if (!attack)
		return s->counted ? "an attempt" : NULL;
	address = str_word(&want);
	if (!s->failed && !is_web((unsigned)service))
		return "no failure";
	return str_ieq(str_of(s->source), address) ? NULL : "another address";
}

int main(void)
{
	own(arena_release) struct arena a = {};
	struct state s = { .x.now = INT64_C(1124013600000000) };
	struct str text = {}, listed = {}, line, want;
	unsigned n = 0, total = 0, agree = 0, bad = 0, last = 0;

	if (access(CORPUS, R_OK) < 0) {
		skip("sshguard's lines", "the corpora are not there");
		return done();
	}
	events_names(&s.names, "");
	s.x.names = s.names;
	if (file_read(CORPUS, 1 << 20, &a, &text) < 0 ||
	    file_read(LIST, 1 << 20, &a, &listed) < 0) {
		ok(false, "the pairs and " LIST " can be read");
		return done();
	}
	while (str_line(&text, &line, &n)) {
		unsigned at = n;
		const char *why;
		char key[40], shown[200];
		uint64_t service;
		bool known;
		struct str first;

		if (!line.len || *line.ptr == '#' || str_eq(line, STR("M")) ||
		    str_starts(line, STR("M }}}")) || !str_line(&text, &want, &n))
			continue;
		first = want;
		if (str_to_u64(str_word(&first), 10, &service) == 0)
			last = (unsigned)service;
		total++;
		why = judge(&s, line, str_trim(want), last);
		snprintf(key, sizeof key, "| sshguard:%u |", at);
		known = str_contains(listed, str_of(key));
		agree += !why;
		if (!!why == known)
			continue;
		bad++;
		printf("# sshguard:%u: %s (%s): %s\n", at, why ? why : "agrees, but is listed",
		       s.source, text_safe(line, shown, sizeof shown));
	}
	is_int(bad, 0, "every difference is listed with its reason");
	ok(total > 150, "there were pairs");
	printf("# %u of %u pairs agree\n", agree, total);
	names_release(&s.names);
	return done();
}
