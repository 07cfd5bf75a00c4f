/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sessions: where people are logged in from right now, who must not be locked out: the records of
 * utmp(5), and the peers of sshd's processes that have let somebody in (their title names a user
 * and a terminal; the ones that still ask for a password do not).
 */
#ifndef HF_GUARD_SESSIONS_H
#define HF_GUARD_SESSIONS_H

#include "action/prefix.h"

#define SESSIONS_MAX 1'024u

struct sessions {
	struct prefix list[SESSIONS_MAX];
	size_t n;
};

/* Looks; what cannot be read adds nothing. Returns whether it is another list than before. */
bool sessions_look(struct sessions *s);
bool sessions_has(const struct sessions *s, const struct prefix *p);

#endif
