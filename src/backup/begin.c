/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every action begins and ends with. */
#include <stdio.h>
#include <time.h>

#include "backup/backup.h"

/* This program was written after it; a clock before it was never set. */
#define EARLIEST INT64_C(1'767'225'600) /* 2026-01-01 */
#define SLACK 300

static void day(int64_t when, char ret[static 40])
{
	struct tm tm;
	time_t t = (time_t)when;

	ret[0] = '\0';
	if (gmtime_r(&t, &tm))
		strftime(ret, 40, "%Y-%m-%d %H:%M UTC", &tm);
}

/* A snapshot with a wrong time is kept or forgotten at the wrong moment. */
static int check_clock(const struct backup_work *w, const json_t *state, struct diag *d)
{
	int64_t last = backup_state_int(state, "last_success", 0);
	char now[40], then[40];

	if (w->ignore_clock)
		return 0;
	day(w->now, now);
	day(last, then);
	if (w->now < EARLIEST)
		return diag_set(d, -ERANGE, w->repo->name, 0,
				"the clock of this machine says %s, which cannot be: set it first",
				now);
	if (last > w->now + SLACK)
		return diag_set(d, -ERANGE, w->repo->name, 0,
				"the clock of this machine says %s, but the last backup was on %s: "
				"set it first, or use --ignore-clock where that one was wrong",
				now, then);
	return 0;
}

int backup_begin(const struct backup_work *w, struct restic *ret, json_t **ret_state,
		 struct diag *d)
{
	own(json_drop) json_t *state = NULL;
	own(restic_release) struct restic restic = {};
	struct restic_end end;
	int r;

	if (w->repo->tool != BACKUP_RESTIC)
		return diag_set(d, -ENOTSUP, w->repo->name, 0,
				"is kept by borg, which is only looked at here (list, status)");
	r = backup_state_load(w->dir, w->repo, &state, d);
	if (r == 0)
		r = check_clock(w, state, d);
	if (r < 0)
		return r;
	restic_probe(w->config, &end);
	if (end.trouble != RESTIC_FINE)
		return diag_set(d, -ENOPKG, w->repo->name, 0, "%s", end.message);
	r = restic_open(w->config, w->repo, &restic, d);
	if (r < 0)
		return r;
	restic.stop = w->stop;
	*ret = take(restic);
	*ret_state = json_incref(state);
	return 0;
}

static bool is_here(const char *host, size_t n)
{
	struct str s = { host, n };

	return !n || str_starts(s, STR("localhost")) || str_starts(s, STR("127.")) ||
	       str_starts(s, STR("[::1]"));
}

int backup_offsite_of(const struct backup_repo *r)
{
	const char *scheme = strstr(r->url, "://"), *host;

	if (r->location >= 0)
		return r->location;
	if (backup_repo_path(r) || r->url[0] == '.')
		return 0;
	if (!strncmp(r->url, "sftp:", 5) && !scheme)
		host = r->url + 5;
	else if (scheme)
		host = scheme + 3;
	else
		return 1;
	if (memchr(host, '@', strcspn(host, "/")))
		host = strchr(host, '@') + 1;
	return !is_here(host, strcspn(host, "/"));
}

void backup_describe(const struct backup_work *w, json_t *state)
{
	own(arena_release) struct arena a = { .limit = (size_t)1 << 20 };
	struct str url = backup_url_public(&a, str_of(w->repo->url));
	json_t *paths = json_array();

	for (size_t i = 0; i < w->config->save.n; i++)
		json_array_append_new(paths, backup_text(str_of(w->config->save.items[i])));
	json_object_set_new(state, "repository", backup_text(url));
	json_object_set_new(state, "paths", paths);
	json_object_set_new(state, "offsite", json_integer(backup_offsite_of(w->repo)));
	json_object_set_new(state, "media", json_string(w->repo->media));
	json_object_set_new(state, "immutable", json_boolean(w->repo->immutable));
	json_object_set_new(state, "wants_append_only", json_boolean(w->repo->append_only));
}

void backup_end(const struct backup_work *w, json_t *record, const struct restic_end *end)
{
	json_object_set_new(record, "time", json_integer(w->now));
	if (!json_object_get(record, "seconds"))
		json_object_set_new(record, "seconds", json_integer(MAX(time(NULL) - w->now, 0)));
	json_object_set_new(record, "result", json_string(restic_trouble_name(end->trouble)));
	json_object_set_new(record, "message", backup_text(str_of(end->message)));
}

bool backup_result_ok(const json_t *record)
{
	const char *result = json_string_value(json_object_get(record, "result"));

	return result && !strcmp(result, "ok");
}

int backup_finish(const struct backup_work *w, json_t *state, const char *list, json_t **record,
		  json_t **ret, struct diag *d)
{
	int r;

	backup_describe(w, state);
	if (list)
		backup_state_add(state, list, json_incref(*record));
	r = backup_state_save(w->dir, w->repo, state, d);
	if (r < 0)
		return r;
	*ret = json_incref(*record);
	return 0;
}

static int keep_array(struct str line, void *user)
{
	json_t **ret = user, *j = json_loadb(line.ptr, line.len, 0, NULL);

	if (json_is_array(j) && !*ret)
		*ret = j;
	else
		json_decref(j);
	return 0;
}

int backup_snapshots(struct restic *r, json_t **ret, struct restic_end *end)
{
	static const char *const args[] = { "snapshots", "--json", "--no-lock", NULL };
	own(json_drop) json_t *list = NULL;
	int e = restic_run(r, args, NULL, keep_array, &list, end);

	if (e < 0 || end->trouble != RESTIC_FINE)
		return e;
	if (!list) {
		end->trouble = RESTIC_FAILED;
		snprintf(end->message, sizeof end->message, "restic did not list its snapshots");
		return 0;
	}
	*ret = json_incref(list);
	return 0;
}
