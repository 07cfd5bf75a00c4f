/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "backup/backup.h"
#include "backup/dump.h"

#define ARGS_MAX 4'000U
#define UNREAD_MAX 20U

struct reading {
	const struct backup_work *w;
	json_t *summary; /* owned */
};

static uint64_t unsigned_of(const json_t *o, const char *key)
{
	int64_t v = backup_state_int(o, key, 0);

	return v > 0 ? (uint64_t)v : 0;
}

static int read_line(struct str line, void *user)
{
	struct reading *x = user;
	json_t *j = json_loadb(line.ptr, line.len, 0, NULL);
	const char *type = json_string_value(json_object_get(j, "message_type"));

	if (type && !strcmp(type, "summary") && !x->summary)
		x->summary = json_incref(j);
	if (type && !strcmp(type, "status") && x->w->progress) {
		struct backup_progress p = { .what = "files",
					     .done = unsigned_of(j, "bytes_done"),
					     .total = unsigned_of(j, "total_bytes"),
					     .files = unsigned_of(j, "files_done"),
					     .left = (unsigned)unsigned_of(j,
									   "seconds_remaining") };

		x->w->progress(&p, x->w->user);
	}
	json_decref(j);
	return 0;
}

struct args {
	const char **list;
	size_t n;
};

static void arg(struct args *a, const char *word)
{
	if (a->n + 1 < ARGS_MAX)
		a->list[a->n++] = word;
	a->list[a->n] = NULL;
}

/* Our own work is not part of it. */
static void exclusions(const struct backup_work *w, struct args *a, struct arena *arena)
{
	const struct backup_config *c = w->config;

	for (size_t i = 0; i < c->exclude.n; i++) {
		arg(a, "--exclude");
		arg(a, c->exclude.items[i]);
	}
	arg(a, "--exclude");
	arg(a, c->cache);
	for (size_t i = 0; i < c->n_repos; i++)
		if (backup_repo_path(&c->repos[i])) {
			arg(a, "--exclude");
			arg(a, backup_repo_path(&c->repos[i]));
		}
	arg(a, "--exclude");
	arg(a, arena_fmt(arena, "%s/holdfast-backup-*", c->scratch).ptr);
}

/* A path that is missing is told, not skipped without a word as restic does. */
static size_t paths(const struct backup_work *w, struct args *a, json_t *missing)
{
	size_t n = 0;

	for (size_t i = 0; i < w->config->save.n; i++) {
		const char *path = w->config->save.items[i];
		struct stat st;

		if (lstat(path, &st) < 0) {
			json_array_append_new(missing, backup_text(str_of(path)));
			continue;
		}
		arg(a, path);
		n++;
	}
	return n;
}

static void copy_number(json_t *record, const char *to, const json_t *summary, const char *from)
{
	json_object_set_new(record, to, json_integer(backup_state_int(summary, from, 0)));
}

/* {"message_type":"error","item":"/path",…} lines of standard error are in the message. */
static int files(const struct backup_work *w, struct restic *r, json_t *record,
		 struct restic_end *end)
{
	own(arena_release) struct arena arena = { .limit = (size_t)1 << 20 };
	struct reading x = { .w = w };
	struct args a = { .list = arena_array(&arena, ARGS_MAX + 1, sizeof *a.list) };
	json_t *missing = json_array();
	char limit[24];
	size_t n;
	int e;

	json_object_set_new(record, "missing", missing);
	if (!a.list)
		return -ENOMEM;
	arg(&a, "backup");
	arg(&a, "--json");
	arg(&a, "--tag");
	arg(&a, "holdfast,files");
	if (!w->progress)
		arg(&a, "--quiet");
	if (w->config->one_file_system)
		arg(&a, "--one-file-system");
	if (w->config->limit_upload) {
		snprintf(limit, sizeof limit, "%u", w->config->limit_upload);
		arg(&a, "--limit-upload");
		arg(&a, limit);
	}
	exclusions(w, &a, &arena);
	arg(&a, "--");
	n = paths(w, &a, missing);
	*end = (struct restic_end){};
	if (!n && w->config->save.n) {
		*end = (struct restic_end){ RESTIC_FAILED,
					    "none of the paths that are to be saved is there" };
		return 0;
	}
	if (!n)
		return 0;
	e = restic_run(r, a.list, NULL, read_line, &x, end);
	if (x.summary) {
		json_t *id = json_object_get(x.summary, "snapshot_id");

		json_object_set(record, "snapshot", id ? id : json_null());
		copy_number(record, "files", x.summary, "total_files_processed");
		copy_number(record, "bytes", x.summary, "total_bytes_processed");
		copy_number(record, "added", x.summary, "data_added");
	}
	json_decref(x.summary);
	if (e == 0 && end->trouble == RESTIC_FINE && json_array_size(missing)) {
		end->trouble = RESTIC_INCOMPLETE;
		snprintf(end->message, sizeof end->message, "%zu of the paths are not there",
			 json_array_size(missing));
	}
	return e;
}

/* A dump that failed makes the run incomplete. */
static void judge_dumps(const json_t *dumps, struct restic_end *end)
{
	const json_t *dump;
	size_t i, failed = 0;

	json_array_foreach(dumps, i, dump) failed += !backup_result_ok(dump);
	if (failed && end->trouble == RESTIC_FINE) {
		end->trouble = RESTIC_INCOMPLETE;
		snprintf(end->message, sizeof end->message,
			 "%zu of %zu database dumps were not made", failed, json_array_size(dumps));
	}
}

/* The run's own snapshots, so that status knows them without asking the repository. */
static void add_snapshot(const struct backup_work *w, json_t *state, const json_t *record,
			 const json_t *paths)
{
	const json_t *id = json_object_get(record, "snapshot");
	char host[256] = "";

	if (!json_is_string(id) || !json_string_length(id))
		return;
	(void)gethostname(host, sizeof host - 1);
	backup_state_add(state, "snapshots",
			 json_pack("{s:O, s:I, s:o, s:O, s:I}", "id", id, "time",
				   (json_int_t)w->now, "host", backup_text(str_of(host)), "paths",
				   paths, "bytes",
				   (json_int_t)backup_state_int(record, "bytes", 0)));
}

static void remember(const struct backup_work *w, json_t *state, json_t *record)
{
	const json_t *dump, *dumps = json_object_get(record, "dumps");
	size_t i;

	json_array_foreach(dumps, i, dump)
	{
		own(json_drop) json_t *path = json_pack("[O]", json_object_get(dump, "path"));

		if (backup_result_ok(dump))
			add_snapshot(w, state, dump, path);
	}
	backup_describe(w, state);
	add_snapshot(w, state, record, json_object_get(state, "paths"));
	json_object_set_new(state, "last_start", json_integer(w->now));
	/* What could not be read is told; what could be read is saved. */
	if (backup_result_ok(record))
		json_object_set_new(state, "last_success", json_integer(w->now));
}

int backup_run(const struct backup_work *w, json_t **ret, struct diag *d)
{
	own(json_drop) json_t *state = NULL, *record = json_object();
	own(restic_release) struct restic r = {};
	struct restic_end end = {};
	json_t *dumps = json_array();
	int e = backup_begin(w, &r, &state, d);

	json_object_set_new(record, "dumps", dumps);
	if (e == 0 && (e = backup_dumps(w, &r, dumps)) == 0)
		e = files(w, &r, record, &end);
	if (e < 0)
		return diag_set(d, e, w->repo->name, 0, "%s", strerror(-e));
	judge_dumps(dumps, &end);
	backup_end(w, record, &end);
	remember(w, state, record);
	return backup_finish(w, state, "runs", &record, ret, d);
}
