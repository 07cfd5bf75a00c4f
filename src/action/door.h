/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * door: ports that are shut for everybody but those who were let in, by the table
 * `inet holdfast_jit` (nft_doors in nft.h).
 *
 * The kernel holds all of it: grants end by themselves, and a port that was shut for a while opens
 * again, whatever becomes of the process. What comes in by the interface lo, what the machine sends
 * and what it forwards is not touched.
 */
#ifndef HF_ACTION_DOOR_H
#define HF_ACTION_DOOR_H

#include "action/ban.h"

#define DOOR_CHANGES_MAX 128u /* of one transaction */

enum door_what {
	DOOR_SHUT,  /* the port, for all */
	DOOR_GRANT, /* lets a network in to a port that is shut */
	DOOR_KEEP,  /* lets one connection go on */
};

struct door_change {
	enum door_what what;
	bool remove;
	uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
	uint16_t port;    /* of this machine */
	uint16_t remote;  /* DOOR_KEEP: the peer's */
	struct prefix from;
	uint64_t ms; /* from now on; 0: for ever */
};

/* Whether a grant can be for that network: at most 256 parts of /32 and /24, or /128 and /64. */
bool door_fits(const struct prefix *p);

struct door;
/* Changes nothing yet. Errors are those of ban_open(). */
[[nodiscard]] int door_open(struct door **ret, struct diag *d);
/* Accepts NULL inside. What is shut stays shut. */
void door_close(struct door **x);

/* As ban_ensure(): after BAN_CREATED and BAN_EMPTIED everything is to be added again. */
[[nodiscard]] int door_ensure(struct door *x, unsigned *ret, struct diag *d);
/*
 * All or nothing, in one transaction; what is there gets its time anew, what is to be removed need
 * not be there. -E2BIG: a network that door_fits() refuses; -ENOENT: the table is gone.
 */
[[nodiscard]] int door_apply(struct door *x, const struct door_change *list, size_t n,
			     struct diag *d);
/* Takes the whole table away; one that is not there is none. */
[[nodiscard]] int door_remove(struct door *x, struct diag *d);
/* Whether the table is there, whoever made it. */
bool door_is_there(struct door *x);
/* Packets that found a port shut. */
[[nodiscard]] int door_dropped(struct door *x, struct ban_counters *ret, struct diag *d);

#endif
