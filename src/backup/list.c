/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The snapshots that a repository has now. */

#include "backup/backup.h"
#include "backup/borg.h"
#include "backup/moment.h"

#define LIST_MAX 1'000U

static int64_t when(const json_t *time)
{
	struct moment m = {};

	(void)moment_parse(str_of(json_string_value(time)), &m);
	return m.seconds;
}

static void copy(json_t *to, const char *key, const json_t *value)
{
	if (value)
		json_object_set(to, key, (json_t *)value);
}

static json_t *plain(const json_t *snapshots)
{
	json_t *list = json_array();
	const json_t *s;
	size_t i, n = json_array_size(snapshots);

	json_array_foreach(snapshots, i, s)
	{
		json_t *o = json_object();

		if (n > LIST_MAX && i < n - LIST_MAX) {
			json_decref(o);
			continue;
		}
		copy(o, "id", json_object_get(s, "short_id"));
		copy(o, "host", json_object_get(s, "hostname"));
		copy(o, "paths", json_object_get(s, "paths"));
		copy(o, "tags", json_object_get(s, "tags"));
		json_object_set_new(o, "time", json_integer(when(json_object_get(s, "time"))));
		json_array_append_new(list, o);
	}
	return list;
}

/* What the state knows of their sizes stays. */
static void keep_sizes(json_t *fresh, const json_t *old)
{
	json_t *f;
	const json_t *o;
	size_t i, k;

	json_array_foreach(fresh, i, f)
	{
		const char *id = json_string_value(json_object_get(f, "id"));

		json_array_foreach(old, k, o)
		{
			const char *its = json_string_value(json_object_get(o, "id"));

			if (id && its && !strncmp(id, its, 8))
				copy(f, "bytes", json_object_get(o, "bytes"));
		}
	}
}

static int list_restic(const struct backup_work *w, json_t **ret_state, json_t **ret_list,
		       struct restic_end *end, struct diag *d)
{
	own(restic_release) struct restic r = {};
	own(json_drop) json_t *raw = NULL;
	int e = backup_begin(w, &r, ret_state, d);

	if (e < 0)
		return e;
	e = backup_snapshots(&r, &raw, end);
	if (e == 0 && end->trouble == RESTIC_FINE)
		*ret_list = plain(raw);
	return e < 0 ? diag_set(d, e, w->repo->name, 0, "%s", strerror(-e)) : 0;
}

static int list_borg(const struct backup_work *w, json_t **ret_state, json_t **ret_list,
		     struct restic_end *end, struct diag *d)
{
	int64_t newest = 0;
	const json_t *s;
	size_t i;
	int e = backup_state_load(w->dir, w->repo, ret_state, d);

	if (e == 0)
		e = borg_list(w, ret_list, end, d);
	json_array_foreach(*ret_list, i, s) newest = MAX(newest, backup_state_int(s, "time", 0));
	if (newest)
		json_object_set_new(*ret_state, "last_success", json_integer(newest));
	return e;
}

int backup_list(const struct backup_work *w, json_t **ret, struct diag *d)
{
	own(json_drop) json_t *state = NULL, *record = json_object(), *list = NULL;
	struct restic_end end = {};
	int e = w->repo->tool == BACKUP_BORG ? list_borg(w, &state, &list, &end, d)
					     : list_restic(w, &state, &list, &end, d);

	if (e < 0)
		return e;
	backup_end(w, record, &end);
	if (list) {
		keep_sizes(list, json_object_get(state, "snapshots"));
		json_object_set(record, "snapshots", list);
		json_object_set(state, "snapshots", list);
		json_object_set_new(state, "listed", json_integer(w->now));
	}
	return backup_finish(w, state, NULL, &record, ret, d);
}
