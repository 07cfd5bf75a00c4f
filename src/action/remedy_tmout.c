/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tmout: shells that nobody types in end; a file of /etc/profile.d. */
#include "action/draft.h"
#include "action/settings.h"

#define OURS "/etc/profile.d/holdfast-tmout.sh"

static int plan_tmout(const struct remedy_input *in, struct plan *p)
{
	struct str *files = NULL, *lines, text;
	size_t n = 0;
	int r = in->n_args == 1 ? 0 : settings_misread(p);

	/* Others that set it, and lines of this kind that make it read-only. */
	if (r >= 0)
		r = remedy_query(in,
				 "SELECT file || ':' || line || ' ' FROM startup_scripts "
				 "WHERE kind = 'tmout' AND file LIKE '/etc/%' "
				 "AND file <> '" OURS "' "
				 "AND CAST(value AS INTEGER) NOT BETWEEN 1 AND 900",
				 &files, &n);
	lines = files;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		own(draft_release) struct draft d = {};
		const char *file;
		unsigned line;

		if (!remedy_place(in, lines[i], &file, &line))
			continue;
		draft_open(&d, p, file);
		draft_comment(&d, line);
		r = draft_save(&d, 0644, NULL);
	}
	if (r < 0)
		return r;
	text = arena_fmt(in->arena,
			 DRAFT_HEAD "\nif [ -z \"${TMOUT:-}\" ]; then\n\treadonly TMOUT=%.*s\n"
				    "\texport TMOUT\nfi\n",
			 STR_FMT(in->args[0]));
	r = text.ptr ? plan_file(p, OURS, text, 0644, 0, 0, NULL) : -ENOMEM;
	return r < 0 ? r
		     : plan_breaks(p, "shells that wait for long, such as those that watch a job: "
				      "use tmux or nohup");
}

const struct remedy remedy_tmout = {
	.kind = "tmout",
	.args = "SECONDS",
	.what = "shells that nobody types in end, by " OURS "; lines that give them longer become "
		"comments",
	.plan = plan_tmout,
};
