/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decode: the process that reads what attackers wrote. It has no files, no network, no privileges. */
#ifndef HF_GUARD_DECODE_H
#define HF_GUARD_DECODE_H

#include "events/live.h"
#include "guard/policy.h"
#include "sensor/sensor.h"

#define DECODE_BAN_AGE ((int64_t)86'400 * 1'000'000) /* older deeds are told and not banned for */

#define LOGIN_TEXT_MAX 256u    /* bytes of account and key in LOGIN */
#define DECODE_CGROUP_MAX 256u /* bytes of a cgroup's path in LIMIT */

struct decode_options {
	const struct policy *policy;
	const struct live_source *sources; /* live_add() in this order */
	size_t n_sources;
	int inotify;
	struct sensors *sensors; /* NULL: none */
	int segments[2];         /* of the history */
	/*
	 * The processes before this one ended at the same place: what stands there is passed over
	 * without being looked at, and told.
	 */
	bool skim;
};

/* A child_main; data: struct decode_options. */
int decode_main(void *data, int fd);

#endif
