/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Imports: a confined process reads, this one judges what it hands out and puts it in its place. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/sandbox.h"
#include "vuln/archive_lib.h"
#include "vuln/feeds_work.h"

struct import {
	struct feeds *f;
	const struct feed_import *how;
	const char *path;
	feed_told_fn *told;
	void *user;
	struct diag *d;
	int source, out;            /* of what is read; of what comes out of it (a memfd) */
	struct feed_result *result; /* shared with the process that reads */
	bool is_folder;
	struct str parts; /* of `out`, mapped */
};

static void import_release(struct import *x)
{
	close_fd(&x->source);
	close_fd(&x->out);
	if (x->result)
		munmap(x->result, sizeof *x->result);
	if (x->parts.len)
		munmap((void *)x->parts.ptr, x->parts.len);
}

static _Noreturn void read_confined(struct import *x, pid_t parent)
{
	const struct sandbox_path readable = { x->source, SANDBOX_READ };
	struct sandbox_state state;
	struct feed_read *read = x->how->read;
	int r;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(3);
	setrlimit(RLIMIT_CORE, &(struct rlimit){});
	/* From inside of the sandbox it could not be loaded; who needs it says that it is not there. */
	(void)archive_lib(&(struct diag){});
	r = sandbox_enter(SANDBOX_COLLECT, &readable, 1, &state);
	if (r < 0)
		diag_set(&x->result->d, r, x->path, 0, "cannot be read confined");
	else
		r = feeds_read(x->how, x->path, x->is_folder, x->out, &x->result->d);
	x->result->error = r;
	x->result->documents = read->documents;
	x->result->broken = read->broken;
	x->result->first_broken = read->first_broken;
	_exit(0);
}

/* What comes from there is text of somebody else's choice. */
static void take_diag(struct diag *to, const struct diag *from)
{
	struct diag d = *from;

	d.file[sizeof d.file - 1] = d.reason[sizeof d.reason - 1] = 0;
	text_safe(str_of(d.file), to->file, sizeof to->file);
	text_safe(str_of(d.reason), to->reason, sizeof to->reason);
	to->line = d.line;
	to->column = d.column;
}

static int run(struct import *x)
{
	struct feed_read *read = x->how->read;
	pid_t parent = getpid(), pid = fork();
	int status = 0;

	if (pid < 0)
		return -errno;
	if (!pid)
		read_confined(x, parent);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFSIGNALED(status))
		return diag_set(x->d, -EBADMSG, x->path, 0,
				"what reads it was ended by signal %d (%s)", WTERMSIG(status),
				strsignal(WTERMSIG(status)));
	if (x->result->error < 0) {
		take_diag(x->d, &x->result->d);
		return MAX(x->result->error, -4095);
	}
	read->documents = x->result->documents;
	read->broken = x->result->broken;
	take_diag(&read->first_broken, &x->result->first_broken);
	return 0;
}

/* A feed that suddenly says little is rather broken than right. */
static int compare_old(struct import *x, const struct index_source *new)
{
	char name[FEED_NAME_MAX];
	struct index_source source;
	struct index old;
	int r;

	snprintf(name, sizeof name, "%.*s", STR_FMT(new->name));
	r = feeds_open_part(x->f, name, &old, NULL);
	/* One that is broken is no reason to keep it. */
	if (r < 0)
		return 0;
	r = index_source(&old, 0, &source);
	if (r > 0 && source.records / 2 > new->records && !x->how->force)
		r = diag_set(
			x->d, -ERANGE, "", 0,
			"%s has %llu records, where the one before has %llu: the old one stays "
			"(--force)",
			name, (unsigned long long)new->records, (unsigned long long)source.records);
	index_release(&old);
	return MIN(r, 0);
}

/* Whether a part may have that name: those of a feed with a name begin with it. */
static bool is_allowed(const struct import *x, const struct feed_record *r, struct str name)
{
	struct str wanted = str_of(x->how->name);

	const char *format = x->how->read->format;

	if (!feed_name_ok(name))
		return false;
	if (r->ready)
		return !format || !strcmp(format, "index");
	return !wanted.len || str_eq(name, wanted) ||
	       (str_starts(name, wanted) && name.ptr[wanted.len] == '-');
}

static int take_part(struct import *x, const struct feed_record *record, struct str bytes)
{
	struct str name = { record->name, strnlen(record->name, sizeof record->name) };
	struct index_source s = {};
	struct index part;
	int r = index_read(bytes, &part, x->d);

	if (r == 0)
		r = index_check(&part, x->d);
	if (r == 0 && (index_source(&part, 0, &s) <= 0 || !str_eq(s.name, name) ||
		       !is_allowed(x, record, name)))
		r = diag_set(x->d, -EBADMSG, x->path, 0, "a part that is not what it says");
	if (r == 0 && !record->ready)
		r = compare_old(x, &s);
	if (r == 0)
		r = feeds_put_part(x->f, name, bytes, x->d);
	if (r == 0 && x->told)
		x->told(x->user, &s);
	return r;
}

static int take_parts(struct import *x)
{
	struct str rest;
	struct stat st;
	void *map;

	if (fstat(x->out, &st) < 0)
		return -errno;
	if (!st.st_size)
		return 0;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, x->out, 0);
	if (map == MAP_FAILED)
		return -errno;
	x->parts = rest = (struct str){ map, (size_t)st.st_size };
	while (rest.len) {
		struct feed_record record;
		int r;

		if (rest.len < sizeof record)
			return -EBADMSG;
		memcpy(&record, rest.ptr, sizeof record);
		rest = str_sub(rest, sizeof record, rest.len);
		if (record.len > rest.len)
			return -EBADMSG;
		r = take_part(x, &record, str_sub(rest, 0, (size_t)record.len));
		if (r < 0)
			return r;
		rest = str_sub(rest, (size_t)record.len, rest.len);
	}
	return 0;
}

static int prepare(struct import *x)
{
	struct stat st;
	void *shared;

	x->source = open(x->path, O_PATH | O_CLOEXEC);
	if (x->source < 0 || fstat(x->source, &st) < 0)
		return -errno;
	x->is_folder = S_ISDIR(st.st_mode);
	x->out = memfd_create("parts", MFD_CLOEXEC);
	if (x->out < 0)
		return -errno;
	shared = mmap(NULL, sizeof *x->result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	x->result = shared;
	return 0;
}

int feeds_import(struct feeds *f, const struct feed_import *how, const char *path, feed_told_fn *fn,
		 void *user, struct diag *d)
{
	own(import_release) struct import x = { .f = f,
						.how = how,
						.path = path,
						.told = fn,
						.user = user,
						.d = d,
						.source = -1,
						.out = -1 };
	int r = prepare(&x);

	if (r == 0)
		r = x.result ? run(&x) : -ENOMEM;
	if (r == 0)
		r = take_parts(&x);
	if (r < 0 && !d->reason[0])
		diag_set(d, r, path, 0, "%s", strerror(-r));
	return r;
}
