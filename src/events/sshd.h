/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd: what the files that read its messages share. */
#ifndef HF_EVENTS_SSHD_H
#define HF_EVENTS_SSHD_H

#include "events/program.h"

enum sshd_form {
	SSHD_OTHER,
	SSHD_FAILED,
	SSHD_ACCEPTED,
	SSHD_POSTPONED,
	SSHD_PARTIAL,
	SSHD_INVALID_USER,
	SSHD_PAM_ERROR,
	SSHD_PAM_DENIED,
	SSHD_MAX_ATTEMPTS,
	SSHD_TOO_MANY,
	SSHD_CHANGED,
	SSHD_NOT_ALLOWED,
	SSHD_ROOT_REFUSED,
	SSHD_WRONG_HOST,
	SSHD_TIMEOUT,
	SSHD_REFUSED,
	SSHD_DROPPED,
	SSHD_PENALTY,
	SSHD_THROTTLE,
	SSHD_CONNECTION,
	SSHD_LTYPE,
	SSHD_CLOSED,
	SSHD_RESET,
	SSHD_DISCONNECTED,
	SSHD_RECEIVED,
	SSHD_DISCONNECTING,
	SSHD_NO_IDENT,
	SSHD_BAD_IDENT,
	SSHD_BANNER,
	SSHD_KEX,
	SSHD_MAJOR,
	SSHD_SCANNED,
	SSHD_PROBED,
	SSHD_NEGOTIATE,
	SSHD_NO_MATCH,
	SSHD_DISPATCH,
	SSHD_READ_FAILED,
	SSHD_MAPS,
	SSHD_REVERSE,
	SSHD_REVOKED,
	SSHD_CERTIFICATE,
	SSHD_SESSION,
	SSHD_SUBSYSTEM,
	SSHD_LISTENING,
	SSHD_SIGNAL,
	SSHD_N
};
extern const struct message_form sshd_forms[SSHD_N];

/*
 * Messages that most lines of an attack are, by their first words. Those of a connection that was counted
 * before are read without taking them apart, and others where they look as they always do.
 */
enum sshd_shape {
	SSHD_NO_SHAPE,
	SSHD_SHAPE_FAILED,
	SSHD_SHAPE_INVALID,
	SSHD_SHAPE_RECEIVED,
	SSHD_SHAPE_DISCONNECTED,
	SSHD_SHAPE_CLOSED,
	SSHD_SHAPE_RESET,
	SSHD_SHAPES
};
enum sshd_shape sshd_shape(struct str message);
struct str sshd_shape_words(enum sshd_shape shape);

struct sshd_process {
	uint32_t pid, host; /* host: connection_host() */
	int64_t time;
};
enum sshd_quick {
	SSHD_UNREAD, /* sshd_message() must read it, nothing was noted */
	SSHD_IDLE,   /* it makes an event that is idle */
	SSHD_EVENT,  /* it was read: program_tell() */
};
enum sshd_quick sshd_quick(struct program_state *s, enum sshd_shape shape,
			   const struct sshd_process *p, struct str message);

/* One message while it is read. */
struct sshd_line {
	struct program_state *s;
	const struct record *r;
	struct connection *c; /* NULL: no process id */
	struct str text;      /* what follows the words by which the form was found */
	bool preauth;         /* "[preauth]" stood behind it */
	bool error;           /* "error: " or "fatal: " stood in front */
};
/* False: the message is not what its first words promise; nothing was put in. */
typedef bool sshd_fn(struct sshd_line *l, enum sshd_form form);

sshd_fn sshd_authentication, sshd_invalid_user, sshd_pam_error, sshd_pam_denied, sshd_max_attempts,
	sshd_not_allowed, sshd_root_refused, sshd_wrong_host;
sshd_fn sshd_closed, sshd_received, sshd_disconnecting, sshd_timeout, sshd_refused, sshd_dropped,
	sshd_connection, sshd_ltype, sshd_ident, sshd_broken, sshd_negotiate, sshd_reason,
	sshd_address_first, sshd_plain;

static inline void sshd_begin(struct sshd_line *l, enum sshd_form form)
{
	work_begin(&l->s->work, &sshd_forms[form], FORMS_SSHD + form);
	l->s->work.e.idle = l->s->work.forms[FORMS_SSHD + form].idle;
}

/* Whether nobody wants an event of the form that is no attempt. */
static inline bool sshd_idle(const struct sshd_line *l, enum sshd_form form)
{
	const struct form_work *f = &l->s->work.forms[FORMS_SSHD + form];

	return f->ready && f->idle;
}

/* Who is at the other end, as a slice of the message. */
struct peer {
	struct str user, address, port;
	bool invalid, authenticating, named; /* named: the message has a user */
};

/*
 * "NAME from ADDRESS port N[ ssh2]" to its end, read backwards: a name may contain anything.
 * ssh2: the words must be there. *s is cut to NAME.
 */
bool sshd_from(struct str *s, bool ssh2, struct peer *ret);
/*
 * "[authenticating user |invalid user |user ]NAME ADDRESS port N" or without the name, to its
 * end.
 */
bool sshd_remote(struct str s, struct peer *ret);
/* "ADDRESS[ port N]" at the start of *s, which is advanced. */
bool sshd_address(struct str *s, struct peer *ret);

/*
 * Puts in source, port and user; what the line does not say is taken from the connection. An event
 * that is idle is left alone: whether it is an attempt must be known before.
 */
void sshd_put_peer(struct sshd_line *l, const struct peer *p);
void sshd_attempt(struct sshd_line *l, struct str what);
/* Counts the attempt unless this connection has one counted, or has logged in. */
void sshd_attempt_once(struct sshd_line *l, struct str what);

#endif
