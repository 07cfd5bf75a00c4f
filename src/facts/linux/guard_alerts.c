/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard_alerts: what Holdfast's own guard was told lately. It keeps the last alerts as lines of JSON in
 * two files, the older one first.
 */
#include <time.h>

#include "base/json.h"
#include "facts/fact.h"

#define LINE_MAX_LEN ((size_t)64 << 10)
#define ALERTS_MAX 20'000U

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

static struct str text(struct collect *c, const struct jdoc *d, const char *name)
{
	uint32_t v = jdoc_get(d, 0, str_of(name));
	struct str s = {};

	return v && jdoc_is(d, v, J_STRING) && !jdoc_text(d, v, c->arena, &s) ? s : STR("");
}

/* "2026-11-22T10:00:00.123456Z" */
static int64_t time_of(struct str s)
{
	char copy[32];
	struct tm tm = {};

	if (s.len >= sizeof copy)
		return FACT_UNKNOWN;
	memcpy(copy, s.ptr, s.len);
	copy[s.len] = 0;
	return strptime(copy, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : FACT_UNKNOWN;
}

/* All texts of a list with blanks between them, or the last one alone. */
static struct str list(struct collect *c, const struct jdoc *d, const char *name, bool last)
{
	uint32_t v = jdoc_get(d, 0, str_of(name));
	struct str all = STR(""), one;

	if (!v)
		return all;
	if (jdoc_is(d, v, J_STRING))
		return text(c, d, name);
	jdoc_each(d, v, item) {
		if (!jdoc_is(d, item, J_STRING) || jdoc_text(d, item, c->arena, &one))
			continue;
		all = last || !all.len ? one : arena_cat(c->arena, all, STR(" "), one);
	}
	return all.ptr ? all : STR("");
}

static int emit(struct collect *c, const char *path, unsigned number, struct str line)
{
	static const struct joptions options = { .max_depth = 8 };
	own(jdoc_release) struct jdoc d = {};
	struct diag why = {};
	uint32_t count;
	struct FACT_ROW row = { .file = str_of(path), .line = number, .count = 1 };
	int r = jdoc_parse(line, &options, &d, &why);

	if (r == -ENOMEM)
		return r;
	if (r == 0 && jdoc_is(&d, 0, J_OBJECT)) {
		row.time = time_of(text(c, &d, "time"));
		row.first = time_of(text(c, &d, "first"));
		row.last = time_of(text(c, &d, "last"));
		row.level = text(c, &d, "level");
		row.rule = text(c, &d, "rule");
		row.title = text(c, &d, "title");
		row.address = text(c, &d, "from");
		row.account = text(c, &d, "account");
		row.source = text(c, &d, "source");
		row.done = text(c, &d, "done");
		row.attack = list(c, &d, "attack", false);
		row.evidence = list(c, &d, "evidence", true);
		count = jdoc_get(&d, 0, STR("count"));
		if (count && jdoc_int(&d, count, &row.count))
			row.count = 1;
		row.banned = str_starts(row.done, STR("banned")) ||
			     str_starts(row.done, STR("is banned"));
	}
	if (r < 0 || !row.level.len || row.time == FACT_UNKNOWN) {
		collect_problem(c, EBADMSG, path, "line %u is no alert", number);
		return 0;
	}
	return collect_row(c, &row);
}

static int read_file(struct collect *c, const char *path, unsigned *n)
{
	struct str all, line;
	unsigned number = 0;
	int r = collect_read(c, path, &all, NULL);

	if (r <= 0)
		return r;
	for (r = 0; r == 0 && *n < ALERTS_MAX && str_line(&all, &line, &number); ++*n) {
		struct arena_mark mark = arena_mark(c->arena);

		if (line.len > LINE_MAX_LEN)
			collect_problem(c, EMSGSIZE, path, "line %u is longer than an alert",
					number);
		else if (line.len)
			r = emit(c, path, number, line);
		arena_rewind(c->arena, mark);
	}
	return r;
}

static int collect(struct collect *c)
{
	unsigned n = 0;
	int r = read_file(c, "/var/lib/holdfast/guard.alerts.old", &n);

	if (r >= 0)
		r = read_file(c, "/var/lib/holdfast/guard.alerts", &n);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_guard_alerts = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
