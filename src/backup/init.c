/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A repository and its pass phrase: made, sealed, shown once. */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backup/backup.h"
#include "backup/disk.h"
#include "backup/escrow.h"
#include "base/file.h"

struct making {
	const struct backup_work *w;
	const struct backup_init *how;
	char phrase[ESCROW_SECRET_MAX + 1];
	bool new_phrase, sealed, adopted;
	bool with_repository, with_data; /* the pass phrase's file lies on that disk */
	bool escrow_apart;               /* the sealed copy lies on another disk */
};

/* Where nobody but this machine would know it, the backup dies with the machine. */
static int check_escrow(const struct making *m, struct diag *d)
{
	const struct backup_repo *repo = m->w->repo;

	if (repo->escrow && !m->w->config->owner_key && !m->how->phrase.len)
		return diag_set(d, -EINVAL, repo->name, 0,
				"the sealed copy needs an owner-key (see: backup keygen) or "
				"--phrase-file");
	if (!repo->escrow && !m->how->terminal)
		return diag_set(
			d, -EINVAL, repo->name, 0,
			"the pass phrase would be known to this machine alone: set escrow and "
			"owner-key, or run it on a terminal");
	return 0;
}

static int check_disks(struct making *m, struct diag *d)
{
	const struct backup_repo *repo = m->w->repo;
	const char *here = backup_repo_path(repo), *data = m->w->config->data_disk;

	m->with_repository = here && disk_same(repo->password_file, here);
	m->with_data = disk_same(repo->password_file, data);
	m->escrow_apart = repo->escrow && !disk_same(repo->escrow, data) &&
			  !(here && disk_same(repo->escrow, here));
	if (m->how->same_disk)
		return 0;
	if (m->with_repository)
		return diag_set(
			d, -EXDEV, repo->password_file, 0,
			"lies on the same disk as the repository: whoever gets the disk reads "
			"it all, and when the disk dies both are gone (--same-disk takes it)");
	if (repo->escrow && !m->escrow_apart)
		return diag_set(d, -EXDEV, repo->escrow, 0,
				"the sealed copy would lie on the same disk as the data or the "
				"repository and be lost with it (--same-disk takes it)");
	return 0;
}

static int write_secret(const char *path, struct str text, struct diag *d)
{
	char folder[PATH_MAX], leaf[PATH_MAX];
	own(close_fd) int dir = -1;
	struct stat st;
	int r;

	snprintf(folder, sizeof folder, "%s", path);
	snprintf(leaf, sizeof leaf, "%s", path);
	r = backup_make_dirs(dirname(folder), 0700);
	if (r == 0) {
		dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dir < 0 ? -errno : 0;
	}
	if (r == 0 && fstatat(dir, basename(leaf), &st, AT_SYMLINK_NOFOLLOW) == 0)
		r = -EEXIST;
	if (r == 0)
		r = backup_write_file(dir, basename(leaf), text, 0600);
	if (r == -EEXIST)
		return diag_set(
			d, r, path, 0,
			"is there already, and may be what opens a repository: move it away");
	return r < 0 ? diag_set(d, r, path, 0, "cannot be written: %s", strerror(-r)) : 0;
}

/* Takes the one that is there, or makes one. */
static int get_phrase(struct making *m, struct diag *d)
{
	own(arena_release) struct arena a = { .limit = (size_t)1 << 16 };
	const char *path = m->w->repo->password_file;
	struct str text;
	char line[ESCROW_PHRASE_LEN + 1];
	int r = file_read(path, ESCROW_SECRET_MAX, &a, &text);

	if (r == 0) {
		text = str_trim(text);
		if (!text.len)
			return diag_set(d, -EINVAL, path, 0, "is empty");
		memcpy(m->phrase, text.ptr, text.len);
		m->phrase[text.len] = '\0';
		return 0;
	}
	if (r != -ENOENT)
		return diag_set(d, r, path, 0, "%s", file_error(r));
	escrow_phrase(line);
	memcpy(m->phrase, line, ESCROW_PHRASE_LEN);
	memcpy(line + ESCROW_PHRASE_LEN - 1, "\n", 2);
	m->new_phrase = true;
	r = write_secret(path, str_of(line), d);
	if (r < 0)
		m->new_phrase = false;
	return r;
}

static int seal(struct making *m, struct diag *d)
{
	own(buf_release) struct buf text = BUF(ESCROW_TEXT_MAX);
	own(arena_release) struct arena a = { .limit = (size_t)1 << 20 };
	const struct backup_repo *repo = m->w->repo;
	const struct escrow_to to = { .key = str_of(m->w->config->owner_key),
				      .phrase = m->how->phrase };
	const struct escrow_about about = {
		.repository = repo->name,
		.url = backup_url_public(&a, str_of(repo->url)).ptr,
		.made = m->w->now,
	};
	int r;

	if (!repo->escrow)
		return 0;
	r = escrow_seal(&to, &about, str_of(m->phrase), &text);
	if (r < 0)
		return diag_set(d, r, repo->name, 0, "cannot be sealed: %s",
				to.key.len ? "owner-key is no public key"
					   : "the phrase has less than 12 characters");
	r = write_secret(repo->escrow, buf_view(&text), d);
	m->sealed = r == 0;
	return r;
}

/* One that is there already and opens is taken over. */
static int make_repository(struct making *m, struct restic *r, struct restic_end *end)
{
	static const char *const look[] = { "cat", "config", "--no-lock", NULL };
	static const char *const make[] = { "init", NULL };
	int e = restic_run(r, look, NULL, NULL, NULL, end);

	m->adopted = e == 0 && end->trouble == RESTIC_FINE;
	if (e < 0 || end->trouble != RESTIC_ABSENT)
		return e;
	return restic_run(r, make, NULL, NULL, NULL, end);
}

static void undo(struct making *m)
{
	if (m->sealed)
		(void)unlink(m->w->repo->escrow);
	if (m->new_phrase)
		(void)unlink(m->w->repo->password_file);
}

static void describe(const struct making *m, json_t *state, json_t *record)
{
	bool shown = m->how->terminal;
	json_t *escrow =
		json_pack("{s:b, s:b, s:b, s:b, s:I, s:s}", "sealed", m->sealed, "shown", shown,
			  "apart", m->escrow_apart, "with_repository", m->with_repository, "time",
			  (json_int_t)m->w->now, "file", m->sealed ? m->w->repo->escrow : "");

	json_object_set(record, "escrow", escrow);
	json_object_set_new(record, "adopted", json_boolean(m->adopted));
	json_object_set_new(record, "new_phrase", json_boolean(m->new_phrase));
	json_object_set_new(record, "with_data", json_boolean(m->with_data));
	json_object_set_new(state, "escrow", escrow);
	json_object_set_new(state, "initialised", json_integer(m->w->now));
}

static int open_it(struct making *m, struct restic *ret, json_t **ret_state, struct diag *d)
{
	int r = check_escrow(m, d);

	if (r == 0)
		r = check_disks(m, d);
	if (r == 0)
		r = get_phrase(m, d);
	if (r == 0)
		r = seal(m, d);
	return r == 0 ? backup_begin(m->w, ret, ret_state, d) : r;
}

int backup_init(const struct backup_work *w, const struct backup_init *how, json_t **ret,
		struct diag *d)
{
	own(json_drop) json_t *state = NULL, *record = json_object();
	own(restic_release) struct restic r = {};
	struct making m = { .w = w, .how = how };
	struct restic_end end = {}, probe;
	int e = escrow_start();

	if (w->repo->tool != BACKUP_RESTIC)
		return diag_set(d, -ENOTSUP, w->repo->name, 0,
				"borg makes its repositories: borg init");
	/* Nothing is made where nothing can be done with it. */
	restic_probe(w->config, &probe);
	if (probe.trouble != RESTIC_FINE)
		return diag_set(d, -ENOPKG, w->repo->name, 0, "%s", probe.message);
	if (e == 0)
		e = open_it(&m, &r, &state, d);
	if (e == 0)
		e = make_repository(&m, &r, &end);
	if (e < 0 || end.trouble != RESTIC_FINE)
		undo(&m);
	if (e < 0)
		return diag_set(d, e, w->repo->name, 0, "%s", strerror(-e));
	backup_end(w, record, &end);
	if (end.trouble != RESTIC_FINE) {
		*ret = json_incref(record);
		return 0;
	}
	describe(&m, state, record);
	if (how->show && how->terminal)
		how->show(m.phrase, how->user);
	explicit_bzero(m.phrase, sizeof m.phrase);
	return backup_finish(w, state, NULL, &record, ret, d);
}
