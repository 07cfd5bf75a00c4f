/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * snapshot: collects the facts of one machine into a store.
 *
 * The calling process stays a broker: it opens what needs rights, starts one sandboxed process a
 * group of collectors (worker.h) and stores the rows that they send. A collector that crashes,
 * hangs or sends nonsense ends its process; the rest of its group goes on in a new one.
 */
#ifndef HF_FACTS_SNAPSHOT_H
#define HF_FACTS_SNAPSHOT_H

#include "base/sandbox.h"
#include "facts/store.h"

struct azure_inputs;
struct collect_inventory;
struct index;
struct root_over;

struct snapshot_options {
	const char *root; /* NULL: this machine */
	const char *proc; /* another /proc directory, which makes the root a running machine */
	bool quick;       /* leaves out the walk over all files */
	/* Files of Azure; NULL: none. With them and without a root there is no machine to look at. */
	const struct azure_inputs *azure;
	/* Of this machine alone; NULL: every folder is read, and nothing is kept. */
	const struct collect_inventory *inventory;
	const struct index *advisories; /* what is known of vulnerabilities; NULL: nothing */
	int advisories_error;           /* of an index that cannot be read */
	struct root_over *over; /* files as they are planned, in front of the root's; or NULL */
	/* One flag a collector: collect it? NULL: all. What is left out has no collector_status. */
	const bool *wanted;
	const char *metadata_url; /* NULL: the provider's own address */
	/* Called about ten times a second while collecting; may be NULL. */
	void (*progress)(void *user, unsigned done, unsigned all, uint64_t files);
	void *progress_user;
};

struct snapshot_result {
	struct sandbox_state sandbox; /* what the kernel granted the collectors */
	bool live;
};

/* Fills an open, unsealed store. An error means that there is no snapshot at all. */
[[nodiscard]] int snapshot_collect(const struct snapshot_options *o, struct store *store,
				   struct snapshot_result *ret, struct diag *d);

#endif
