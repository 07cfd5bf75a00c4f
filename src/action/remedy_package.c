/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package: what is missing is installed, and its services run. */
#include "action/package.h"
#include "action/settings.h"

static const char *word_or_null(struct str s) { return str_eq(s, STR("-")) ? NULL : s.ptr; }

/* Every package of the list. */
static int all_there(const struct remedy_input *in, const char *names, bool *ret)
{
	struct str rest = str_of(names), word;
	bool all = true;
	int r = 0;

	while (r >= 0 && (word = str_word(&rest)).ptr) {
		const char *name = arena_cstr(in->arena, word);
		bool there = false;

		r = name ? package_is_there(in, name, &there) : -ENOMEM;
		all &= there;
	}
	if (r >= 0)
		*ret = all;
	return r;
}

static int plan_package(const struct remedy_input *in, struct plan *p)
{
	struct package_names names;
	bool there = false;
	int r;

	if (in->n_args < 3)
		return settings_misread(p);
	names = (struct package_names){ word_or_null(in->args[0]), word_or_null(in->args[1]),
					word_or_null(in->args[2]) };
	if (!package_name(in, &names))
		return plan_cannot(p, "no package for it is known on this system");
	r = all_there(in, package_name(in, &names), &there);
	if (r >= 0 && !there)
		r = package_install(in, p, &names);
	for (size_t i = 3; r >= 0 && i < in->n_args; i++)
		if (!there || package_has_unit(in, in->args[i].ptr))
			r = plan_unit(p, in->args[i].ptr, UNIT_UNMASK | UNIT_ENABLE | UNIT_START,
				      NULL);
	return r;
}

const struct remedy remedy_package = {
	.kind = "package",
	.args = "APT DNF APK [UNIT …]",
	.what = "packages are installed by the system's own manager (names for each, - where there is "
		"none), and units are enabled and started",
	.plan = plan_package,
};
