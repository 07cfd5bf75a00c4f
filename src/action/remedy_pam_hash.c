/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pam-hash: how passwords are stored from now on: login.defs(5) and pam_unix(8). */
#include "action/pam_edit.h"
#include "action/settings.h"

static const char *const weak[] = { "md5", "bigcrypt", "sha256", "blowfish", "rounds=" };

static int change_stack(struct plan *p, const char *file, struct str method)
{
	struct str text;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(weak); i++)
		r = pam_without(p, file, "pam_unix.so", weak[i]);
	if (r >= 0)
		r = root_read(p->root, file, EDIT_MAX, p->arena, &text, NULL);
	if (r < 0 || str_contains(text, STR("yescrypt")) || str_contains(text, STR("sha512")))
		return r;
	return pam_word(p, file, "password", "pam_unix.so", method.ptr);
}

static int plan_pam_hash(const struct remedy_input *in, struct plan *p)
{
	own(draft_release) struct draft d = {};
	struct str *files;
	size_t n;
	int r = in->n_args == 1 ? 0 : settings_misread(p);

	if (r >= 0)
		r = pam_files(in, p, "password", "pam_unix.so", &files, &n);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = change_stack(p, files[i].ptr, in->args[0]);
	if (r < 0 || !remedy_has_file(in, "/etc/login.defs"))
		return r;
	draft_open(&d, p, "/etc/login.defs");
	draft_set(&d, &edit_blank, (struct str){}, STR("ENCRYPT_METHOD"),
		  str_eq(in->args[0], STR("yescrypt")) ? STR("YESCRYPT") : STR("SHA512"));
	draft_unset(&d, &edit_blank, (struct str){}, STR("SHA_CRYPT_MIN_ROUNDS"));
	draft_unset(&d, &edit_blank, (struct str){}, STR("SHA_CRYPT_MAX_ROUNDS"));
	draft_unset(&d, &edit_blank, (struct str){}, STR("YESCRYPT_COST_FACTOR"));
	return draft_save(&d, 0644, NULL);
}

const struct remedy remedy_pam_hash = {
	.kind = "pam-hash",
	.args = "yescrypt|sha512",
	.what = "new passwords are stored by that method, at its own cost: /etc/login.defs and the "
		"lines of pam_unix.so",
	.plan = plan_pam_hash,
};
