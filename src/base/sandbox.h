/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sandbox: gives up what a process no longer needs before it reads what others wrote.
 * Landlock (files, ABI 1-7 as the kernel has it) and seccomp (system calls, an allow list).
 * It cannot be left again; threads created later inherit it.
 */
#ifndef HF_BASE_SANDBOX_H
#define HF_BASE_SANDBOX_H

#include "base/base.h"

enum sandbox_access {
	SANDBOX_READ = 1 << 0,  /* read files and list directories below */
	SANDBOX_WRITE = 1 << 1, /* create, write, remove, truncate files below, too */
};

struct sandbox_path {
	int fd;          /* O_PATH directory or file */
	unsigned access; /* sandbox_access */
};

/*
 * Roles of the design; each is one row in the table of allowed system calls. No role may exec,
 * ptrace, mount, load modules, change ids, open sockets (SANDBOX_COLLECT may use netlink
 * descriptors that are open already).
 */
enum sandbox_role {
	SANDBOX_COLLECT, /* reads files, walks directories with threads, writes to its pipe */
	/*
	 * SANDBOX_COLLECT for /proc: Landlock hides other processes' executables, mappings and
	 * descriptors (ptrace(2) access checks), so where the caller is root it is replaced by an
	 * own user id with only the capabilities to read (CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE).
	 */
	SANDBOX_PROCESS,
	/*
	 * SANDBOX_PROCESS for watching files (src/sensor): opens them by handles of fanotify(7), adds
	 * inotify(7) watches, and appends to a file that is open.
	 */
	SANDBOX_WATCH,
	SANDBOX_EVALUATE, /* computes; reads and writes descriptors it has; files only as listed */
	/* guard: */
	SANDBOX_DECODE,  /* reads logs and sockets that it was given; opens nothing */
	SANDBOX_TELL,    /* SANDBOX_EVALUATE with messages to the process that started it */
	SANDBOX_NET,     /* connects to others; files only as listed */
	SANDBOX_KNOCK,   /* SANDBOX_TELL that takes packets from sockets that it was given */
	SANDBOX_KEYS,    /* SANDBOX_PROCESS without a look at other processes */
	SANDBOX_CONTROL, /* accepts connections at a socket that it was given; opens nothing */
};

/* What the kernel really granted, for the report. */
struct sandbox_state {
	int landlock_abi; /* 0: not available */
	bool seccomp;
	bool reader; /* SANDBOX_PROCESS: may look at every process that root may look at */
};

/*
 * Always sets no_new_privs and non-dumpable; closes nothing. Where the kernel has no Landlock or
 * no seccomp the rest is applied and *ret says so. Errors are those that leave the process in a
 * state it must not go on with. HOLDFAST_SANDBOX=log turns denials of seccomp into a logged
 * EPERM (for debugging); the default kills the process.
 */
[[nodiscard]] int sandbox_enter(enum sandbox_role role, const struct sandbox_path *paths,
				size_t n_paths, struct sandbox_state *ret);

#endif
