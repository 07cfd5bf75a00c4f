/* SPDX-License-Identifier: GPL-3.0-or-later */
/* systemd_units: Units of systemd with drop-ins applied; init scripts of SysV and OpenRC. */
#include "base/buf.h"
#include "facts/linux/command_risk.h"
#include "facts/linux/package_db.h"
#include "facts/linux/unit_exposure.h"
#include "facts/linux/units.h"

#define FACT_ROW systemd_units_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "unit name") \
	X(TEXT, type, "service, socket, timer, path, mount, target … or script") \
	X(TEXT, state, "enabled, disabled, static, indirect, masked, alias, generated, transient; scripts of SysV and OpenRC: enabled, disabled") \
	X(TEXT, path, "unit file") \
	X(TEXT, description, "description") \
	X(TEXT, exec, "ExecStart, ListenStream … joined by ; (at most 4,096 bytes)") \
	X(TEXT, user, "User=, '' means root") \
	X(TEXT, environment, "names of variables of Environment= and files of EnvironmentFile= (never values)") \
	X(INTN, exposure, "0-100 as a tenth of systemd-analyze security's exposure; NULL for other types") \
	X(TEXT, package, "owning package, ''") \
	X(INT, boot, "1 when the start of the machine starts it (arms it: sockets, timers, paths)") \
	X(TEXT, risk, "why what it runs is suspicious (pipes a download to a shell, runs a file of a temporary directory …), ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "systemd_units",
	.doc = "Units of systemd with drop-ins applied; init scripts of SysV and OpenRC (type script).",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "id",
};

enum { EXEC_MAX = 4096 };

/* What a unit of a type does: keys that start with the word, in its section. */
static const struct action {
	const char *type, *section, *prefix;
} actions[] = {
	{"service",    "Service",   "ExecStart"},
	{ "socket",    "Socket",    "Listen"   },
	{ "timer",     "Timer",     "On"       },
	{ "path",      "Path",      "Path"     },
	{ "mount",     "Mount",     "What"     },
	{ "automount", "Automount", "Where"    },
	{ "swap",      "Swap",      "What"     },
};

/* ExecStartPre= and ExecStartPost= run, too, and a line of its own resets each of the three. */
static bool counts(const struct unit_settings *s, size_t i)
{
	for (size_t k = i + 1; k < s->n; k++)
		if (!s->list[k].value.len && str_eq(s->list[k].key, s->list[i].key) &&
		    str_eq(s->list[k].section, s->list[i].section))
			return false;
	return s->list[i].value.len > 0;
}

static struct str join_actions(struct arena *a, const struct action *act,
			       const struct unit_settings *s)
{
	own(buf_release) struct buf b = BUF(1 << 20);

	for (size_t i = 0; i < s->n && b.len < EXEC_MAX; i++) {
		const struct unit_setting *e = &s->list[i];

		if (!str_eq(e->section, str_of(act->section)) ||
		    !str_starts(e->key, str_of(act->prefix)) || !counts(s, i))
			continue;
		if (b.len)
			buf_puts(&b, "; ");
		if (strcmp(act->type, "service") != 0) {
			buf_str(&b, e->key);
			buf_putc(&b, '=');
		}
		buf_str(&b, e->value);
	}
	return arena_str(a, str_sub(buf_view(&b), 0, EXEC_MAX));
}

/* Names only: values may be secrets. */
static struct str join_environment(struct arena *a, const struct unit_settings *s)
{
	own(buf_release) struct buf b = BUF(1 << 20);
	const struct unit_setting *e;
	size_t at = 0;

	while ((e = unit_next(s, "Service", "Environment", &at))) {
		struct str words = e->value, word;

		while ((word = str_quoted_word(&words)).ptr) {
			struct str name = str_unquote(word);

			name = str_cut(&name, '=');
			if (name.len && b.len < EXEC_MAX)
				buf_fmt(&b, "%s%.*s", b.len ? " " : "", STR_FMT(name));
		}
	}
	for (at = 0; (e = unit_next(s, "Service", "EnvironmentFile", &at));) {
		/* "-": it may be missing. */
		struct str file = str_sub(e->value, str_starts(e->value, STR("-")), e->value.len);

		if (file.len && b.len < EXEC_MAX)
			buf_fmt(&b, "%s%.*s", b.len ? " " : "", STR_FMT(file));
	}
	return arena_str(a, str_sub(buf_view(&b), 0, EXEC_MAX));
}

static struct str state_of(const struct unit *unit, const struct unit_settings *s)
{
	static const char *const keys[] = { "WantedBy", "RequiredBy", "UpheldBy", "Alias" };
	size_t at;

	if (unit->kind != UNIT_SYSTEMD)
		return unit->enabled ? STR("enabled") : STR("disabled");
	if (unit->masked)
		return STR("masked");
	if (unit->alias_of.len)
		return STR("alias");
	if (str_starts(unit->path, STR("/run/systemd/generator")))
		return STR("generated");
	if (str_starts(unit->path, STR("/run/systemd/transient")))
		return STR("transient");
	for (size_t i = 0; i < COUNT(keys); i++)
		if (at = 0, unit_next(s, "Install", keys[i], &at))
			return unit->enabled ? STR("enabled") : STR("disabled");
	/* An instance is there because it is linked. */
	if (str_find(unit->name, '@') > 0 && !str_contains(unit->name, STR("@.")))
		return unit->enabled ? STR("enabled") : STR("static");
	at = 0;
	if (unit_next(s, "Install", "Also", &at))
		return STR("indirect");
	return STR("static");
}

static int add(struct collect *c, const struct units *u, const struct unit *unit,
	       struct str package)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct systemd_units_row row = { .id = unit->name,
					 .type = unit_type(unit->name),
					 .path = unit->path,
					 .package = package,
					 .exposure = FACT_UNKNOWN,
					 .boot = unit->boot };
	struct unit_settings s = {};
	int r = unit->alias_of.len ? 0 : units_read(c, u, unit, &s);

	if (r < 0)
		return r;
	if (unit->kind != UNIT_SYSTEMD)
		row.type = STR("script");
	row.state = state_of(unit, &s);
	row.description = unit_value(&s, "Unit", "Description");
	row.user = unit_value(&s, "Service", "User");
	for (size_t i = 0; i < COUNT(actions); i++)
		if (str_eq(row.type, str_of(actions[i].type)))
			row.exec = join_actions(c->arena, &actions[i], &s);
	if (str_eq(row.type, STR("service")) && s.n) {
		row.environment = join_environment(c->arena, &s);
		row.exposure = unit_exposure(&s);
	}
	if (str_eq(row.type, STR("service")) || unit->kind != UNIT_SYSTEMD)
		row.risk = str_of(command_risk(row.exec));
	r = collect_row(c, &row);
	arena_rewind(c->arena, mark);
	return r;
}

static int collect(struct collect *c)
{
	struct str *paths, *packages;
	struct units u;
	int r = units_load(c, &u);

	if (r < 0)
		return r;
	if (!u.n)
		return collect_not_applicable(c, "neither units of systemd nor init scripts");
	paths = arena_array(c->arena, u.n, sizeof *paths);
	packages = arena_array(c->arena, u.n, sizeof *packages);
	if (!paths || !packages)
		return -ENOMEM;
	for (size_t i = 0; i < u.n; i++)
		paths[i] = u.list[i].path;
	r = package_db_owners(c, paths, u.n, packages);
	for (size_t i = 0; r == 0 && i < u.n; i++)
		if (u.list[i].kind != UNIT_SYSV || !u.list[i].masked)
			r = add(c, &u, &u.list[i], packages[i]);
	return r;
}

const struct collector collector_systemd_units = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
