/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pam-without: an argument of a module of PAM that goes. */
#include "action/pam_edit.h"
#include "action/settings.h"

static int plan_pam_without(const struct remedy_input *in, struct plan *p)
{
	static const char unix_profile[] = "/usr/share/pam-configs/unix";
	const char *module, *word;
	struct str *files;
	bool done = false;
	size_t n;
	int r;

	if (in->n_args != 2)
		return settings_misread(p);
	r = str_eq(in->args[1], STR("nullok")) ? pam_authselect(in, p, "without-nullok", &done) : 0;
	if (r < 0 || done)
		return r;
	module = in->args[0].ptr;
	word = in->args[1].ptr;
	r = remedy_query_text(in, "SELECT DISTINCT file FROM pam_stack WHERE module = ?1",
			      in->args[0], &files, &n);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = pam_without(p, files[i].ptr, module, word);
	/* pam-auth-update(8) keeps what was taken out; where it has no record, what it starts from. */
	if (r >= 0 && remedy_has_file(in, unix_profile) &&
	    !remedy_has_file(in, "/var/lib/pam/auth"))
		r = pam_without(p, unix_profile, module, word);
	return r;
}

const struct remedy remedy_pam_without = {
	.kind = "pam-without",
	.args = "MODULE ARGUMENT",
	.what = "an argument is taken out of the lines of a module in /etc/pam.d",
	.plan = plan_pam_without,
};
