/* SPDX-License-Identifier: GPL-3.0-or-later */
/* su-group: su is for root and for the members of one group, which is made where it is missing. */
#include "action/account_edit.h"
#include "action/pam_edit.h"
#include "action/settings.h"

#define STACK "/etc/pam.d/su"

static int plan_su_group(const struct remedy_input *in, struct plan *p)
{
	const char *line;
	struct str text, control;
	uint32_t gid;
	int r = in->n_args == 1 ? 0 : settings_misread(p);

	if (r >= 0 && !remedy_has_file(in, STACK))
		return plan_cannot(p, "there is no " STACK);
	if (r >= 0 && remedy_gid(in, in->args[0], &gid) < 0)
		r = account_add_group(in, p, in->args[0]);
	if (r >= 0)
		r = root_read(in->root, STACK, EDIT_MAX, in->arena, &text, NULL);
	if (r < 0)
		return r;
	line = arena_fmt(in->arena, "required\tpam_wheel.so use_uid group=%.*s",
			 STR_FMT(in->args[0]))
		       .ptr;
	if (!line)
		return -ENOMEM;
	/* Root goes first, and needs no password. */
	r = edit_pam_control(text, STR("auth"), STR("pam_rootok.so"), &control)
		    ? pam_add(p, STACK, "auth", "pam_rootok.so", EDIT_PAM_BEHIND, line)
		    : plan_cannot(p, STACK " does not let root pass by pam_rootok.so");
	return r < 0 ? r
		     : plan_breaks(p,
				   "su by others than root and the members of the group %.*s; "
				   "sudo is not concerned",
				   STR_FMT(in->args[0]));
}

const struct remedy remedy_su_group = {
	.kind = "su-group",
	.args = "GROUP",
	.what = "su is for root and the members of GROUP, which is made, without members, where it is "
		"missing: " STACK,
	.plan = plan_su_group,
};
