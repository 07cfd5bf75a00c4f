/* SPDX-License-Identifier: GPL-3.0-or-later */
/* modules-off: kernel modules that nothing loads any more. */
#include "action/draft.h"

#define OURS "/etc/modprobe.d/holdfast.conf"

static int is_loaded(const struct remedy_input *in, struct str name, bool *ret)
{
	struct str *rows;
	size_t n;
	int r = remedy_query_text(in, "SELECT name FROM kernel_modules WHERE name = ?1", name,
				  &rows, &n);

	if (r >= 0)
		*ret = n > 0;
	return r;
}

static int unload(const struct remedy_input *in, struct plan *p, struct str name)
{
	const char *module = arena_cstr(in->arena, name);

	if (!module)
		return -ENOMEM;
	return plan_command(p, (const char *const[]){ "modprobe", "-r", module, NULL },
			    (const char *const[]){ "modprobe", "--ignore-install", module, NULL },
			    NULL);
}

static int plan_modules_off(const struct remedy_input *in, struct plan *p)
{
	own(draft_release) struct draft d = {};
	int r;

	draft_open(&d, p, OURS);
	draft_head(&d);
	for (size_t i = 0; i < in->n_args; i++) {
		struct str resource = arena_cat(in->arena, STR("module "), in->args[i], STR(""));
		/* /bin/false is there with and without a merged /usr. */
		struct str line =
			arena_cat(in->arena, STR("install "), in->args[i], STR(" /bin/false"));

		if (!line.ptr || !resource.ptr)
			return -ENOMEM;
		if (remedy_fails(in, resource))
			draft_lines(&d, &line, 1);
	}
	r = draft_save(&d, 0644, NULL);
	for (size_t i = 0; r >= 0 && in->options->live && i < in->n_args; i++) {
		bool loaded = false;

		r = is_loaded(in, in->args[i], &loaded);
		if (r >= 0 && loaded)
			r = unload(in, p, in->args[i]);
	}
	return r < 0 ? r
		     : plan_breaks(p, "programs that use these protocols: telephony (SCTP), "
				      "clusters (TIPC, RDS)");
}

const struct remedy remedy_modules_off = {
	.kind = "modules-off",
	.args = "MODULE …",
	.what = "kernel modules that the check finds are kept out by " OURS " and unloaded",
	.plan = plan_modules_off,
};
