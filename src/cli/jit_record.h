/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jit_record: what `jit enable` does stands in the journal of `holdfast changes`, and `holdfast undo`
 * leads to `jit disable`. The daemon itself takes back what is not confirmed.
 */
#ifndef HF_CLI_JIT_RECORD_H
#define HF_CLI_JIT_RECORD_H

#include "action/apply.h"
#include "cli/jit_host.h"

#define JIT_RECORD "jit" /* stands for the check of such entries */

struct jit_record {
	bool on;
	struct root root;
	struct changelog j;
	struct arena arena;
	struct entry entry;
};
#define JIT_RECORD_NONE ((struct jit_record){ .root = ROOT_NONE, .j = CHANGELOG_NONE })
void jit_record_release(struct jit_record *r);

/*
 * Before ports are shut: the entry is on the disk when it returns. Who is not root has no journal: that is
 * said, and *ret->on is false. Exit code.
 */
int jit_record_begin(const struct jit_host *h, const struct knock_port *list, size_t n,
		     unsigned within, struct jit_record *ret);
/* What became of it: waits to be confirmed, or everything is as it was. */
void jit_record_end(struct jit_record *r, bool done);
/* All that wait are confirmed. */
void jit_record_confirmed(void);
/* Those of whose ports none is shut any more are undone. */
void jit_record_opened(const struct knock_port *shut, size_t n);

/* Whether an entry is one of these. */
bool jit_record_is(const struct entry *e);

#endif
