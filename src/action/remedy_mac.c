/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mac: AppArmor, or SELinux where its configuration is, keeps services to what they need. */
#include "action/package.h"
#include "action/settings.h"

#define SELINUX "/etc/selinux/config"
#define GRUB "/etc/default/grub"

static int plan_selinux(const struct remedy_input *in, struct plan *p)
{
	own(draft_release) struct draft d = {};
	struct str *modes;
	size_t n;
	int r;

	draft_open(&d, p, SELINUX);
	draft_set(&d, &edit_shell, (struct str){}, STR("SELINUX"), STR("enforcing"));
	r = draft_save(&d, 0644, NULL);
	if (r >= 0)
		r = remedy_query(in, "SELECT current FROM mac_status WHERE framework = 'selinux'",
				 &modes, &n);
	if (r < 0)
		return r;
	/* Files that were made while it was off have no label; the next start gives them one. */
	if (n && str_eq(modes[0], STR("permissive")) && in->options->live)
		r = plan_command(p, (const char *const[]){ "setenforce", "1", NULL },
				 (const char *const[]){ "setenforce", "0", NULL }, NULL);
	else if (!n || !str_eq(modes[0], STR("enforcing")))
		r = plan_file(p, "/.autorelabel", STR(""), 0644, 0, 0, NULL);
	return r < 0 ? r
		     : plan_breaks(p, "programs outside their usual places; ausearch -m avc shows "
				      "what was refused");
}

/* "apparmor=0" among the words of a variable of /etc/default/grub. */
static int quiet_grub(const struct remedy_input *in, struct plan *p)
{
	static const struct str names[] = { STR("GRUB_CMDLINE_LINUX"),
					    STR("GRUB_CMDLINE_LINUX_DEFAULT") };
	own(draft_release) struct draft d = {};
	int r;

	if (!remedy_has_file(in, GRUB))
		return 0;
	draft_open(&d, p, GRUB);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct str value, words, word;
		own(buf_release) struct buf b = BUF(EDIT_MAX);

		if (!edit_get(buf_view(&d.text), &edit_shell, (struct str){}, names[i], &value) ||
		    !str_contains(value, STR("apparmor=0")))
			continue;
		words = str_unquote(value);
		buf_putc(&b, '"');
		while ((word = str_word(&words)).ptr)
			if (!str_eq(word, STR("apparmor=0")))
				buf_fmt(&b, "%s%.*s", b.len > 1 ? " " : "", STR_FMT(word));
		buf_putc(&b, '"');
		draft_set(&d, &edit_shell, (struct str){}, names[i], buf_view(&b));
	}
	r = draft_save(&d, 0644, NULL);
	return r < 0 ? r : plan_effect(p, (const char *const[]){ "update-grub", NULL });
}

static int plan_mac(const struct remedy_input *in, struct plan *p)
{
	static const struct package_names names = { .apt = "apparmor", .apk = "apparmor" };
	bool there = package_has_unit(in, "apparmor.service") || package_has_unit(in, "apparmor");
	int r = 0;

	if (remedy_has_file(in, SELINUX))
		return plan_selinux(in, p);
	if (!there)
		r = package_install(in, p, &names);
	if (r >= 0)
		r = quiet_grub(in, p);
	if (r >= 0)
		r = plan_unit(p, "apparmor.service", UNIT_UNMASK | UNIT_ENABLE | UNIT_START, NULL);
	return r < 0 ? r
		     : plan_breaks(p, "services outside their profiles; aa-status and the kernel's "
				      "log show what was refused");
}

const struct remedy remedy_mac = {
	.kind = "mac",
	.args = "",
	.what = "AppArmor is installed, enabled and not switched off for the kernel; where " SELINUX
		" is, SELinux enforces",
	.plan = plan_mac,
};
