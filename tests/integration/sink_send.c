/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sink_send KIND FORMAT URL [KEY=VALUE…]: tells count=N notices to a sink, numbered from first=N in
 * their evidence ("notice #N"), waits up to wait=SECONDS for them to be delivered, prints
 * "told failures refused waiting dropped problem". Keys: ca user secret from to timeout pause
 * limit spool=DIR count first gap=MILLISECONDS wait.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "detect/rule.h"
#include "guard/sink.h"

struct arguments {
	struct sink_config c;
	unsigned count, first, gap, wait;
	int spool;
};

static void set(struct arguments *a, const char *arg)
{
	const char *value = strchr(arg, '=') + 1;
	const struct {
		const char *key;
		const char **text;
		unsigned *number;
	} keys[] = {
		{.key = "ca=",       .text = &a->c.ca       },
		{ .key = "user=",    .text = &a->c.user     },
		{ .key = "secret=",  .text = &a->c.secret   },
		{ .key = "from=",    .text = &a->c.from     },
		{ .key = "to=",      .text = &a->c.to       },
		{ .key = "timeout=", .number = &a->c.timeout},
		{ .key = "pause=",   .number = &a->c.pause  },
		{ .key = "count=",   .number = &a->count    },
		{ .key = "first=",   .number = &a->first    },
		{ .key = "gap=",     .number = &a->gap      },
		{ .key = "wait=",    .number = &a->wait     },
	};

	for (size_t i = 0; i < COUNT(keys); i++) {
		if (strncmp(arg, keys[i].key, strlen(keys[i].key)) != 0)
			continue;
		if (keys[i].text)
			*keys[i].text = value;
		else
			*keys[i].number = (unsigned)atoi(value);
	}
	if (!strncmp(arg, "limit=", 6))
		a->c.spool = (uint64_t)atoll(value);
	if (!strncmp(arg, "spool=", 6))
		a->spool = open(value, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void tell(struct sinks *s, const struct arguments *a)
{
	for (unsigned i = 0; i < a->count; i++) {
		char line[64];
		struct notice n = {
			.id = a->first + i,
			.level = LEVEL_HIGH,
			.time = 1795347753123456,
			.first = 1795347700000000,
			.last = 1795347753123456,
			.count = 5,
			.host = STR("host"),
			.rule = STR("ssh_brute_force"),
			.title = STR("SSH brute force | from = \"one\" address\r\n.\r\n"),
			.tags = STR("attack.t1110.001"),
			.from = STR("192.0.2.1"),
			.account = STR("root\xe2\x80\xae"),
			.done = STR("banned for 10 minutes"),
			.advice = STR("Allow keys only."),
			.n_evidence = 1,
		};

		snprintf(line, sizeof line, "notice #%u", a->first + i);
		n.evidence[0] = str_of(line);
		if (sinks_tell(s, &n) < 0)
			abort();
		if (a->gap)
			usleep(a->gap * 1000);
	}
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "file", "syslog", "webhook", "mail" };
	struct arguments a = { .c = { .fd = -1 }, .count = 1, .first = 1, .wait = 10, .spool = -1 };
	struct sinks *s = NULL;
	struct sink_status st;
	struct diag d = {};
	int format;

	signal(SIGPIPE, SIG_IGN);
	if (argc < 4 || (format = notice_format_find(str_of(argv[2]))) < 0)
		return 2;
	a.c.format = (enum notice_format)format;
	while (strcmp(kinds[a.c.kind], argv[1]) != 0)
		a.c.kind++;
	a.c.url = argv[3];
	for (int i = 4; i < argc; i++)
		set(&a, argv[i]);
	if (a.c.kind == SINK_FILE)
		a.c.fd = open(a.c.url, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (sinks_new(&a.c, 1, a.spool, &s, &d) < 0) {
		printf("%s\n", d.reason);
		return 1;
	}
	tell(s, &a);
	for (unsigned i = 0; i < a.wait * 50; i++) {
		sinks_status(s, 0, &st);
		if (!st.waiting)
			break;
		usleep(20000);
	}
	sinks_status(s, 0, &st);
	printf("%llu %llu %llu %llu %llu %s\n", (unsigned long long)st.told,
	       (unsigned long long)st.failures, (unsigned long long)st.refused,
	       (unsigned long long)st.waiting, (unsigned long long)st.dropped, st.problem);
	sinks_release(&s, 0);
	return 0;
}
