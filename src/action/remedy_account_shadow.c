/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account-shadow: hashes that everybody reads in passwd(5) move to shadow(5), as pwconv(8) does it. */
#include "action/account_edit.h"

#define FIELD_PASSWORD 1u

static int move(const struct remedy_input *in, struct plan *p, struct str name)
{
	own(draft_release) struct draft d = {};
	struct str hash, there, line;
	int r = account_field_get(in, PASSWD, name, FIELD_PASSWORD, &hash);

	if (r >= 0)
		r = account_field_get(in, SHADOW, name, FIELD_PASSWORD, &there);
	if (r < 0 || !hash.ptr || str_eq(hash, STR("x")))
		return r;
	if (there.ptr) {
		r = account_field_set(p, SHADOW, name, FIELD_PASSWORD, hash);
	} else {
		line = arena_fmt(in->arena, "%.*s:%.*s::0:99999:7:::", STR_FMT(name),
				 STR_FMT(hash));
		if (!line.ptr)
			return -ENOMEM;
		draft_open(&d, p, SHADOW);
		draft_lines(&d, &line, 1);
		r = draft_save(&d, 0600, NULL);
	}
	return r < 0 ? r : account_field_set(p, PASSWD, name, FIELD_PASSWORD, STR("x"));
}

static int plan_account_shadow(const struct remedy_input *in, struct plan *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		struct str name = remedy_named(in->resources[i].resource, "account");

		if (name.ptr)
			r = move(in, p, name);
	}
	p->risky = true;
	return r;
}

const struct remedy remedy_account_shadow = {
	.kind = "account-shadow",
	.args = "",
	.what = "hashes that stand in /etc/passwd move to /etc/shadow",
	.plan = plan_account_shadow,
};
