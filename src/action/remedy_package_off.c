/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package-off: packages that the check finds are removed, and lines of inetd that start them. */
#include "action/package.h"

/* "/etc/inetd.conf:3 starts telnet (…)": others than its one file are a super-server's own. */
static int quiet_inetd(const struct remedy_input *in, struct plan *p, struct str evidence)
{
	own(draft_release) struct draft d = {};
	const char *file;
	unsigned line;

	if (!remedy_place(in, evidence, &file, &line))
		return plan_cannot(p, "the finding names no line of a file");
	draft_open(&d, p, file);
	if (str_starts(str_of(file), STR("/etc/xinetd")))
		draft_set(&d, &edit_pam, (struct str){}, STR("disable"), STR("yes"));
	else
		draft_comment(&d, line);
	return draft_save(&d, 0644, NULL);
}

static int plan_package_off(const struct remedy_input *in, struct plan *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		const struct remedy_resource *row = &in->resources[i];
		struct str name = remedy_named(row->resource, "package");

		if (remedy_named(row->resource, "service").ptr)
			r = quiet_inetd(in, p, row->evidence);
		else if (name.ptr)
			r = package_remove(in, p, arena_cstr(in->arena, name));
	}
	/* telnet may be how its owner gets in. */
	p->risky = true;
	return r < 0 ? r : plan_breaks(p, "whoever still uses these services");
}

const struct remedy remedy_package_off = {
	.kind = "package-off",
	.args = "",
	.what = "packages that the check finds are removed, and lines of inetd become comments",
	.plan = plan_package_off,
};
