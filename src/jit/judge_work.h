/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge_work: what the files of the judge share. */
#ifndef HF_JIT_JUDGE_WORK_H
#define HF_JIT_JUDGE_WORK_H

#include "jit/judge.h"

/* A request that waits; its texts are here. */
struct judge_waiting {
	bool used;
	int64_t until; /* monotonic */
	struct knock knock;
	struct jit_decision decision;
	char account[KNOCK_ACCOUNT_MAX], reason[KNOCK_REASON_MAX];
	char key[SSH_FINGERPRINT_LEN];
};

/* Datagrams of one network that had no line of their own yet. */
enum judge_drop_why {
	JUDGE_DROP_SIZE,
	JUDGE_DROP_MARK,
	JUDGE_DROP_PREFIX, /* over the budget of the prefix */
	JUDGE_DROP_TOTAL,
};
struct judge_drop {
	net_addr prefix;
	uint64_t n;
	enum judge_drop_why why;
	bool used;
};
#define JUDGE_DROP_SETS 8U
struct judge_drops {
	struct judge_drop list[JUDGE_DROP_SETS][JUDGE_DROPS / JUDGE_DROP_SETS];
	uint64_t others;     /* that found no place there */
	int64_t at, told_at; /* monotonic */
	uint64_t tokens;     /* thousandths of lines */
};

struct judge {
	struct judge_setup setup;
	struct judge_counts counts;
	struct judge_waiting waiting[JUDGE_WAITING_MAX];
	int64_t lines_at;  /* monotonic */
	uint64_t lines;    /* thousandths that may be written */
	uint64_t left_out; /* since the last line */
	struct judge_drops drops;
};

/* One datagram on its way. */
struct judge_case {
	struct judge *judge;
	struct judgement *ret;
	net_addr from;
	int64_t now, monotonic;
	bool trusted; /* its keys may speak for the account */
	bool seconded;
};

/* One line of the audit log. */
[[nodiscard]] int judge_tell(struct judge_case *c);
/* One that is not opened: a line, or one more to count. */
void judge_drop(struct judge_case *c, enum judge_drop_why why);

#endif
