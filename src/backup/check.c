/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "backup/backup.h"

static int count_line(struct str line, void *user)
{
	const struct backup_work *w = user;
	struct backup_progress p = { .what = "check" };

	(void)line;
	if (w->progress)
		w->progress(&p, w->user);
	return 0;
}

/* A part that was damaged stays so until it, or everything, was read without errors. */
static void remember(const struct backup_work *w, json_t *state, const char *part, bool all,
		     struct restic_end *end)
{
	json_t *damaged = json_object_get(state, "damaged");

	if (!json_is_object(damaged)) {
		damaged = json_object();
		json_object_set_new(state, "damaged", damaged);
	}
	if (end->trouble == RESTIC_DAMAGED)
		json_object_set_new(damaged, all ? "all" : part, json_integer(w->now));
	if (end->trouble != RESTIC_FINE)
		return;
	if (all)
		json_object_clear(damaged);
	else
		json_object_del(damaged, part);
	if (!json_object_size(damaged)) {
		json_object_set_new(state, "last_check", json_integer(w->now));
		return;
	}
	end->trouble = RESTIC_INCOMPLETE;
	snprintf(end->message, sizeof end->message,
		 "this part is whole, but part %.40s was damaged when it was read last",
		 json_object_iter_key(json_object_iter(damaged)));
}

int backup_check(const struct backup_work *w, const struct backup_check *how, json_t **ret,
		 struct diag *d)
{
	own(json_drop) json_t *state = NULL, *record = NULL;
	own(restic_release) struct restic r = {};
	struct restic_end end;
	unsigned parts = w->config->check_parts, part = how->part;
	char subset[64], which[32];
	const char *const args[] = { "check", how->all ? "--read-data" : subset, NULL };
	int e = backup_begin(w, &r, &state, d);

	if (e < 0)
		return e;
	if (!part)
		part = (unsigned)MAX(backup_state_int(state, "next_part", 1), 1);
	part = (part - 1) % parts + 1;
	snprintf(which, sizeof which, "%u/%u", part, parts);
	snprintf(subset, sizeof subset, "--read-data-subset=%s", which);
	e = restic_run(&r, args, NULL, count_line, (void *)w, &end);
	if (e < 0)
		return diag_set(d, e, w->repo->name, 0, "%s", strerror(-e));
	record = json_pack("{s:I, s:I}", "part", (json_int_t)(how->all ? 0 : part), "parts",
			   (json_int_t)parts);
	if (!record)
		return -ENOMEM;
	/* A part that was not read, for a lock or the network, is the next one again. */
	if (!how->all && !how->part &&
	    (end.trouble == RESTIC_FINE || end.trouble == RESTIC_DAMAGED))
		json_object_set_new(state, "next_part", json_integer(part % parts + 1));
	remember(w, state, which, how->all, &end);
	backup_end(w, record, &end);
	return backup_finish(w, state, "checks", &record, ret, d);
}
