/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * change: one reversible step that a machine is to be changed by, and the plan that holds the steps
 * of one action. A plan changes nothing: it says what would be, made from what was read, so that a
 * file that is another one by the time it is applied is refused.
 *
 * Texts of a plan live in its arena; what a caller passes is copied.
 */
#ifndef HF_ACTION_CHANGE_H
#define HF_ACTION_CHANGE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/root_over.h"

#define CHANGES_MAX 4096u /* of one plan */
#define CHANGE_FILE_MAX ((size_t)16 << 20)
#define CHANGE_DIGEST 32 /* SHA-256 */
#define CHANGE_KEEP UINT32_MAX
#define CHANGE_ARGS_MAX 256u

enum change_kind {
	CHANGE_FILE,       /* a regular file gets these bytes (and attributes), or is made */
	CHANGE_REMOVE,     /* a regular file goes */
	CHANGE_ATTRIBUTES, /* mode, owner, group of a file or a folder */
	CHANGE_UNIT,       /* a unit of systemd, a service of OpenRC */
	CHANGE_COMMAND,    /* a program, undone by another one */
	CHANGE_AZURE,      /* `az …`, undone by another call */
};
const char *change_kind_name(enum change_kind k);

/* What becomes of a unit, ORed. On a tree that is not the running machine only the first two rows. */
enum change_unit {
	UNIT_ENABLE = 1 << 0,
	UNIT_DISABLE = 1 << 1,
	UNIT_MASK = 1 << 2,
	UNIT_UNMASK = 1 << 3,
	UNIT_START = 1 << 4,
	UNIT_STOP = 1 << 5,
	UNIT_RESTART = 1 << 6, /* nothing to undo */
};

/* How a file or folder is, as far as a change is about it. */
struct change_was {
	bool exists;
	uint32_t mode, uid, gid; /* permission bits with setuid, setgid, sticky */
	uint64_t size;
	unsigned char digest[CHANGE_DIGEST]; /* of the bytes of a file */
};

struct change {
	enum change_kind kind;
	const char *what; /* one line in words, for the plan */
	/* FILE, REMOVE, ATTRIBUTES: absolute in the root, no link in it */
	const char *path;
	struct change_was was;
	struct str old, bytes;   /* FILE: what is there, what is to be; REMOVE: old */
	uint32_t mode, uid, gid; /* to be; CHANGE_KEEP: as is, of a new file 0644 root root */
	/* FILE: a history, to which its shell adds: what came behind stays, and times are kept. */
	bool grows;
	/* UNIT */
	const char *unit;
	unsigned unit_want;
	const char *unit_enabled; /* as `systemctl is-enabled` said it; "": no such unit */
	bool unit_active;
	/* COMMAND, AZURE: NULL-terminated; undo NULL: nothing takes it back, and that is said */
	const char *const *argv, *const *undo;
	const char *azure_body; /* JSON for `az rest --body`, or NULL */
};

/* Programs that look at the new files before they count; several are ORed. */
enum validator {
	VALIDATE_SSHD = 1 << 0,    /* sshd -t on the configuration with the planned files */
	VALIDATE_SUDO = 1 << 1,    /* visudo -c on each planned file */
	VALIDATE_NFT = 1 << 2,     /* nft -c */
	VALIDATE_SYSTEMD = 1 << 3, /* systemd-analyze verify */
	VALIDATE_PAM = 1 << 4,     /* every module is there, every file that is included */
};

/* What one action does: the answer of a remedy. One entry of the journal. */
struct plan {
	struct arena *arena; /* borrowed */
	const struct root
		*root; /* borrowed; its `over` has what was planned already, here as well */
	const char *check, *title; /* the check that it is for */
	struct change *list;
	size_t n, cap;
	const char *const **effects; /* see plan_effect() */
	size_t n_effects, effects_cap;
	const char *breaks; /* what could stop working, in words; NULL: nothing that is known */
	const char *cannot; /* why nothing can be done; the first reason */
	bool risky;         /* could cut the owner off: taken back unless it is confirmed */
	unsigned validate;  /* enum validator */
};

/*
 * All add one change and say in words what it is (`what`; NULL: words of their own). One that would
 * change nothing is not added. Errors: -ENOMEM, -E2BIG, -EFBIG, those of the system; links, devices
 * and what has several names are refused with plan->cannot set (-EOPNOTSUPP).
 */
/* The whole of a file. mode, uid, gid: CHANGE_KEEP or what is to be. Folders on the way are made. */
[[nodiscard]] int plan_file(struct plan *p, const char *path, struct str bytes, uint32_t mode,
			    uint32_t uid, uint32_t gid, const char *what);
[[nodiscard]] int plan_remove(struct plan *p, const char *path, const char *what);
[[nodiscard]] int plan_attributes(struct plan *p, const char *path, uint32_t mode, uint32_t uid,
				  uint32_t gid, const char *what);
/* `want`: enum change_unit. */
[[nodiscard]] int plan_unit(struct plan *p, const char *unit, unsigned want, const char *what);
/* Programs are run without a shell; both lists end with NULL. Not on a tree that does not run. */
[[nodiscard]] int plan_command(struct plan *p, const char *const argv[], const char *const undo[],
			       const char *what);
[[nodiscard]] int plan_azure(struct plan *p, const char *const argv[], const char *const undo[],
			     const char *body, const char *what);
/*
 * A program that makes the files count ("systemctl reload ssh"): run once after the changes of a
 * run, and once after they were undone; only on the running machine, and never where it is missing.
 */
[[nodiscard]] int plan_effect(struct plan *p, const char *const argv[]);
/* What could stop working; several are joined. */
[[nodiscard]] int plan_breaks(struct plan *p, const char *fmt, ...) PRINTF(2, 3);
/* Why it cannot be done: returns -EOPNOTSUPP. What was planned before does not count. */
[[nodiscard]] int plan_cannot(struct plan *p, const char *fmt, ...) PRINTF(2, 3);

/* Letters, digits, "-_.@:\\" and nothing that a program could take for an option or a path. */
bool unit_name_is_plain(const char *name);

/* A file as plan_file() would find it; "" and *ret_was.exists == false where there is none. */
[[nodiscard]] int plan_read(struct plan *p, const char *path, struct str *ret,
			    struct change_was *ret_was);

#endif
