/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * auto-updates: the package manager fetches lists each day and, with `install`, installs security
 * updates by itself.
 */
#include "action/package.h"
#include "action/settings.h"

#define PERIODIC "/etc/apt/apt.conf.d/20auto-upgrades"
#define DNF "/etc/dnf/automatic.conf"
#define APK "/etc/periodic/daily/holdfast-upgrade"

static bool wants_install(const struct remedy_input *in)
{
	return in->n_args && str_eq(in->args[0], STR("install"));
}

/* apt.conf(5): names are not told apart by case, and the last line counts. */
static int set_periodic(const struct remedy_input *in, struct plan *p, const char *path,
			const struct str *names, size_t n, bool write)
{
	own(draft_release) struct draft d = {};
	struct edit_style style = { .comment = "#/", .between = " ", .any_case = true };

	(void)in;
	draft_open(&d, p, path);
	for (size_t i = 0; i < n; i++) {
		struct str now = {};
		bool set = edit_get(buf_view(&d.text), &style, (struct str){}, names[i], &now);

		/* Numbers of days: every other one than 0 is fine. */
		if (set ? str_starts(now, STR("\"0\"")) || str_starts(now, STR("0;")) : write)
			draft_set(&d, &style, (struct str){}, names[i], STR("\"1\";"));
	}
	return draft_save(&d, 0644, NULL);
}

static int plan_apt(const struct remedy_input *in, struct plan *p)
{
	static const struct str names[] = { STR("APT::Periodic::Update-Package-Lists"),
					    STR("APT::Periodic::Unattended-Upgrade") };
	static const struct package_names tool = { .apt = "unattended-upgrades" };
	size_t wanted = wants_install(in) ? 2 : 1, n;
	struct str *files;
	bool there = false;
	int r = package_is_there(in, tool.apt, &there);

	if (r >= 0 && wants_install(in) && !there)
		r = package_install(in, p, &tool);
	if (r >= 0)
		r = root_glob(in->root, "/etc/apt/apt.conf.d/*", in->arena, &files, &n);
	for (size_t i = 0; r >= 0 && i < n; i++)
		if (str_cmp(files[i], STR(PERIODIC)))
			r = set_periodic(in, p, files[i].ptr, names, wanted, false);
	if (r >= 0)
		r = set_periodic(in, p, PERIODIC, names, wanted, true);
	if (r >= 0 && remedy_has_file(in, "/lib/systemd/system/apt-daily.timer"))
		r = plan_unit(p, "apt-daily.timer", UNIT_UNMASK | UNIT_ENABLE | UNIT_START, NULL);
	if (r >= 0 && wants_install(in) &&
	    remedy_has_file(in, "/lib/systemd/system/apt-daily-upgrade.timer"))
		r = plan_unit(p, "apt-daily-upgrade.timer", UNIT_UNMASK | UNIT_ENABLE | UNIT_START,
			      NULL);
	if (r < 0 || wants_install(in) || !in->options->live)
		return r;
	return plan_command(p, (const char *const[]){ "apt-get", "-q", "update", NULL },
			    (const char *const[]){ "true", NULL }, NULL);
}

static int plan_dnf(const struct remedy_input *in, struct plan *p)
{
	static const struct package_names tool = { .dnf = "dnf-automatic" };
	own(draft_release) struct draft d = {};
	bool there = false;
	int r;

	if (!wants_install(in))
		return plan_unit(p, "dnf-makecache.timer", UNIT_UNMASK | UNIT_ENABLE | UNIT_START,
				 NULL);
	r = package_is_there(in, tool.dnf, &there);
	if (r >= 0 && !there)
		r = package_install(in, p, &tool);
	if (r >= 0) {
		draft_open(&d, p, DNF);
		draft_set(&d, &edit_unit, STR("commands"), STR("upgrade_type"), STR("security"));
		draft_set(&d, &edit_unit, STR("commands"), STR("apply_updates"), STR("yes"));
		r = draft_save(&d, 0644, NULL);
	}
	return r < 0 ? r
		     : plan_unit(p, "dnf-automatic.timer", UNIT_UNMASK | UNIT_ENABLE | UNIT_START,
				 NULL);
}

/* cron of busybox runs what lies in /etc/periodic/daily. */
static int plan_apk(const struct remedy_input *in, struct plan *p)
{
	static const char script[] = "#!/bin/sh\n" DRAFT_HEAD "\nexec apk upgrade -q -U\n";
	static const char lists[] = "#!/bin/sh\n" DRAFT_HEAD "\nexec apk update -q\n";
	struct str now = {};
	int r = root_read(in->root, APK, EDIT_MAX, in->arena, &now, NULL);

	/* What upgrades fetches the lists, too. */
	r = r >= 0 && !wants_install(in) && str_contains(now, STR("apk upgrade"))
		    ? 0
		    : plan_file(p, APK, str_of(wants_install(in) ? script : lists), 0755, 0, 0,
				NULL);
	return r < 0 || !package_has_unit(in, "crond")
		       ? r
		       : plan_unit(p, "crond", UNIT_ENABLE | UNIT_START, NULL);
}

static int plan_auto_updates(const struct remedy_input *in, struct plan *p)
{
	size_t before = p->n;
	int r;

	switch (package_manager_of(in)) {
	case PACKAGE_APT: r = plan_apt(in, p); break;
	case PACKAGE_DNF: r = plan_dnf(in, p); break;
	case PACKAGE_APK: r = plan_apk(in, p); break;
	default: return plan_cannot(p, "no package manager is known here");
	}
	if (r >= 0 && p->n == before && !wants_install(in))
		return plan_cannot(p, "lists are fetched each day already; the machine has to run "
				      "for it");
	return r < 0 || !wants_install(in)
		       ? r
		       : plan_breaks(p, "security updates restart services at night, without a "
					"question");
}

const struct remedy remedy_auto_updates = {
	.kind = "auto-updates",
	.args = "lists|install",
	.what = "package lists are fetched each day, and with install security updates are installed: "
		"unattended-upgrades, dnf-automatic, or a daily job of apk",
	.plan = plan_auto_updates,
};
