/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/stream.h"

#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backup/state.h"

#define TICK_MS 200
#define MOST ((size_t)1 << 20)
#define ERR_MAX ((size_t)16 << 10)

struct pump {
	struct proc producer;
	const volatile sig_atomic_t *stop; /* the user's */
	volatile sig_atomic_t cancel;      /* ends restic */
	int to;                            /* its standard input */
	struct buf err;
	uint64_t bytes;
	int error, status;
	bool out_open, err_open, ready;
};

static void read_err(struct pump *p)
{
	char chunk[4'096];
	ssize_t n = read(p->producer.err, chunk, sizeof chunk);

	if (n > 0 && p->err.len + (size_t)n < p->err.limit)
		(void)buf_add(&p->err, chunk, (size_t)n);
	if (n == 0 || (n < 0 && errno != EINTR))
		p->err_open = false;
}

static void move(struct pump *p)
{
	ssize_t n = splice(p->producer.out, NULL, p->to, NULL, MOST, SPLICE_F_NONBLOCK);

	p->ready = false;
	if (n > 0)
		p->bytes += (uint64_t)n;
	else if (n == 0)
		p->out_open = false;
	else if (errno != EAGAIN && errno != EINTR) {
		/* EPIPE: restic has ended, and says why. */
		p->error = -errno;
		p->out_open = false;
	}
}

static void turn(struct pump *p)
{
	struct pollfd fds[] = {
		{.fd = p->out_open && !p->ready ? p->producer.out : -1, .events = POLLIN },
		{ .fd = p->err_open ? p->producer.err : -1,             .events = POLLIN },
		{ .fd = p->out_open && p->ready ? p->to : -1,           .events = POLLOUT},
	};

	if (p->stop && *p->stop) {
		p->error = -ECANCELED;
		p->out_open = p->err_open = false;
		return;
	}
	if (poll(fds, COUNT(fds), TICK_MS) <= 0)
		return;
	if (fds[1].revents)
		read_err(p);
	if (fds[2].revents)
		move(p);
	else if (fds[0].revents)
		p->ready = true;
}

static void *work(void *user)
{
	struct pump *p = user;

	while (p->out_open || (p->err_open && !p->error))
		turn(p);
	if (!p->error)
		p->error = proc_wait(&p->producer, &p->status);
	if (p->error || !proc_ok(p->status))
		p->cancel = 1; /* `to` stays open: restic must not take this for the end */
	else
		close_fd(&p->to);
	return NULL;
}

static int read_summary(struct str line, void *user)
{
	struct stream_end *ret = user;
	own(json_drop) json_t *j = json_loadb(line.ptr, line.len, 0, NULL);
	const char *type = json_string_value(json_object_get(j, "message_type"));
	const char *id = json_string_value(json_object_get(j, "snapshot_id"));

	if (type && id && !strcmp(type, "summary"))
		(void)text_safe(str_of(id), ret->snapshot, sizeof ret->snapshot);
	return 0;
}

static int save(struct restic *r, int in, const char *path, struct stream_end *ret)
{
	const char *const args[] = {
		"backup",  "--json",           "--quiet", "--tag", "holdfast,dump",
		"--stdin", "--stdin-filename", path,      NULL
	};
	const struct restic_input io = { .in = in };

	return restic_run(r, args, &io, read_summary, ret, &ret->end);
}

static void judge(const struct pump *p, const char *program, struct stream_end *ret)
{
	struct str err = buf_view(&p->err), line = {};
	char text[300];

	ret->bytes = p->bytes;
	if (p->error == -ECANCELED) {
		ret->end = (struct restic_end){ RESTIC_STOPPED, "interrupted" };
		return;
	}
	if (p->error == -EPIPE && ret->end.trouble != RESTIC_FINE)
		return;
	if (!p->error && proc_ok(p->status))
		return;
	while (!str_trim(line).len && str_line(&err, &line, NULL))
		;
	ret->snapshot[0] = '\0';
	ret->end.trouble = RESTIC_FAILED;
	snprintf(ret->end.message, sizeof ret->end.message,
		 "%s failed: %s; nothing of it was saved", program,
		 text_safe(str_trim(line), text, sizeof text));
}

int stream_save(struct restic *r, const struct proc_spec *producer, const char *path,
		struct stream_end *ret)
{
	own(close_fd) int in = -1;
	struct pump p = {
		.stop = r->stop, .to = -1, .err = BUF(ERR_MAX), .out_open = true, .err_open = true
	};
	const volatile sig_atomic_t *stop = r->stop;
	pthread_t thread;
	int ends[2], e;

	*ret = (struct stream_end){};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	in = ends[0];
	p.to = ends[1];
	e = fcntl(p.to, F_SETFL, O_NONBLOCK) < 0 ? -errno : proc_start(producer, &p.producer);
	if (e < 0) {
		close_fd(&p.to);
		ret->end.trouble = RESTIC_FAILED;
		snprintf(ret->end.message, sizeof ret->end.message, "%s: %s", producer->argv[0],
			 e == -ENOENT ? "is not installed" : strerror(-e));
		return 0;
	}
	e = -pthread_create(&thread, NULL, work, &p);
	if (e == 0) {
		r->stop = &p.cancel;
		e = save(r, in, path, ret);
		r->stop = stop;
		/* Where restic has ended before, writing to it fails. */
		close_fd(&in);
		pthread_join(thread, NULL);
		judge(&p, producer->argv[0], ret);
	}
	proc_release(&p.producer);
	close_fd(&p.to);
	buf_release(&p.err);
	return e;
}

int stream_save_file(struct restic *r, int fd, const char *path, struct stream_end *ret)
{
	struct stat st;

	*ret = (struct stream_end){};
	if (fstat(fd, &st) < 0)
		return -errno;
	ret->bytes = (uint64_t)st.st_size;
	return save(r, fd, path, ret);
}
