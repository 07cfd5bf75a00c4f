/* SPDX-License-Identifier: GPL-3.0-or-later */
/* security-repo: the repository from which Debian and Ubuntu give out security updates. */
#include "action/package.h"

#define OURS "/etc/apt/sources.list.d/holdfast-security.list"

static int plan_security_repo(const struct remedy_input *in, struct plan *p)
{
	struct str id, codename, line;
	int r = remedy_value(in, "SELECT id FROM os_version", &id);

	if (r >= 0)
		r = remedy_value(in, "SELECT codename FROM os_version", &codename);
	if (r < 0)
		return r;
	if (package_manager_of(in) != PACKAGE_APT || !codename.len)
		return plan_cannot(p, "only the repositories of Debian and Ubuntu are known");
	if (str_eq(id, STR("debian")))
		line = arena_fmt(
			in->arena,
			"deb https://security.debian.org/debian-security %.*s-security main\n",
			STR_FMT(codename));
	else if (str_eq(id, STR("ubuntu")))
		line = arena_fmt(in->arena,
				 "deb https://security.ubuntu.com/ubuntu %.*s-security main "
				 "restricted universe multiverse\n",
				 STR_FMT(codename));
	else
		return plan_cannot(p, "only the repositories of Debian and Ubuntu are known");
	r = line.ptr ? plan_file(p, OURS, line, 0644, 0, 0, NULL) : -ENOMEM;
	return r < 0 ? r : plan_effect(p, (const char *const[]){ "apt-get", "-q", "update", NULL });
}

const struct remedy remedy_security_repo = {
	.kind = "security-repo",
	.args = "",
	.what = "the distribution's security updates are among the sources of apt: " OURS,
	.plan = plan_security_repo,
};
