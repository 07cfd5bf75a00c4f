/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of facts that a reader of the report asks for: one statement, one section. */
#include <stdio.h>

#include "report/markup.h"

#define ROWS_MAX 500U

/* clang-format off */
static const struct section {
	const char *title, *caption, *sql;
	int (*chart)(const struct report *r, struct buf *out);
	const char *names[9]; /* a name that begins with '!' is a severity, with '#' a number */
} sections[] = {
	{
		"Exposure", "What listens, and who reaches it",
		"SELECT protocol || '/' || port, address, coalesce(nullif(process, ''), service), package,"
		" CASE WHEN internet IS NULL THEN 'perhaps' WHEN wide THEN 'the internet'"
		"      WHEN internet THEN 'some of the internet' ELSE 'not from the internet' END,"
		" coalesce(nullif(rule, ''), reason)"
		" FROM exposure ORDER BY coalesce(internet, 1) DESC, coalesce(wide, 0) DESC, port, address",
		chart_exposure,
		{ "Port", "Address", "Program", "Package", "Reached by", "Decided by", NULL },
	},
	{
		"Alerts", "What the guard told, the newest first",
		"SELECT strftime('%Y-%m-%dT%H:%M:%SZ', time, 'unixepoch'), level, title, address, account,"
		" count, done, evidence FROM guard_alerts ORDER BY time DESC",
		chart_alerts,
		{ "Time", "!Level", "What", "Address", "Account", "#Events", "Done", "Evidence", NULL },
	},
	{
		"Bans", "Whom the guard kept out, the latest first",
		"SELECT address, count(*), strftime('%Y-%m-%dT%H:%M:%SZ', max(time), 'unixepoch'),"
		" title, done, account FROM guard_alerts WHERE banned AND address <> ''"
		" GROUP BY address ORDER BY max(time) DESC",
		NULL,
		{ "Address", "#Times", "Last", "Because", "Done", "Account", NULL },
	},
	{
		"Grants", "Whom just-in-time access opened a port for, the latest first",
		"SELECT strftime('%Y-%m-%dT%H:%M:%SZ', min(CASE WHEN event = 'opened' THEN time END), 'unixepoch'),"
		" max(CASE WHEN event = 'opened' THEN source END),"
		" max(CASE WHEN event = 'opened' THEN account END),"
		" max(CASE WHEN event = 'opened' THEN ports END),"
		" coalesce(max(CASE WHEN event = 'granted' THEN reason END), ''),"
		" coalesce(max(CASE WHEN event = 'granted' THEN key END), ''),"
		" coalesce(max(CASE WHEN event IN ('expired', 'ended') THEN event END) || ' '"
		" || strftime('%Y-%m-%dT%H:%M:%SZ', max(CASE WHEN event IN ('expired', 'ended') THEN time END), 'unixepoch'),"
		" 'open until ' || strftime('%Y-%m-%dT%H:%M:%SZ',"
		" max(CASE WHEN event IN ('opened', 'extended') THEN time + seconds END), 'unixepoch'), ''),"
		" sum(event = 'login')"
		" FROM jit_events WHERE id <> '' GROUP BY id HAVING sum(event = 'opened') > 0"
		" ORDER BY max(seq) DESC",
		NULL,
		{ "Opened", "For", "Account", "Ports", "Reason", "Key", "End", "#Logins", NULL },
	},
	{
		"Refused requests", "Who asked just-in-time access and got nothing, the most stubborn first",
		"SELECT address, why, count(*), strftime('%Y-%m-%dT%H:%M:%SZ', max(time), 'unixepoch'),"
		" max(CASE WHEN is_signed THEN account || ' (signed)' ELSE account END)"
		" FROM jit_events WHERE event = 'refused' GROUP BY address, why"
		" ORDER BY count(*) DESC, max(seq) DESC",
		NULL,
		{ "Address", "Because", "#Times", "Last", "For account", NULL },
	},
	{
		"Backup", "What keeps copies, and when it last did",
		"SELECT tool, kind, schedule, repository,"
		" CASE offsite WHEN 1 THEN 'elsewhere' WHEN 0 THEN 'on this machine' ELSE 'not known' END,"
		" coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', last_success, 'unixepoch'), 'never or not known'),"
		" coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', last_check, 'unixepoch'), 'never or not known'),"
		" coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', last_drill, 'unixepoch'), 'never or not known')"
		" FROM backups ORDER BY tool, kind",
		NULL,
		{ "Tool", "Kind", "Schedule", "Repository", "Place", "Last good run", "Last check",
		  "Last drill", NULL },
	},
};
/* clang-format on */

static void cell(sqlite3_stmt *st, int column, const char *name, struct buf *out)
{
	struct str s = store_text(st, column);
	int severity = *name == '!' ? severity_find(s) : -1;

	if (*name == '#')
		buf_puts(out, "<td class=\"n\">");
	else if (severity >= 0)
		buf_fmt(out, "<td class=\"%s\">", severity_name((enum severity)severity));
	else
		buf_puts(out, "<td>");
	markup_text(out, s);
	buf_puts(out, "</td>");
}

static int head(const struct report *r, const struct section *x, struct buf *out)
{
	const char *names[COUNT(x->names)] = {};
	int e;

	for (size_t i = 0; x->names[i]; i++)
		names[i] = x->names[i] + (*x->names[i] == '!');
	buf_fmt(out, "<h2>%s</h2>\n", x->title);
	e = x->chart ? x->chart(r, out) : 0;
	page_table(out, x->caption, names);
	return e;
}

static int section(const struct report *r, const struct section *x, struct buf *out)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	unsigned n = 0;
	int rc = sqlite3_prepare_v2(r->store->db, x->sql, -1, &st, NULL);

	if (rc != SQLITE_OK)
		return store_errno(rc);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && n < ROWS_MAX) {
		int e = n++ ? 0 : head(r, x, out);

		if (e < 0)
			return e;
		buf_puts(out, "<tr>");
		for (int i = 0; x->names[i]; i++)
			cell(st, i, x->names[i], out);
		buf_puts(out, "</tr>\n");
	}
	if (n)
		buf_puts(out, "</tbody></table></div>\n");
	if (rc == SQLITE_ROW)
		buf_fmt(out, "<p>There is more than these %u.</p>\n", ROWS_MAX);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : store_errno(rc);
}

int html_facts(const struct report *r, struct buf *out)
{
	int e = 0;

	for (size_t i = 0; e >= 0 && i < COUNT(sections); i++)
		e = section(r, &sections[i], out);
	return e;
}
