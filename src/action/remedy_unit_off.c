/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit-off: units that are neither started nor run. */
#include "action/package.h"
#include "action/settings.h"

static int plan_unit_off(const struct remedy_input *in, struct plan *p)
{
	int r = in->n_args ? 0 : settings_misread(p);

	for (size_t i = 0; r >= 0 && i < in->n_args; i++) {
		struct str *rows;
		size_t n;

		r = remedy_query_text(in,
				      "SELECT id FROM systemd_units WHERE id GLOB ?1 "
				      "AND state IN ('enabled', 'generated')",
				      in->args[i], &rows, &n);
		for (size_t j = 0; r >= 0 && j < n; j++)
			r = plan_unit(p, rows[j].ptr, UNIT_DISABLE | UNIT_STOP, NULL);
	}
	return r;
}

const struct remedy remedy_unit_off = {
	.kind = "unit-off",
	.args = "UNIT …",
	.what = "units (with wildcards) that start at boot are disabled and stopped",
	.plan = plan_unit_off,
};
