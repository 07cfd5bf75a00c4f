/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * step: one change of an entry, done and taken back. How far it is, is read from the machine, so that
 * whatever was interrupted can be gone on with. Files are replaced whole by rename(2), through
 * descriptors of folders that were opened without following links.
 */
#ifndef HF_ACTION_STEP_H
#define HF_ACTION_STEP_H

#include "action/journal.h"

enum step_at {
	STEP_BEFORE,
	STEP_BETWEEN, /* owner and mode of one file: the one changed, the other not yet */
	STEP_AFTER,
	STEP_OTHER, /* somebody else has changed it */
};

/* FILE, REMOVE, ATTRIBUTES. */
[[nodiscard]] int step_look(const struct changelog *j, const struct entry *e, size_t i,
			    enum step_at *ret, struct diag *d);
/* Writes what a file is to be beside it; nothing that counts changes. */
[[nodiscard]] int step_prepare(const struct changelog *j, const struct entry *e, size_t i,
			       bool undo, struct diag *d);
/* Makes it count. -ESTALE: it is neither what it was nor what it was to be. */
[[nodiscard]] int step_commit(const struct changelog *j, const struct entry *e, size_t i, bool undo,
			      struct diag *d);
/* Takes away what step_prepare() wrote, and folders that it made and that are empty. */
void step_clean(const struct changelog *j, const struct entry *e, size_t i);

/* UNIT, COMMAND, AZURE; nothing for the others. */
[[nodiscard]] int step_run(const struct changelog *j, const struct entry *e, size_t i, bool undo,
			   struct diag *d);
/* Runs a program in the language C; its last line is the reason in *d where it fails. */
[[nodiscard]] int step_program(const char *const argv[], struct diag *d);
/* Before it is changed: the folders that will be made, attributes and times, into *e. */
[[nodiscard]] int step_note(const struct root *root, const struct change *c, struct arena *a,
			    struct entry_change *ret, struct diag *d);

#endif
