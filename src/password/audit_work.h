/* SPDX-License-Identifier: GPL-3.0-or-later */
/* audit_work: what the two files of the audit share. */
#ifndef HF_PASSWORD_AUDIT_WORK_H
#define HF_PASSWORD_AUDIT_WORK_H

#include <crypt.h>
#include <pthread.h>
#include <stdatomic.h>

#include "password/audit.h"

#define AUDIT_GROUP_MAX 64 /* accounts of one salt that share a list */

/* Hashes that one computation answers: of like method, cost and salt. */
struct audit_target {
	uint32_t first, n;      /* of audit.order */
	_Atomic uint32_t tries; /* length of its list, or what is more until it is made */
	uint32_t block;         /* tried in one go */
	double us;              /* one try, all processors at work */
	uint32_t tried;         /* blocks that were finished, under audit.lock */
	uint32_t open;          /* members that have not fallen, under audit.lock */
	_Atomic bool done;
};

/* Memory that is never written to a disk and is wiped. */
struct vault {
	char *ptr;
	size_t size, used;
};

struct audit {
	struct audit_options o;
	struct audit_account *accounts; /* borrowed */
	size_t n;
	uint32_t *order;     /* accounts that are tried, by hash; owned */
	const char **hashes; /* of `order`, in the vault; owned */
	uint64_t *fell;      /* of `order`: what fell, keyed, to compare with others; owned */
	size_t n_order;
	struct audit_target *targets; /* owned */
	size_t n_targets;
	double group_share; /* how long lists of groups are, of what they may be */
	struct arena arena; /* of the list */
	struct candidate_list list;
	struct vault vault;
	struct crypt_data *scratch; /* one a thread, in the vault */
	uint64_t key[2];
	struct audit_plan plan;

	/* Of a run. */
	pthread_mutex_t lock;
	pthread_cond_t ended;
	_Atomic uint64_t next, done_us, hashed;
	_Atomic bool stop;
	_Atomic int error;
	_Atomic size_t weak;
	uint64_t units;
	unsigned running; /* under lock */
	double deadline;  /* CLOCK_MONOTONIC, 0: none */
	double cpu;       /* under lock */
};

double audit_now(void);
double audit_cpu(void); /* of this thread */
/* NULL, or the hash of a password in `scratch`; `setting` is a hash. */
const char *audit_hash(const char *password, const char *setting, enum hash_type type,
		       struct crypt_data *scratch);
/* How fast `setting` is tried with all threads at work. */
[[nodiscard]] int audit_measure(struct audit *a, const char *setting, struct audit_rate *rate);

#endif
