/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard: somebody shuts out who guesses passwords: Holdfast's guard, or fail2ban where that is there. */
#include "action/package.h"

#define JAIL "/etc/fail2ban/jail.d/holdfast.local"
#define GUARD "/etc/holdfast/guard.conf"

static int plan_fail2ban(struct plan *p)
{
	static const char jail[] = DRAFT_HEAD "\n[sshd]\nenabled = true\nbackend = systemd\n"
					      "maxretry = 4\nbantime = 1d\n";
	int r = plan_file(p, JAIL, str_of(jail), 0644, 0, 0, NULL);

	if (r >= 0)
		r = plan_unit(p, "fail2ban.service",
			      UNIT_UNMASK | UNIT_ENABLE | UNIT_START | UNIT_RESTART, NULL);
	return r;
}

static int plan_own(struct plan *p)
{
	own(draft_release) struct draft d = {};
	int r;

	draft_open(&d, p, GUARD);
	draft_set(&d, &edit_blank, (struct str){}, STR("mode"), STR("enforce"));
	r = draft_save(&d, 0644, NULL);
	return r < 0 ? r
		     : plan_unit(p, "holdfast-guard.service",
				 UNIT_UNMASK | UNIT_ENABLE | UNIT_START | UNIT_RESTART, NULL);
}

static int plan_guard(const struct remedy_input *in, struct plan *p)
{
	static const struct package_names names = { "fail2ban", "fail2ban", "fail2ban" };
	int r = 0;

	if (package_has_unit(in, "holdfast-guard.service")) {
		r = plan_own(p);
	} else {
		if (!package_has_unit(in, "fail2ban.service"))
			r = package_install(in, p, &names);
		if (r >= 0)
			r = plan_fail2ban(p);
	}
	return r < 0 ? r
		     : plan_breaks(p,
				   "logins from an address that failed four times: keep one that "
				   "you may use among those that are never banned");
}

const struct remedy remedy_guard = {
	.kind = "guard",
	.args = "",
	.what = "Holdfast's guard bans (mode enforce in " GUARD "), or fail2ban watches ssh (" JAIL
		"), and starts at boot",
	.plan = plan_guard,
};
