/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a tool last finished its work, from what it leaves on the machine that it saves. */
#include "facts/linux/backup.h"

static int newest(struct collect *c, const char *pattern, int64_t *ret)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str *paths;
	size_t n = 0;
	int r = collect_glob(c, pattern, &paths, &n);

	for (size_t i = 0; r == 1 && i < n; i++) {
		struct stat st;

		if (root_stat(c->root, paths[i].ptr, &st) == 0)
			*ret = MAX(*ret, (int64_t)st.st_mtime);
	}
	arena_rewind(c->arena, mark);
	return MIN(r, 0);
}

/* restic keeps a copy of each snapshot that it has written. */
static int restic(struct collect *c, struct backup *b)
{
	static const char *const globs[] = { "/root/.cache/restic/*/snapshots/*/*",
					     "/var/cache/restic/*/snapshots/*/*",
					     "/var/cache/*restic*/*/snapshots/*/*" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(globs); i++)
		r = newest(c, globs[i], &b->last_success);
	return r;
}

/* borg notes when it last wrote to a repository, to notice when somebody puts back an old one. */
static int borg(struct collect *c, struct backup *b)
{
	struct str *paths;
	size_t n = 0;
	int r = collect_glob(c, "/root/.config/borg/security/*/manifest-timestamp", &paths, &n);

	for (size_t i = 0; r == 1 && i < n; i++) {
		struct str dir = str_sub(paths[i], 0, paths[i].len - strlen("manifest-timestamp"));
		struct str where = arena_cat(c->arena, dir, STR("location"), STR(""));
		struct str text, location = STR("");
		int got = where.ptr ? collect_read(c, where.ptr, &location, NULL) : -ENOMEM;

		location = str_trim(location);
		if (got >= 0)
			got = collect_read(c, paths[i].ptr, &text, NULL);
		if (got < 0)
			return got;
		/* "ssh://host/./path" here may be "host:path" there: the last part decides. */
		if (got == 1 && (!b->repository.len || !location.len ||
				 str_eq(str_basename(location), str_basename(b->repository))))
			b->last_success = MAX(b->last_success, backup_time(str_trim(text)));
	}
	return MIN(r, 0);
}

/* "[2024-05-01T03:30:01] /usr/bin/rsnapshot daily: completed successfully" */
static int rsnapshot(struct collect *c, struct backup *b)
{
	struct str text, line;
	int r = collect_read(c, "/var/log/rsnapshot.log", &text, NULL);

	while (r == 1 && str_line(&text, &line, NULL)) {
		if (!str_contains(line, STR("completed successfully")) || line.ptr[0] != '[')
			continue;
		b->last_success = MAX(b->last_success, backup_time(str_sub(line, 1, line.len)));
	}
	return MIN(r, 0);
}

static int duplicity(struct collect *c, struct backup *b)
{
	return newest(c, "/root/.cache/duplicity/*/*.manifest*", &b->last_success);
}

/* "… P00   INFO: backup command end: completed successfully (2s)" behind a time. */
static int pgbackrest(struct collect *c, struct backup *b)
{
	struct str *paths;
	size_t n = 0;
	int r = collect_glob(c, "/var/log/pgbackrest/*-backup.log", &paths, &n);

	for (size_t i = 0; r == 1 && i < n; i++) {
		struct str text, line;
		int got = collect_read(c, paths[i].ptr, &text, NULL);

		if (got < 0)
			return got;
		while (got == 1 && str_line(&text, &line, NULL))
			if (str_contains(line, STR("backup command end: completed successfully")))
				b->last_success = MAX(b->last_success, backup_time(line));
	}
	return MIN(r, 0);
}

static int timeshift(struct collect *c, struct backup *b)
{
	return newest(c, "/timeshift/snapshots/*/info.json", &b->last_success);
}

int backup_evidence(struct collect *c, struct backup *b)
{
	static const struct {
		const char *tool;
		int (*look)(struct collect *c, struct backup *b);
	} tools[] = {
		{"restic",      restic    },
                { "borg",       borg      },
                { "rsnapshot",  rsnapshot },
		{ "duplicity",  duplicity },
                { "duply",      duplicity },
                { "pgbackrest", pgbackrest},
		{ "timeshift",  timeshift },
	};

	for (size_t i = 0; i < COUNT(tools); i++)
		if (str_eq(b->tool, str_of(tools[i].tool)))
			return tools[i].look(c, b);
	return 0;
}
