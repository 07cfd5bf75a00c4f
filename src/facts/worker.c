/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "base/sanitizer.h"
#include "facts/azure/azure.h"
#include "facts/linux/walk.h"
#include "facts/sink.h"
#include "facts/worker.h"

#define BUDGET_MS 5000
#define REASON_MAX 1024

int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t micros(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

unsigned worker_next(const struct worker_context *x, enum collect_group group, unsigned from)
{
	for (unsigned i = from; i < n_collectors; i++)
		if (collectors[i]->group == group && (!x->wanted || x->wanted[i]))
			return i;
	return (unsigned)n_collectors;
}

/* What the collectors of a process share. */
struct shared {
	struct azure_facts *azure;
	struct collect_notes notes;
};

static int run_collector(const struct worker_context *x, struct shared *shared, struct sink *sink,
			 unsigned i)
{
	const struct collector *k = collectors[i];
	own(arena_release) struct arena arena = {};
	struct root_trouble trouble = {};
	struct root root = x->root;
	struct collect c = {
		.root = &root,
		.proc = x->proc.fd >= 0 ? &x->proc : NULL,
		.sys = x->sys.fd >= 0 ? &x->sys : NULL,
		.live = &x->live,
		.azure = shared->azure,
		.inventory = x->inventory,
		.advisories = x->advisories,
		.advisories_error = x->advisories_error,
		.notes = &shared->notes,
		.arena = &arena,
		.now = x->now,
		.table = k->table,
		.facts = k->group == GROUP_DERIVED ? x->store : NULL,
		.sink = sink,
	};
	uint64_t start = micros();
	int r;

	root.trouble = &trouble;
	r = sink_begin(sink, i, collector_row_limit(k));
	if (r < 0)
		return r;
	if (k->needs_live && !c.proc)
		r = collect_not_applicable(&c, "needs a running machine");
	else
		r = k->collect(&c);
	if (r == -ENOSPC && sink->over_budget)
		r = 0;
	/* What a collector could not look at must not pass for absent, even where it does not say. */
	if (trouble.error && !sink->problems)
		collect_problem(&c, trouble.error, trouble.path, "%s",
				collect_error(-trouble.error));
	if (r == -EPIPE)
		return r;
	return sink_end(sink, r, micros() - start);
}

/* A parser that runs away must not take the machine's memory with it. */
static void limit_memory(size_t most)
{
#if !HF_ASAN
	struct rlimit l = { most, most };

	setrlimit(RLIMIT_AS, &l);
#endif
	(void)most;
	setrlimit(RLIMIT_CORE, &(struct rlimit){});
}

/* What it may open: the store and the files of --azure are open already. */
static size_t readable(enum collect_group group, const struct worker_context *x,
		       struct sandbox_path *ret)
{
	const int fds[] = { x->root.fd, x->proc.fd, x->sys.fd };
	size_t n = 0;

	if (group == GROUP_DERIVED || group == GROUP_AZURE)
		return 0;
	for (size_t i = 0; i < COUNT(fds); i++)
		if (fds[i] >= 0)
			ret[n++] = (struct sandbox_path){ fds[i], SANDBOX_READ };
	return n;
}

static _Noreturn void worker_main(const struct worker *w, const struct worker_context *x, int fd)
{
	own(sink_release) struct sink sink = { .fd = fd };
	struct sandbox_path paths[3];
	struct worker_context confined = *x;
	struct sandbox_state state = {};
	bool files = w->group == GROUP_AZURE && x->azure;
	struct azure_facts azure = { .inputs = x->azure };
	struct shared shared = { .azure = files ? &azure : NULL };
	size_t n;
	int r;

	/* If the broker has gone in between, nobody would tell. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != x->broker)
		_exit(3);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_DFL);
	limit_memory(files ? azure_memory(x->azure) : (size_t)1 << 30);
	n = readable(w->group, x, paths);
	walk_progress = x->files;
	r = sandbox_enter(w->group == GROUP_PROCESS ? SANDBOX_PROCESS : SANDBOX_COLLECT, paths, n,
			  &state);
	if (r >= 0 && w->group != GROUP_PROCESS)
		*x->sandbox = state;
	confined.live.sees_all = state.reader;
	for (unsigned i = w->next; r >= 0 && i < n_collectors; i = worker_next(x, w->group, i + 1))
		r = run_collector(&confined, &shared, &sink, i);
	_exit(r < 0 ? 3 : 0);
}

int worker_start(struct worker *w, const struct worker_context *x)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	pid = fork();
	if (pid < 0) {
		int r = -errno;

		close_fd(&fds[0]);
		close_fd(&fds[1]);
		return r;
	}
	if (pid == 0) {
		close(fds[0]);
		worker_main(w, x, fds[1]);
	}
	close(fds[1]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	w->pid = pid;
	w->fd = fds[0];
	w->in.limit = 2 * FRAME_MAX;
	buf_reset(&w->in);
	w->current = -1;
	w->deadline_ms = monotonic_ms() + BUDGET_MS;
	return 0;
}

static int take_begin(struct worker *w, const struct worker_context *x, unsigned table)
{
	const struct collector *k = collectors[table];

	if (w->current >= 0 || table != worker_next(x, w->group, w->next))
		return -EBADMSG;
	w->current = (int)table;
	w->deadline_ms = monotonic_ms() + (k->budget_ms ? k->budget_ms : BUDGET_MS);
	w->rows = w->problems = 0;
	w->bytes = 0;
	return 0;
}

/* Rules in their table are about as long as in their file. */
static size_t bytes_limit(const struct worker *w, const struct worker_context *x)
{
	return MAX(STORE_TABLE_MAX, w->group == GROUP_AZURE && x->azure ? x->azure->bytes : 0);
}

static int take_row(struct worker *w, const struct worker_context *x, struct store *store,
		    const struct frame *f)
{
	w->bytes += f->payload.len;
	if (w->rows++ >= collector_row_limit(collectors[f->table]) || w->bytes > bytes_limit(w, x))
		return -E2BIG;
	return store_row(store, f->table, f->payload);
}

static int take_problem(struct worker *w, struct store *store, const struct frame *f)
{
	struct str payload = f->payload, path, reason;
	uint32_t error;

	if (w->problems++ >= SINK_PROBLEMS_MAX)
		return -E2BIG;
	if (frame_get_u32(&payload, &error) < 0 || error > INT_MAX ||
	    frame_get_text(&payload, &path) < 0 || frame_get_text(&payload, &reason) < 0 ||
	    payload.len)
		return -EBADMSG;
	return store_problem(store, f->table, (int)error, str_sub(path, 0, PATH_MAX),
			     str_sub(reason, 0, REASON_MAX));
}

static int take_end(struct worker *w, struct store *store, const struct frame *f)
{
	struct frame_end end;
	int r = frame_get_end(f->payload, &end);

	if (r < 0)
		return r;
	end.reason = str_sub(end.reason, 0, REASON_MAX);
	w->current = -1;
	w->next = f->table + 1;
	w->done++;
	return store_status(store, f->table, &end);
}

/* Only the collector whose turn it is may speak, and only of its own table. */
static int take_frame(struct worker *w, const struct worker_context *x, struct store *store,
		      const struct frame *f)
{
	if (f->type == FRAME_BEGIN)
		return f->payload.len ? -EBADMSG : take_begin(w, x, f->table);
	if (w->current != (int)f->table)
		return -EBADMSG;
	switch (f->type) {
	case FRAME_ROW: return take_row(w, x, store, f);
	case FRAME_PROBLEM: return take_problem(w, store, f);
	case FRAME_END: return take_end(w, store, f);
	default: return -EBADMSG;
	}
}

static int take_frames(struct worker *w, const struct worker_context *x, struct store *store)
{
	struct str input = buf_view(&w->in);
	struct frame f;
	int r;

	while ((r = frame_next(&input, &f)) == 1) {
		r = take_frame(w, x, store, &f);
		if (r < 0)
			return r;
	}
	memmove(w->in.ptr, input.ptr, input.len);
	w->in.len = input.len;
	return r;
}

int worker_read(struct worker *w, const struct worker_context *x, struct store *store)
{
	char chunk[65536];

	/* The others want to be heard, too. */
	for (int turns = 0; turns < 16; turns++) {
		ssize_t n = read(w->fd, chunk, sizeof chunk);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 1 : -errno;
		if (n == 0)
			return 0;
		r = buf_add(&w->in, chunk, (size_t)n);
		if (r >= 0)
			r = take_frames(w, x, store);
		if (r < 0)
			return r;
		if ((size_t)n < sizeof chunk)
			break;
	}
	return 1;
}

static void describe_end(int status, char *ret, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(ret, size, "its process was ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(ret, size, "its process ended with code %d", WEXITSTATUS(status));
}

int worker_end(struct worker *w, const struct worker_context *x, struct store *store,
	       const char *reason)
{
	char text[128];
	int status = 0, r;

	if (reason)
		kill(w->pid, SIGKILL);
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
	close_fd(&w->fd);
	if (w->next < n_collectors)
		w->next = worker_next(x, w->group, w->next);
	if (w->next >= n_collectors)
		return 0;
	/* It ended before its work did: say why, and leave the rest to a new process. */
	describe_end(status, text, sizeof text);
	r = store_status(store, w->next,
			 &(struct frame_end){ .status = COLLECT_FAILED,
					      .error = reason ? ETIME : EFAULT,
					      .reason = str_of(reason ? reason : text) });
	if (r < 0)
		return r;
	w->done++;
	w->next = worker_next(x, w->group, w->next + 1);
	return w->next < n_collectors;
}

void worker_release(struct worker *w)
{
	if (w->pid > 0) {
		kill(w->pid, SIGKILL);
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (w->fd > 0)
		close_fd(&w->fd);
	buf_release(&w->in);
	*w = (struct worker){ .fd = -1 };
}
