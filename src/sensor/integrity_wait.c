/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is looked at later: while a package manager works, and large files that never rest. */
#include "sensor/integrity_work.h"

#define WAIT_MAX 600'000 /* milliseconds that a package manager may take */

static struct fim_waiting *last_of(const struct fim *f)
{
	return (struct fim_waiting *)((char *)f->last_waiting - offsetof(struct fim_waiting, next));
}

int fim_hold_back(struct fim *f, const struct fim_visit *v)
{
	struct fim_process none = { .uid = -1 };
	const struct fim_process *p = v->process ? v->process : &none;
	const struct str texts[] = { p->user, p->image, p->command_line, p->parent_image,
				     p->parent_command_line };
	struct str *to[5];
	struct fim_waiting *w = f->waiting ? last_of(f) : NULL;
	size_t n = 0;

	/* Written again and again. */
	if (w && str_eq(str_of(w->path), v->path) && w->process.pid == p->pid) {
		w->hints |= v->hints;
		return 0;
	}
	w = calloc(1, sizeof *w);
	if (!w)
		return -ENOMEM;
	w->process = *p;
	to[0] = &w->process.user;
	to[1] = &w->process.image;
	to[2] = &w->process.command_line;
	to[3] = &w->process.parent_image;
	to[4] = &w->process.parent_command_line;
	for (size_t i = 0; i < COUNT(texts); i++)
		n += texts[i].len;
	w->path = strndup(v->path.ptr, v->path.len);
	w->text = malloc(n + 1);
	if (!w->path || !w->text) {
		fim_waiting_free(w);
		return -ENOMEM;
	}
	n = 0;
	for (size_t i = 0; i < COUNT(texts); i++) {
		if (texts[i].len)
			memcpy(w->text + n, texts[i].ptr, texts[i].len);
		*to[i] = (struct str){ w->text + n, texts[i].len };
		n += texts[i].len;
	}
	w->hints = v->hints;
	w->since = fim_clock();
	*f->last_waiting = w;
	f->last_waiting = &w->next;
	f->status.pending++;
	return 0;
}

void fim_waiting_free(struct fim_waiting *w)
{
	free(w->path);
	free(w->text);
	free(w);
}

bool fim_must_wait(struct fim *f, const struct fim_visit *v)
{
	if (v->settled || f->offline || f->status.pending >= FIM_WAITING_MAX || !v->hints)
		return false;
	return v->process ? v->process->manager : fim_manager_runs(f);
}

int fim_settle(struct fim *f)
{
	struct fim_waiting *list = f->waiting;
	int64_t now = fim_clock();
	int r = 0;

	if (!list || now - f->asked < 400)
		return 0;
	f->asked = now;
	if (now - list->since < WAIT_MAX && (fim_manager_runs(f) || now - list->since < 300))
		return 0;
	f->packages.asked = 0;
	f->waiting = NULL;
	f->last_waiting = &f->waiting;
	f->status.pending = 0;
	f->settling = true;
	while (list) {
		struct fim_waiting *next = list->next;
		struct fim_visit v = { .path = str_of(list->path),
				       .hints = list->hints,
				       .process = list->process.pid ? &list->process : NULL,
				       .dir = -1,
				       .settled = true };

		if (r == 0)
			r = fim_visit(f, &v);
		fim_waiting_free(list);
		list = next;
	}
	f->settling = false;
	return r;
}
