/* SPDX-License-Identifier: GPL-3.0-or-later */
/* systemd_timers: Timers of systemd. */
#include "base/buf.h"
#include "facts/linux/units.h"

#define FACT_ROW systemd_timers_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "timer") \
	X(TEXT, unit, "unit it starts") \
	X(TEXT, schedule, "OnCalendar, OnBootSec … joined by ;") \
	X(INT, enabled, "1 when linked into a target") \
	X(TEXT, path, "unit file")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "systemd_timers",
	.doc = "Timers of systemd.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* systemd.timer(5): the settings that make a timer elapse. */
static struct str schedule(struct arena *a, const struct unit_settings *s)
{
	static const char *const keys[] = { "OnActiveSec",     "OnBootSec",         "OnStartupSec",
					    "OnUnitActiveSec", "OnUnitInactiveSec", "OnCalendar" };
	own(buf_release) struct buf b = BUF(16 << 10);
	size_t at = 0;

	for (size_t i = 0; i < COUNT(keys); i++, at = 0) {
		const struct unit_setting *e;

		while ((e = unit_next(s, "Timer", keys[i], &at)))
			if (e->value.len)
				buf_fmt(&b, "%s%s=%.*s", b.len ? "; " : "", keys[i],
					STR_FMT(e->value));
	}
	return arena_str(a, buf_view(&b));
}

static int add(struct collect *c, const struct units *u, const struct unit *unit)
{
	struct systemd_timers_row row = { .id = unit->name,
					  .enabled = unit->boot,
					  .path = unit->path };
	struct unit_settings s = {};
	int r = units_read(c, u, unit, &s);

	if (r < 0)
		return r;
	row.unit = unit_value(&s, "Timer", "Unit");
	if (!row.unit.len)
		row.unit = arena_cat(c->arena, str_sub(unit->name, 0, unit->name.len - 6),
				     STR(".service"), STR(""));
	row.schedule = schedule(c->arena, &s);
	if (!row.unit.ptr || !row.schedule.ptr)
		return -ENOMEM;
	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	struct units u;
	int r = units_load(c, &u);

	for (size_t i = 0; r == 0 && i < u.n; i++)
		if (str_eq(unit_type(u.list[i].name), STR("timer")) && !u.list[i].alias_of.len &&
		    u.list[i].kind == UNIT_SYSTEMD)
			r = add(c, &u, &u.list[i]);
	return r;
}

const struct collector collector_systemd_timers = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
