/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apply: entries of the journal carried out, gone on with, taken back. The lock is held. */
#ifndef HF_ACTION_APPLY_H
#define HF_ACTION_APPLY_H

#include "action/journal.h"

/*
 * Carries out an entry that was just added, or goes on with one that was interrupted. On failure all
 * is as it was, its state is ENTRY_FAILED and *d says why; -EUCLEAN: it could not be taken back either,
 * and the entry stays open. Signals that end the process wait meanwhile.
 */
[[nodiscard]] int entry_apply(struct changelog *j, struct entry *e, struct arena *a,
			      struct diag *d);
/*
 * Takes an entry back, or goes on with that. -ESTALE: a file has changed since, and nothing was done;
 * -EALREADY: it is undone. `why` is kept with it.
 */
[[nodiscard]] int entry_undo(struct changelog *j, struct entry *e, const char *why, struct arena *a,
			     struct diag *d);
/*
 * Takes back what waits and is overdue, the latest first, then runs the effects; what somebody has
 * changed since stays, and is no longer waited for. fn (may be NULL) is told of each: 0, or why not.
 */
typedef void entry_told(void *user, const struct entry *e, int error, const char *why);
[[nodiscard]] int changelog_take_back(struct changelog *j, bool all_open, const char *why,
				      entry_told *fn, void *user);
/*
 * Programs that make the changes of entries count, each once; the running machine only. effect_failed of
 * each says whether one of its own has failed, effect_waits whether what runs goes on with what it read
 * before until somebody starts it again (-EAGAIN, where that is all); *d tells of the first.
 */
[[nodiscard]] int entries_effects(const struct changelog *j, struct entry *list, size_t n,
				  struct diag *d);
/* A command that nothing takes back is among the changes. */
bool entry_is_final(const struct entry *e);

#endif
