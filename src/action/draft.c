/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/draft.h"

void draft_open(struct draft *ret, struct plan *p, const char *path)
{
	struct draft d = { .plan = p, .path = path, .text = BUF(EDIT_MAX) };
	struct change_was was = {};
	struct str text = {};

	d.error = plan_read(p, path, &text, &was);
	if (d.error >= 0) {
		d.exists = was.exists;
		d.error = buf_str(&d.text, text);
	}
	*ret = d;
}

void draft_release(struct draft *d) { buf_release(&d->text); }

void draft_take(struct draft *d, int error, struct buf *out)
{
	if (d->error >= 0 && error < 0)
		d->error = error;
	if (d->error >= 0) {
		buf_release(&d->text);
		d->text = take(*out);
		d->text.limit = EDIT_MAX;
	}
	buf_release(out);
}

void draft_head(struct draft *d)
{
	struct str line = STR(DRAFT_HEAD);

	if (!d->text.len)
		draft_lines(d, &line, 1);
}

void draft_set(struct draft *d, const struct edit_style *style, struct str section, struct str name,
	       struct str value)
{
	struct buf out = BUF(EDIT_MAX);

	draft_take(d, edit_set(buf_view(&d->text), style, section, name, value, &out), &out);
}

void draft_unset(struct draft *d, const struct edit_style *style, struct str section,
		 struct str name)
{
	struct buf out = BUF(EDIT_MAX);

	draft_take(d, edit_unset(buf_view(&d->text), style, section, name, &out), &out);
}

void draft_lines(struct draft *d, const struct str *lines, size_t n)
{
	struct buf out = BUF(EDIT_MAX);

	draft_take(d, edit_lines(buf_view(&d->text), lines, n, &out), &out);
}

void draft_insert(struct draft *d, unsigned number, struct str line)
{
	struct buf out = BUF(EDIT_MAX);

	draft_take(d, edit_insert(buf_view(&d->text), number, line, &out), &out);
}

void draft_comment(struct draft *d, unsigned number)
{
	struct buf out = BUF(EDIT_MAX);

	draft_take(d, edit_comment(buf_view(&d->text), number, &out), &out);
}

void draft_word(struct draft *d, struct str with, struct str word)
{
	struct buf out = BUF(EDIT_MAX);

	draft_take(d, edit_word(buf_view(&d->text), with, word, &out), &out);
}

int draft_save(struct draft *d, uint32_t mode, const char *what)
{
	if (d->error == -EINVAL || d->error == -EFBIG)
		return plan_cannot(d->plan, "%s is no text that can be changed safely", d->path);
	if (d->error < 0)
		return d->error;
	return plan_file(d->plan, d->path, buf_view(&d->text), d->exists ? CHANGE_KEEP : mode,
			 CHANGE_KEEP, CHANGE_KEEP, what);
}
