/* SPDX-License-Identifier: GPL-3.0-or-later */
/* time: a service keeps the clock: the one that is there, else chrony. */
#include "action/package.h"

/* What reads drop-ins, by the word of its main file that says so; without it the main file gets the line. */
static const struct {
	const char *unit, *main, *word, *drop_in, *line;
} known[] = {
	{"chrony.service",             "/etc/chrony/chrony.conf", "sourcedir /etc/chrony/sources.d",
         "/etc/chrony/sources.d/holdfast.sources",							 "pool pool.ntp.org iburst maxsources 4"},
	{ "chronyd.service",           "/etc/chrony.conf",        "confdir /etc/chrony.d",
         "/etc/chrony.d/holdfast.conf",								    "pool pool.ntp.org iburst maxsources 4"},
	{ "chronyd",                   "/etc/chrony/chrony.conf", "confdir /etc/chrony/conf.d",
         "/etc/chrony/conf.d/holdfast.conf",							       "pool pool.ntp.org iburst maxsources 4"},
	{ "systemd-timesyncd.service", NULL,                      NULL,                              NULL, NULL                                   },
	{ "ntpsec.service",            NULL,                      NULL,                              NULL, NULL                                   },
	{ "ntp.service",               NULL,                      NULL,                              NULL, NULL                                   },
	{ "ntpd.service",              NULL,                      NULL,                              NULL, NULL                                   },
	{ "openntpd.service",          NULL,                      NULL,                              NULL, NULL                                   },
	{ "ntpd",		      NULL,                      NULL,			      NULL, NULL                                   },
};

static bool reads_drop_ins(const struct remedy_input *in, size_t i)
{
	struct str text, line;

	if (root_read(in->root, known[i].main, EDIT_MAX, in->arena, &text, NULL) < 0)
		return true;
	while (str_line(&text, &line, NULL))
		if (str_eq(str_trim(line), str_of(known[i].word)))
			return true;
	return false;
}

static int add_source(const struct remedy_input *in, struct plan *p, size_t i)
{
	own(draft_release) struct draft d = {};
	struct str line = str_of(known[i].line);

	draft_open(&d, p, reads_drop_ins(in, i) ? known[i].drop_in : known[i].main);
	draft_lines(&d, &line, 1);
	return draft_save(&d, 0644, NULL);
}

/* Whether the service that the facts describe asks nobody. */
static int lacks_sources(const struct remedy_input *in, bool *ret)
{
	struct str *rows;
	size_t n;
	int r = remedy_query(in, "SELECT service FROM time_sync WHERE sources = 0", &rows, &n);

	if (r >= 0)
		*ret = n > 0;
	return r;
}

static int plan_time(const struct remedy_input *in, struct plan *p)
{
	static const struct package_names chrony = { "chrony", "chrony", "chrony" };
	size_t i = 0;
	bool empty = false;
	int r = lacks_sources(in, &empty);

	while (r >= 0 && i < COUNT(known) && !package_has_unit(in, known[i].unit))
		i++;
	if (r >= 0 && i == COUNT(known)) {
		r = package_install(in, p, &chrony);
		i = package_manager_of(in) == PACKAGE_APT   ? 0
		    : package_manager_of(in) == PACKAGE_DNF ? 1
							    : 2;
		empty = false;
	}
	if (r >= 0 && empty && known[i].line)
		r = add_source(in, p, i);
	return r < 0 ? r
		     : plan_unit(p, known[i].unit, UNIT_UNMASK | UNIT_ENABLE | UNIT_START, NULL);
}

const struct remedy remedy_time = {
	.kind = "time",
	.args = "",
	.what = "the service that keeps the clock is enabled and started, with the NTP pool where it "
		"has no source; chrony is installed where there is none",
	.plan = plan_time,
};
