/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * live_door: the privileged half of live.h. It knows the paths, opens them and adds the watches; the
 * process that reads has neither.
 *
 *   parent: live_door_new(); live_door_add() in the order of live_add(); hands live_door_inotify()
 *   over; answers each request (source, want, k) with live_door_open()'s result and its descriptor.
 *
 * The request names a source by its number, so that a child that was taken over can read the logs
 * that it is to read, the rotated ones beside them, and nothing else. Only regular files are opened,
 * for reading, without waiting. A link is followed where root or the owner of the file made it
 * (who may write in a log's directory must not choose what root opens).
 */
#ifndef HF_EVENTS_LIVE_DOOR_H
#define HF_EVENTS_LIVE_DOOR_H

#include "events/live.h"

struct live_door;
[[nodiscard]] int live_door_new(struct live_door **ret);
void live_door_release(struct live_door **d);

/* Same order as live_add(); sources without a path are numbered, too. -E2BIG, -ENOMEM. */
[[nodiscard]] int live_door_add(struct live_door *d, enum live_kind kind, const char *path,
				uint32_t *ret);
/* A descriptor for the other process; -1: there is no inotify. Stays the door's. */
int live_door_inotify(const struct live_door *d);
/* For a new process in place of one that has ended: forgets the watches. */
[[nodiscard]] int live_door_renew(struct live_door *d);

/* A live_open_fn; user is the door. -EINVAL, too, for a request that makes no sense. */
int live_door_open(void *user, uint32_t source, enum live_want want, uint32_t k,
		   struct live_opened *ret);

/*
 * Sockets of the privileged kind. Audit: -EPERM without CAP_AUDIT_READ, -EPROTONOSUPPORT where the
 * kernel has none. Datagram and stream: "ADDRESS:PORT", "[ADDRESS]:PORT" or a path; an old
 * socket at that path is replaced, anything else there is -EEXIST.
 */
[[nodiscard]] int live_door_audit(int *ret_fd);
[[nodiscard]] int live_door_listen(enum live_kind kind, const char *address, int *ret_fd);

#endif
