/* SPDX-License-Identifier: GPL-3.0-or-later */
/* knocks_work: what the files share of the process that takes requests. */
#ifndef HF_GUARD_KNOCKS_WORK_H
#define HF_GUARD_KNOCKS_WORK_H

#include "guard/child.h"
#include "guard/knocks.h"
#include "guard/packet.h"
#include "guard/questions.h"

#define KNOCKS_BATCH 128u
#define KNOCKS_PACKET_MAX (KNOCK_MAX + 128U) /* with headers and options */
#define KNOCKS_COUNTERS 11u

struct knocks {
	struct knocks_options *o;
	struct child_link parent;
	struct judge *judge;
	struct budget *budget;
	struct replay *replay;
	struct judgement judgement;
	/* the request that is being judged */
	net_addr from;
	struct str datagram;
	bool judging, handed;
	uint32_t client;
	struct question *question; /* it is judged anew */
	struct knock_port shut[JIT_PROTECTED_MAX];
	uint32_t asked;   /* number of the last look-up */
	uint32_t looking; /* number of the one that is waited for; 0: none */
	struct buf account;
	bool looked, written; /* the answer is here */
	int write_error;
	struct questions questions;
	bool flooded; /* what came last was nothing but junk */
	uint64_t packets, lost;
	uint64_t told[KNOCKS_COUNTERS];
	int64_t told_at;
	char bytes[KNOCKS_BATCH][KNOCKS_PACKET_MAX];
};

int64_t knocks_realtime_ms(void);

/* What the parent says of questions. A child_take_fn's result. */
int knocks_take_account(struct knocks *x, struct message *m);
int knocks_take_written(struct knocks *x, struct message *m);
/* What is for this process alone; a child_take_fn. */
int knocks_hear(void *user, struct message *m);

/* The judge's questions: of files they are waited for, of programs not (-EINPROGRESS). */
judge_lookup knocks_look_up;
judge_ask knocks_ask;
judge_record knocks_record;

/* Sends questions whose turn it is. */
[[nodiscard]] int knocks_send_questions(struct knocks *x);

#endif
