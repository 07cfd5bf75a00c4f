/* SPDX-License-Identifier: GPL-3.0-or-later */
/* logrotate: how many logs are kept, in the stanza that the evidence names. */
#include "action/draft.h"
#include "action/edit_work.h"
#include "action/settings.h"

/* "\trotate 4" with another number. */
static int change(struct str text, unsigned number, struct str value, struct buf *out)
{
	struct str rest = text, one;
	unsigned at = 0;
	bool done = false;

	while (edit_line(&rest, &one)) {
		struct str words = edit_body(one), word;

		if (++at == number && str_eq(str_word(&words), STR("rotate")) &&
		    (word = str_word(&words)).ptr) {
			buf_add(out, one.ptr, (size_t)(word.ptr - one.ptr));
			buf_str(out, value);
			buf_add(out, word.ptr + word.len,
				(size_t)(one.ptr + one.len - word.ptr) - word.len);
			done = true;
		} else {
			buf_str(out, one);
		}
	}
	return done ? edit_done(out) : -ENOENT;
}

static int plan_logrotate(const struct remedy_input *in, struct plan *p)
{
	int r = in->n_args == 1 ? 0 : settings_misread(p);

	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		own(draft_release) struct draft d = {};
		struct buf out = BUF(EDIT_MAX);
		const char *file;
		unsigned line;

		if (!remedy_place(in, in->resources[i].evidence, &file, &line))
			return plan_cannot(p, "the finding names no line of a file");
		draft_open(&d, p, file);
		r = change(buf_view(&d.text), line, in->args[0], &out);
		if (r == -ENOENT) {
			buf_release(&out);
			return plan_cannot(p, "%s:%u does not say \"rotate\"", file, line);
		}
		draft_take(&d, r, &out);
		r = draft_save(&d, 0644, NULL);
	}
	return r < 0 ? r : plan_breaks(p, "the logs take more room");
}

const struct remedy remedy_logrotate = {
	.kind = "logrotate",
	.args = "NUMBER",
	.what = "so many logs are kept, in the stanza of logrotate that the check finds",
	.plan = plan_logrotate,
};
