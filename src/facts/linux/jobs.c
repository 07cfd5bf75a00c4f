/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/jobs.h"
#include "base/buf.h"
#include "facts/linux/crontab_parse.h"

struct walk {
	struct collect *c;
	const struct units *u;
	job_fn *fn;
	void *user;
};

/* Text that is short enough to be a script; what is not is no problem here: nothing is missing. */
static int read_text(struct walk *w, struct str path, bool script, struct job *job)
{
	const char *name = arena_cstr(w->c->arena, path);
	struct stat st;
	struct str text;
	int r;

	if (!name)
		return -ENOMEM;
	for (size_t i = 0; i < job->n; i++)
		if (str_eq(job->texts[i].file, path))
			return 0;
	if (job->n == JOB_TEXTS_MAX || root_stat(w->c->root, name, &st) < 0 ||
	    !S_ISREG(st.st_mode) || st.st_size > JOB_SCRIPT_MAX)
		return 0;
	r = root_read(w->c->root, name, JOB_SCRIPT_MAX, w->c->arena, &text, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (str_find(text, '\0') >= 0 ||
	    (script && !str_starts(text, STR("#!")) && !str_ends(path, STR(".sh"))))
		return 0;
	job->texts[job->n++] = (struct job_text){ text, str_of(name), 1, st.st_mode & 07777 };
	return 0;
}

struct follower {
	struct walk *w;
	struct job *job;
	bool sourced_only;
};

/* Scripts among the words of a command, and files that it sources. */
static int follow_command(const struct job_command *cmd, void *user)
{
	struct follower *f = user;
	bool sources = str_eq(cmd->program, STR(".")) || str_eq(cmd->program, STR("source"));
	int r = 0;

	if (!sources && f->sourced_only)
		return 0;
	for (size_t i = 0; r == 0 && i < cmd->n; i++) {
		struct str word = cmd->words[i].text;
		ssize_t slash = str_find(word, '/');

		/* ExecStart=-/usr/bin/x */
		if (i == 0 && slash > 0 && slash < 4)
			word = str_sub(word, (size_t)slash, word.len);
		if (word.len && word.ptr[0] == '/')
			r = read_text(f->w, word, !sources, f->job);
	}
	return r;
}

static int follow(struct walk *w, struct job *job)
{
	struct follower f = { w, job, false };
	size_t texts = job->n;
	int r = 0;

	for (size_t i = 0; r == 0 && i < texts; i++)
		r = job_commands(w->c->arena, &job->texts[i], follow_command, &f);
	/* What those scripts source, as that is where settings are. */
	f.sourced_only = true;
	for (size_t i = texts; r == 0 && i < job->n; i++)
		r = job_commands(w->c->arena, &job->texts[i], follow_command, &f);
	return r;
}

static int hand_on(struct walk *w, struct job *job)
{
	struct arena_mark mark = arena_mark(w->c->arena);
	int r = follow(w, job);

	if (r == 0)
		r = w->fn(job, w->user);
	if (r == 0)
		arena_rewind(w->c->arena, mark);
	return MIN(r, 0);
}

static int each_line(struct walk *w, const char *path, bool system)
{
	struct crontab_entry e;
	struct str text;
	struct stat st;
	unsigned line = 0;
	int r = collect_read(w->c, path, &text, &st);

	if (r == 1 && str_find(text, '\0') >= 0)
		collect_problem(w->c, 0, path, "binary data in a crontab");
	while (r == 1 && crontab_next(&text, &line, system, &e)) {
		struct job job = { .kind = JOB_CRON, .schedule = e.schedule, .active = true };
		struct str command = crontab_command(e.command, w->c->arena);
		int h;

		if (!command.ptr)
			return -ENOMEM;
		job.texts[job.n++] =
			(struct job_text){ command, str_of(path), e.line, st.st_mode & 07777 };
		h = hand_on(w, &job);
		if (h < 0)
			return h;
	}
	return MIN(r, 0);
}

static int each_crontab(struct walk *w)
{
	/* /var/spool/cron itself holds crontabs on Red Hat and folders on Debian. */
	static const char *const dirs[] = { "/etc/cron.d", "/var/spool/cron/crontabs",
					    "/var/spool/cron/tabs", "/etc/crontabs",
					    "/var/spool/cron" };
	int r = each_line(w, "/etc/crontab", true);

	for (size_t d = 0; r == 0 && d < COUNT(dirs); d++) {
		struct dir_list names;
		struct stat st;

		r = collect_list(w->c, dirs[d], &names);
		for (size_t i = 0; r == 1 && i < names.n; i++) {
			struct str path =
				arena_fmt(w->c->arena, "%s/%s", dirs[d], names.entries[i].name);

			if (!path.ptr)
				return -ENOMEM;
			if (names.entries[i].name[0] == '.' ||
			    root_stat(w->c->root, path.ptr, &st) < 0 || S_ISDIR(st.st_mode))
				continue;
			r = each_line(w, path.ptr, d == 0);
			r = r < 0 ? r : 1;
		}
		r = MIN(r, 0);
	}
	return r;
}

static int each_periodic_dir(struct walk *w, const char *dir, const char *word)
{
	struct dir_list names;
	int r = collect_list(w->c, dir, &names);

	for (size_t i = 0; r == 1 && i < names.n; i++) {
		struct job job = { .kind = JOB_PERIODIC, .schedule = str_of(word), .active = true };
		struct str path = arena_fmt(w->c->arena, "%s/%s", dir, names.entries[i].name);
		struct stat st;
		int h;

		if (!path.ptr)
			return -ENOMEM;
		if (names.entries[i].name[0] == '.' || root_stat(w->c->root, path.ptr, &st) < 0 ||
		    S_ISDIR(st.st_mode) || !(st.st_mode & 0111))
			continue;
		h = read_text(w, path, false, &job);
		if (h == 0 && job.n)
			h = hand_on(w, &job);
		if (h < 0)
			return h;
	}
	return MIN(r, 0);
}

static int each_periodic(struct walk *w)
{
	static const struct {
		const char *dir, *word;
	} dirs[] = {
		{"/etc/cron.hourly",       "hourly" },
                { "/etc/cron.daily",       "daily"  },
		{ "/etc/cron.weekly",      "weekly" },
                { "/etc/cron.monthly",     "monthly"},
		{ "/etc/periodic/15min",   "15min"  },
                { "/etc/periodic/hourly",  "hourly" },
		{ "/etc/periodic/daily",   "daily"  },
                { "/etc/periodic/weekly",  "weekly" },
		{ "/etc/periodic/monthly", "monthly"},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(dirs); i++)
		r = each_periodic_dir(w, dirs[i].dir, dirs[i].word);
	return r;
}

static struct str timer_schedule(struct arena *a, const struct unit_settings *s)
{
	own(buf_release) struct buf b = BUF(4096);

	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->list[i].section, STR("Timer")) &&
		    str_starts(s->list[i].key, STR("On")) && s->list[i].value.len)
			buf_fmt(&b, "%s%.*s=%.*s", b.len ? "; " : "", STR_FMT(s->list[i].key),
				STR_FMT(s->list[i].value));
	return arena_str(a, buf_view(&b));
}

/* ExecStart= and Environment= of the service stand for the command, EnvironmentFile= is named. */
static int add_service(struct walk *w, const struct unit *service, struct job *job)
{
	struct unit_settings s;
	int r = units_read(w->c, w->u, service, &s);
	struct stat st = {};

	if (r < 0)
		return r;
	(void)root_stat(w->c->root, service->path.ptr, &st);
	for (size_t i = 0; i < s.n && job->n < JOB_TEXTS_MAX - 2; i++) {
		const struct unit_setting *e = &s.list[i];

		if (!str_eq(e->section, STR("Service")) || !e->value.len)
			continue;
		if (str_starts(e->key, STR("ExecStart")) || str_eq(e->key, STR("Environment")))
			job->texts[job->n++] =
				(struct job_text){ e->value, e->file, e->line, st.st_mode & 07777 };
	}
	for (size_t i = 0; i < s.n && r == 0; i++) {
		struct str file = s.list[i].value;

		if (!str_eq(s.list[i].key, STR("EnvironmentFile")))
			continue;
		if (file.len && file.ptr[0] == '-')
			file = str_sub(file, 1, file.len);
		r = read_text(w, file, false, job);
	}
	return r;
}

static int each_timer(struct walk *w)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->u->n; i++) {
		const struct unit *timer = &w->u->list[i], *service;
		struct arena_mark mark = arena_mark(w->c->arena);
		struct job job = { .kind = JOB_TIMER, .unit = timer->name, .active = timer->boot };
		struct unit_settings s;
		struct str name;

		if (timer->kind != UNIT_SYSTEMD || timer->alias_of.len || timer->masked ||
		    !str_eq(unit_type(timer->name), STR("timer")))
			continue;
		r = units_read(w->c, w->u, timer, &s);
		if (r < 0)
			return r;
		name = unit_value(&s, "Timer", "Unit");
		if (!name.len)
			name = arena_cat(w->c->arena, str_sub(timer->name, 0, timer->name.len - 6),
					 STR(".service"), STR(""));
		job.schedule = timer_schedule(w->c->arena, &s);
		if (!name.ptr || !job.schedule.ptr)
			return -ENOMEM;
		service = units_resolve(w->u, units_find(w->u, name));
		if (!service)
			continue;
		r = add_service(w, service, &job);
		if (r < 0)
			return r;
		r = follow(w, &job);
		if (r == 0)
			r = w->fn(&job, w->user);
		if (r == 0)
			arena_rewind(w->c->arena, mark);
		r = MIN(r, 0);
	}
	return r;
}

int jobs_each(struct collect *c, const struct units *u, job_fn *fn, void *user)
{
	struct walk w = { c, u, fn, user };
	int r = each_crontab(&w);

	if (r == 0)
		r = each_periodic(&w);
	return r == 0 ? each_timer(&w) : r;
}
