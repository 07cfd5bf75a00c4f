/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudo-defaults: Defaults of sudoers(5), in a file that is read last. */
#include "action/draft.h"
#include "action/settings.h"

#define MAIN "/etc/sudoers"
#define OURS "/etc/sudoers.d/zz-holdfast"

/* "@includedir /etc/sudoers.d", or "#includedir", which is no comment. */
static bool reads_folder(struct str text)
{
	struct str line, word;

	while (str_line(&text, &line, NULL)) {
		word = str_word(&line);
		if ((str_eq(word, STR("@includedir")) || str_eq(word, STR("#includedir"))) &&
		    str_eq(str_unquote(str_trim(line)), STR("/etc/sudoers.d")))
			return true;
	}
	return false;
}

static int plan_sudo_defaults(const struct remedy_input *in, struct plan *p)
{
	own(draft_release) struct draft d = {};
	struct str text;
	int r = in->n_args ? 0 : settings_misread(p);

	if (r >= 0 && !remedy_has_file(in, MAIN))
		return plan_cannot(p, "there is no " MAIN);
	if (r >= 0)
		r = root_read(in->root, MAIN, EDIT_MAX, in->arena, &text, NULL);
	if (r < 0)
		return r;
	draft_open(&d, p, reads_folder(text) ? OURS : MAIN);
	draft_head(&d);
	for (size_t i = 0; i < in->n_args; i++) {
		struct str line = arena_cat(in->arena, STR("Defaults "), in->args[i], STR(""));

		if (!line.ptr)
			return -ENOMEM;
		draft_lines(&d, &line, 1);
	}
	p->risky = true;
	p->validate |= VALIDATE_SUDO;
	return draft_save(&d, 0440, NULL);
}

const struct remedy remedy_sudo_defaults = {
	.kind = "sudo-defaults",
	.args = "DEFAULT …",
	.what = "Defaults of sudo in " OURS ", or in " MAIN " where that is not read",
	.plan = plan_sudo_defaults,
};
