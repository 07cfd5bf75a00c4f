/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/socket_owners.h"

#include <dirent.h>
#include <fcntl.h>

#include "facts/linux/proc.h"

static int compare_owners(const void *a, const void *b)
{
	const struct socket_owner *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

/* "socket:[123]" */
static void try_link(struct socket_owners *f, int pid, struct str link)
{
	struct socket_owner key = {}, *found;

	if (!str_starts(link, STR("socket:[")) ||
	    str_to_u64(str_sub(link, 8, link.len - 1), 10, &key.inode) < 0)
		return;
	found = bsearch(&key, f->list, f->n, sizeof *f->list, compare_owners);
	if (found && !found->pid) {
		found->pid = pid;
		f->left--;
	}
}

static int try_files(struct socket_owners *f, int pid, int fd)
{
	_Alignas(struct dirent64) char p[8192];
	ssize_t n = 0;

	while (f->left && (n = getdents64(fd, p, sizeof p)) > 0) {
		const struct dirent64 *e;

		for (ssize_t at = 0; at < n; at += e->d_reclen) {
			char link[64];
			ssize_t len;

			e = (const struct dirent64 *)(const void *)(p + at);
			len = readlinkat(fd, e->d_name, link, sizeof link);
			if (len > 9)
				try_link(f, pid, (struct str){ link, (size_t)len });
		}
	}
	return n < 0 ? -errno : 0;
}

static void try_process(struct socket_owners *f, int pid)
{
	own(close_fd) int dir = -1, fd = -1;
	int r = proc_open(f->c->proc, pid, &dir);

	if (r < 0)
		return;
	fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno : try_files(f, pid, fd);
	if (r == -EACCES || r == -EPERM) {
		f->unreadable++;
		f->first_error = r;
	}
}

int socket_owners_find(struct collect *c, const uint64_t *inodes, size_t n,
		       struct socket_owners *ret)
{
	struct socket_owners f = { .c = c, .n = n, .left = n };
	struct proc_pids pids;
	int r = n ? proc_pids(c, &pids) : 0;

	f.list = arena_array(c->arena, n, sizeof *f.list);
	if (!f.list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		f.list[i].inode = inodes[i];
	if (n)
		qsort(f.list, n, sizeof *f.list, compare_owners);
	for (size_t i = 0; r >= 0 && f.left && i < pids.n; i++)
		if (pids.list[i] != 1)
			try_process(&f, pids.list[i]);
	if (r >= 0 && f.left && pids.n && pids.list[0] == 1)
		try_process(&f, 1);
	if (r >= 0)
		*ret = f;
	return r;
}

int socket_owner(const struct socket_owners *o, uint64_t inode)
{
	struct socket_owner key = { .inode = inode };
	const struct socket_owner *found =
		o->n ? bsearch(&key, o->list, o->n, sizeof *o->list, compare_owners) : NULL;

	return found ? found->pid : 0;
}
