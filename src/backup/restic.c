/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/restic.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"

#define SECRET_MAX ((size_t)64 << 10)
#define ERR_MAX ((size_t)64 << 10)
#define ARGS_MAX 4'096U

static int add_env(struct restic *r, struct str name, struct str value)
{
	struct str text = arena_cat(&r->arena, name, STR("="), value);

	if (!text.ptr)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_env; i++)
		if (!strncmp(r->env[i], text.ptr, name.len + 1)) {
			r->env[i] = text.ptr;
			return 0;
		}
	if (r->n_env + 1 >= RESTIC_ENV_MAX)
		return -E2BIG;
	r->env[r->n_env++] = text.ptr;
	return 0;
}

static int add_variable(struct str name, struct str value, void *user)
{
	return add_env(user, name, value);
}

/* Its owner (root or whoever runs this) alone may read it. */
static int check_secret(const char *path, struct diag *d)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return diag_set(d, -errno, path, 0, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(d, -EINVAL, path, 0, "is no regular file");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return diag_set(d, -EACCES, path, 0, "belongs to user %u: chown root it",
				(unsigned)st.st_uid);
	if (st.st_mode & 077)
		return diag_set(d, -EACCES, path, 0, "others may read it (mode %04o): chmod 600 it",
				(unsigned)st.st_mode & 07777);
	return 0;
}

static int read_credentials(struct restic *r, struct diag *d)
{
	struct str text = STR("");
	int e;

	if (!r->repo->credentials)
		return 0;
	e = check_secret(r->repo->credentials, d);
	if (e == 0 && (e = file_read(r->repo->credentials, SECRET_MAX, &r->arena, &text)) < 0)
		diag_set(d, e, r->repo->credentials, 0, "%s", file_error(e));
	if (e < 0)
		return e;
	return restic_credentials_parse(text, r->repo->credentials, add_variable, r, d);
}

static const char *home(void)
{
	const struct passwd *pw = getpwuid(geteuid());

	return pw && pw->pw_dir && pw->pw_dir[0] == '/' ? pw->pw_dir : "/";
}

int restic_open(const struct backup_config *c, const struct backup_repo *repo, struct restic *ret,
		struct diag *d)
{
	own(restic_release) struct restic r = { .config = c,
						.repo = repo,
						.arena = { .limit = (size_t)2 << 20 } };
	const struct {
		const char *name, *value;
	} fixed[] = {
		{"PATH",                  PROC_PATH              },
		{ "LC_ALL",               "C"                    },
		{ "HOME",                 home()                 },
		{ "TMPDIR",               c->scratch             },
		{ "RESTIC_REPOSITORY",    repo->url              },
		{ "RESTIC_PASSWORD_FILE", repo->password_file    },
		{ "RESTIC_CACHE_DIR",     c->cache               },
		{ "RESTIC_PROGRESS_FPS",  "4"                    },
		{ "SSH_AUTH_SOCK",        getenv("SSH_AUTH_SOCK")},
	};
	int e;

	if (access(repo->password_file, F_OK) < 0 && errno == ENOENT)
		return diag_set(
			d, -ENOENT, repo->password_file, 0,
			"there is no pass phrase yet: holdfast backup init makes one; that of a "
			"repository which exists is in its sealed copy (backup unseal)");
	e = check_secret(repo->password_file, d);
	for (size_t i = 0; e == 0 && i < COUNT(fixed); i++)
		if (fixed[i].value)
			e = add_env(&r, str_of(fixed[i].name), str_of(fixed[i].value));
	if (e == 0)
		e = read_credentials(&r, d);
	if (e < 0) {
		diag_set(d, e, repo->name, 0, "%s", strerror(-e));
		return e;
	}
	*ret = take(r);
	return 0;
}

void restic_release(struct restic *r)
{
	arena_release(&r->arena);
	*r = (struct restic){};
}

static int keep_line(struct str line, void *user)
{
	struct buf *b = user;

	if (!b->len)
		(void)buf_str(b, line);
	return 0;
}

static void end_of_error(int error, struct restic_end *ret)
{
	if (error == -ENOENT) {
		*ret = (struct restic_end){ RESTIC_MISSING,
					    "restic is not installed: apt install restic" };
		return;
	}
	ret->trouble = error == -ECANCELED ? RESTIC_STOPPED : RESTIC_FAILED;
	snprintf(ret->message, sizeof ret->message, "restic: %s",
		 error == -ECANCELED ? "interrupted"
		 : error == -ETIME   ? "took too long and was ended"
				     : strerror(-error));
}

void restic_probe(const struct backup_config *c, struct restic_end *ret)
{
	own(buf_release) struct buf out = BUF(4'096), err = BUF(4'096);
	const char *const argv[] = { c->restic, "version", NULL };
	const struct proc_spec spec = { .argv = argv, .timeout = 30 };
	unsigned version, oldest = 0;
	int status = 0, r = proc_run(&spec, keep_line, &out, &err, &status);
	char text[80];

	*ret = (struct restic_end){};
	if (r < 0) {
		end_of_error(r, ret);
		return;
	}
	(void)restic_version_parse(STR("restic " RESTIC_OLDEST " "), &oldest);
	if (!proc_ok(status) || restic_version_parse(buf_view(&out), &version) < 0) {
		ret->trouble = RESTIC_OLD;
		snprintf(ret->message, sizeof ret->message,
			 "%s does not say which version it is: '%s'", c->restic,
			 text_safe(buf_view(&out), text, sizeof text));
	} else if (version < oldest) {
		ret->trouble = RESTIC_OLD;
		snprintf(ret->message, sizeof ret->message,
			 "%s is too old; " RESTIC_OLDEST " or newer is needed",
			 text_safe(buf_view(&out), text, sizeof text));
	}
}

int restic_run(struct restic *r, const char *const args[], const struct restic_input *io,
	       proc_line_fn *fn, void *user, struct restic_end *ret)
{
	own(buf_release) struct buf err = BUF(ERR_MAX);
	const char *argv[ARGS_MAX + 4];
	struct proc_spec spec = { .argv = argv,
				  .env = r->env,
				  .stop = r->stop,
				  .orderly = true,
				  .silent = r->silent,
				  .silent_user = r->silent_user };
	int status = 0, e;
	size_t n = 0;

	*ret = (struct restic_end){};
	argv[n++] = r->config->restic;
	if (r->no_cache)
		argv[n++] = "--no-cache";
	for (size_t i = 0; args[i]; i++) {
		if (n > ARGS_MAX) {
			end_of_error(-E2BIG, ret);
			return 0;
		}
		argv[n++] = args[i];
	}
	argv[n] = NULL;
	r->env[r->n_env] = NULL;
	if (io) {
		spec.in = io->in;
		spec.out = io->out;
	}
	e = proc_run(&spec, fn, user, &err, &status);
	if (e < 0)
		end_of_error(e, ret);
	else
		restic_classify(buf_view(&err), status, ret);
	return 0;
}
