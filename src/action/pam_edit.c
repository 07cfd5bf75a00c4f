/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/pam_edit.h"

static const char *const folders[] = {
	"/lib/security/",       "/lib64/security/", "/usr/lib/security/",
	"/usr/lib64/security/", "/lib/*/security/", "/usr/lib/*/security/",
};

int pam_has_module(const struct remedy_input *in, const char *module, bool *ret)
{
	for (size_t i = 0; i < COUNT(folders); i++) {
		struct str pattern = arena_fmt(in->arena, "%s%s", folders[i], module);
		struct str *paths;
		size_t n;
		int r = pattern.ptr ? root_glob(in->root, pattern.ptr, in->arena, &paths, &n)
				    : -ENOMEM;

		if (r < 0)
			return r;
		if (n) {
			*ret = true;
			return 0;
		}
	}
	*ret = false;
	return 0;
}

#define AUTHSELECT "/etc/authselect/authselect.conf"

int pam_authselect(const struct remedy_input *in, struct plan *p, const char *feature,
		   bool *ret_done)
{
	struct str text, line;
	int r;

	*ret_done = false;
	if (!remedy_has_file(in, AUTHSELECT))
		return 0;
	r = root_read(in->root, AUTHSELECT, EDIT_MAX, in->arena, &text, NULL);
	*ret_done = r >= 0;
	while (r >= 0 && str_line(&text, &line, NULL))
		if (str_eq(str_trim(line), str_of(feature)))
			return 0;
	if (r < 0)
		return r;
	if (!in->options->live)
		return plan_cannot(p,
				   "authselect writes the files of PAM: authselect enable-feature "
				   "%s, on the running machine",
				   feature);
	p->risky = true;
	return plan_command(
		p, (const char *const[]){ "authselect", "enable-feature", feature, NULL },
		(const char *const[]){ "authselect", "disable-feature", feature, NULL }, NULL);
}

int pam_files(const struct remedy_input *in, struct plan *p, const char *type, const char *module,
	      struct str **ret, size_t *ret_n)
{
	struct str sql = arena_fmt(in->arena,
				   "SELECT DISTINCT file FROM pam_stack WHERE type = '%s' "
				   "AND module = ?1 AND service IN ('sshd', 'login', 'sudo', 'su', "
				   "'passwd', 'system-auth', 'password-auth', 'common-auth', "
				   "'common-password', 'common-account', 'base-auth', "
				   "'base-account', 'base-password')",
				   type);
	int r = sql.ptr ? 0 : -ENOMEM;

	if (r >= 0 && remedy_has_file(in, AUTHSELECT))
		return plan_cannot(p, "authselect writes the files of PAM; use its features "
				      "(authselect enable-feature NAME)");
	return r < 0 ? r : remedy_query_text(in, sql.ptr, str_of(module), ret, ret_n);
}

static int save(struct plan *p, struct draft *d)
{
	size_t before = p->n;
	int r = draft_save(d, 0644, NULL);

	if (r >= 0 && p->n > before) {
		p->risky = true;
		p->validate |= VALIDATE_PAM;
	}
	return r;
}

int pam_add(struct plan *p, const char *file, const char *type, const char *anchor,
	    enum edit_pam_where where, const char *line)
{
	own(draft_release) struct draft d = {};
	struct buf out = BUF(EDIT_MAX);
	int r;

	draft_open(&d, p, file);
	r = d.error < 0 ? d.error
			: edit_pam_add(buf_view(&d.text), str_of(type), str_of(anchor), where,
				       str_of(line), &out);
	if (r == -ENOTSUP || r == -ENOENT) {
		buf_release(&out);
		return plan_cannot(p, "the stack of %s is too unusual to be changed safely", file);
	}
	draft_take(&d, r, &out);
	return save(p, &d);
}

int pam_word(struct plan *p, const char *file, const char *type, const char *module,
	     const char *word)
{
	own(draft_release) struct draft d = {};
	struct buf out = BUF(EDIT_MAX);

	draft_open(&d, p, file);
	draft_take(
		&d,
		edit_pam_word(buf_view(&d.text), str_of(type), str_of(module), str_of(word), &out),
		&out);
	return save(p, &d);
}

int pam_without(struct plan *p, const char *file, const char *module, const char *word)
{
	own(draft_release) struct draft d = {};

	draft_open(&d, p, file);
	draft_word(&d, str_of(module), str_of(word));
	return save(p, &d);
}

int pam_by_hand(const struct remedy_input *in, struct plan *p)
{
	return remedy_has_file(in, "/usr/share/pam-configs/unix")
		       ? plan_breaks(
				 p,
				 "pam-auth-update takes the new lines for changes of yours: from "
				 "then on it leaves /etc/pam.d/common-* alone")
		       : 0;
}
