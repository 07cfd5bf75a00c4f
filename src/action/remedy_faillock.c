/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * faillock: who guesses a password too often waits. Settings in faillock.conf(5); where no stack
 * calls pam_faillock(8), it is called before and behind pam_unix, and where accounts are checked.
 */
#include "action/pam_edit.h"
#include "action/pam_update.h"
#include "action/settings.h"

#define MODULE "pam_faillock.so"

static const struct settings_place place = {
	.file = "/etc/security/faillock.conf",
	.module = MODULE,
	.style = &edit_pam,
};

/* Debian's: in front of pam_unix and behind it. */
static const struct pam_profile profiles[] = {
	{"holdfast-faillock-before",
         "lock accounts (before)\nDefault: yes\nPriority: 1024\n"
	  "Auth-Type: Primary\nAuth:\n\trequired\t" MODULE " preauth\n"
	  "Account-Type: Additional\nAccount:\n\trequired\t" MODULE "\n"     },
	{ "holdfast-faillock-behind",
         "lock accounts (behind)\nDefault: yes\nPriority: 0\n"
	  "Auth-Type: Primary\nAuth:\n\t[default=die]\t" MODULE " authfail\n"},
};

/* Failures are counted behind a pam_unix that jumps, or ends the stack, when it is content. */
static bool can_follow(const struct remedy_input *in, const char *file)
{
	struct str text, control;

	if (root_read(in->root, file, EDIT_MAX, in->arena, &text, NULL) < 0 ||
	    !edit_pam_control(text, STR("auth"), STR("pam_unix.so"), &control))
		return false;
	return str_ieq(control, STR("sufficient")) || str_contains(control, STR("success=done")) ||
	       (str_starts(control, STR("[")) && str_contains(control, STR("success=")) &&
		!str_contains(control, STR("success=ok")));
}

static int call_auth(const struct remedy_input *in, struct plan *p, const char *file)
{
	int r;

	if (!can_follow(in, file))
		return plan_cannot(p, "the stack of %s is too unusual to be changed safely", file);
	r = pam_add(p, file, "auth", "pam_unix.so", EDIT_PAM_BEFORE,
		    "required\t" MODULE " preauth");
	return r < 0 ? r
		     : pam_add(p, file, "auth", "pam_unix.so", EDIT_PAM_BEHIND,
			       "[default=die]\t" MODULE " authfail");
}

/* Adds the module to the stacks that know passwords. */
static int call(const struct remedy_input *in, struct plan *p)
{
	struct str *auth, *account;
	size_t n_auth, n_account;
	bool there = false, done = false;
	int r = pam_has_module(in, MODULE, &there);

	if (r >= 0 && !there)
		return plan_cannot(p, "there is no " MODULE);
	if (r >= 0)
		r = pam_authselect(in, p, "with-faillock", &done);
	if (r < 0 || done)
		return r;
	if (r >= 0)
		r = pam_update(in, p, profiles, COUNT(profiles), &done);
	if (r < 0 || done)
		return r;
	if (r >= 0)
		r = pam_files(in, p, "auth", "pam_unix.so", &auth, &n_auth);
	if (r >= 0)
		r = pam_files(in, p, "account", "pam_unix.so", &account, &n_account);
	if (r >= 0 && !n_auth)
		return plan_cannot(p, "no stack of PAM asks pam_unix.so");
	for (size_t i = 0; r >= 0 && i < n_auth; i++)
		r = call_auth(in, p, auth[i].ptr);
	for (size_t i = 0; r >= 0 && i < n_account; i++)
		r = pam_add(p, account[i].ptr, "account", "", EDIT_PAM_END, "required\t" MODULE);
	return r < 0 ? r : pam_by_hand(in, p);
}

static int plan_faillock(const struct remedy_input *in, struct plan *p)
{
	struct str on;
	int r = remedy_value(in, "SELECT value FROM password_policy WHERE name = 'faillock'", &on);

	if (r >= 0 && str_eq(on, STR("tally2")))
		return plan_cannot(p, "pam_tally2.so counts failures here: replace it by " MODULE);
	if (r >= 0 && !str_eq(on, STR("enabled")))
		r = call(in, p);
	if (r >= 0)
		r = settings_plan(in, p, &place);
	if (r >= 0)
		p->risky = true;
	return r < 0 ? r
		     : plan_breaks(p, "who mistypes a password five times waits a quarter of an "
				      "hour; keys are not concerned");
}

const struct remedy remedy_faillock = {
	.kind = "faillock",
	.args = "NAME VALUE …",
	.what = "settings of /etc/security/faillock.conf, and pam_faillock.so in the stacks that ask "
		"for passwords",
	.plan = plan_faillock,
};
