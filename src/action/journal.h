/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal: what was changed, and how it was, so that it can be taken back whatever happens.
 *
 * /var/lib/holdfast/changes of the root (mode 0700) holds one folder a plan that was carried out, named
 * by a number that grows: entry.json (what is to be done, from what, by whom), old.I and new.I (bytes
 * of file I before and after), state (two slots that are written in turn, without allocating). An entry
 * comes to be as a whole, by rename(2), and is on the disk before anything is changed.
 * While one is unfinished or waits to be confirmed there is a file "open", so that whoever starts
 * needs one system call to know that nothing is.
 *
 * All writers hold the lock of the folder. What is read is not trusted: sizes, counts and texts are
 * bounded, and a path of an entry is opened below the root without following links.
 */
#ifndef HF_ACTION_JOURNAL_H
#define HF_ACTION_JOURNAL_H

#include "action/change.h"
#include "action/session.h"

#define JOURNAL_FOLDER "/var/lib/holdfast/changes"
#define JOURNAL_ENTRIES_MAX 100'000u
#define JOURNAL_JSON_MAX ((size_t)64 << 20)
#define JOURNAL_STATE_SLOT 512u
#define JOURNAL_XATTRS_MAX 64u

enum entry_state {
	ENTRY_PLANNED,
	ENTRY_APPLYING, /* `step` changes are done or under way */
	ENTRY_AWAITING, /* done; taken back at `until` unless it is confirmed */
	ENTRY_APPLIED,  /* done, and nothing is to be confirmed */
	ENTRY_CONFIRMED,
	ENTRY_UNDOING,
	ENTRY_UNDONE,
	ENTRY_FAILED, /* could not be done, and everything is as it was */
};
const char *entry_state_name(enum entry_state s);

struct entry_status {
	enum entry_state state;
	uint64_t sequence; /* of the slots */
	uint32_t step;
	int64_t at;            /* UNIX time of this state */
	int64_t until;         /* UNIX time at which it is taken back; 0: it is not */
	int64_t until_boot_ms; /* the same by CLOCK_BOOTTIME, of boot `boot` */
	char boot[40];         /* /proc/sys/kernel/random/boot_id */
	char why[64];          /* "timeout", "undo", … */
};

struct entry_xattr {
	const char *name;
	struct str value;
};
/* A change with what its undoing needs. */
struct entry_change {
	struct change c;
	struct entry_xattr *xattrs; /* of the file as it was */
	size_t n_xattrs;
	int64_t atime, atime_ns, mtime, mtime_ns;
	unsigned char digest[CHANGE_DIGEST]; /* of the new bytes */
	uint64_t size;                       /* of the new bytes */
	const char **folders;                /* that are made for it, outermost first */
	size_t n_folders;
};

struct entry {
	unsigned id;
	unsigned run; /* id of the first entry of the same `fix` */
	const char *check, *title, *breaks;
	int64_t made; /* UNIX time */
	bool risky;
	unsigned within;        /* seconds to confirm; 0: no need */
	struct session session; /* of who made it */
	struct entry_change *list;
	size_t n;
	const char *const **effects;
	size_t n_effects;
	struct entry_status status;
	bool effect_failed, effect_waits; /* of entries_effects() */
	struct diag broken; /* why it cannot be read; then id and broken alone count */
};

struct changelog {
	const struct root *root; /* borrowed */
	int dir;                 /* -1: there is none */
	int lock;                /* -1: not held */
};
#define CHANGELOG_NONE ((struct changelog){ .dir = -1, .lock = -1 })

/*
 * Opens the folder; `make` makes it where it is missing and takes the lock, waiting at most wait_ms
 * (-EBUSY: somebody else has it). -ENOENT: there is none. A folder that is not owned by this user, or
 * that others may write to, is refused (-EPERM).
 */
[[nodiscard]] int changelog_open(const struct root *root, const char *folder, bool make,
				 unsigned wait_ms, struct changelog *ret);
void changelog_release(struct changelog *j);
/* Takes the lock of an open one. */
[[nodiscard]] int changelog_lock(struct changelog *j, unsigned wait_ms);
/* Ends the process that holds the lock, where it still is the one that wrote itself down there. */
void changelog_end_holder(const struct changelog *j);

/* All entries by number; with what cannot be read in `broken`. */
[[nodiscard]] int changelog_list(const struct changelog *j, struct arena *a, struct entry **ret,
				 size_t *ret_n);
/* -ENOENT; -EBADMSG with a reason in *d. */
[[nodiscard]] int changelog_read(const struct changelog *j, unsigned id, struct arena *a,
				 struct entry *ret, struct diag *d);
/*
 * Writes a plan, state ENTRY_PLANNED. e: run (0: its own number), within, session, made, risky, and
 * status.until (entry_deadline()) count; the rest is filled in. -ESTALE: a file is another one than that which was read; *d says which.
 */
[[nodiscard]] int changelog_add(struct changelog *j, const struct plan *p, struct arena *a,
				struct entry *e, struct diag *d);
/* The next state, on the disk when it returns. e->status is what it was and becomes what it is. */
[[nodiscard]] int changelog_mark(struct changelog *j, struct entry *e, enum entry_state state,
				 uint32_t step, const char *why);
/* Bytes of old.I or new.I, which must be those of the digest. */
[[nodiscard]] int changelog_bytes(const struct changelog *j, const struct entry *e, size_t i,
				  bool new, struct arena *a, struct str *ret);
/* Whether an entry is under way, waits, or was interrupted. */
bool entry_is_open(const struct entry *e);
/* It waits, and its time is over: by the clock, or because the machine was started anew. */
bool entry_is_overdue(const struct entry *e);
/* It is to be taken back so many seconds from now; takes effect with changelog_add() and changelog_mark(). */
void entry_deadline(struct entry *e, unsigned within);
/* Keeps "open" in step with the entries. */
[[nodiscard]] int changelog_tidy(struct changelog *j, struct arena *a);

/* Pure. *ret has texts of the arena. */
[[nodiscard]] int entry_parse(struct str json, struct arena *a, struct entry *ret, struct diag *d);
[[nodiscard]] int entry_status_parse(struct str slots, struct entry_status *ret);
void entry_status_format(const struct entry_status *s, char ret[static JOURNAL_STATE_SLOT]);
[[nodiscard]] int entry_format(const struct entry *e, struct arena *a, struct str *ret);

#endif
