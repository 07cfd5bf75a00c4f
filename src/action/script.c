/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/script.h"

static struct script_step *find(struct script_step *list, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].change.kind == CHANGE_FILE && !strcmp(list[i].change.path, path))
			return &list[i];
	return NULL;
}

/* A comment is one line. */
void script_comment(struct buf *out, const char *text)
{
	char safe[1024];

	buf_fmt(out, "# %s\n", text_safe(str_of(text), safe, sizeof safe));
}

void script_notes(const struct plan *const plans[], size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		own(buf_release) struct buf line = BUF(8192);

		buf_fmt(&line, "%s: %s%s%s", plans[i]->check, plans[i]->title,
			plans[i]->breaks ? "; could break: " : "",
			plans[i]->breaks ? plans[i]->breaks : "");
		script_comment(out, line.ptr ? line.ptr : plans[i]->check);
	}
}

int script_steps(const struct plan *const plans[], size_t n, struct arena *a,
		 struct script_step **ret, size_t *ret_n)
{
	struct script_step *list = NULL;
	size_t n_list = 0, cap = 0;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; r >= 0 && k < plans[i]->n; k++) {
			const struct change *c = &plans[i]->list[k];
			struct script_step *before =
				c->kind == CHANGE_FILE ? find(list, n_list, c->path) : NULL;

			if (!before) {
				r = arena_push(a, list, n_list, cap,
					       ((struct script_step){ plans[i], *c }));
				continue;
			}
			before->change.bytes = c->bytes;
			if (c->mode != CHANGE_KEEP)
				before->change.mode = c->mode;
			if (c->uid != CHANGE_KEEP)
				before->change.uid = c->uid;
			if (c->gid != CHANGE_KEEP)
				before->change.gid = c->gid;
		}
	if (r < 0)
		return r;
	*ret = list;
	*ret_n = n_list;
	return 0;
}

static bool same_args(const char *const *a, const char *const *b)
{
	size_t i = 0;

	while (a[i] && b[i] && !strcmp(a[i], b[i]))
		i++;
	return !a[i] && !b[i];
}

bool script_has_effect(const struct plan *const plans[], size_t plan, size_t effect)
{
	for (size_t i = 0; i <= plan; i++)
		for (size_t k = 0; k < plans[i]->n_effects && (i < plan || k < effect); k++)
			if (same_args(plans[i]->effects[k], plans[plan]->effects[effect]))
				return true;
	return false;
}
