/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A restore for practice: of a sample and of what matters most, compared and loaded. */
#include "backup/drill.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#define ROOM ((uint64_t)64 << 20) /* that must stay free */

static double seconds(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What a machine is not itself without; those of the configuration take their place. */
static const char *const critical_paths[] = {
	"/etc/passwd",   "/etc/group", "/etc/fstab",
	"/etc/hostname", "/etc/ssh",   "/etc/systemd/system"
};

static const struct backup_words *critical(const struct backup_config *c)
{
	static struct backup_words usual;

	usual = (struct backup_words){ .items = (const char **)critical_paths,
				       .n = COUNT(critical_paths) };
	return c->critical.n ? &c->critical : &usual;
}

static int list_files(struct drill *d, struct drill_sample *s, struct restic_end *end)
{
	static const char *const args[] = { "ls",    "--json",         "--no-lock",
					    "--tag", "holdfast,files", "latest",
					    NULL };
	int r = drill_sample_start(s);

	if (r == 0)
		r = restic_run(d->r, args, NULL, drill_sample_line, s, end);
	if (r < 0)
		return r;
	r = s->error;
	if (end->trouble == RESTIC_FINE && !s->snapshot[0]) {
		end->trouble = RESTIC_ABSENT;
		snprintf(end->message, sizeof end->message,
			 "there is no backup of files yet: holdfast backup run");
	}
	return r;
}

static bool has_room(struct drill *d, const struct drill_sample *s, struct restic_end *end)
{
	uint64_t need = drill_sample_bytes(s) + ROOM, room = tempdir_free(&d->scratch);

	if (need <= room)
		return true;
	end->trouble = RESTIC_FULL;
	snprintf(end->message, sizeof end->message,
		 "the scratch folder has %llu MB free and %llu MB are needed: set scratch or a "
		 "smaller drill-bytes",
		 (unsigned long long)room >> 20, (unsigned long long)need >> 20);
	return false;
}

static int restore_args(const struct drill_sample *s, struct arena *a, const char ***ret)
{
	size_t n_files = s->n_sample + s->n_critical, n = 0;
	const char **args = arena_array(a, 2 * n_files + 8, sizeof *args);
	bool verify = false;

	if (!args)
		return -ENOMEM;
	args[n++] = "restore";
	args[n++] = s->snapshot;
	for (size_t i = 0; i < n_files; i++) {
		char pattern[2 * PATH_MAX];
		const char *copy;

		if (!drill_pattern(s->files[i].path, pattern, sizeof pattern))
			continue;
		copy = arena_cstr(a, str_of(pattern));
		if (!copy)
			return -ENOMEM;
		args[n++] = "--include";
		args[n++] = copy;
		verify |= !s->files[i].unchanged;
	}
	/* Against the recorded content, where the live file cannot tell any more. */
	if (verify)
		args[n++] = "--verify";
	args[n++] = "--no-lock";
	args[n++] = "--target";
	args[n++] = NULL; /* the caller's */
	args[n] = NULL;
	*ret = args;
	return (int)n - 1;
}

static void tell(const struct drill *d, const char *what)
{
	const struct backup_progress p = { .what = what };

	if (d->w->progress)
		d->w->progress(&p, d->w->user);
}

struct restoring {
	const struct drill *d;
	const struct drill_sample *s;
};

/* restic says nothing of it before 0.17. */
static void look_at_restored(void *user)
{
	const struct restoring *x = user;
	const struct backup_progress p = { .what = "files are restored",
					   .done = drill_restored(x->s, x->d->files),
					   .total = drill_sample_bytes(x->s) };

	x->d->w->progress(&p, x->d->w->user);
}

static int restore(struct drill *d, const struct drill_sample *s, json_t *record,
		   struct restic_end *end)
{
	own(arena_release) struct arena a = { .limit = (size_t)8 << 20 };
	struct restoring x = { d, s };
	double start = seconds();
	const char **args = NULL;
	int r = tempdir_dir(&d->scratch, "files", geteuid(), getegid(), d->files_path), at;

	if (r < 0)
		return r;
	d->files = openat(d->scratch.fd, "files", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	at = d->files < 0 ? -errno : restore_args(s, &a, &args);
	if (at < 0 || !args)
		return at;
	args[at] = d->files_path;
	d->r->silent = d->w->progress ? look_at_restored : NULL;
	d->r->silent_user = &x;
	d->early = drill_early_start(s, d->files);
	r = restic_run(d->r, args, NULL, NULL, NULL, end);
	d->r->silent = NULL;
	json_object_set_new(record, "restore_seconds", json_real(seconds() - start));
	drill_early_stop(d->early);
	return r;
}

/*
 * Opening the repository and looking for the sample's names among all others, minutes where there are
 * millions, is not what all files would take over and over again.
 */
static void estimate(const struct drill_sample *s, double writing, json_t *record)
{
	double took = json_real_value(json_object_get(record, "restore_seconds"));
	double bytes = (double)drill_sample_bytes(s);

	if (writing <= 0 || writing > took)
		writing = took;
	if (bytes > 0 && s->bytes)
		json_object_set_new(
			record, "full_restore_seconds",
			json_integer(1 + (json_int_t)(took - writing +
						      writing * (double)s->bytes / bytes)));
}

static int compare(struct drill *d, const struct drill_sample *s, json_t *record,
		   struct restic_end *end)
{
	struct drill_compared c;
	int r = drill_compare(s, d->files, d->early, d->w->stop, &c);

	if (r < 0)
		return r;
	estimate(s, c.writing, record);
	json_object_set_new(record, "same", json_integer(c.same));
	json_object_set_new(record, "changed", json_integer(c.changed));
	json_object_set_new(record, "differ", json_integer(c.differ));
	json_object_set_new(record, "not_restored", json_integer(c.missing));
	if (!c.differ && !c.missing)
		return 0;
	if (end->trouble == RESTIC_FINE || end->trouble == RESTIC_FAILED)
		end->trouble = RESTIC_DAMAGED;
	if (!end->message[0])
		snprintf(end->message, sizeof end->message,
			 "%u files are not what they were, %u were not restored; the first is %s",
			 c.differ, c.missing, c.first);
	return 0;
}

static void judge_loads(const json_t *loads, struct restic_end *end)
{
	const json_t *load;
	size_t i, failed = 0;

	json_array_foreach(loads, i, load) failed += !backup_result_ok(load);
	if (!failed || end->trouble != RESTIC_FINE)
		return;
	end->trouble = RESTIC_DAMAGED;
	snprintf(end->message, sizeof end->message, "%zu of %zu could not be loaded", failed,
		 json_array_size(loads));
}

static void count(const struct drill_sample *s, json_t *record)
{
	json_object_set_new(record, "snapshot",
			    json_stringn(s->snapshot, MIN(strlen(s->snapshot), 8)));
	json_object_set_new(record, "tree", json_string(s->tree));
	json_object_set_new(record, "files", json_integer((json_int_t)s->n_sample));
	json_object_set_new(record, "critical", json_integer((json_int_t)s->n_critical));
	json_object_set_new(record, "bytes", json_integer((json_int_t)drill_sample_bytes(s)));
	json_object_set_new(record, "of_files", json_integer((json_int_t)s->seen));
	json_object_set_new(record, "of_bytes", json_integer((json_int_t)s->bytes));
	json_object_set_new(record, "unnamed", json_integer(s->unnamed));
}

static int practise(struct drill *d, struct drill_sample *s, const json_t *state, json_t *record,
		    struct restic_end *end)
{
	int r = 0;

	/* Where only databases are saved there are no files to draw from. */
	if (d->w->config->save.n) {
		tell(d, "files are chosen");
		r = list_files(d, s, end);
		if (r < 0 || end->trouble != RESTIC_FINE)
			return r;
		drill_sample_finish(s, d->w->config->drill_bytes);
		drill_look(s);
		count(s, record);
		if (!has_room(d, s, end))
			return 0;
		tell(d, "files are restored");
		if (s->n_sample + s->n_critical)
			r = restore(d, s, record, end);
		if (r < 0 || end->trouble == RESTIC_STOPPED)
			return r;
		if (d->files >= 0) {
			tell(d, "files are compared");
			r = compare(d, s, record, end);
		}
		if (r < 0)
			return r;
	}
	tell(d, "databases are loaded");
	r = drill_load(d, state);
	judge_loads(d->loads, end);
	return r;
}

static uint64_t seed_of(const struct backup_drill *how)
{
	uint64_t seed = how->seed;

	/* 48 bits are a whole number in everybody's JSON. */
	while (!seed && getrandom(&seed, 6, 0) == 6)
		;
	return seed;
}

static void drill_release(struct drill *d)
{
	drill_early_release(&d->early);
	close_fd(&d->files);
	tempdir_release(&d->scratch);
}

static int finish(const struct backup_work *w, json_t *state, json_t *record,
		  const struct restic_end *end, json_t **ret, struct diag *d)
{
	backup_end(w, record, end);
	if (end->trouble == RESTIC_FINE)
		json_object_set_new(state, "last_drill", json_integer(w->now));
	return backup_finish(w, state, "drills", &record, ret, d);
}

int backup_drill(const struct backup_work *w, const struct backup_drill *how, json_t **ret,
		 struct diag *d)
{
	own(json_drop) json_t *state = NULL, *record = json_object();
	own(restic_release) struct restic r = {};
	own(drill_release) struct drill drill = {
		.w = w, .r = &r, .scratch = TEMPDIR_NONE, .files = -1
	};
	own(drill_sample_release) struct drill_sample s = { .wanted = w->config->drill_files,
							    .critical = critical(w->config) };
	struct restic_end end = {};
	int e = backup_begin(w, &r, &state, d);

	if (e == 0)
		e = tempdir_make(w->config->scratch, &drill.scratch, d);
	if (e < 0)
		return e;
	s.random = seed_of(how);
	drill.loads = json_array();
	json_object_set_new(record, "seed", json_integer((json_int_t)s.random));
	json_object_set_new(record, "loads", drill.loads);
	e = practise(&drill, &s, state, record, &end);
	if (e == -ENOSPC)
		end = (struct restic_end){ RESTIC_FULL, "no space left in the scratch folder" };
	else if (e < 0)
		return diag_set(d, e, w->repo->name, 0, "%s", strerror(-e));
	if (w->stop && *w->stop)
		end = (struct restic_end){ RESTIC_STOPPED, "interrupted" };
	return finish(w, state, record, &end, ret, d);
}
