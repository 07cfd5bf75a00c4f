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

struct judge {
	struct judge_setup setup;
	struct judge_counts counts;
	struct judge_waiting waiting[JUDGE_WAITING_MAX];
	int64_t lines_at;  /* monotonic */
	uint64_t lines;    /* thousandths that may be written */
	uint64_t left_out; /* since the last line */
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

#endif
