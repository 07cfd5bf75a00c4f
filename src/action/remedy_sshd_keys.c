/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshd-keys: settings of sshd after which keys alone open it. They are planned only where a key that
 * works is there: of the account that is logged in, where that is known.
 */
#include "action/draft.h"
#include "action/remedy_sshd.h"

#define KEY_LOGINS                                             \
	"SELECT DISTINCT l.username FROM logins l "            \
	"WHERE l.door = 'sshd' AND l.session NOT IN ('none') " \
	"AND (l.means LIKE '%key%' OR l.means LIKE '%certificate%')"

static bool in_list(const struct str *list, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], s))
			return true;
	return false;
}

/* Accounts that would be left without a way in. */
static int tell_losers(const struct remedy_input *in, struct plan *p, const struct str *keys,
		       size_t n_keys)
{
	own(buf_release) struct buf b = BUF(4'096);
	struct str *names;
	size_t n;
	int r = remedy_query(in, "SELECT DISTINCT username FROM ssh_password_logins", &names, &n);

	for (size_t i = 0; r >= 0 && i < n && b.len < 1'024; i++)
		if (!in_list(keys, n_keys, names[i]))
			buf_fmt(&b, "%s%.*s", b.len ? ", " : "", STR_FMT(names[i]));
	if (r < 0 || !b.len)
		return r;
	return plan_breaks(p, "accounts without a key do not get in by ssh any more: %s", b.ptr);
}

static int plan_sshd_keys(const struct remedy_input *in, struct plan *p)
{
	struct str *keys;
	size_t n;
	int r = remedy_query(in, KEY_LOGINS, &keys, &n);

	if (r >= 0 && !n)
		return plan_cannot(p, "no account gets in by a key yet: put yours into its "
				      "~/.ssh/authorized_keys first (ssh-copy-id)");
	if (r >= 0 && in->options->live && in->options->login &&
	    !in_list(keys, n, str_of(in->options->login)))
		return plan_cannot(p,
				   "%s, which is logged in, gets in by no key yet: put yours "
				   "into its ~/.ssh/authorized_keys first (ssh-copy-id)",
				   in->options->login);
	if (r >= 0)
		r = tell_losers(in, p, keys, n);
	return r < 0 ? r : remedy_sshd_set(in, p);
}

const struct remedy remedy_sshd_keys = {
	.kind = "sshd-keys",
	.args = "KEYWORD VALUE … [; KEYWORD VALUE …]",
	.what = "as sshd, where an account gets in by a key: the one that is logged in, if that is "
		"known",
	.plan = plan_sshd_keys,
};
