/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * history: the state database: when a finding was first and last seen, and the score over time.
 * /var/lib/holdfast/state.db for root, $XDG_STATE_HOME/holdfast/state.db for others.
 */
#ifndef HF_POSTURE_HISTORY_H
#define HF_POSTURE_HISTORY_H

#include "posture/score.h"

struct history {
	sqlite3 *db;
};

/* What is different from the last run on the same machine. */
struct finding_change {
	struct str check, resource;
	enum finding_status before, now;
};
struct baseline {
	int64_t time; /* of the last run; 0: there was none */
	double percent, risk;
	struct finding_change *fresh, *fixed; /* newly unhealthy; no longer unhealthy */
	size_t n_fresh, fresh_cap, n_fixed, fixed_cap;
};

/* A run: when, and its two scores. */
struct history_point {
	int64_t time;
	double percent, risk;
};

/* Default path into ret; creates the directory (0700). */
[[nodiscard]] int history_path(char *ret, size_t size, struct diag *d);
/* Creates or upgrades it. -EBADMSG damaged, -EPROTO from a newer version, -EBUSY locked. */
[[nodiscard]] int history_open(const char *path, struct history *ret, struct diag *d);
void history_release(struct history *h);

/* Compares with the last run of `host` (ret may be NULL), fills first_seen, and records this run. */
[[nodiscard]] int history_record(struct history *h, struct str host, int64_t now,
				 struct findings *f, const struct score *s, struct arena *a,
				 struct baseline *ret, struct diag *d);

/* The last `most` runs of `host`, the oldest first, from `a`. */
[[nodiscard]] int history_trend(struct history *h, struct str host, unsigned most, struct arena *a,
				struct history_point **ret, size_t *ret_n);

#endif
