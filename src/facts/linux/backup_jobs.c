/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands of cron, timers and scripts that make a backup. */
#include "base/buf.h"
#include "facts/linux/backup.h"

enum { VARS_MAX = 128 };

struct run {
	struct collect *c;
	backup_fn *fn;
	void *user;
	const struct job *job;
	struct {
		struct str name, value;
		int64_t mode; /* of the file that sets it */
	} vars[VARS_MAX];
	size_t n_vars;
	bool found; /* a row came of this job */
};

/* The words of a command with variables replaced. */
struct args {
	struct str words[SHELL_WORDS_MAX];
	size_t n;
};

static ssize_t find_var(const struct run *run, struct str name)
{
	for (size_t i = run->n_vars; i-- > 0;)
		if (str_eq(run->vars[i].name, name))
			return (ssize_t)i;
	return -1;
}

static struct str var(const struct run *run, const char *name)
{
	ssize_t i = find_var(run, str_of(name));

	return i < 0 ? STR("") : run->vars[i].value;
}

/* "$NAME" or "${NAME}" at the start of s: its length, 0 if it is none. */
static size_t reference(struct str s, struct str *ret_name)
{
	size_t brace = s.len > 1 && s.ptr[1] == '{', n = 1 + brace;

	while (n < s.len &&
	       (s.ptr[n] == '_' || (s.ptr[n] >= '0' && s.ptr[n] <= '9') ||
		(s.ptr[n] >= 'A' && s.ptr[n] <= 'Z') || (s.ptr[n] >= 'a' && s.ptr[n] <= 'z')))
		n++;
	*ret_name = str_sub(s, 1 + brace, n);
	if (n == 1 + brace || (brace && (n >= s.len || s.ptr[n] != '}')))
		return 0;
	return n + brace;
}

/* Values are put in as they are written; what is not known stays. */
static struct str expand(const struct run *run, struct str s)
{
	own(buf_release) struct buf b = BUF(16 << 10);

	if (str_find(s, '$') < 0)
		return s;
	while (s.len) {
		struct str name;
		size_t n = s.ptr[0] == '$' ? reference(s, &name) : 0;
		ssize_t i = n ? find_var(run, name) : -1;

		if (i >= 0) {
			buf_str(&b, run->vars[i].value);
			s = str_sub(s, n, s.len);
		} else {
			buf_putc(&b, s.ptr[0]);
			s = str_sub(s, 1, s.len);
		}
	}
	return b.error ? s : arena_str(run->c->arena, buf_view(&b));
}

static int note_vars(const struct job_command *cmd, void *user)
{
	struct run *run = user;

	for (size_t i = 0; i < cmd->n_before && run->n_vars < VARS_MAX; i++) {
		struct str name, value;

		if (!shell_assignment(cmd->before[i].text, &name, &value))
			continue;
		value = expand(run, value);
		if (!value.ptr)
			return -ENOMEM;
		run->vars[run->n_vars].name = name;
		run->vars[run->n_vars].value = value;
		run->vars[run->n_vars++].mode = cmd->mode;
	}
	return 0;
}

/* The value of an option: "-r X", "-rX", "--repo X", "--repo=X"; '' if it is not there. */
static struct str option(const struct args *args, const char *shorter, const char *longer)
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

static bool has_word(const struct args *args, const char *word)
{
	for (size_t i = 1; i < args->n; i++)
		if (str_eq(args->words[i], str_of(word)))
			return true;
	return false;
}

/* Absolute paths among the words behind the verb. */
static int add_paths(struct run *run, const struct args *args, const char *verb, struct backup *b)
{
	size_t i = 1;

	while (i < args->n && !str_eq(args->words[i], str_of(verb)))
		i++;
	for (; i < args->n; i++) {
		struct str before = args->words[i - 1], w = args->words[i];
		bool value =
			str_starts(before, STR("--")) && str_find(before, '=') < 0 &&
			(str_contains(before, STR("exclude")) ||
			 str_contains(before, STR("file")) || str_contains(before, STR("dir")));

		if (!w.len || w.ptr[0] != '/' || value)
			continue;
		b->paths = backup_join(run->c->arena, b->paths, w);
		if (!b->paths.ptr)
			return -ENOMEM;
	}
	return 1;
}

static int64_t mode_of(const struct run *run, struct str path)
{
	const char *name = path.len && path.ptr[0] == '/' ? arena_cstr(run->c->arena, path) : NULL;
	struct stat st;

	return name && root_stat(run->c->root, name, &st) == 0 ? st.st_mode & 07777 : FACT_UNKNOWN;
}

/* The file with the pass phrase: named by an option or a variable, or the one that sets it. */
static int64_t credentials(const struct run *run, struct str option_file,
			   const char *const file_vars[], const char *const value_vars[])
{
	if (option_file.len)
		return mode_of(run, option_file);
	for (size_t i = 0; file_vars[i]; i++)
		if (var(run, file_vars[i]).len)
			return mode_of(run, var(run, file_vars[i]));
	for (size_t i = 0; value_vars[i]; i++) {
		ssize_t k = find_var(run, str_of(value_vars[i]));

		if (k >= 0)
			return run->vars[k].mode;
	}
	return FACT_UNKNOWN;
}

/* First line of a file that holds the repository's address. */
static int repository_file(struct run *run, struct str path, struct backup *b)
{
	const char *name = arena_cstr(run->c->arena, path);
	struct str text;
	int r = name ? collect_read(run->c, name, &text, NULL) : -ENOMEM;

	if (r == 1)
		b->repository = str_trim(str_cut(&text, '\n'));
	return MIN(r, 0);
}

/* All return 1 (a backup), 0 (another command of the tool) or -errno. */
typedef int command_fn(struct run *run, const struct args *args, struct backup *b);

static int run_restic(struct run *run, const struct args *args, struct backup *b)
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
static int run_borg(struct run *run, const struct args *args, struct backup *b)
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

static int run_borgmatic(struct run *run, const struct args *args, struct backup *b)
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

static int run_duplicity(struct run *run, const struct args *args, struct backup *b)
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
			 args->words[i - 1].ptr[0] != '-')
			b->paths = backup_join(run->c->arena, b->paths, args->words[i]);
	}
	b->encrypted = !has_word(args, "--no-encryption");
	b->credentials_mode = credentials(run, STR(""), none, values);
	return b->repository.len ? 1 : 0;
}

static int run_duply(struct run *run, const struct args *args, struct backup *b)
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

static int run_rsnapshot(struct run *run, const struct args *args, struct backup *b)
{
	int r;

	if (args->n < 2 || has_word(args, "configtest") || has_word(args, "-t"))
		return 0;
	r = backup_conf_rsnapshot(run->c, b);
	return r < 0 ? r : 1;
}

static int run_rclone(struct run *run, const struct args *args, struct backup *b)
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

static int run_rsync(struct run *run, const struct args *args, struct backup *b)
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

static int run_timeshift(struct run *run, const struct args *args, struct backup *b)
{
	(void)run;
	b->repository = STR("/timeshift");
	return has_word(args, "--create") || has_word(args, "--check");
}

static int run_pgbackrest(struct run *run, const struct args *args, struct backup *b)
{
	int r;

	if (!has_word(args, "backup"))
		return 0;
	r = backup_conf_pgbackrest(run->c, b);
	return r < 0 ? r : 1;
}

static int run_holdfast(struct run *run, const struct args *args, struct backup *b)
{
	(void)run, (void)b;
	return has_word(args, "backup") && has_word(args, "run");
}

static int run_amanda(struct run *run, const struct args *args, struct backup *b)
{
	(void)run, (void)args, (void)b;
	return 1;
}

static const struct {
	const char *program, *tool;
	command_fn *command;
} programs[] = {
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

static int emit(struct run *run, struct backup *b)
{
	const struct job *job = run->job;
	int r;

	b->schedule = job->schedule;
	b->kind = job->active ? STR("scheduled") : STR("configured");
	b->repository = expand(run, b->repository);
	b->repository =
		b->repository.ptr ? backup_public(run->c->arena, b->repository) : (struct str){};
	if (!b->repository.ptr)
		return -ENOMEM;
	if (job->unit.len) {
		struct str stamp = arena_cat(run->c->arena, STR("/var/lib/systemd/timers/stamp-"),
					     job->unit, STR(""));
		struct stat st;

		if (stamp.ptr && root_stat(run->c->root, stamp.ptr, &st) == 0)
			b->last_start = st.st_mtime;
	}
	r = backup_judge(run->c, b);
	if (r == 0)
		r = backup_evidence(run->c, b);
	run->found = true;
	return r < 0 ? r : run->fn(b, run->user);
}

static int each_command(const struct job_command *cmd, void *user)
{
	struct run *run = user;
	struct args *args;
	int r = 0;

	for (size_t i = 0; i < COUNT(programs); i++) {
		struct backup b = backup_new(programs[i].tool, "scheduled");

		if (!str_eq(cmd->program, str_of(programs[i].program)))
			continue;
		args = arena_new(run->c->arena, struct args);
		if (!args)
			return -ENOMEM;
		for (size_t k = 0; k < cmd->n; k++) {
			args->words[args->n] = expand(run, cmd->words[k].text);
			if (!args->words[args->n++].ptr)
				return -ENOMEM;
		}
		b.file = cmd->file;
		b.line = cmd->line;
		r = programs[i].command(run, args, &b);
		if (r == 1)
			r = emit(run, &b);
	}
	return r;
}

/*
 * A job of the administrator whose script or unit is called so makes backups, by means that are
 * not known here. What distributions bring saves their own databases only.
 */
static bool looks_like_backup(const struct job *job)
{
	static const char *const places[] = { "/etc/", "/usr/local/", "/root/",
					      "/opt/", "/home/",      "/srv/" };

	for (size_t i = 0; job->active && i < job->n; i++) {
		struct str file = job->texts[i].file, name = str_basename(file);

		if (!str_contains(name, STR("backup")) && !str_contains(name, STR("Backup")))
			continue;
		for (size_t k = 0; k < COUNT(places); k++)
			if (str_starts(file, str_of(places[k])))
				return true;
	}
	return false;
}

static int each_job(const struct job *job, void *user)
{
	struct run *run = user;
	int r = 0;

	run->job = job;
	run->n_vars = 0;
	run->found = false;
	for (size_t i = 0; r == 0 && i < job->n; i++)
		r = job_commands(run->c->arena, &job->texts[i], note_vars, run);
	for (size_t i = 0; r == 0 && i < job->n; i++)
		r = job_commands(run->c->arena, &job->texts[i], each_command, run);
	if (r == 0 && !run->found && looks_like_backup(job)) {
		struct backup b = backup_new("script", "scheduled");

		b.file = job->texts[0].file;
		b.line = job->texts[0].line;
		r = emit(run, &b);
	}
	return r;
}

int backup_jobs(struct collect *c, const struct units *u, backup_fn *fn, void *user)
{
	struct run *run = arena_new(c->arena, struct run);

	if (!run)
		return -ENOMEM;
	run->c = c;
	run->fn = fn;
	run->user = user;
	return jobs_each(c, u, each_job, run);
}
