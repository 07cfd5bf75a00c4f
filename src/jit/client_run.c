/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs of OpenSSH, which may talk to who is at the terminal. */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/file.h"
#include "jit/client.h"

#define INPUT_MAX (64U << 10)
#define OUTPUT_MAX ((size_t)1 << 20)

extern char **environ;

struct ends {
	int in[2], out[2]; /* of the program's standard input and output */
};

static void ends_release(struct ends *e)
{
	close_fd(&e->in[0]);
	close_fd(&e->in[1]);
	close_fd(&e->out[0]);
	close_fd(&e->out[1]);
}

static int ends_open(struct ends *e)
{
	int *all[] = { &e->in[0], &e->in[1], &e->out[0], &e->out[1] };

	if (pipe(e->in) < 0 || pipe(e->out) < 0)
		return -errno;
	for (size_t i = 0; i < COUNT(all); i++)
		if (fcntl(*all[i], F_SETFD, FD_CLOEXEC) < 0)
			return -errno;
	return 0;
}

static int spawn(const char *const argv[], const struct ends *e, pid_t *ret)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int r;

	if (posix_spawn_file_actions_init(&files))
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&files);
		return -ENOMEM;
	}
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	r = posix_spawn_file_actions_adddup2(&files, e->in[0], STDIN_FILENO);
	if (!r)
		r = posix_spawn_file_actions_adddup2(&files, e->out[1], STDOUT_FILENO);
	if (!r)
		r = posix_spawnattr_setsigdefault(&attributes, &defaults);
	if (!r)
		r = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	if (!r)
		r = posix_spawnp(ret, argv[0], &files, &attributes, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return -r;
}

static int talk(struct ends *e, pid_t pid, struct str input, struct buf *b)
{
	int status = 0, r;

	close_fd(&e->in[0]);
	close_fd(&e->out[1]);
	/* A program that does not read it is no failure: its status tells. */
	(void)!file_write_all(e->in[1], input);
	close_fd(&e->in[1]);
	r = file_read_rest(e->out[0], b);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (r < 0)
		return r;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

int client_run(const char *const argv[], struct str input, struct arena *a, struct str *ret)
{
	struct ends own(ends_release) e = {
		{-1,  -1},
                { -1, -1}
	};
	struct buf own(buf_release) b = BUF(OUTPUT_MAX);
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;
	struct str out;
	pid_t pid = 0;
	int r;

	if (input.len > INPUT_MAX)
		return -EMSGSIZE;
	r = ends_open(&e);
	if (r == 0)
		r = spawn(argv, &e, &pid);
	if (r < 0)
		return r;
	sigaction(SIGPIPE, &ignore, &before);
	r = talk(&e, pid, input, &b);
	sigaction(SIGPIPE, &before, NULL);
	if (r < 0)
		return r;
	out = arena_str(a, buf_view(&b));
	if (!out.ptr)
		return -ENOMEM;
	*ret = out;
	return 0;
}
