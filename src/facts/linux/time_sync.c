/* SPDX-License-Identifier: GPL-3.0-or-later */
/* time_sync: Services that keep the clock. */
#include "facts/linux/presence.h"
#include "facts/linux/settings.h"

#define FACT_ROW time_sync_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, service, "systemd-timesyncd, chrony, ntpsec, ntp, openntpd, busybox-ntpd, hypervisor") \
	X(INT, enabled, "1 when it starts at boot") \
	X(INTN, running, "1 when a process runs; NULL when not live") \
	X(INT, sources, "time sources configured (built-in ones count)") \
	X(TEXT, evidence, "file and line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "time_sync",
	.doc = "Services that keep the clock.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* systemd's own default when NTP= and FallbackNTP= are not set: four servers of the vendor. */
#define TIMESYNCD_BUILTIN 4
#define PROCESSES_MAX 20000

struct keeper {
	struct daemon daemon;
	const char *settings; /* service of settings_sources.c, or NULL */
	const char *commands; /* comm of its process */
};

static const struct keeper keepers[] = {
	{{ "systemd-timesyncd", "",
	    "/usr/lib/systemd/systemd-timesyncd /lib/systemd/systemd-timesyncd",
	    "systemd-timesyncd.service" },
         "timesyncd",									   "systemd-timesyn"},
	{ { "chrony", "", "/usr/sbin/chronyd", "chrony chronyd" },                    "chrony", "chronyd"        },
	{ { "ntpsec", "", "/etc/ntpsec/ntp.conf", "ntpsec" },                         "ntp",    "ntpd"           },
	{ { "ntp", "", "/etc/ntp.conf", "ntp ntpd" },                                 "ntp",    "ntpd"           },
	{ { "openntpd", "", "/etc/openntpd/ntpd.conf /usr/sbin/ntpctl", "openntpd" },
         "openntpd",									    "ntpd"           },
	{ { "busybox-ntpd", "", "/etc/init.d/ntpd", "ntpd" },                         NULL,     "ntpd"           },
	{ { "hypervisor", "", "/usr/sbin/VBoxService",
	    "vboxservice virtualbox-guest-utils vboxadd-service" },
         NULL,										  "VBoxService"    },
};

struct sources {
	int64_t n;
	struct str file;
	unsigned line;
};

static int64_t words(struct str s)
{
	int64_t n = 0;

	while (str_word(&s).ptr)
		n++;
	return n;
}

static void add_source(struct sources *out, const struct setting *s, int64_t n)
{
	if (!out->n && n) {
		out->file = s->file;
		out->line = s->line;
	}
	out->n += n;
}

static bool is_source(struct str name)
{
	static const struct str names[] = { STR("server"), STR("servers"),  STR("pool"),
					    STR("peer"),   STR("refclock"), STR("sensor") };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static void count_timesyncd(const struct settings *s, struct sources *out)
{
	const struct setting *ntp = settings_find(s, NULL, "Time", "NTP");
	const struct setting *fallback = settings_find(s, NULL, "Time", "FallbackNTP");

	if (ntp)
		add_source(out, ntp, words(ntp->value));
	if (fallback)
		add_source(out, fallback, words(fallback->value));
	else
		out->n += TIMESYNCD_BUILTIN;
}

/* Alpine: NTPD_OPTS="-N -p pool.ntp.org" in /etc/conf.d/ntpd, and that is the script's default. */
static int count_busybox(struct collect *c, struct sources *out)
{
	struct str text, line;
	unsigned at = 0;
	int r = settings_read_text(c, "/etc/conf.d/ntpd", &text);

	if (r < 0)
		return r;
	while (r == 1 && str_line(&text, &line, &at)) {
		struct str word;

		line = str_trim(line);
		if (!str_starts(line, STR("NTPD_OPTS=")))
			continue;
		while ((word = str_word(&line)).ptr)
			out->n += str_contains(word, STR("-p"));
		out->file = STR("/etc/conf.d/ntpd");
		out->line = at;
		return 0;
	}
	out->n = 1;
	return 0;
}

static int count_sources(struct collect *c, const struct keeper *k, struct sources *out)
{
	struct settings s = {};
	int r;

	if (!k->settings && !strcmp(k->daemon.name, "busybox-ntpd"))
		return count_busybox(c, out);
	if (!k->settings) {
		out->n = 1; /* the host */
		return 0;
	}
	r = settings_load(c, k->settings, &s);
	if (r < 0)
		return r;
	if (!strcmp(k->settings, "timesyncd"))
		count_timesyncd(&s, out);
	for (size_t i = 0; i < s.n; i++)
		if (is_source(s.list[i].name))
			add_source(out, &s.list[i], 1);
	return 0;
}

static bool is_number(const char *s) { return *s && !s[strspn(s, "0123456789")]; }

/* Whether a process of that name runs. Its comm has at most 15 characters. */
static int find_process(struct collect *c, const char *command, int64_t *ret)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct dir_list list;
	int r = root_list(c->proc, "", c->arena, &list);

	*ret = FACT_UNKNOWN;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	*ret = 0;
	for (size_t i = 0; i < list.n && i < PROCESSES_MAX && !*ret; i++) {
		struct arena_mark inner = arena_mark(c->arena);
		struct str path, comm;

		if (!is_number(list.entries[i].name))
			continue;
		path = arena_fmt(c->arena, "%s/comm", list.entries[i].name);
		if (path.ptr && root_read(c->proc, path.ptr, 64, c->arena, &comm, NULL) == 0)
			*ret = str_eq(str_trim(comm), str_of(command));
		arena_rewind(c->arena, inner);
	}
	arena_rewind(c->arena, mark);
	return 0;
}

/* ntpsec and ntp, openntpd and ntp share a program or unit: the more special one counts. */
static bool is_shadowed(const struct presence p[static COUNT(keepers)], size_t i)
{
	const char *name = keepers[i].daemon.name;

	if (!strcmp(name, "ntp"))
		return p[i - 1].present || p[i + 1].present;
	if (!strcmp(name, "busybox-ntpd"))
		return p[i - 1].present || p[i - 2].present || p[i - 3].present;
	return false;
}

static int collect_keeper(struct collect *c, const struct keeper *k, const struct presence *p)
{
	struct time_sync_row row = {
		.service = str_of(k->daemon.name),
		.enabled = p->enabled,
		.running = FACT_UNKNOWN,
	};
	struct sources sources = {};
	int r = count_sources(c, k, &sources);

	if (!r && c->proc)
		r = find_process(c, k->commands, &row.running);
	if (r < 0)
		return r;
	row.sources = sources.n;
	row.evidence = sources.file.len
			       ? arena_fmt(c->arena, "%.*s:%u", STR_FMT(sources.file), sources.line)
		       : p->unit ? p->unit->path
				 : p->program;
	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	struct daemon daemons[COUNT(keepers)];
	struct presence found[COUNT(keepers)];
	struct units units = {};
	int r = units_load(c, &units);

	for (size_t i = 0; i < COUNT(keepers); i++)
		daemons[i] = keepers[i].daemon;
	if (r >= 0)
		r = presence_find(c, &units, daemons, COUNT(keepers), found);
	for (size_t i = 0; r >= 0 && i < COUNT(keepers); i++)
		if (found[i].present && !is_shadowed(found, i))
			r = collect_keeper(c, &keepers[i], &found[i]);
	return MIN(r, 0);
}

const struct collector collector_time_sync = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
