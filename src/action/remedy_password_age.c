/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password-age: after how many days a password has to be changed, now and for new accounts. */
#include "action/account_edit.h"
#include "action/settings.h"

enum {
	FIELD_CHANGED = 2, /* of shadow, days since 1970 */
	FIELD_MAX = 4,
};

/* A password that would be too old at once could keep its owner out. */
static int plan_account(const struct remedy_input *in, struct plan *p, struct str name,
			struct str days, int64_t today)
{
	struct str changed;
	int64_t last, most;
	int r = account_field_get(in, SHADOW, name, FIELD_CHANGED, &changed);

	if (r < 0)
		return r;
	if (str_to_int64(changed, &last) < 0 || str_to_int64(days, &most) < 0 ||
	    last + most <= today)
		return plan_cannot(p,
				   "the password of %.*s is older than %.*s days: change it "
				   "first (passwd %.*s)",
				   STR_FMT(name), STR_FMT(days), STR_FMT(name));
	return account_field_set(p, SHADOW, name, FIELD_MAX, days);
}

static int plan_password_age(const struct remedy_input *in, struct plan *p)
{
	own(draft_release) struct draft d = {};
	struct str now;
	int64_t today;
	int r = in->n_args == 1 ? 0 : settings_misread(p);

	if (r >= 0)
		r = remedy_value(in, "SELECT now / 86400 FROM moment", &now);
	if (r >= 0 && str_to_int64(now, &today) < 0)
		return plan_cannot(p, "the facts do not say of what day they are");
	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		struct str name = remedy_named(in->resources[i].resource, "account");

		if (name.ptr)
			r = plan_account(in, p, name, in->args[0], today);
	}
	if (r < 0 || !remedy_fails(in, STR("password policy")) ||
	    !remedy_has_file(in, "/etc/login.defs"))
		return r;
	draft_open(&d, p, "/etc/login.defs");
	draft_set(&d, &edit_blank, (struct str){}, STR("PASS_MAX_DAYS"), in->args[0]);
	return draft_save(&d, 0644, NULL);
}

const struct remedy remedy_password_age = {
	.kind = "password-age",
	.args = "DAYS",
	.what = "passwords of the accounts that the check finds, and PASS_MAX_DAYS of "
		"/etc/login.defs for new ones, are good for DAYS",
	.plan = plan_password_age,
};
