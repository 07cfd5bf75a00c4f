/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * upgrade: security updates by the system's own tools. Configuration files of the owner stay as they
 * are, and so does the kernel, which counts from the next start only and may not come back with it.
 */
#include "action/package.h"

static const char *const unattended[] = { "unattended-upgrade", "-v", NULL };
static const char *const apt[] = { "env",
				   "DEBIAN_FRONTEND=noninteractive",
				   "apt-get",
				   "-y",
				   "-q",
				   "-o",
				   "Dpkg::Options::=--force-confdef",
				   "-o",
				   "Dpkg::Options::=--force-confold",
				   "upgrade",
				   NULL };
static const char *const dnf[] = { "dnf",     "-y",         "-q", "--exclude=kernel*",
				   "upgrade", "--security", NULL };
static const char *const apk[] = { "apk", "-q", "upgrade", "-U", NULL };

static int plan_upgrade(const struct remedy_input *in, struct plan *p)
{
	const char *const *argv = NULL;
	int r;

	switch (package_manager_of(in)) {
	case PACKAGE_APT:
		argv = remedy_has_file(in, "/usr/bin/unattended-upgrade") ? unattended : apt;
		break;
	case PACKAGE_DNF:
		if (!remedy_has_file(in, "/usr/bin/dnf"))
			return plan_cannot(
				p, "only dnf tells security updates from others: install it, "
				   "or upgrade by hand");
		argv = dnf;
		break;
	case PACKAGE_APK: argv = apk; break;
	default: return plan_cannot(p, "no package manager is known here");
	}
	if (!in->options->live)
		return plan_cannot(p, "packages are changed on the running machine only");
	r = plan_command(p, argv, NULL, NULL);
	return r < 0 ? r
		     : plan_breaks(p,
				   "services are restarted; an older version is not brought back "
				   "by undo");
}

const struct remedy remedy_upgrade = {
	.kind = "upgrade",
	.args = "",
	.what = "security updates are installed: unattended-upgrade where it is there, else apt-get "
		"upgrade, dnf upgrade --security without the kernel, or apk upgrade",
	.plan = plan_upgrade,
};
