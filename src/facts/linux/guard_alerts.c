/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard_alerts: what Holdfast's own guard was told lately. It keeps the last alerts as lines of JSON in
 * two files, the older one first.
 */
#include "facts/linux/json_lines.h"

#define FACT_ROW guard_alerts_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, time, "when it was told, UNIX time") \
	X(INTN, first, "first event of what is counted") \
	X(INTN, last, "last one") \
	X(TEXT, level, "informational, low, medium, high, critical") \
	X(TEXT, rule, "name of the rule") \
	X(TEXT, title, "what it says") \
	X(TEXT, address, "whom it is about: address or network, '' where nobody far away") \
	X(TEXT, account, "account of this machine") \
	X(TEXT, source, "log or sensor") \
	X(INT, count, "events") \
	X(TEXT, attack, "techniques of ATT&CK, separated by blanks") \
	X(TEXT, done, "what was done about it") \
	X(INT, banned, "whether the address is kept out because of it") \
	X(TEXT, evidence, "the last line of a log") \
	X(TEXT, file, "file of alerts") \
	X(INT, line, "its line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "guard_alerts",
	.doc = "Alerts of Holdfast's guard, as it keeps them.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* All texts of a list with blanks between them, or the last one alone. */
static struct str list(struct collect *c, const struct jdoc *d, const char *name, bool last)
{
	uint32_t v = jdoc_get(d, 0, str_of(name));
	struct str all = STR(""), one;

	if (!v)
		return all;
	if (jdoc_is(d, v, J_STRING))
		return json_line_text(c, d, name);
	jdoc_each(d, v, item) {
		if (!jdoc_is(d, item, J_STRING) || jdoc_text(d, item, c->arena, &one))
			continue;
		all = last || !all.len ? one : arena_cat(c->arena, all, STR(" "), one);
	}
	return all.ptr ? all : STR("");
}

static int alert(struct collect *c, const struct jdoc *d, unsigned number, void *path)
{
	struct FACT_ROW row = {
		.time = json_line_time(c, d, "time"),
		.first = json_line_time(c, d, "first"),
		.last = json_line_time(c, d, "last"),
		.level = json_line_text(c, d, "level"),
		.rule = json_line_text(c, d, "rule"),
		.title = json_line_text(c, d, "title"),
		.address = json_line_text(c, d, "from"),
		.account = json_line_text(c, d, "account"),
		.source = json_line_text(c, d, "source"),
		.done = json_line_text(c, d, "done"),
		.attack = list(c, d, "attack", false),
		.evidence = list(c, d, "evidence", true),
		.count = json_line_int(d, "count"),
		.file = str_of(path),
		.line = number,
	};

	if (!row.level.len || row.time == FACT_UNKNOWN)
		return -EBADMSG;
	if (row.count == FACT_UNKNOWN)
		row.count = 1;
	row.banned = str_starts(row.done, STR("banned")) || str_starts(row.done, STR("is banned"));
	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	static char old[] = "/var/lib/holdfast/guard.alerts.old",
		    new[] = "/var/lib/holdfast/guard.alerts";
	int r = json_lines(c, old, alert, old);

	if (r == 0)
		r = json_lines(c, new, alert, new);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_guard_alerts = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
