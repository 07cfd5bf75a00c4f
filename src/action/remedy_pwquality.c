/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pwquality: which passwords are refused. Settings by a drop-in of pwquality.conf(5); where no stack
 * calls pam_pwquality(8), it is called in front of the module that stores passwords.
 */
#include "action/package.h"
#include "action/pam_edit.h"
#include "action/pam_update.h"
#include "action/settings.h"

#define MODULE "pam_pwquality.so"

/* The main file is read last and counts for more, and so do the module's arguments. */
static const struct settings_place place = {
	.file = "/etc/security/pwquality.conf.d/90-holdfast.conf",
	.main = "/etc/security/pwquality.conf",
	.also = "/etc/security/pwquality.conf.d/*.conf",
	.module = MODULE,
	.style = &edit_pam,
	.all_win = true,
};

static const char *first_of(struct str text)
{
	struct str control;

	return edit_pam_control(text, STR("password"), STR("pam_pwhistory.so"), &control)
		       ? "pam_pwhistory.so"
		       : "pam_unix.so";
}

static int call_in(const struct remedy_input *in, struct plan *p, const char *file)
{
	struct str text;
	int r = root_read(in->root, file, EDIT_MAX, in->arena, &text, NULL);

	if (r >= 0)
		r = pam_add(p, file, "password", first_of(text), EDIT_PAM_BEFORE,
			    "requisite\t" MODULE " retry=3");
	/* It has asked; the next ones take what was typed. */
	if (r >= 0 && !strcmp(first_of(text), "pam_pwhistory.so"))
		r = pam_word(p, file, "password", "pam_pwhistory.so", "use_authtok");
	if (r >= 0)
		r = pam_word(p, file, "password", "pam_unix.so", "use_authtok");
	return r < 0 ? r : pam_word(p, file, "password", "pam_unix.so", "try_first_pass");
}

/* Its package on Debian brings one of its own. */
static const struct pam_profile profiles[] = {
	{"pwquality",           NULL			    },
	{ "holdfast-pwquality",
         "quality of passwords\nDefault: yes\nPriority: 1023\nConflicts: cracklib, pwquality\n"
	  "Password-Type: Primary\nPassword:\n\trequisite\t" MODULE " retry=3\n"
	  "Password-Initial:\n\trequisite\t" MODULE " retry=3\n"},
};

static int call(const struct remedy_input *in, struct plan *p)
{
	/* Its package brings a profile of its own and writes the stacks. */
	static const struct package_names names = { .apt = "libpam-pwquality",
						    .dnf = "libpwquality",
						    .apk = "libpwquality" };
	struct str *files;
	size_t n;
	bool there = false, done = false,
	     brought = !remedy_has_file(in, "/usr/share/pam-configs/pwquality");
	int r = pam_has_module(in, MODULE, &there);

	if (r >= 0 && !there)
		return package_install(in, p, &names);
	if (r >= 0)
		r = pam_update(in, p, &profiles[brought], 1, &done);
	if (r < 0 || done)
		return r;
	if (r >= 0)
		r = pam_files(in, p, "password", "pam_unix.so", &files, &n);
	if (r >= 0 && !n)
		return plan_cannot(p, "no stack of PAM stores passwords by pam_unix.so");
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = call_in(in, p, files[i].ptr);
	return r < 0 ? r : pam_by_hand(in, p);
}

static int plan_pwquality(const struct remedy_input *in, struct plan *p)
{
	bool unset = in->n_args > 1 && str_eq(in->args[1], STR("-"));
	struct str on;
	int r = remedy_value(in, "SELECT value FROM password_policy WHERE name = 'pwquality'", &on);

	if (r >= 0 && (str_eq(on, STR("cracklib")) || str_eq(on, STR("passwdqc"))))
		return plan_cannot(p, "pam_%.*s.so judges passwords here, by other settings",
				   STR_FMT(on));
	if (r >= 0 && !str_eq(on, STR("enabled")) && !unset)
		r = call(in, p);
	return r < 0 ? r : settings_plan(in, p, &place);
}

const struct remedy remedy_pwquality = {
	.kind = "pwquality",
	.args = "NAME VALUE …",
	.what = "settings in /etc/security/pwquality.conf.d/90-holdfast.conf, and pam_pwquality.so in "
		"the stacks that store passwords",
	.plan = plan_pwquality,
};
