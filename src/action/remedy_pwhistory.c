/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pwhistory: the last passwords of an account are not taken again; pam_pwhistory(8). */
#include "action/pam_edit.h"
#include "action/pam_update.h"
#include "action/settings.h"

#define MODULE "pam_pwhistory.so"

static int call_in(const struct remedy_input *in, struct plan *p, const char *file,
		   const char *line)
{
	static const char *const askers[] = { "pam_pwquality.so", "pam_cracklib.so",
					      "pam_passwdqc.so" };
	struct str text, control;
	bool asked = false;
	int r = root_read(in->root, file, EDIT_MAX, in->arena, &text, NULL);

	for (size_t i = 0; r >= 0 && i < COUNT(askers); i++)
		asked |= edit_pam_control(text, STR("password"), str_of(askers[i]), &control);
	if (r >= 0)
		r = pam_add(p, file, "password", "pam_unix.so", EDIT_PAM_BEFORE, line);
	if (r >= 0 && asked)
		r = pam_word(p, file, "password", MODULE, "use_authtok");
	if (r >= 0)
		r = pam_word(p, file, "password", "pam_unix.so", "use_authtok");
	return r < 0 ? r : pam_word(p, file, "password", "pam_unix.so", "try_first_pass");
}

static int call(const struct remedy_input *in, struct plan *p, struct str number)
{
	struct str line = arena_fmt(
		in->arena, "requisite\t" MODULE " remember=%.*s enforce_for_root", STR_FMT(number));
	struct str *files;
	size_t n;
	struct pam_profile profile = { .name = "holdfast-pwhistory" };
	bool there = false, done = false;
	int r = pam_has_module(in, MODULE, &there);

	if (r >= 0 && !there)
		return plan_cannot(p, "there is no " MODULE);
	if (r >= 0)
		r = pam_authselect(in, p, "with-pwhistory", &done);
	if (r < 0 || done)
		return r;
	/* Debian's: behind what asks for the new password, in front of pam_unix. */
	profile.body = arena_fmt(in->arena,
				 "history of passwords\nDefault: yes\nPriority: 1022\n"
				 "Password-Type: Primary\nPassword:\n\trequisite\t" MODULE
				 " remember=%.*s enforce_for_root use_authtok\n"
				 "Password-Initial:\n\trequisite\t" MODULE
				 " remember=%.*s enforce_for_root\n",
				 STR_FMT(number), STR_FMT(number))
			       .ptr;
	if (r >= 0)
		r = profile.body ? pam_update(in, p, &profile, 1, &done) : -ENOMEM;
	if (r < 0 || done)
		return r;
	if (r >= 0)
		r = pam_files(in, p, "password", "pam_unix.so", &files, &n);
	if (r >= 0 && !n)
		return plan_cannot(p, "no stack of PAM stores passwords by pam_unix.so");
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = line.ptr ? call_in(in, p, files[i].ptr, line.ptr) : -ENOMEM;
	return r < 0 ? r : pam_by_hand(in, p);
}

static int plan_pwhistory(const struct remedy_input *in, struct plan *p)
{
	static const struct settings_place place = {
		.file = "/etc/security/pwhistory.conf",
		.module = MODULE,
		.style = &edit_pam,
	};
	struct str *rows;
	struct remedy_input set = *in;
	struct str words[2];
	size_t n;
	int r = in->n_args == 1 ? 0 : settings_misread(p);

	if (r >= 0)
		r = remedy_query_text(in,
				      "SELECT file FROM pam_stack WHERE type = 'password' "
				      "AND module = ?1",
				      STR(MODULE), &rows, &n);
	if (r < 0)
		return r;
	if (!n)
		return call(in, p, in->args[0]);
	words[0] = STR("remember");
	words[1] = in->args[0];
	set.args = words;
	set.n_args = 2;
	return settings_plan(&set, p, &place);
}

const struct remedy remedy_pwhistory = {
	.kind = "pwhistory",
	.args = "NUMBER",
	.what = "the last NUMBER passwords are refused: pam_pwhistory.so in the stacks that store "
		"passwords, or its setting",
	.plan = plan_pwhistory,
};
