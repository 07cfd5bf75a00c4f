/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "report/report.h"

const struct report_format report_formats[] = {
	{"text",        "for people, on a terminal",						  report_text      },
	{ "json",       "for programs; docs/assess.schema.json describes it",                         report_json      },
	{ "html",       "a page for people: no script, nothing from elsewhere",                       report_html      },
	{ "sarif",      "SARIF 2.1.0, for code scanning",                                             report_sarif     },
	{ "junit",      "JUnit XML, for pipelines",						   report_junit     },
	{ "csv",        "a row a finding, for spreadsheets",                                          report_csv       },
	{ "ocsf",       "Compliance Findings of OCSF 1.3, a line each",                               report_ocsf      },
	{ "prometheus", "figures for a textfile collector",                                           report_prometheus},
	{ "cyclonedx",  "CycloneDX 1.6: what is installed, known flaws and whether they are reached",
         report_cyclonedx											      },
};
const size_t n_report_formats = COUNT(report_formats);

const struct report_format *report_format_find(const char *name)
{
	for (size_t i = 0; i < n_report_formats; i++)
		if (!strcmp(report_formats[i].name, name))
			return &report_formats[i];
	return NULL;
}

const char *report_time(int64_t t, char ret[static REPORT_TIME])
{
	time_t at = (time_t)t;
	struct tm tm;

	ret[0] = 0;
	if (t && gmtime_r(&at, &tm))
		strftime(ret, REPORT_TIME, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return ret;
}

static struct str one_text(struct store *s, const char *sql, struct arena *a)
{
	own(stmt_release) sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW && store_text(st, 0).len)
		return arena_str(a, store_text(st, 0));
	return STR("");
}

int report_host(const struct report *r, struct arena *a, struct report_host *ret)
{
	static const char meta[] = "SELECT value FROM holdfast_meta WHERE key='%s'";
	struct report_host h = {};
	char sql[128];
	struct str text;

	h.hostname = one_text(r->store, "SELECT hostname FROM host_info", a);
	h.machine_id = one_text(r->store, "SELECT machine_id FROM host_info", a);
	h.architecture = one_text(r->store, "SELECT architecture FROM host_info", a);
	h.os = one_text(r->store, "SELECT pretty_name FROM os_version", a);
	snprintf(sql, sizeof sql, meta, "root");
	h.root = one_text(r->store, sql, a);
	snprintf(sql, sizeof sql, meta, "azure");
	text = one_text(r->store, sql, a);
	/* Azure's files alone: they are what is assessed. */
	if (text.len && !h.root.len) {
		h.hostname = h.root = text;
		h.os = STR("Azure");
	}
	snprintf(sql, sizeof sql, meta, "live");
	text = one_text(r->store, sql, a);
	h.live = str_eq(text, STR("1"));
	snprintf(sql, sizeof sql, meta, "collected_at");
	text = one_text(r->store, sql, a);
	/* To the end of the year 9999. */
	if (str_to_int64(text, &h.collected_at) < 0 || h.collected_at < 0 ||
	    h.collected_at > 253402300799)
		h.collected_at = 0;
	*ret = h;
	return 0;
}

struct str report_host_key(const struct report_host *h, struct arena *a)
{
	struct str id = h->machine_id.len ? h->machine_id : h->hostname;

	return str_eq(h->root, STR("/")) ? id : arena_cat(a, id, STR(" "), h->root);
}
