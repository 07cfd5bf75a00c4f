/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alert: what the decoder found, as it goes to the parent and on to whoever tells people. */
#ifndef HF_GUARD_ALERT_H
#define HF_GUARD_ALERT_H

#include "action/prefix.h"
#include "guard/message.h"

#define ALERT_TEXT_MAX 256u
#define ALERT_EVIDENCE_MAX 2'048u
#define ALERT_LINES 4u      /* before the deciding one */
#define ALERT_LINE_MAX 256u /* bytes of one of these */

struct guard_alert {
	uint8_t level; /* enum rule_level */
	bool ban;      /* a BAN or LIMIT for it was sent just before */
	bool late;     /* it happened before it could be read at once */
	bool has_from;
	struct prefix from;  /* whom it is about */
	int64_t time;        /* of the event that completed it; microseconds */
	int64_t first, last; /* of what is counted */
	uint64_t count;
	/* borrowed */
	struct str rule, id, title, tags /* blank-separated */, account, source, evidence;
	struct str lines[ALERT_LINES]; /* of the window, before `evidence`; the latest first */
	size_t n_lines;
};

/* What the parent did about it. */
enum alert_done {
	DONE_NOTHING, /* it is to be told only */
	DONE_BANNED,
	DONE_WOULD_BAN, /* mode observe */
	DONE_ALREADY,   /* banned before */
	DONE_ALLOWED,   /* not banned: on the allow list */
	DONE_SESSION,   /* not banned: somebody is logged in from there */
	DONE_LOCAL,     /* not banned: loopback and its like */
	DONE_FAILED,    /* the kernel refused */
	DONE_OLD,       /* not banned: it happened too long ago */
	/* of a flood; `times` is packets a second */
	DONE_LIMITED,
	DONE_CUT,
	DONE_WOULD_LIMIT, /* mode observe */
	DONE_WOULD_CUT,
	DONE_SPARED,    /* the root's cgroup or the daemon's own: it holds others, too */
	DONE_UNLIMITED, /* the kernel refused */
	DONE_N
};
const char *alert_done_text(enum alert_done d);

struct alert_deed {
	enum alert_done done;
	uint32_t seconds, times;
};

/* Texts are cut to fit. */
void alert_put(struct message_out *o, const struct guard_alert *a);
/* false: it is none. */
bool alert_take(struct message *m, struct guard_alert *ret);

void message_put_prefix(struct message_out *o, const struct prefix *p);
/* m->bad where it is none. */
struct prefix message_prefix(struct message *m);

#endif
