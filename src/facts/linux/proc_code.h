/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proc_code: the files and folders from which a process takes its code. */
#ifndef HF_FACTS_LINUX_PROC_CODE_H
#define HF_FACTS_LINUX_PROC_CODE_H

#include "facts/linux/proc.h"

/* path and how (see the table process_code) live during the call. */
typedef int proc_code_fn(void *user, int pid, struct str path, const char *how);

/*
 * Calls fn for each place. 0, also for a process that has ended and for a kernel thread; -EACCES or
 * -EPERM: it may not be looked at; -ENOMEM; the error of fn.
 */
[[nodiscard]] int proc_code(struct collect *c, int pid, proc_code_fn *fn, void *user);

/* What interprets a program, by the name of its executable. */
enum proc_language {
	PROC_NATIVE,
	PROC_JAVA,
	PROC_PYTHON,
	PROC_NODE,
	PROC_RUBY,
	PROC_DOTNET,
	PROC_PHP,
};
enum proc_language proc_language(struct str exe);

/*
 * Pure: an absolute path without "." and "..", in the arena; relative to cwd. ptr == NULL: no
 * memory.
 */
struct str proc_absolute(struct arena *a, struct str cwd, struct str path);
/* Pure: "…/site-packages/x/y.so" -> "…/site-packages"; '' for what is in no such folder. */
struct str proc_library_folder(struct str path);
/*
 * Pure: the layers of the overlay that /proc/PID/mountinfo names as "/": lowerdir and upperdir
 * with ':' between; '' where the root is no overlay.
 */
struct str proc_overlay(struct arena *a, struct str mountinfo);

#endif
