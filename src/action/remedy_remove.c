/* SPDX-License-Identifier: GPL-3.0-or-later */
/* remove: the files that the check finds go. The journal keeps their bytes. */
#include "action/draft.h"

static int plan_all(const struct remedy_input *in, struct plan *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		struct str path = remedy_named(in->resources[i].resource, "file");
		const char *named = arena_cstr(in->arena, path);

		if (!str_starts(path, STR("/")))
			continue;
		r = named ? plan_remove(p, named, NULL) : -ENOMEM;
	}
	return r < 0 ? r : plan_breaks(p, "programs that read these files");
}

const struct remedy remedy_remove = {
	.kind = "remove",
	.args = "",
	.what = "files that the check finds are removed; undo brings them back",
	.plan = plan_all,
};
