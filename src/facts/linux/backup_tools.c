/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines of backup tools: is it a backup, where to, of what? */
#include "facts/linux/backup_run.h"

static struct str var(const struct backup_run *run, const char *name)
{
	ssize_t i = backup_find_var(run, str_of(name));

	return i < 0 ? STR("") : run->vars[i].value;
}

/* The value of an option: "-r X", "-rX", "--repo X", "--repo=X"; '' if it is not there. */
static struct str option(const struct backup_args *args, const char *shorter, const char *longer)
{
	struct str s = str_of(shorter), l = str_of(longer);

	for (size_t i = 1; i < args->n; i++) {
		struct str w = args->words[i];

		if ((str_eq(w, l) || (s.len && str_eq(w, s))) && i + 1 < args->n)
			return args->words[i + 1];
		if (str_starts(w, l) && w.len > l.len && w.ptr[l.len] == '=')
			return str_sub(w, l.len + 1, w.len);
		if (s.len && str_starts(w, s) && w.len > s.len && w.ptr[1] != '-')
			return str_sub(w, s.len, w.len);
	}
	return STR("");
}

static bool has_word(const struct backup_args *args, const char *word)
{
	for (size_t i = 1; i < args->n; i++)
		if (str_eq(args->words[i], str_of(word)))
			return true;
	return false;
}

/* Is the next word a path that belongs to this option? */
static bool takes_path(struct str option)
{
	static const char *const words[] = { "exclude", "include", "file", "dir", "key", "cache" };

	if (!str_starts(option, STR("--")) || str_find(option, '=') >= 0)
		return false;
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_contains(option, str_of(words[i])))
			return true;
	return false;
}

/* Absolute paths among the words behind the verb. */
static int add_paths(struct backup_run *run, const struct backup_args *args, const char *verb,
		     struct backup *b)
{
	size_t i = 1;

	while (i < args->n && !str_eq(args->words[i], str_of(verb)))
		i++;
	for (; i < args->n; i++) {
		struct str w = args->words[i];

		if (!w.len || w.ptr[0] != '/' || takes_path(args->words[i - 1]))
			continue;
		b->paths = backup_join(run->c->arena, b->paths, w);
		if (!b->paths.ptr)
			return -ENOMEM;
	}
	return 1;
}

static int64_t mode_of(const struct backup_run *run, struct str path)
{
	const char *name = path.len && path.ptr[0] == '/' ? arena_cstr(run->c->arena, path) : NULL;
	struct stat st;

	return name && root_stat(run->c->root, name, &st) == 0 ? st.st_mode & 07777 : FACT_UNKNOWN;
}

/* The file with the pass phrase: named by an option or a variable, or the one that sets it. */
static int64_t credentials(const struct backup_run *run, struct str option_file,
			   const char *const file_vars[], const char *const value_vars[])
{
	if (option_file.len)
		return mode_of(run, option_file);
	for (size_t i = 0; file_vars[i]; i++)
		if (var(run, file_vars[i]).len)
			return mode_of(run, var(run, file_vars[i]));
	for (size_t i = 0; value_vars[i]; i++) {
		ssize_t k = backup_find_var(run, str_of(value_vars[i]));

		if (k >= 0)
			return run->vars[k].mode;
	}
	return FACT_UNKNOWN;
}

/* First line of a file that holds the repository's address. */
static int repository_file(struct backup_run *run, struct str path, struct backup *b)
{
	const char *name = arena_cstr(run->c->arena, path);
	struct str text;
	int r = name ? collect_read(run->c, name, &text, NULL) : -ENOMEM;

	if (r == 1)
		b->repository = str_trim(str_cut(&text, '\n'));
	return MIN(r, 0);
}

static int run_restic(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	static const char *const files[] = { "RESTIC_PASSWORD_FILE", NULL };
	static const char *const values[] = { "RESTIC_PASSWORD", "RESTIC_PASSWORD_COMMAND", NULL };
	struct str file = option(args, "", "--repository-file");
	int r = 0;

	if (!has_word(args, "backup"))
		return 0;
	b->repository = option(args, "-r", "--repo");
	if (!b->repository.len)
		b->repository = var(run, "RESTIC_REPOSITORY");
	if (!file.len)
		file = var(run, "RESTIC_REPOSITORY_FILE");
	if (!b->repository.len && file.len)
		r = repository_file(run, file, b);
	b->credentials_mode =
		credentials(run, option(args, "-p", "--password-file"), files, values);
	return r < 0 ? r : add_paths(run, args, "backup", b);
}

/* "repo::archive"; BORG_REPO stands for what is before "::". */
static int run_borg(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	static const char *const none[] = { NULL };
	static const char *const values[] = { "BORG_PASSPHRASE", "BORG_PASSCOMMAND", NULL };

	if (!has_word(args, "create"))
		return 0;
	b->repository = option(args, "-r", "--repo");
	for (size_t i = 1; !b->repository.len && i < args->n; i++) {
		const char *colons = memmem(args->words[i].ptr, args->words[i].len, "::", 2);

		if (colons && args->words[i].ptr[0] != '-')
			b->repository =
				str_sub(args->words[i], 0, (size_t)(colons - args->words[i].ptr));
	}
	if (!b->repository.len)
		b->repository = var(run, "BORG_REPO");
	b->credentials_mode = credentials(run, STR(""), none, values);
	if (b->credentials_mode != FACT_UNKNOWN)
		b->encrypted = 1;
	return add_paths(run, args, "create", b);
}

static int run_borgmatic(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	static const char *const others[] = { "list",    "info",    "check",     "prune",
					      "compact", "extract", "init",      "rcreate",
					      "mount",   "umount",  "export-tar" };
	int r;

	if (!has_word(args, "create"))
		for (size_t i = 0; i < COUNT(others); i++)
			if (has_word(args, others[i]))
				return 0;
	r = backup_conf_borgmatic(run->c, b);
	return r < 0 ? r : 1;
}

static int run_duplicity(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	static const char *const others[] = { "restore",
					      "verify",
					      "collection-status",
					      "list-current-files",
					      "cleanup",
					      "remove-older-than",
					      "remove-all-but-n-full" };
	static const char *const none[] = { NULL };
	static const char *const values[] = { "PASSPHRASE", NULL };

	for (size_t i = 0; i < COUNT(others); i++)
		if (has_word(args, others[i]))
			return 0;
	for (size_t i = 1; i < args->n; i++) {
		if (str_contains(args->words[i], STR("://")) && args->words[i].ptr[0] != '-')
			b->repository = args->words[i];
		else if (args->words[i].len && args->words[i].ptr[0] == '/' &&
			 !takes_path(args->words[i - 1]))
			b->paths = backup_join(run->c->arena, b->paths, args->words[i]);
	}
	b->encrypted = !has_word(args, "--no-encryption");
	b->credentials_mode = credentials(run, STR(""), none, values);
	return b->repository.len ? 1 : 0;
}

static int run_duply(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	int r;

	if (args->n < 2)
		return 0;
	if (args->n > 2 && !str_contains(args->words[2], STR("backup")) &&
	    !str_contains(args->words[2], STR("bkp")) &&
	    !str_contains(args->words[2], STR("incr")) &&
	    !str_contains(args->words[2], STR("full")))
		return 0;
	r = backup_conf_duply(run->c, args->words[1], b);
	return r < 0 ? r : 1;
}

static int run_rsnapshot(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	int r;

	if (args->n < 2 || has_word(args, "configtest") || has_word(args, "-t"))
		return 0;
	r = backup_conf_rsnapshot(run->c, b);
	return r < 0 ? r : 1;
}

static int run_rclone(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	(void)run;
	if (!has_word(args, "sync") && !has_word(args, "copy"))
		return 0;
	for (size_t i = 2; i < args->n; i++) {
		struct str w = args->words[i];

		if (!w.len || w.ptr[0] == '-' || args->words[i - 1].ptr[0] == '-')
			continue;
		if (str_find(w, ':') > 0)
			b->repository = w;
		else if (w.ptr[0] == '/')
			b->paths = w;
	}
	/* A copy from the net is none of this machine. */
	return b->repository.len && b->paths.len ? 1 : 0;
}

static int run_rsync(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	struct str last = STR("");

	for (size_t i = 1; i < args->n; i++) {
		struct str w = args->words[i];

		if (!w.len || w.ptr[0] == '-' || str_eq(args->words[i - 1], STR("-e")))
			continue;
		if (last.len && last.ptr[0] == '/')
			b->paths = backup_join(run->c->arena, b->paths, last);
		last = w;
	}
	b->repository = last;
	b->encrypted = 0;
	/* To another machine; or to a disk, where the name says what it is for. */
	if (backup_offsite(run->c, last) == 1)
		return b->paths.len ? 1 : 0;
	return b->paths.len && (str_contains(last, STR("backup")) ||
				str_starts(last, STR("/mnt/")) || str_starts(last, STR("/media/")))
		       ? 1
		       : 0;
}

static int run_timeshift(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	(void)run;
	b->repository = STR("/timeshift");
	return has_word(args, "--create") || has_word(args, "--check");
}

static int run_pgbackrest(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	int r;

	if (!has_word(args, "backup"))
		return 0;
	r = backup_conf_pgbackrest(run->c, b);
	return r < 0 ? r : 1;
}

static int run_holdfast(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	bool saves = has_word(args, "backup") && has_word(args, "run");

	b->encrypted = 1;
	/* A check or a drill by a timer saves nothing, whatever its unit is called. */
	if (!saves)
		run->found = true;
	return saves;
}

static int run_amanda(struct backup_run *run, const struct backup_args *args, struct backup *b)
{
	(void)run, (void)args, (void)b;
	return 1;
}

const struct backup_program backup_programs[] = {
	{"restic",      "restic",     run_restic    },
	{ "borg",       "borg",       run_borg      },
	{ "borgmatic",  "borg",       run_borgmatic },
	{ "duplicity",  "duplicity",  run_duplicity },
	{ "duply",      "duply",      run_duply     },
	{ "rsnapshot",  "rsnapshot",  run_rsnapshot },
	{ "rclone",     "rclone",     run_rclone    },
	{ "rsync",      "script",     run_rsync     },
	{ "timeshift",  "timeshift",  run_timeshift },
	{ "pgbackrest", "pgbackrest", run_pgbackrest},
	{ "holdfast",   "holdfast",   run_holdfast  },
	{ "amdump",     "amanda",     run_amanda    },
};
const size_t n_backup_programs = COUNT(backup_programs);
