/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of live sources share. */
#ifndef HF_EVENTS_LIVE_WORK_H
#define HF_EVENTS_LIVE_WORK_H

#include <sys/types.h>

#include "events/live.h"
#include "events/passage.h"

#define LIVE_BUFFER ((size_t)256 << 10) /* read at a time */
#define LIVE_BUDGET ((size_t)1 << 20)   /* told at a time */
#define LIVE_HEAD ((size_t)64 << 10)    /* by which a format is recognised */
#define LIVE_HOUR INT64_C(3600'000'000)

/* Lines on their way from a source to its decoder. */
struct feed {
	struct live *live;
	struct live_source_state *source;
	const struct decoder *decoder; /* NULL: not known yet */
	void *state;                   /* owned */
	int64_t since;                 /* when the state was made */
	struct decode_context x;
	/* [context, from) was told, [from, to) are whole lines to tell, [to, end) is not whole */
	char *buf; /* owned */
	size_t cap, context, from, to, end;
	uint64_t line; /* number of the one at from */
	int64_t next;  /* time there; INT64_MIN: not known */
	bool timed;    /* next was worked out */
	bool skipping; /* in a line that is too long */
	bool refused;  /* of no known format */
	int64_t held;  /* the decoder may hold something back since then; 0: no */
};

#define TAIL_MARK 64U
#define TAIL_HEAD 256U
#define TAILS_MAX 8U
/* By what a file is known again: its place on the disk, its first bytes and those before `at`. */
struct tail_mark {
	uint64_t dev, ino, at, line;
	uint64_t head_hash, mark_hash;
	uint16_t head_len;
	uint8_t mark_len;
	bool skipping;
};
/* A file that is read; of several the oldest comes first. */
struct tail {
	int fd, watch;
	struct tail_mark m; /* at: the next byte to read */
	char mark[TAIL_MARK];
	uint64_t born;
	bool complete; /* nothing is added any more */
	bool holes;    /* it was truncated: what comes may stand behind a hole */
	uint64_t size; /* at the last look */
	int64_t grew;  /* monotonic time of the last change */
};
/* Files that were read to their end and closed: not new, though their names may be. */
#define KNOWN_MAX 8U
struct known_file {
	uint64_t ino, born; /* nanoseconds since 1970; 0: the file system does not say */
};
struct follow {
	struct known_file known[KNOWN_MAX];
	uint8_t n_known; /* all that ever were, the ring's next place */
	struct tail tail[TAILS_MAX];
	unsigned changes;  /* of the list */
	size_t n, reading; /* reading: the one that the feed's bytes are of */
	int folder, target;
	bool found;                        /* the first look was taken */
	int64_t looked;                    /* files that came into being before were looked at */
	int64_t looking;                   /* the same, once all that is open was read; 0: no */
	struct tail_mark saved[TAILS_MAX]; /* of the cursor, until found */
	size_t n_saved;
};

struct live_journal;
struct live_socket;

#define LIVE_FEEDS 3U
struct live_source_state {
	struct live *live;
	uint32_t index;
	enum live_kind kind;
	char *name;      /* owned */
	struct str base; /* of name */
	const struct decoder *format;
	struct feed feed[LIVE_FEEDS]; /* of sockets: syslog, Windows XML, JSON; else the first */
	struct live_status status;
	bool ready;                   /* there may be something to read */
	bool reopen;                  /* its name may mean another file */
	bool restored;                /* by the cursor */
	bool flushed;                 /* the decoder held nothing back then */
	struct follow follow;         /* LIVE_FILE */
	struct live_journal *journal; /* LIVE_JOURNAL, owned */
	struct live_socket *socket;   /* the others, owned */
};

struct live {
	struct live_options o;
	struct prefilter *filter[16]; /* one a decoder; NULL: every line */
	bool nothing[16];             /* one a decoder: no line is asked for */
	struct live_source_state **sources;
	size_t n;
	int epoll, timer;
	int64_t armed;         /* period of the timer in microseconds; 0: off */
	int64_t ticked;        /* monotonic time of the last look at everything */
	struct copies *copies; /* NULL: never needed */
	uint64_t seed[2];      /* of hashes in the cursor */
	bool late;
	bool started;
};

int64_t live_wall(void);      /* microseconds since 1970 */
int64_t live_monotonic(void); /* microseconds, coarse enough to be cheap */
void live_trouble(struct live_source_state *s, int error, const char *problem);

/* live_feed.c */
void feed_release(struct feed *f);
/* Room for at least n more bytes. -ENOMEM. */
[[nodiscard]] int feed_room(struct feed *f, size_t n);
/* n bytes were put at buf + end. */
void feed_added(struct feed *f, size_t n);
/* What is not a whole line becomes one. -ENOMEM. */
[[nodiscard]] int feed_end_line(struct feed *f);
/* Forgets what is not a whole line; returns its length. */
size_t feed_drop_rest(struct feed *f);
[[nodiscard]] int feed_start(struct feed *f, const struct decoder *d);
/* Lines that the decoder saw before, so that it understands what follows. */
[[nodiscard]] int feed_context(struct feed *f, struct str text);
/* What of those the decoder holds back is forgotten. */
[[nodiscard]] int feed_forget(struct feed *f);
/* There are lines that can be told; looks for their format where it is not known. */
[[nodiscard]] int feed_ready(struct feed *f, bool *ret);
int64_t feed_time(struct feed *f);
/* Tells lines up to that time. 0, what emit returned, -ENOMEM. */
[[nodiscard]] int feed_tell(struct feed *f, int64_t until, event_fn *emit, void *user);
/* Tells what the decoder holds back. */
[[nodiscard]] int feed_flush(struct feed *f, event_fn *emit, void *user);

/* live_file.c, live_find.c */
void follow_release(struct live_source_state *s);
/* Reads what is there into the feed. -ENOMEM. */
[[nodiscard]] int follow_fill(struct live_source_state *s);
/* Looks what the name means now. -ENOMEM. */
[[nodiscard]] int follow_open(struct live_source_state *s);
/* After a tick: files that are not needed any more are closed. -ENOMEM. */
[[nodiscard]] int follow_tick(struct live_source_state *s);
bool follow_watches(const struct live_source_state *s, int watch);
/* Whether it must be looked at now and then. */
bool follow_restless(const struct live_source_state *s);
void tail_push(struct live_source_state *s, int fd, int watch, size_t at);
/* Bytes that are there and were not told. */
uint64_t follow_behind(const struct live_source_state *s);
[[nodiscard]] int tail_read(struct live_source_state *s, size_t i, bool *ret_more);
uint64_t tail_born(int fd);
/* The kernel's tick, by which files have their times; microseconds. */
int64_t live_tick(void);
void tail_close(struct live_source_state *s, size_t i);
uint64_t tail_hash(const struct live *l, const void *p, size_t n);
void tail_head(const struct live *l, struct tail *t);
/* Where the tail stands in terms of what was told. */
struct tail_mark tail_position(const struct live_source_state *s, size_t i);
void find_rotated(struct live_source_state *s, int fd, int watch);
[[nodiscard]] int find_saved(struct live_source_state *s, int fd, int watch);
/*
 * The unread rest of a file that was copied and truncated becomes a tail before tail i. seen: what
 * was read of it, where the bytes of its mark end.
 */
[[nodiscard]] int find_copy(struct live_source_state *s, size_t i, const struct tail_mark *m,
			    uint64_t seen);
void find_copies(struct live_source_state *s);
/* Puts the decoder in the state that it has at t->at; lines since the options' time only. */
[[nodiscard]] int find_begin(struct live_source_state *s, struct tail *t);

/* live_journal.c */
[[nodiscard]] int live_journal_new(struct live_source_state *s);
void live_journal_release(struct live_journal **j);
[[nodiscard]] int live_journal_open(struct live_source_state *s);
[[nodiscard]] int live_journal_fill(struct live_source_state *s);
bool live_journal_watches(const struct live_source_state *s, int watch);
/* Microseconds until it is to be looked at again; 0: only when told so. */
int64_t live_journal_period(struct live_source_state *s);
[[nodiscard]] int live_journal_save(const struct live_source_state *s, struct buf *b);
[[nodiscard]] int live_journal_restore(struct live_source_state *s, struct str cursor,
				       uint64_t skip);

/* live_socket.c */
[[nodiscard]] int live_socket_new(struct live_source_state *s, int fd);
void live_socket_release(struct live_source_state *s);
/* peer: 0 the socket itself, else a connection. */
void live_socket_ready(struct live_source_state *s, uint32_t peer);
[[nodiscard]] int live_socket_fill(struct live_source_state *s);
/* live_audit.c: the line of auditd's log for a message. -EBADMSG: it is none. */
[[nodiscard]] int audit_line(const void *message, size_t n, struct buf *ret);

#endif
