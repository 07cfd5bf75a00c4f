/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay: ids of requests that were taken, so that none is taken twice, not even after a restart.
 *
 * A request's time may differ from the clock by `skew`; ids are kept for as long as their time would
 * be taken. Beside them stands the floor: the latest time of any id that was forgotten. Requests from
 * before it are refused, so that a clock that is set back or a full cache lets nothing in again.
 *
 * The file has a line "holdfast replay 1", then records of 32 bytes: id, time (milliseconds since
 * 1970, little-endian), SipHash-2-4 of both and of the record's number. The first has no id (zeros)
 * and the floor, the second what tells one boot from another; one without an id at the end says that
 * it was closed. Writing does not wait for the disk: where the machine stopped before the file was
 * closed, or where it is damaged (but for a record that a crash cut short), ids may be missing. Then
 * the floor is the clock and the skew, and nobody gets in until the clock has passed it.
 */
#ifndef HF_JIT_REPLAY_H
#define HF_JIT_REPLAY_H

#include "base/diag.h"
#include "jit/knock.h"

#define REPLAY_NAME "jit-replay"
#define REPLAY_MAX 65'536U /* ids; of more the older half is forgotten and the floor rises */
#define REPLAY_SKEW_MAX_MS (3'600'000)

enum replay_state {
	REPLAY_NEW,
	REPLAY_SEEN,
	REPLAY_SKEWED, /* its clock differs by more than the skew */
	REPLAY_OLD,    /* before the floor */
};

struct replay;
/*
 * folder: a descriptor, kept by the caller, or -1: memory only. REPLAY_NAME is made in it, mode 0600.
 * boot: text of /proc/sys/kernel/random/boot_id. *d (may be NULL) gets a reason where nobody gets in for a while, which is no failure. -EINVAL: no regular
 * file, or a skew out of bounds; -EACCES: others may write it; -ENOMEM, or that of the file.
 */
[[nodiscard]] int replay_open(int folder, struct str boot, int64_t now, int64_t skew,
			      struct replay **ret, struct diag *d);
/* The only call that waits for the disk. */
void replay_close(struct replay **r);

enum replay_state replay_ask(const struct replay *r, const unsigned char id[static KNOCK_ID],
			     int64_t time, int64_t now);
/*
 * -EEXIST: replay_ask() does not say REPLAY_NEW. Whatever else fails, the
 * request must not be granted.
 */
[[nodiscard]] int replay_add(struct replay *r, const unsigned char id[static KNOCK_ID],
			     int64_t time, int64_t now);

size_t replay_count(const struct replay *r);

#endif
