/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guesses: what attackers try first for an account, likeliest first. */
#ifndef HF_FACTS_LINUX_GUESSES_H
#define HF_FACTS_LINUX_GUESSES_H

#include "base/arena.h"

struct guess {
	const char *password;
	const char *kind; /* empty, username, hostname, service-default, common */
};
#define GUESSES_MAX 256

/* Fills ret with at most GUESSES_MAX guesses; returns how many, 0 when out of memory. */
size_t guesses_for(struct str user, struct str host, struct arena *a, struct guess *ret);

#endif
