/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account-lock: the password of an account opens nothing any more; with `expire` its keys do not
 * either, with `nologin` it has no shell. The rows of the check name the accounts.
 */
#include "action/account_edit.h"
#include "action/settings.h"

enum {
	FIELD_PASSWORD = 1, /* of shadow */
	FIELD_EXPIRES = 7,
	FIELD_SHELL = 6, /* of passwd */
};

static int lock(const struct remedy_input *in, struct plan *p, struct str name)
{
	const char *file = SHADOW;
	struct str now, locked;
	int r = account_field_get(in, SHADOW, name, FIELD_PASSWORD, &now);

	/* An account without a line there has what stands in passwd(5). */
	if (r >= 0 && !now.ptr) {
		file = PASSWD;
		r = account_field_get(in, PASSWD, name, FIELD_PASSWORD, &now);
	}
	if (r < 0)
		return r;
	if (!now.ptr)
		return plan_cannot(p, "there is no account %.*s", STR_FMT(name));
	if (str_starts(now, STR("!")) || str_starts(now, STR("*")))
		return 0;
	locked = arena_cat(in->arena, STR("!"), now, STR(""));
	return locked.ptr ? account_field_set(p, file, name, FIELD_PASSWORD, locked) : -ENOMEM;
}

static int take_shell(const struct remedy_input *in, struct plan *p, struct str name)
{
	static const char *const shells[] = { "/usr/sbin/nologin", "/sbin/nologin",
					      "/usr/bin/false", "/bin/false" };
	const char *shell = remedy_first_file(in, shells, COUNT(shells));

	if (!shell)
		return plan_cannot(p, "neither nologin nor false is there to be the shell");
	return account_field_set(p, PASSWD, name, FIELD_SHELL, str_of(shell));
}

/* Somebody else has to get in and become root: of root, and of who does it by that password. */
static int check_root(const struct remedy_input *in, struct plan *p, struct str name)
{
	struct str *by_password, *others;
	size_t n_by_password, n;
	int r = remedy_query_text(in,
				  "SELECT username FROM account_privileges WHERE username = ?1 "
				  "AND usable = 1 AND (how = 'uid0' OR nopasswd = 0)",
				  name, &by_password, &n_by_password);

	if (r >= 0)
		r = remedy_query_text(in,
				      "SELECT DISTINCT p.username FROM account_privileges p "
				      "JOIN logins l ON l.username = p.username "
				      "WHERE l.door <> 'console' AND p.usable = 1 "
				      "AND p.username <> ?1",
				      name, &others, &n);
	return r < 0 || n || !n_by_password
		       ? r
		       : plan_cannot(p,
				     "%.*s is the only account that gets in and becomes root: "
				     "give it another password (passwd %.*s), or make a second one",
				     STR_FMT(name), STR_FMT(name));
}

static int plan_one(const struct remedy_input *in, struct plan *p, struct str name, bool expire,
		    bool nologin)
{
	int r = check_root(in, p, name);

	if (r >= 0)
		r = lock(in, p, name);
	if (r >= 0 && expire)
		r = account_field_set(p, SHADOW, name, FIELD_EXPIRES, STR("1"));
	return r < 0 || !nologin ? r : take_shell(in, p, name);
}

static int plan_account_lock(const struct remedy_input *in, struct plan *p)
{
	bool expire = false, nologin = false;
	int r = 0;

	for (size_t i = 0; i < in->n_args; i++) {
		expire |= str_eq(in->args[i], STR("expire"));
		nologin |= str_eq(in->args[i], STR("nologin"));
	}
	p->risky = true;
	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		struct str name = remedy_named(in->resources[i].resource, "account");

		if (name.ptr)
			r = plan_one(in, p, name, expire, nologin);
	}
	return r < 0 ? r
		     : plan_breaks(p, "programs and people that use the password of the account%s",
				   nologin ? ", and jobs that run its shell by su" : "");
}

const struct remedy remedy_account_lock = {
	.kind = "account-lock",
	.args = "[expire] [nologin]",
	.what = "passwords of the accounts that the check finds are locked; expire: their keys open "
		"nothing either, nologin: they have no shell",
	.plan = plan_account_lock,
};
