/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines that are left out, because no rule asks for what they say, change nothing that is told. */
#include <stdlib.h>
#include <sys/stat.h>

#include "detect/embedded.h"
#include "detect/hunt.h"
#include "events/decoders.h"
#include "tap.h"

#define CORPORA "../shared/corpora/logs"

struct sum {
	uint64_t alerts, hash;
};

static int add(void *user, const struct alert *a)
{
	struct sum *s = user;

	s->alerts++;
	s->hash = s->hash * 31 + a->rule->index * 7919U + a->event->record * 13 + a->count;
	return 0;
}

static int make(struct hunt **ret)
{
	struct rule_text *texts = calloc(embedded_rules_n, sizeof *texts);
	struct hunt_options o = { .since = INT64_MIN, .until = INT64_MAX };
	int r = texts ? 0 : -ENOMEM;

	for (size_t i = 0; texts && i < embedded_rules_n; i++)
		texts[i] = (struct rule_text){ str_of(embedded_rules[i].text),
					       str_of(embedded_rules[i].path) };
	if (r >= 0)
		r = hunt_new(texts, embedded_rules_n, STR(""), NULL, NULL, &o, ret);
	free(texts);
	return r;
}

static uint64_t hunt(const char *path, bool filtered, struct sum *ret)
{
	own(reader_release) struct reader *reader = NULL;
	own(hunt_release) struct hunt *h = NULL;
	struct reader_options o = { .now = INT64_C(1'800'000'000'000'000) };
	struct hunt_stats stats;

	*ret = (struct sum){};
	if (make(&h) < 0 || reader_new(&reader) < 0 || reader_add(reader, path, NULL) < 0)
		return 0;
	o.names = hunt_names(h);
	o.filters = filtered ? hunt_filters(h) : NULL;
	if (reader_start(reader, &o) < 0 || hunt_run(h, reader, add, ret) < 0)
		return 0;
	hunt_stats(h, &stats);
	return stats.events;
}

static void compare(const char *path, uint64_t least)
{
	struct sum all, some;
	uint64_t all_events = hunt(path, false, &all), events = hunt(path, true, &some);

	printf("# %s: %" PRIu64 " alerts; %" PRIu64 " events, %" PRIu64 " of them decoded\n", path,
	       all.alerts, all_events, events);
	ok(all.alerts >= least, "there is something to tell");
	is_int((int64_t)some.alerts, (int64_t)all.alerts, "as many alerts");
	is_int((int64_t)some.hash, (int64_t)all.hash, "and the same ones");
	ok(events < all_events, "from fewer lines");
}

static const char log_lines[] =
	"Nov 20 10:00:01 web1 sshd[1]: Failed password for root from 203.0.113.7 port 1 ssh2\n"
	"Nov 20 10:00:01 web1 systemd[1]: Started Session 1 of user www-data.\n"
	"Nov 20 10:00:01 web1 CRON[1]: pam_unix(cron:session): session closed for user www-data\n";

static void test_file(void)
{
	char path[] = "/tmp/holdfast-wanted-XXXXXX";
	int fd = mkstemp(path);

	for (int i = 0; fd >= 0 && i < 12; i++)
		if (write(fd, log_lines, sizeof log_lines - 1) < 0)
			fd = -1;
	ok(fd >= 0, "a log");
	compare(path, 1);
	unlink(path);
	close(fd);
}

static const struct reader_filter *filter_of(const struct hunt *h, const struct decoder *d)
{
	for (size_t i = 0; i < n_decoders; i++)
		if (decoders[i] == d)
			return &hunt_filters(h)[i];
	return NULL;
}

static void test_filters(void)
{
	own(hunt_release) struct hunt *h = NULL;
	const struct reader_filter *f;
	bool sorted = true;

	if (!ok(make(&h) == 0, "the built-in rules"))
		return;
	f = filter_of(h, &decoder_syslog);
	ok(f && !f->all, "do not ask for every line of a system log");
	ok(f && f->n > 20 && f->n < 100, "but for some words");
	for (size_t i = 0; f && i < f->n; i++)
		sorted = sorted && f->texts[i].len >= 4;
	ok(sorted, "none of which is short");
	f = filter_of(h, &decoder_json);
	ok(f && f->all, "of JSON, where anything may be written in another way, for all");
}

int main(void)
{
	struct stat st;

	test_filters();
	test_file();
	if (stat(CORPORA, &st) < 0) {
		skip("the corpora", "not here");
		return done();
	}
	compare(CORPORA "/fail2ban", 5);
	compare(CORPORA "/ssh", 20);
	return done();
}
