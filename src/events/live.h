/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * live: events as they happen, of log files, the journal, the audit system and syslog sockets.
 *
 * For a process without file system and privileges: it opens nothing. A file's path is a name only;
 * where a file has to be opened (again) the options' `open` is called, which in the daemon is a
 * request to the privileged parent (live_door.h serves it) and answers with a descriptor.
 *
 *   live_new(); live_add() …; [live_restore()]; for (;;) { poll(live_fd()); live_run_once(); }
 *
 * Lines go through the decoders of decoder.h, so that a log gives the same events as in `hunt`; of
 * several sources that have lines waiting the oldest comes first. Lines that are in two sources
 * (journal and auth.log) give one event.
 *
 * Cursor: live_save() after what live_run_once() told was acted on. A restart from it reads each
 * line exactly once where the process ended between the two; what was told and not yet saved is told
 * again (at least once): actions must be idempotent, as a ban is. Nothing is left out, also where
 * files were rotated meanwhile, as long as they are still there unpacked.
 *
 * System calls: preadv, pread64, newfstatat (of descriptors), statx (the same), lseek, fcntl, read,
 * close, mmap, munmap, mremap, brk, epoll_wait, epoll_ctl, timerfd_settime, inotify_rm_watch,
 * recvmsg, recvfrom, accept4, clock_gettime; before live_run_once() also epoll_create1,
 * timerfd_create, getrandom.
 */
#ifndef HF_EVENTS_LIVE_H
#define HF_EVENTS_LIVE_H

#include "base/buf.h"
#include "events/reader.h"

#define LIVE_SOURCES_MAX 256U
#define LIVE_PEERS_MAX 256U          /* connections to one LIVE_STREAM, the oldest goes first */
#define LIVE_MESSAGE_MAX (64U << 10) /* of a socket; longer ones are cut and counted */
#define LIVE_JOURNAL_FILES 250U      /* the newest ones */
#define LIVE_OLDER_MAX 64U           /* rotated files that are looked at for the right one */

struct live;

enum live_kind {
	LIVE_FILE,     /* a file of lines, maybe not there yet */
	LIVE_JOURNAL,  /* all journal files of a directory and those below it */
	LIVE_AUDIT,    /* a NETLINK_AUDIT socket that joined AUDIT_NLGRP_READLOG */
	LIVE_DATAGRAM, /* a bound UDP or UNIX socket, a message a datagram */
	LIVE_STREAM,   /* a listening TCP or UNIX socket, RFC 6587 framing or lines */
};

struct live_source {
	enum live_kind kind;
	const char *name; /* of LIVE_FILE and LIVE_JOURNAL the path; identifies it in the cursor */
	int fd;           /* of a socket, which live closes; else -1 */
	const struct decoder *format; /* NULL: by the first lines; of a socket by each message */
};

/* What live_open_fn is asked for. */
enum live_want {
	LIVE_CURRENT, /* the file of that name; of a journal the k-th file, newest first */
	LIVE_OLDER,   /* the k-th rotated file beside it, the one that was changed last first */
};

struct live_opened {
	int fd;    /* becomes the caller's */
	int watch; /* of inotify, of the file; -1: none, it is polled */
	/* Of its directory and of the one that a link leads to; given on failure, too; or -1 */
	int folder, target;
};

/*
 * 0; -ENOENT: not there; -EISDIR, -EINVAL: a directory, a FIFO, socket or device; -ELOOP: a link of
 * another user than the file's; -EACCES and others. *ret may be filled on failure (folder).
 */
typedef int live_open_fn(void *user, uint32_t source, enum live_want want, uint32_t k,
			 struct live_opened *ret);

struct live_options {
	const struct names *names;           /* fixed from now on */
	const struct reader_filter *filters; /* in the order of decoders[]; NULL: every line */
	const struct zone *zone;             /* of times that do not name theirs; NULL: UTC */
	int inotify;                         /* live closes it; -1: files are polled */
	/* Of a source that the cursor does not know: older lines are left out. INT64_MIN: none. */
	int64_t since;      /* microseconds */
	int64_t late_after; /* microseconds; 0: 10 s. See live_late() */
	live_open_fn *open;
	void *user; /* of open */
};

[[nodiscard]] int live_new(const struct live_options *o, struct live **ret);
void live_release(struct live **l);

/*
 * Numbers sources from 0, which is struct event's `file` and what `open` is given. The name is
 * copied. Files are opened by the first live_run_once(). -E2BIG, -ENOMEM, -EINVAL; the descriptor is
 * live's in any case.
 */
[[nodiscard]] int live_add(struct live *l, const struct live_source *s, uint32_t *ret);

/* An epoll descriptor: readable when live_run_once() has something to do. */
int live_fd(const struct live *l);

/*
 * Tells what is there, a limited amount (about 1 MiB of lines), without waiting. 1: there is more,
 * call again; 0: wait for live_fd(); what emit returned, which must be <= 0; -ENOMEM.
 */
[[nodiscard]] int live_run_once(struct live *l, event_fn *emit, void *user);

/* Within emit: whether the event at hand was more than late_after old when it was read. */
bool live_late(const struct live *l);

/* Adds the position of all sources to b; compact, at most about 1 KiB a source. */
[[nodiscard]] int live_save(const struct live *l, struct buf *b);
/*
 * After live_add(), before the first live_run_once(). Sources that are not added (any more) are passed
 * over. -EBADMSG: it is damaged, nothing was restored; *d says why.
 */
[[nodiscard]] int live_restore(struct live *l, struct str bytes, struct diag *d);

struct live_status {
	const char *name;
	enum live_kind kind;
	const struct decoder *decoder; /* NULL: not known yet */
	bool open;                     /* there is something to read from */
	bool polled;                   /* no inotify: looked at once a second */
	const char *problem;           /* what is wrong at the moment; NULL: nothing */
	int error;                     /* -errno behind it, or 0 */
	/* Since the cursor was new: they survive restarts. */
	uint64_t lines, events, skipped, copies;
	uint64_t late;      /* events */
	uint64_t cut;       /* lines or messages that were too long */
	uint64_t dropped;   /* by the kernel, before they could be read, where it says so */
	uint64_t rotations; /* files that were replaced */
	uint64_t truncations;
	uint64_t gaps;   /* times that the rest of a file was gone before it was read */
	uint64_t behind; /* bytes of files that wait */
	int64_t last;    /* time of the latest event, EVENT_TIME_UNKNOWN */
};
size_t live_count(const struct live *l);
void live_status(const struct live *l, uint32_t source, struct live_status *ret);

/*
 * Tells what decoders hold back (parts of an audit event that wait for others) and what stands
 * behind the last newline: for the end of a program that reads a file once, not of a daemon.
 */
[[nodiscard]] int live_finish(struct live *l, event_fn *emit, void *user);

#endif
