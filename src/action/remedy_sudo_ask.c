/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sudo-ask: rules of sudo that the check finds ask for a password again. An account without one, such
 * as that of a cloud image, would not become root any more: its rules stay.
 */
#include "action/draft.h"
#include "action/edit_work.h"

/* The line without "NOPASSWD:". */
static int change(struct str text, unsigned number, struct buf *out)
{
	static const struct str tag = STR("NOPASSWD:");
	struct str rest = text, one;
	unsigned at = 0;

	while (edit_line(&rest, &one)) {
		at++;
		for (size_t i = 0; i < one.len;) {
			if (at == number && str_starts(str_sub(one, i, one.len), tag)) {
				i += tag.len;
				while (i < one.len && one.ptr[i] == ' ')
					i++;
				continue;
			}
			buf_putc(out, one.ptr[i++]);
		}
	}
	return at < number ? -ENOENT : edit_done(out);
}

/* Users that the rule is for and that have no password; a name with % is a group's. */
static int who_cannot(const struct remedy_input *in, struct str user, struct str **ret,
		      size_t *ret_n)
{
	return remedy_query_text(
		in,
		"SELECT s.username FROM shadow s WHERE s.password_status <> 'set' AND s.username "
		"IN (SELECT username FROM users WHERE interactive = 1 AND uid <> 0) AND (s.username "
		"= ?1 OR ?1 = 'ALL' OR s.username IN (SELECT username FROM user_groups WHERE '%' || "
		"groupname = ?1))",
		user, ret, ret_n);
}

static int plan_one(const struct remedy_input *in, struct plan *p,
		    const struct remedy_resource *row)
{
	own(draft_release) struct draft d = {};
	struct buf out = BUF(EDIT_MAX);
	struct str *names, user = remedy_named(row->resource, "sudo rule of");
	const char *file;
	unsigned line;
	size_t n;
	int r;

	if (!user.ptr || !remedy_place(in, row->evidence, &file, &line))
		return plan_cannot(p, "the finding names no line of a file");
	r = who_cannot(in, user, &names, &n);
	if (r >= 0 && n)
		return plan_cannot(p,
				   "%.*s has no password to be asked for: set one first (passwd "
				   "%.*s)",
				   STR_FMT(names[0]), STR_FMT(names[0]));
	if (r < 0)
		return r;
	draft_open(&d, p, file);
	r = d.error < 0 ? d.error : change(buf_view(&d.text), line, &out);
	draft_take(&d, r, &out);
	return draft_save(&d, 0440, NULL);
}

static int plan_sudo_ask(const struct remedy_input *in, struct plan *p)
{
	int r = 0;

	p->risky = true;
	p->validate |= VALIDATE_SUDO;
	for (size_t i = 0; r >= 0 && i < in->n_resources; i++)
		r = plan_one(in, p, &in->resources[i]);
	return r < 0 ? r : plan_breaks(p, "jobs and scripts that become root by sudo");
}

const struct remedy remedy_sudo_ask = {
	.kind = "sudo-ask",
	.args = "",
	.what = "rules of sudo that the check finds ask for the password again (NOPASSWD: goes), where "
		"the accounts have one",
	.plan = plan_sudo_ask,
};
