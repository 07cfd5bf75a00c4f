/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * watch: the process that watches important files (sensor/integrity.h). It may read everything and
 * change nothing but its own journal; rules for files run in it, too.
 */
#ifndef HF_GUARD_WATCH_H
#define HF_GUARD_WATCH_H

#include "guard/policy.h"

#define INTEGRITY_CONFIG "/etc/holdfast/integrity.conf"

struct integrity_options {
	const struct policy *policy;
	enum rule_level level; /* changes below are not told */
	const char *state;     /* folder of the baseline */
	const char *config;    /* INTEGRITY_CONFIG; need not be there */
};

/* A child_main; data: struct integrity_options. It must be root when it starts. */
int integrity_main(void *data, int fd);

#endif
