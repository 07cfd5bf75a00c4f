/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd-users: AllowUsers with the accounts that log in: by key, or within ninety days. */
#include "action/draft.h"
#include "action/remedy_sshd.h"

#define USERS_MAX 64u

#define LOGINS                                                       \
	"SELECT DISTINCT l.username FROM logins l "                  \
	"LEFT JOIN last_login x ON x.username = l.username, moment " \
	"WHERE l.door = 'sshd' AND l.session <> 'none' "             \
	"AND (x.time > now - 90 * 86400 "                            \
	"OR l.username IN (SELECT username FROM authorized_keys)) ORDER BY 1"

/* A pattern of sshd_config(5), or a blank, would name others. */
static bool is_plain(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (strchr("*?!@\"'# \t,", name.ptr[i]) || (unsigned char)name.ptr[i] < ' ')
			return false;
	return name.len;
}

static int list_users(const struct remedy_input *in, struct plan *p, struct buf *out)
{
	struct str *names;
	size_t n;
	/* Who runs this got in some way. */
	const char *login = in->options->live ? in->options->login : NULL;
	bool me = !login;
	int r = remedy_query(in, LOGINS, &names, &n);

	if (r < 0)
		return r;
	if (!n || n > USERS_MAX)
		return plan_cannot(p, n ? "more than 64 accounts log in: write AllowGroups"
					: "no account logs in by ssh as things are");
	for (size_t i = 0; i < n; i++) {
		if (!is_plain(names[i]))
			return plan_cannot(p, "an account has a name that is a pattern for sshd");
		me |= login && str_eq(names[i], str_of(login));
		buf_fmt(out, "%s%.*s", i ? " " : "", STR_FMT(names[i]));
	}
	if (!me)
		buf_fmt(out, " %s", login);
	return out->error;
}

static int plan_sshd_users(const struct remedy_input *in, struct plan *p)
{
	own(buf_release) struct buf users = BUF(16'384);
	struct remedy_input set = *in;
	struct str args[2], *domains;
	size_t n;
	int r = remedy_query(in, "SELECT who FROM domain_doors WHERE door = 'sshd'", &domains, &n);

	if (r >= 0 && n)
		return plan_cannot(p, "%.*s may log in, too: write AllowGroups for them",
				   STR_FMT(domains[0]));
	if (r >= 0)
		r = list_users(in, p, &users);
	if (r < 0)
		return r;
	args[0] = STR("AllowUsers");
	args[1] = buf_view(&users);
	set.args = args;
	set.n_args = COUNT(args);
	r = plan_breaks(p, "no other account than %s logs in by ssh, new ones included", users.ptr);
	return r < 0 ? r : remedy_sshd_set(&set, p);
}

const struct remedy remedy_sshd_users = {
	.kind = "sshd-users",
	.args = "",
	.what = "AllowUsers with the accounts that log in by ssh: those with a key, and those that "
		"did within ninety days",
	.plan = plan_sshd_users,
};
