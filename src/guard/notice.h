/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notice: an alert as whoever is told of it gets it, and its formats.
 *
 * Every text of it may be an attacker's: each format escapes what would end a field, forge a line or
 * steer a terminal. Formats are cut at NOTICE_TEXT_MAX a field.
 */
#ifndef HF_GUARD_NOTICE_H
#define HF_GUARD_NOTICE_H

#include "base/buf.h"

#define NOTICE_EVIDENCE 8u            /* lines */
#define NOTICE_TEXT_MAX 2'048u        /* bytes of a field that are told */
#define NOTICE_MAX ((size_t)64 << 10) /* bytes of a notice in any format */

struct notice {
	uint64_t id;         /* unique on this machine: whoever gets it twice can tell */
	uint8_t level;       /* enum rule_level */
	bool late;           /* it happened while nobody looked */
	int64_t time;        /* of the event that completed it; microseconds since 1970 */
	int64_t first, last; /* of what is counted */
	uint64_t count;      /* events */
	uint64_t more;       /* like notices that were folded into it */
	/* borrowed; empty: not known */
	struct str host;        /* this machine */
	struct str rule, title; /* the rule's name and what it says */
	struct str rule_id;
	struct str tags;    /* blank-separated: attack.t1110.001 attack.credential-access … */
	struct str from;    /* address or network of whom it is about */
	struct str account; /* of this machine */
	struct str source;  /* file, journal … */
	struct str done;    /* what was done: "banned for 10 minutes" */
	struct str advice;  /* what to do */
	struct str evidence[NOTICE_EVIDENCE];
	size_t n_evidence;
};

enum notice_format {
	NOTICE_TEXT,  /* a line for a terminal, without its newline */
	NOTICE_JSON,  /* a line of JSON; ASCII */
	NOTICE_OCSF,  /* OCSF 1.4.0, Detection Finding (class 2004), a line of JSON */
	NOTICE_CEF,   /* "CEF:0|…" in a message of RFC 5424, without framing */
	NOTICE_SLACK, /* text for an incoming webhook, several of which make one message */
	NOTICE_TEAMS, /* the same as a block of an Adaptive Card */
	NOTICE_MAIL,  /* a paragraph of plain text, UTF-8 */
	NOTICE_FORMATS
};
const char *notice_format_name(enum notice_format f);
int notice_format_find(struct str name); /* -1 */

/* Adds it to b: -ENOMEM, -EFBIG where b's limit is too small. */
[[nodiscard]] int notice_put(const struct notice *n, enum notice_format f, struct buf *b);

/* Next technique ("T1110.001") of the tags, as slices that ret is made of; false: no more. */
bool notice_technique(struct str *tags, char ret[static 16]);
/* The rest of a tag "attack.credential-access": "credential-access". */
bool notice_tactic(struct str *tags, struct str *ret);

/* A quoted JSON string, ASCII: what is no UTF-8 becomes U+FFFD. */
void notice_json_put(struct buf *b, struct str s);
/* "2026-11-22T10:00:00.123456Z" */
void time_put(struct buf *b, int64_t micros);
/* Control characters, bidirectional ones and what is no UTF-8 become \xNN and \u{NNNN}. */
void safe_put(struct buf *b, struct str s);

#endif
