/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to the index of units. */
#include <stdio.h>

#include "facts/linux/units_index.h"

struct str unit_type(struct str name)
{
	static const char *const types[] = { "automount", "device",  "mount", "path",
					     "scope",     "service", "slice", "socket",
					     "swap",      "target",  "timer" };
	ssize_t dot = str_rfind(name, '.');
	struct str type = dot < 0 ? STR("") : str_sub(name, (size_t)dot + 1, name.len);

	for (size_t i = 0; i < COUNT(types); i++)
		if (str_eq(type, str_of(types[i])))
			return type;
	return STR("");
}

int unit_cmp(const void *x, const void *y)
{
	const struct unit *a = x, *b = y;
	int r = str_cmp(a->name, b->name);

	return r ? r : (int)a->kind - (int)b->kind;
}

struct unit *unit_lookup(const struct units *u, struct str name, enum unit_kind kind)
{
	struct unit key = { .name = name, .kind = kind };

	return u->n ? bsearch(&key, u->list, u->n, sizeof key, unit_cmp) : NULL;
}

const struct unit *units_find(const struct units *u, struct str name)
{
	const struct unit *unit = unit_lookup(u, name, UNIT_SYSTEMD);

	if (!unit)
		unit = unit_lookup(u, name, UNIT_SYSV);
	return unit ? unit : unit_lookup(u, name, UNIT_OPENRC);
}

struct unit *unit_follow(const struct units *u, const struct unit *unit)
{
	for (int hops = 0; unit && unit->alias_of.len; hops++)
		unit = hops < 8 ? unit_lookup(u, unit->alias_of, UNIT_SYSTEMD) : NULL;
	return (struct unit *)unit;
}

const struct unit *units_resolve(const struct units *u, const struct unit *unit)
{
	return unit_follow(u, unit);
}

static void ask(const struct units *u, struct str name, int64_t *ret, const struct unit **ret_unit)
{
	static const enum unit_kind kinds[] = { UNIT_SYSTEMD, UNIT_SYSV, UNIT_OPENRC };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct unit *unit = unit_lookup(u, name, kinds[i]);

		if (!unit || *ret == 1)
			continue;
		if (unit->boot || *ret == FACT_UNKNOWN)
			*ret_unit = unit;
		*ret = unit->boot;
	}
}

int64_t units_enabled_by(const struct units *u, const char *const names[],
			 const struct unit **ret_unit)
{
	static const char *const suffixes[] = { "", ".service", ".socket", ".timer" };
	int64_t ret = FACT_UNKNOWN;
	const struct unit *unit = NULL;

	for (size_t i = 0; names[i]; i++) {
		bool full = unit_type(str_of(names[i])).len > 0;

		for (size_t k = 0; k < (full ? 1 : COUNT(suffixes)); k++) {
			char name[256];
			int n = snprintf(name, sizeof name, "%s%s", names[i], suffixes[k]);

			if (n > 0 && (size_t)n < sizeof name)
				ask(u, str_of(name), &ret, &unit);
		}
	}
	if (ret_unit)
		*ret_unit = unit;
	return ret;
}

int64_t units_enabled(const struct units *u, const char *const names[])
{
	return units_enabled_by(u, names, NULL);
}
