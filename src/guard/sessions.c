/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <utmpx.h>

#include "guard/sessions.h"

#define INODES_MAX 4'096u
#define UTMP_MAX 4'096u

struct looking {
	struct sessions found;
	uint32_t inodes[INODES_MAX]; /* sockets of sshd's processes */
	size_t n_inodes;
};

static void add(struct sessions *s, const struct prefix *p)
{
	for (size_t i = 0; i < s->n; i++)
		if (prefix_eq(&s->list[i], p))
			return;
	if (s->n < SESSIONS_MAX)
		s->list[s->n++] = *p;
}

static void look_utmp(struct sessions *s)
{
	static const int32_t none[4];
	const struct utmpx *u;
	unsigned n = 0;

	setutxent();
	while (n++ < UTMP_MAX && (u = getutxent())) {
		struct prefix p = { .bits = PREFIX_HOST };

		if (u->ut_type != USER_PROCESS || !memcmp(u->ut_addr_v6, none, sizeof none))
			continue;
		if (u->ut_addr_v6[1] || u->ut_addr_v6[2] || u->ut_addr_v6[3])
			memcpy(p.addr, u->ut_addr_v6, sizeof p.addr);
		else
			p = prefix_v4((const uint8_t *)u->ut_addr_v6, 32);
		add(s, &p);
	}
	endutxent();
}

static ssize_t read_at(int dir, const char *path, char *to, size_t size)
{
	own(close_fd) int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, to, size - 1);

	to[n > 0 ? n : 0] = '\0';
	return n;
}

/* "sshd: user@pts/0", "sshd-session: user@notty"; not "sshd: user [priv]" or "sshd: [accepted]". */
static bool is_session(const char *title)
{
	const char *name = title;

	if (!strncmp(name, "sshd: ", 6))
		name += 6;
	else if (!strncmp(name, "sshd-session: ", 14))
		name += 14;
	else
		return false;
	return *name != '[' && strchr(name, '@') && !strstr(name, " [");
}

static void note_sockets(struct looking *l, int process)
{
	int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!dir) {
		close_fd(&fd);
		return;
	}
	while ((e = readdir(dir)) && l->n_inodes < INODES_MAX) {
		char link[64];
		ssize_t n = readlinkat(dirfd(dir), e->d_name, link, sizeof link - 1);
		struct str text = { link, (size_t)MAX(n, 0) };
		uint64_t inode;

		if (str_starts(text, STR("socket:[")) && str_ends(text, STR("]")) &&
		    !str_to_u64(str_sub(text, 8, text.len - 1), 10, &inode) && inode <= UINT32_MAX)
			l->inodes[l->n_inodes++] = (unsigned)inode;
	}
	closedir(dir);
}

static void look_processes(struct looking *l)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	char text[256];

	while (proc && (e = readdir(proc))) {
		own(close_fd) int process = -1;

		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		process = openat(dirfd(proc), e->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (process < 0 || read_at(process, "comm", text, sizeof text) <= 0 ||
		    strncmp(text, "sshd", 4) != 0)
			continue;
		if (read_at(process, "cmdline", text, sizeof text) > 0 && is_session(text))
			note_sockets(l, process);
	}
	if (proc)
		closedir(proc);
}

static bool is_noted(const struct looking *l, uint32_t inode)
{
	for (size_t i = 0; i < l->n_inodes; i++)
		if (l->inodes[i] == inode)
			return true;
	return false;
}

static void take_socket(struct looking *l, const struct nlmsghdr *h)
{
	const struct inet_diag_msg *d = NLMSG_DATA(h);
	struct prefix p = { .bits = PREFIX_HOST };

	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY || h->nlmsg_len < NLMSG_LENGTH(sizeof *d) ||
	    !is_noted(l, d->idiag_inode))
		return;
	if (d->idiag_family == AF_INET)
		p = prefix_v4((const uint8_t *)d->id.idiag_dst, 32);
	else
		memcpy(p.addr, d->id.idiag_dst, sizeof p.addr);
	add(&l->found, &p);
}

/* false: the answer is over. */
static bool take_answer(struct looking *l, int fd)
{
	static char buffer[64 << 10];
	ssize_t n = recv(fd, buffer, sizeof buffer, 0);
	unsigned left = n > 0 ? (unsigned)n : 0;

	if (n <= 0)
		return false;
	for (const struct nlmsghdr *h = (const void *)buffer; NLMSG_OK(h, left);
	     h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return false;
		take_socket(l, h);
	}
	return true;
}

static void look_sockets(struct looking *l, int family)
{
	own(close_fd) int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} ask = {
		.head = {.nlmsg_len = sizeof ask,
                         .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                         .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.body = { .sdiag_family = (uint8_t)family,
                         .sdiag_protocol = IPPROTO_TCP,
                         .idiag_states = 1u << TCP_ESTABLISHED    },
	};
	struct timeval patience = { .tv_sec = 2 };

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (send(fd, &ask, sizeof ask, 0) < 0)
		return;
	while (take_answer(l, fd))
		;
}

bool sessions_has(const struct sessions *s, const struct prefix *p)
{
	for (size_t i = 0; i < s->n; i++)
		if (prefix_meets(&s->list[i], p))
			return true;
	return false;
}

static int by_prefix(const void *x, const void *y) { return prefix_cmp(x, y); }

bool sessions_look(struct sessions *s)
{
	static struct looking l;
	bool same;

	l.found.n = 0;
	l.n_inodes = 0;
	look_utmp(&l.found);
	look_processes(&l);
	if (l.n_inodes) {
		look_sockets(&l, AF_INET);
		look_sockets(&l, AF_INET6);
	}
	if (l.found.n)
		qsort(l.found.list, l.found.n, sizeof *l.found.list, by_prefix);
	same = l.found.n == s->n;
	for (size_t i = 0; same && i < s->n; i++)
		same = prefix_eq(&s->list[i], &l.found.list[i]);
	if (!same)
		*s = l.found;
	return !same;
}
