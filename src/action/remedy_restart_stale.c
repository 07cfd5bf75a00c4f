/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restart-stale: services that still run with libraries that an update has replaced. */
#include "action/draft.h"

/* Those that take every session or the machine with them. */
static bool must_stay(struct str unit)
{
	static const char *const kept[] = {
		"dbus.service",           "dbus-broker.service",     "init.scope",
		"systemd-logind.service", "display-manager.service", "holdfast-guard.service"
	};

	for (size_t i = 0; i < COUNT(kept); i++)
		if (str_eq(unit, str_of(kept[i])))
			return true;
	return str_starts(unit, STR("user@")) || str_starts(unit, STR("getty@")) ||
	       !str_ends(unit, STR(".service"));
}

static int plan_restart_stale(const struct remedy_input *in, struct plan *p)
{
	unsigned left = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		struct str unit = in->resources[i].resource;
		const char *name = arena_cstr(in->arena, unit);

		if (str_find(unit, ' ') >= 0 || must_stay(unit))
			left++;
		else
			r = name ? plan_unit(p, name, UNIT_RESTART, NULL) : -ENOMEM;
	}
	if (r >= 0 && left && left == in->n_resources)
		return plan_cannot(p, "what still has old libraries is restarted with the machine "
				      "only");
	if (r >= 0 && left)
		r = plan_breaks(p,
				"%u processes keep the old libraries until the machine is "
				"restarted",
				left);
	return r < 0 ? r : plan_breaks(p, "connections of the services that are restarted");
}

const struct remedy remedy_restart_stale = {
	.kind = "restart-stale",
	.args = "",
	.what = "services that run with libraries which an update replaced are restarted, but not "
		"those that end sessions (dbus, logind)",
	.plan = plan_restart_stale,
};
