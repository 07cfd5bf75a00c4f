/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proc: processes as /proc shows them, proc(5); also from a directory made to look like it. */
#ifndef HF_FACTS_LINUX_PROC_H
#define HF_FACTS_LINUX_PROC_H

#include "facts/fact.h"

struct proc_pids {
	int *list; /* ascending */
	size_t n;
};
[[nodiscard]] int proc_pids(struct collect *c, struct proc_pids *ret);
/* Descriptor (O_PATH) of a process' directory; -ENOENT once it has ended. */
[[nodiscard]] int proc_open(const struct root *proc, int pid, int *ret_fd);
/* Up to size - 1 bytes of a file in it, with a NUL behind; the length or -errno. */
[[nodiscard]] ssize_t proc_read(int dir, const char *name, char *ret, size_t size);

#define PROC_LINK_MAX ((size_t)4096)
/* Where the link "exe" leads. *ret_deleted: the file is gone or replaced. Text lives in p. */
[[nodiscard]] int proc_exe(int dir, char p[static PROC_LINK_MAX], struct str *ret,
			   bool *ret_deleted);

struct proc_stat {
	struct str comm;
	char state;
	int64_t parent;
	uint64_t flags, start_ticks;
};
/* Pure parsers. proc_parse_stat: -EBADMSG. */
[[nodiscard]] int proc_parse_stat(struct str text, struct proc_stat *ret);
bool proc_is_kernel_thread(int pid, const struct proc_stat *s);
bool proc_parse_uids(struct str status, int64_t *ret_uid, int64_t *ret_euid);
/* The systemd unit that a cgroup file names, as systemd's cg_path_get_unit() does; '' if none. */
struct str proc_unit(struct str cgroup);
/* Id or name of the container (docker, podman, CRI, LXC, nspawn); '' if none. */
struct str proc_container(struct str cgroup);
/* What is anonymous by nature has a name in maps that looks like a deleted file. */
bool proc_is_transient(struct str path);
/* One line of maps: the file of an executable mapping or a library that is no longer there. */
bool proc_parse_deleted(struct str line, struct str *ret);

#define PROC_MAPS_LINE_MAX ((size_t)8192)
/* Calls fn for each line of "maps". -EBADMSG: one is too long; errors of read(2) and of fn. */
typedef int proc_line_fn(void *user, struct str line);
[[nodiscard]] int proc_maps(int dir, proc_line_fn *fn, void *user);

/* UNIX time of the last boot; FACT_UNKNOWN. */
int64_t proc_boot_time(struct collect *c);

#endif
