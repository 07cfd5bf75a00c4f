/* SPDX-License-Identifier: GPL-3.0-or-later */
/* banner: a sentence that sshd shows before anybody logs in; sshd_config(5), Banner. */
#include "action/draft.h"
#include "action/remedy_sshd.h"

#define ISSUE "/etc/issue.net"
#define OWN "/etc/ssh/holdfast-banner" /* where that one is a link to the distribution's */
#define TEXT                                                                                   \
	"This machine is for those alone whom its owner let in. What is done here is written " \
	"down.\n"

/* The file that sshd is to show: the one that it shows already, where that is a file of /etc. */
static int choose(const struct remedy_input *in, struct str *ret)
{
	struct str now;
	struct stat st;
	int r = remedy_value(in,
			     "SELECT value FROM sshd_config WHERE keyword = 'banner' "
			     "AND match_block = ''",
			     &now);

	if (r < 0)
		return r;
	if (!str_starts(now, STR("/etc/")))
		now = STR(ISSUE);
	if (root_lstat(in->root, now.ptr, &st) >= 0 && S_ISLNK(st.st_mode))
		now = STR(OWN);
	*ret = now;
	return 0;
}

static int plan_banner(const struct remedy_input *in, struct plan *p)
{
	struct remedy_input set = *in;
	struct str path = {}, words[2] = { STR("Banner") };
	int r = choose(in, &path);

	if (r < 0)
		return r;
	r = plan_file(p, path.ptr, in->n_args ? in->args[0] : STR(TEXT), 0644, 0, 0, NULL);
	if (r < 0)
		return r;
	words[1] = path;
	set.args = words;
	set.n_args = COUNT(words);
	r = remedy_sshd_set(&set, p);
	return r < 0 ? r
		     : plan_breaks(p, "programs that read what ssh writes on standard error: the "
				      "banner comes there (ssh -q leaves it out)");
}

const struct remedy remedy_banner = {
	.kind = "banner",
	.args = "[TEXT]",
	.what = "sshd shows a sentence before anybody logs in, from " ISSUE " (" OWN
		" where that is a link)",
	.plan = plan_banner,
};
