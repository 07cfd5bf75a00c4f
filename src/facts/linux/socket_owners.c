/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/socket_owners.h"

#include <dirent.h>
#include <fcntl.h>

#include "facts/linux/proc.h"

#define KNOWN_MAX 1'000'000

/*
 * The search goes through the processes until every socket is found, and goes on there for the next
 * table that asks. What was passed is known, found or not.
 */
struct socket_scan {
	struct arena *arena;
	int *pids; /* in the order in which they are looked at */
	size_t n_pids, next;
	struct map known; /* of inodes, to processes */
	unsigned unreadable;
	int first_error;
};

static struct str key_of(const uint64_t *inode) { return (struct str){ (const char *)inode, 8 }; }

static int compare_owners(const void *a, const void *b)
{
	const struct socket_owner *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static struct socket_owner *find(const struct socket_owners *f, uint64_t inode)
{
	struct socket_owner key = { .inode = inode };

	return f->n ? bsearch(&key, f->list, f->n, sizeof *f->list, compare_owners) : NULL;
}

static void answer(struct socket_owners *f, uint64_t inode, int pid)
{
	struct socket_owner *o = find(f, inode);

	if (o && !o->pid) {
		o->pid = pid;
		f->left--;
	}
}

static int note(struct socket_scan *s, struct socket_owners *f, uint64_t inode, int pid)
{
	uint64_t *copy;

	answer(f, inode, pid);
	if (s->known.n >= KNOWN_MAX || map_get(&s->known, key_of(&inode)))
		return 0;
	copy = arena_new(s->arena, uint64_t);
	if (!copy)
		return -ENOMEM;
	*copy = inode;
	return map_put(&s->known, key_of(copy), (uint64_t)pid);
}

/* "socket:[123]" */
static int note_link(struct socket_scan *s, struct socket_owners *f, int pid, struct str link)
{
	uint64_t inode;

	if (!str_starts(link, STR("socket:[")) ||
	    str_to_u64(str_sub(link, 8, link.len - 1), 10, &inode) < 0)
		return 0;
	return note(s, f, inode, pid);
}

static int note_files(struct socket_scan *s, struct socket_owners *f, int pid, int fd)
{
	_Alignas(struct dirent64) char p[8192];
	ssize_t n = 0;
	int r = 0;

	while (r >= 0 && (n = getdents64(fd, p, sizeof p)) > 0) {
		const struct dirent64 *e;

		for (ssize_t at = 0; r >= 0 && at < n; at += e->d_reclen) {
			char link[64];
			ssize_t len;

			e = (const struct dirent64 *)(const void *)(p + at);
			if (e->d_name[0] == '.')
				continue;
			len = readlinkat(fd, e->d_name, link, sizeof link);
			if (len > 9)
				r = note_link(s, f, pid, (struct str){ link, (size_t)len });
		}
	}
	return r < 0 ? r : n < 0 ? -errno : 0;
}

static int note_process(struct collect *c, struct socket_scan *s, struct socket_owners *f, int pid)
{
	own(close_fd) int dir = -1, fd = -1;
	int r = proc_open(c->proc, pid, &dir);

	if (r < 0)
		return 0;
	fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno : note_files(s, f, pid, fd);
	if (r == -EACCES || r == -EPERM) {
		s->unreadable++;
		s->first_error = r;
	}
	return r == -ENOMEM ? r : 0;
}

static int scan_make(struct collect *c, struct arena *a, struct socket_scan **ret)
{
	struct socket_scan *s = arena_new(a, struct socket_scan);
	struct proc_pids pids;
	bool first;
	int r = s ? proc_pids(c, &pids) : -ENOMEM;

	if (r < 0)
		return r;
	s->arena = a;
	s->n_pids = pids.n;
	s->pids = arena_array(a, pids.n, sizeof *s->pids);
	if (!s->pids)
		return -ENOMEM;
	first = pids.n && pids.list[0] == 1;
	for (size_t i = 0; i < pids.n; i++)
		s->pids[i] = pids.list[first ? (i + 1) % pids.n : i];
	*ret = s;
	return 0;
}

static int search(struct collect *c, struct socket_scan *s, struct socket_owners *f)
{
	int r = 0;

	for (size_t i = 0; i < f->n; i++) {
		const uint64_t *pid = map_get(&s->known, key_of(&f->list[i].inode));

		if (pid)
			answer(f, f->list[i].inode, (int)*pid);
	}
	while (r >= 0 && f->left && s->next < s->n_pids)
		r = note_process(c, s, f, s->pids[s->next++]);
	f->unreadable = s->unreadable;
	f->first_error = s->first_error;
	return r;
}

/* Sorted, each once. */
static int list_of(struct collect *c, const uint64_t *inodes, size_t n, struct socket_owners *f)
{
	f->list = arena_array(c->arena, n, sizeof *f->list);
	if (!f->list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		f->list[i].inode = inodes[i];
	if (n)
		qsort(f->list, n, sizeof *f->list, compare_owners);
	for (size_t i = 0; i < n; i++)
		if (!f->n || f->list[f->n - 1].inode != f->list[i].inode)
			f->list[f->n++] = f->list[i];
	f->left = f->n;
	return 0;
}

int socket_owners_find(struct collect *c, const uint64_t *inodes, size_t n,
		       struct socket_owners *ret)
{
	struct socket_owners f = {};
	struct socket_scan *s = c->notes ? c->notes->sockets : NULL;
	int r = list_of(c, inodes, n, &f);

	if (r >= 0 && n && !s)
		r = scan_make(c, c->notes ? &c->notes->arena : c->arena, &s);
	if (r >= 0 && n)
		r = search(c, s, &f);
	if (c->notes)
		c->notes->sockets = s;
	else if (s)
		map_release(&s->known);
	if (r >= 0)
		*ret = f;
	return r;
}

int socket_owner(const struct socket_owners *o, uint64_t inode)
{
	const struct socket_owner *found = find(o, inode);

	return found ? found->pid : 0;
}
