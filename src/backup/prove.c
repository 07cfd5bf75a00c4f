/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether this machine, with what it has, could delete its own backups: it makes a snapshot of one
 * line and tries to forget it. What the tool answers does not count (borg's append-only mode
 * answers 0): only whether the snapshot is still there.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include "backup/backup.h"
#include "backup/stream.h"

#define PROBE_PATH "/holdfast/append-only-probe"
#define PROBE_TEXT "This snapshot was made to try whether it can be deleted.\n"

static int make_probe(struct restic *r, struct stream_end *ret)
{
	own(close_fd) int fd = memfd_create("probe", MFD_CLOEXEC);

	if (fd < 0 || write(fd, PROBE_TEXT, strlen(PROBE_TEXT)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return stream_save_file(r, fd, PROBE_PATH, ret);
}

/* 1: there, 0: gone. */
static int is_there(struct restic *r, const char *id, struct restic_end *end)
{
	own(json_drop) json_t *list = NULL;
	const json_t *snapshot;
	size_t i;
	int e = backup_snapshots(r, &list, end);

	json_array_foreach(list, i, snapshot)
	{
		const char *its = json_string_value(json_object_get(snapshot, "id"));

		if (its && !strncmp(its, id, strlen(id)))
			return 1;
	}
	return MIN(e, 0);
}

static int try_it(struct restic *r, json_t *record, struct restic_end *end)
{
	struct restic_end refused = {};
	struct stream_end probe = {};
	int there, e = make_probe(r, &probe);

	*end = probe.end;
	if (e < 0 || end->trouble != RESTIC_FINE)
		return e;
	if (!probe.snapshot[0]) {
		*end = (struct restic_end){ RESTIC_FAILED, "restic did not name its snapshot" };
		return 0;
	}
	e = restic_run(r, (const char *const[]){ "forget", probe.snapshot, NULL }, NULL, NULL, NULL,
		       &refused);
	r->no_cache = true;
	there = e < 0 ? e : is_there(r, probe.snapshot, end);
	r->no_cache = false;
	if (there < 0 || end->trouble != RESTIC_FINE)
		return there;
	json_object_set_new(record, "snapshot", json_string(probe.snapshot));
	json_object_set_new(record, "append_only", json_boolean(there));
	if (there)
		snprintf(end->message, sizeof end->message,
			 "a snapshot could not be deleted from here%s%.300s",
			 refused.message[0] ? ": " : "", refused.message);
	else
		snprintf(
			end->message, sizeof end->message,
			"this machine deleted a snapshot: whoever takes it over can delete them all");
	return 0;
}

int backup_prove(const struct backup_work *w, json_t **ret, struct diag *d)
{
	own(json_drop) json_t *state = NULL, *record = json_object();
	own(restic_release) struct restic r = {};
	struct restic_end end = {};
	json_t *answer;
	int e = backup_begin(w, &r, &state, d);

	if (e < 0)
		return e;
	e = try_it(&r, record, &end);
	if (e < 0)
		return diag_set(d, e, w->repo->name, 0, "%s", strerror(-e));
	backup_end(w, record, &end);
	answer = json_object_get(record, "append_only");
	if (answer) {
		json_object_set(state, "append_only", answer);
		json_object_set_new(state, "append_only_proved", json_integer(w->now));
	}
	return backup_finish(w, state, NULL, &record, ret, d);
}
