/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <mntent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "guard/machine.h"

#define LOOK_MS 60'000
#define MESSAGES_MAX 64u /* of rtnetlink that are read at a time */

void machine_open(struct machine *m)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK,
				 .nl_groups =
					 RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };

	*m = MACHINE_NONE;
	m->looked = -LOOK_MS;
	m->events = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (m->events >= 0 && bind(m->events, (const void *)&a, sizeof a) < 0)
		close_fd(&m->events);
}

void machine_release(struct machine *m) { close_fd(&m->events); }

/* What it says does not matter: whoever asks looks at everything. */
static unsigned read_events(struct machine *m)
{
	unsigned changed = 0;
	char buffer[8'192];

	for (unsigned i = 0; m->events >= 0 && i < MESSAGES_MAX; i++) {
		ssize_t n = recv(m->events, buffer, sizeof buffer, MSG_DONTWAIT);
		const struct nlmsghdr *h = (const void *)buffer;

		if (n < 0 && errno == ENOBUFS)
			changed |= MACHINE_LINKS | MACHINE_ADDRESSES;
		if (n < (ssize_t)sizeof *h)
			break;
		if (h->nlmsg_type == RTM_NEWLINK || h->nlmsg_type == RTM_DELLINK)
			changed |= MACHINE_LINKS;
		else
			changed |= MACHINE_ADDRESSES;
	}
	return changed;
}

static bool users_changed(struct machine *m)
{
	bool first = !m->users_inode, same;
	struct stat st;

	if (stat("/etc/passwd", &st) < 0)
		return false;
	same = st.st_ino == m->users_inode && st.st_mtim.tv_sec == m->users.tv_sec &&
	       st.st_mtim.tv_nsec == m->users.tv_nsec;
	m->users_inode = st.st_ino;
	m->users = st.st_mtim;
	return !first && !same;
}

unsigned machine_look(struct machine *m, int64_t now)
{
	unsigned changed = read_events(m);

	if (now - m->looked >= LOOK_MS)
		changed |= MACHINE_LINKS | MACHINE_ADDRESSES;
	if (changed & MACHINE_LINKS)
		m->looked = now;
	return changed | (users_changed(m) ? MACHINE_USERS : 0);
}

/* "0::/system.slice/x.service": the line of version 2. */
static bool own_path(char *path, size_t size)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[1'024];
	bool found = false;

	while (f && !found && fgets(line, sizeof line, f)) {
		found = !strncmp(line, "0::/", 4);
		line[strcspn(line, "\n")] = '\0';
		if (found)
			snprintf(path, size, "%s", line + 3);
	}
	if (f)
		(void)fclose(f);
	return found;
}

uint64_t machine_cgroup(void)
{
	char mine[1'024], path[2'048] = "";
	const struct mntent *mount;
	struct stat st;
	FILE *f;

	if (!own_path(mine, sizeof mine))
		return 0;
	f = setmntent("/proc/self/mounts", "re");
	while (f && !path[0] && (mount = getmntent(f)))
		if (!strcmp(mount->mnt_type, "cgroup2"))
			snprintf(path, sizeof path, "%s%s", mount->mnt_dir, mine);
	if (f)
		endmntent(f);
	return path[0] && !stat(path, &st) ? st.st_ino : 0;
}

static bool address_of(const struct sockaddr *a, struct prefix *ret)
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
	struct prefix p = { .bits = PREFIX_HOST };

	if (a->sa_family == AF_INET) {
		uint32_t four = ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr;

		if (ntohl(four) >> 24 == IN_LOOPBACKNET)
			return false;
		*ret = prefix_v4(
			(const void *)&((const struct sockaddr_in *)(const void *)a)->sin_addr, 32);
		return true;
	}
	if (a->sa_family != AF_INET6 || IN6_IS_ADDR_LINKLOCAL(six) || IN6_IS_ADDR_LOOPBACK(six))
		return false;
	memcpy(p.addr, six, sizeof p.addr);
	*ret = prefix_cut(&p, 64);
	return true;
}

static int by_prefix(const void *x, const void *y) { return prefix_cmp(x, y); }

int machine_addresses(struct prefix *list, size_t max)
{
	struct ifaddrs *all;
	size_t n = 0, k = 0;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (const struct ifaddrs *a = all; a && n < max; a = a->ifa_next)
		if (a->ifa_addr && address_of(a->ifa_addr, &list[n]))
			n++;
	freeifaddrs(all);
	if (n)
		qsort(list, n, sizeof *list, by_prefix);
	for (size_t i = 0; i < n; i++)
		if (!k || !prefix_eq(&list[k - 1], &list[i]))
			list[k++] = list[i];
	return (int)k;
}
