/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/borg.h"

#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#define OUT_MAX ((size_t)32 << 20)

/* borg writes local time without a zone. */
static int64_t when(const char *iso)
{
	struct tm tm = { .tm_isdst = -1 };

	return iso && strptime(iso, "%Y-%m-%dT%H:%M:%S", &tm) ? (int64_t)mktime(&tm) : 0;
}

int borg_list_parse(struct str text, json_t **ret)
{
	own(json_drop) json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);
	const json_t *archives = json_object_get(root, "archives"), *a;
	json_t *list;
	size_t i;

	if (!json_is_array(archives))
		return -EBADMSG;
	list = json_array();
	json_array_foreach(archives, i, a)
	{
		const char *name = json_string_value(json_object_get(a, "name"));
		const char *id = json_string_value(json_object_get(a, "id"));
		json_t *o = json_pack(
			"{s:o, s:I, s:o, s:[o]}", "id",
			backup_text(str_sub(str_of(id ? id : ""), 0, 8)), "time",
			(json_int_t)when(json_string_value(json_object_get(a, "time"))), "host",
			json_string(""), "paths", backup_text(str_of(name ? name : "")));

		if (o)
			json_array_append_new(list, o);
	}
	*ret = list;
	return 0;
}

static int keep(struct str line, void *user)
{
	(void)buf_str(user, line);
	return buf_putc(user, '\n');
}

/* borg takes what is in the environment of restic for its own: HOME, PATH. */
int borg_list(const struct backup_work *w, json_t **ret, struct restic_end *end, struct diag *d)
{
	own(buf_release) struct buf out = BUF(OUT_MAX), err = BUF(16'384);
	own(restic_release) struct restic r = {};
	const char *const argv[] = { "borg", "--bypass-lock", "list", "--json", NULL };
	const char *env[RESTIC_ENV_MAX + 4];
	struct str repo, pass;
	struct proc_spec spec = { .argv = argv, .env = env, .stop = w->stop, .timeout = 600 };
	char safe[400];
	int status = 0, e = restic_open(w->config, w->repo, &r, d);
	size_t n = 0;

	if (e < 0)
		return e;
	repo = arena_cat(&r.arena, STR("BORG_REPO="), str_of(w->repo->url), STR(""));
	pass = arena_cat(&r.arena, STR("BORG_PASSCOMMAND=/bin/cat "),
			 str_of(w->repo->password_file), STR(""));
	if (!repo.ptr || !pass.ptr)
		return -ENOMEM;
	for (; n < r.n_env; n++)
		env[n] = r.env[n];
	env[n++] = repo.ptr;
	env[n++] = pass.ptr;
	/* Without a terminal it would ask, and wait. */
	env[n++] = "BORG_RELOCATED_REPO_ACCESS_IS_OK=no";
	env[n] = NULL;
	e = proc_run(&spec, keep, &out, &err, &status);
	if (e == 0 && proc_ok(status) && borg_list_parse(buf_view(&out), ret) == 0)
		return 0;
	end->trouble = e == -ENOENT ? RESTIC_MISSING : RESTIC_FAILED;
	snprintf(end->message, sizeof end->message, "borg: %s",
		 e == -ENOENT      ? "is not installed"
		 : e < 0           ? strerror(-e)
		 : proc_ok(status) ? "did not list its archives"
				   : text_safe(str_trim(buf_view(&err)), safe, sizeof safe));
	return 0;
}
