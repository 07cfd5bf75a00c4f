/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of an account after failed logins. */
#include "facts/linux/password_policy.h"

/* faillock.conf(5). */
static const struct policy_option lock_options[] = {
	{STR("deny"),            STR("3"),   false},
	{ STR("unlock_time"),    STR("600"), false},
	{ STR("fail_interval"),  STR("900"), false},
	{ STR("even_deny_root"), STR("no"),  true },
};
/* pam_tally2(8). */
static const struct policy_option tally_options[] = {
	{STR("deny"),            STR("0"),  false},
	{ STR("unlock_time"),    STR("0"),  false},
	{ STR("even_deny_root"), STR("no"), true },
};
/* pam_faillock(8) counts failures where it is called with authfail. */
static int faillock(struct policy *p)
{
	struct policy_values v = POLICY_VALUES(lock_options);
	const struct pam_rule *rule = NULL, *fail = NULL;
	int r;

	while ((rule = policy_auth_rule(p, STR("pam_faillock.so"), rule))) {
		if (pam_argument(rule->arguments, STR("authfail"), NULL))
			fail = rule;
	}
	if (!fail)
		return 0;
	r = policy_read_module(p, fail, "/etc/security/faillock.conf", STR("faillock.conf"), &v);
	if (r >= 0)
		r = policy_emit_module(p, "faillock", STR("enabled"), fail, &v);
	return r < 0 ? r : 1;
}

static int tally(struct policy *p)
{
	const struct pam_rule *rule = policy_auth_rule(p, STR("pam_tally2.so"), NULL);
	struct policy_values v = POLICY_VALUES(tally_options);
	int r;

	if (!rule)
		return 0;
	policy_read_arguments(rule, &v);
	r = policy_emit_module(p, "faillock", STR("tally2"), rule, &v);
	return r < 0 ? r : 1;
}

int policy_lockout(struct policy *p)
{
	int r = faillock(p);

	if (!r)
		r = tally(p);
	if (r)
		return r;
	r = policy_emit_default(p, "faillock", "disabled");
	if (r >= 0)
		r = policy_emit_default(p, "deny", "0");
	return r < 0 ? r : policy_emit_default(p, "even_deny_root", "no");
}
