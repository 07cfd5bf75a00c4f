/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * job-users: who may have jobs of cron and at; crontab(1), at(1). Whoever has some today keeps them:
 * cron itself runs what lies in its spool, but the account could not change it any more.
 */
#include "action/draft.h"

static const struct service {
	const char *name, *program, *allow;
	const char *users; /* SELECT of those that have jobs */
} services[] = {
	{"cron", "/usr/bin/crontab", "/etc/cron.allow",
         "SELECT DISTINCT c.username FROM crontab AS c JOIN users AS u USING (username) "
	  "WHERE c.kind = 'user' AND c.username <> 'root' ORDER BY u.uid, c.username"},
	{ "at",  "/usr/bin/at",      "/etc/at.allow",
         "SELECT DISTINCT c.username FROM crontab AS c JOIN users AS u USING (username) "
	  "WHERE c.kind = 'at' AND c.username <> 'root' ORDER BY u.uid, c.username"  },
};

/* The program reads it with the rights that it has of its own. */
static void dress(const struct remedy_input *in, const struct service *s, uint32_t *mode,
		  uint32_t *gid)
{
	struct stat st;

	*mode = 0644;
	*gid = 0;
	if (root_stat(in->root, s->program, &st) < 0)
		return;
	if (st.st_mode & S_ISGID) {
		*mode = 0640;
		*gid = st.st_gid;
	} else if ((st.st_mode & S_ISUID) && !st.st_uid) {
		*mode = 0600;
	}
}

/* busybox has both programs and asks no list. */
static int check_program(const struct remedy_input *in, struct plan *p, const struct service *s)
{
	struct str real;

	if (root_realpath(in->root, s->program, in->arena, &real) >= 0 &&
	    str_eq(str_basename(real), STR("busybox")))
		return plan_cannot(p, "%s of busybox asks no list: everybody who can run it may",
				   s->program);
	return 0;
}

static int plan_service(const struct remedy_input *in, struct plan *p, const struct service *s)
{
	own(draft_release) struct draft d = {};
	struct str root_line = STR("root"), *users;
	uint32_t mode, gid;
	size_t n;
	int r = check_program(in, p, s);

	if (r >= 0)
		r = remedy_query(in, s->users, &users, &n);
	if (r < 0)
		return r;
	dress(in, s, &mode, &gid);
	draft_open(&d, p, s->allow);
	if (!d.exists) {
		draft_lines(&d, &root_line, 1);
		draft_lines(&d, users, n);
	}
	r = d.error < 0 ? d.error : plan_file(p, s->allow, buf_view(&d.text), mode, 0, gid, NULL);
	return r < 0 ? r
		     : plan_breaks(p, "accounts that are to have jobs later: add them to %s",
				   s->allow);
}

static int plan_job_users(const struct remedy_input *in, struct plan *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(services); i++)
		if (remedy_fails(in, str_of(services[i].name)))
			r = plan_service(in, p, &services[i]);
	return r;
}

const struct remedy remedy_job_users = {
	.kind = "job-users",
	.args = "",
	.what = "root and the accounts that have jobs today are the only ones that may: "
		"/etc/cron.allow, /etc/at.allow",
	.plan = plan_job_users,
};
