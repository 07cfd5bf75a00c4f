/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account-leave: accounts that the check finds are no members of the groups any more. */
#include "action/account_edit.h"
#include "action/settings.h"

#define FIELD_MEMBERS 3u

static int leave_in(const struct remedy_input *in, struct plan *p, const char *file,
		    struct str group, struct str name)
{
	own(buf_release) struct buf b = BUF(EDIT_MAX);
	struct str members, one;
	bool any = false;
	int r = account_field_get(in, file, group, FIELD_MEMBERS, &members);

	if (r < 0 || !members.len)
		return r;
	while (members.ptr) {
		one = str_cut(&members, ',');
		if (str_eq(one, name)) {
			any = true;
			continue;
		}
		if (b.len)
			buf_putc(&b, ',');
		buf_str(&b, one);
	}
	if (b.error)
		return b.error;
	return any ? account_field_set(p, file, group, FIELD_MEMBERS, buf_view(&b)) : 0;
}

static int plan_account_leave(const struct remedy_input *in, struct plan *p)
{
	int r = in->n_args ? 0 : settings_misread(p);

	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		struct str name = remedy_named(in->resources[i].resource, "account");

		for (size_t j = 0; r >= 0 && name.ptr && j < in->n_args; j++) {
			r = leave_in(in, p, GROUP, in->args[j], name);
			if (r >= 0)
				r = leave_in(in, p, GSHADOW, in->args[j], name);
		}
	}
	return r < 0 ? r
		     : plan_breaks(p, "what the accounts do with these groups: docker commands, "
				      "virtual machines; sessions that are open keep them");
}

const struct remedy remedy_account_leave = {
	.kind = "account-leave",
	.args = "GROUP …",
	.what = "accounts that the check finds leave the groups",
	.plan = plan_account_leave,
};
