/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands of cron, timers and scripts that make a backup. */
#include "base/buf.h"
#include "facts/linux/backup_run.h"

ssize_t backup_find_var(const struct backup_run *run, struct str name)
{
	for (size_t i = run->n_vars; i-- > 0;)
		if (str_eq(run->vars[i].name, name))
			return (ssize_t)i;
	return -1;
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
static struct str expand(const struct backup_run *run, struct str s)
{
	own(buf_release) struct buf b = BUF(16 << 10);

	if (str_find(s, '$') < 0)
		return s;
	while (s.len) {
		struct str name;
		size_t n = s.ptr[0] == '$' ? reference(s, &name) : 0;
		ssize_t i = n ? backup_find_var(run, name) : -1;

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
	struct backup_run *run = user;

	for (size_t i = 0; i < cmd->n_before && run->n_vars < BACKUP_VARS_MAX; i++) {
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

static int emit(struct backup_run *run, struct backup *b)
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
	struct backup_run *run = user;
	struct backup_args *args;
	int r = 0;

	for (size_t i = 0; i < n_backup_programs; i++) {
		struct backup b = backup_new(backup_programs[i].tool, "scheduled");

		if (!str_eq(cmd->program, str_of(backup_programs[i].program)))
			continue;
		args = arena_new(run->c->arena, struct backup_args);
		if (!args)
			return -ENOMEM;
		for (size_t k = 0; k < cmd->n; k++) {
			args->words[args->n] = expand(run, cmd->words[k].text);
			if (!args->words[args->n++].ptr)
				return -ENOMEM;
		}
		b.file = cmd->file;
		b.line = cmd->line;
		r = backup_programs[i].command(run, args, &b);
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

	/* The name of a crontab says nothing of its lines. */
	for (size_t i = job->kind == JOB_CRON; job->active && i < job->n; i++) {
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
	struct backup_run *run = user;
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
	struct backup_run *run = arena_new(c->arena, struct backup_run);

	if (!run)
		return -ENOMEM;
	run->c = c;
	run->fn = fn;
	run->user = user;
	return jobs_each(c, u, each_job, run);
}
