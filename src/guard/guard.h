/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard: the daemon.
 *
 *   parent   root; knows a handful of typed requests and parses nothing that others wrote
 *   decoder  own user, no files, no network: reads what attackers wrote, runs the rules
 *   control  own user, no files: talks to whoever uses the local socket
 *   net      own user: tells alerts to files and to the world
 */
#ifndef HF_GUARD_GUARD_H
#define HF_GUARD_GUARD_H

#include "guard/config.h"

/* Texts of rules: those of the configuration's directory, and those built in. */
struct guard_rules {
	const struct rule_text *list;
	size_t n;
};

struct guard_options {
	const char *config; /* path; NULL: CONFIG_PATH, which may not be there */
	bool foreground;    /* alerts go to standard output, too */
	/*
	 * Reads the rules anew into an arena; called at the start and by SIGHUP. 0 or -errno; says
	 * itself on standard error what is wrong.
	 */
	int (*load_rules)(void *user, const struct guard_config *c, struct arena *a,
			  struct guard_rules *ret);
	void *user;
};

/* Runs until SIGTERM or SIGINT. 0, or -errno after it said why on standard error. */
[[nodiscard]] int guard_run(const struct guard_options *o);

#endif
