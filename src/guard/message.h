/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * message: what the processes of the daemon say to each other.
 *
 * One datagram of a SOCK_SEQPACKET pair is one message: its type, then its fields in order, integers
 * in the machine's own byte order, texts with their length before them. A table says who may send
 * what when and how long it is; whoever sends anything else, or bytes that nobody asked for, is
 * ended by the parent (children end themselves).
 */
#ifndef HF_GUARD_MESSAGE_H
#define HF_GUARD_MESSAGE_H

#include "base/buf.h"

#define MESSAGE_MAX ((size_t)192 << 10) /* bytes of one message with its type */
#define MESSAGE_FDS 4u                  /* descriptors that go with one */

enum message_role {
	ROLE_PARENT,
	ROLE_DECODER,
	ROLE_CONTROL,
	ROLE_NET,
	ROLE_SENSOR,
	ROLE_CLOUD,
	ROLE_KNOCK,
	ROLE_KEYS,
	ROLE_COMMAND,
	ROLE_N
};

/* When a message may come; bits. */
enum message_phase {
	PHASE_START = 1 << 0, /* the child has not said that it is ready */
	PHASE_RUN = 1 << 1,
	PHASE_STOP = 1 << 2, /* the child was asked to end */
};

/* clang-format off */
/* name, who may send it, phases, shortest and longest fields, most descriptors */
#define MESSAGES(X)                                                                        \
	/* of every child */                                                               \
	X(READY,      CHILD,   PHASE_START,            0, 0,           0)                  \
	X(PONG,       CHILD,   PHASE_RUN | PHASE_STOP, 0, 0,           0)                  \
	X(PROBLEM,    CHILD,   PHASE_ALL,              4, 2'048,       0)                  \
	/* of the parent to a child */                                                     \
	X(PING,       PARENT,  PHASE_ALL,              0, 0,           0)                  \
	X(STOP,       PARENT,  PHASE_ALL,              0, 0,           0)                  \
	X(FILE,       PARENT,  PHASE_ALL,              16, 16,         1)                  \
	X(PAGE,       PARENT,  PHASE_RUN,              9, MESSAGE_BODY, 0)                 \
	X(NOTICE,     PARENT,  PHASE_RUN,              9, MESSAGE_BODY, 0)                 \
	X(USERS,      PARENT,  PHASE_ALL,              4, MESSAGE_BODY, 0)                 \
	X(BANS,       PARENT,  PHASE_RUN,              5, MESSAGE_BODY, 0)                 \
	/* of the decoder */                                                               \
	X(BAN,        DECODER, PHASE_RUN,              30, 512,        0)                  \
	X(RENEW,      SENSOR,  PHASE_RUN,              0, 0,           0)                  \
	X(ALERT,      FINDER,  PHASE_RUN,              8, 16'384,      0)                  \
	X(LOGIN,      DECODER, PHASE_RUN,              25, 1'024,      0)                  \
	X(HISTORY,    DECODER, PHASE_ALL,              9, MESSAGE_BODY, 0)                 \
	X(OPEN,       DECODER, PHASE_ALL,              9, 9,           0)                  \
	X(COUNTS,     DECODER, PHASE_ALL,              4, MESSAGE_BODY, 0)                 \
	X(LIMIT,      DECODER, PHASE_RUN,              12, 1'024,      0)                  \
	/* of the control child */                                                         \
	X(ASK,        CONTROL, PHASE_RUN,              17, 8'192,      0)                  \
	/* of who takes knocks; of who looks up whose keys count */                        \
	X(RECORD,     KNOCK,   PHASE_RUN,              9, 20'000,      0)                  \
	X(WRITTEN,    PARENT,  PHASE_ALL,              4, 4,           0)                  \
	X(GRANT,      KNOCK,   PHASE_RUN,              48, 2'048,      0)                  \
	X(KNOCKS,     KNOCK,   PHASE_RUN,              88, 88,         0)                  \
	X(DOORS,      PARENT,  PHASE_ALL,              1, 512,         0)                  \
	X(HANDED,     PARENT,  PHASE_ALL,              25, 8'192,      0)                  \
	X(HEARD,      KNOCK,   PHASE_RUN,              9, 512,         0)                  \
	X(LOOKUP,     ASKER,   PHASE_ALL,              30, 8'192,      0)                  \
	X(ACCOUNT,    TELLER,  PHASE_ALL,              12, MESSAGE_BODY, 0)
/* clang-format on */

/* Who may send a message; bits. */
#define FROM_PARENT (1u << ROLE_PARENT)
#define FROM_DECODER (1u << ROLE_DECODER)
#define FROM_CONTROL (1u << ROLE_CONTROL)
#define FROM_SENSOR (1u << ROLE_SENSOR)
#define FROM_FINDER (1u << ROLE_DECODER | 1u << ROLE_SENSOR)
#define FROM_KNOCK (1u << ROLE_KNOCK)
#define FROM_ASKER (1u << ROLE_KNOCK | 1u << ROLE_PARENT)
#define FROM_TELLER (1u << ROLE_KEYS | 1u << ROLE_COMMAND | 1u << ROLE_PARENT)
#define FROM_CHILD                                                                      \
	(1u << ROLE_DECODER | 1u << ROLE_CONTROL | 1u << ROLE_NET | 1u << ROLE_SENSOR | \
	 1u << ROLE_CLOUD | 1u << ROLE_KNOCK | 1u << ROLE_KEYS | 1u << ROLE_COMMAND)

#define MESSAGE_BODY (MESSAGE_MAX - sizeof(uint32_t))
#define PHASE_ALL (PHASE_START | PHASE_RUN | PHASE_STOP)

enum message_type {
	MESSAGE_NONE,
#define MESSAGE_ENUM(name, ...) MESSAGE_##name,
	MESSAGES(MESSAGE_ENUM)
#undef MESSAGE_ENUM
		MESSAGE_N
};

/* A message that came. Take the fields in order, then ask message_end(). */
struct message {
	enum message_type type;
	struct str rest; /* of the buffer that message_receive() filled */
	bool bad;        /* a field was not there */
	int fds[MESSAGE_FDS];
	unsigned n_fds; /* message_release() closes those that were not taken */
};

/* 0 where it is nothing that may be taken for one now; for fuzzing, too. -EBADMSG. */
[[nodiscard]] int message_parse(struct str datagram, unsigned n_fds, enum message_role from,
				enum message_phase phase, struct message *ret);

uint8_t message_u8(struct message *m);
uint32_t message_u32(struct message *m);
uint64_t message_u64(struct message *m);
static inline int64_t message_i64(struct message *m) { return (int64_t)message_u64(m); }
/* Bytes with a length of 4 bytes before them; borrowed from the buffer. */
struct str message_str(struct message *m, size_t max);
/* n bytes as they are. */
void message_bytes(struct message *m, void *to, size_t n);
/* Whether every field was there and nothing is left. */
bool message_end(const struct message *m);
void message_release(struct message *m);

/* A message to send. Zero the struct, begin, put the fields, send. */
struct message_out {
	char bytes[MESSAGE_MAX];
	size_t n;
	bool full; /* did not fit: cannot be sent */
	int fds[MESSAGE_FDS];
	unsigned n_fds; /* borrowed */
};
void message_begin(struct message_out *o, enum message_type type);
void message_put_u8(struct message_out *o, uint8_t v);
void message_put_u32(struct message_out *o, uint32_t v);
void message_put_u64(struct message_out *o, uint64_t v);
static inline void message_put_i64(struct message_out *o, int64_t v)
{
	message_put_u64(o, (uint64_t)v);
}
void message_put_str(struct message_out *o, struct str s);
void message_put_bytes(struct message_out *o, const void *p, size_t n);
void message_put_fd(struct message_out *o, int fd);
/* Bytes that still fit. */
static inline size_t message_room(const struct message_out *o) { return MESSAGE_MAX - o->n; }

/* A pair of sockets, both close-on-exec; [0] does not block. */
[[nodiscard]] int message_pair(int ret[static 2]);
/* -EAGAIN: the socket is full; -EPIPE: nobody is there; -EMSGSIZE: it did not fit. */
[[nodiscard]] int message_send(int fd, const struct message_out *o);
/*
 * Waits for a message where fd blocks. buffer holds MESSAGE_MAX bytes. 1; 0: the other side is
 * gone; -EAGAIN; -EBADMSG: no message for this phase.
 */
[[nodiscard]] int message_receive(int fd, char *buffer, enum message_role from,
				  enum message_phase phase, struct message *ret);

const char *message_name(enum message_type type);
const char *message_role_name(enum message_role role);

#endif
