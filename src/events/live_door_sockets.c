/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets that only the privileged side can open. */
#include <arpa/inet.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "events/live_door.h"

#define RECEIVE_BUFFER (8 << 20)

int live_door_audit(int *ret_fd)
{
	own(close_fd) int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
	struct sockaddr_nl a = { .nl_family = AF_NETLINK };
	int group = AUDIT_NLGRP_READLOG, size = RECEIVE_BUFFER;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* "ADDRESS:PORT" or "[ADDRESS]:PORT", numbers only. */
static int parse_address(struct str s, struct sockaddr_in6 *ret, socklen_t *ret_len)
{
	ssize_t colon = str_rfind(s, ':');
	struct str host = str_sub(s, 0, (size_t)MAX(colon, 0));
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	char text[INET6_ADDRSTRLEN];
	uint64_t port;

	*ret = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
	if (colon < 0 || str_to_u64(str_sub(s, (size_t)colon + 1, s.len), 10, &port) < 0 || !port ||
	    port > UINT16_MAX)
		return -EINVAL;
	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		host = str_sub(host, 1, host.len - 1);
	if (host.len >= sizeof text)
		return -EINVAL;
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		v4.sin_port = htons((uint16_t)port);
		memcpy(ret, &v4, sizeof v4);
		*ret_len = sizeof v4;
		return 0;
	}
	ret->sin6_port = htons((uint16_t)port);
	*ret_len = sizeof *ret;
	return inet_pton(AF_INET6, text, &ret->sin6_addr) == 1 ? 0 : -EINVAL;
}

static int bind_path(int fd, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;

	if (strlen(path) >= sizeof a.sun_path)
		return -ENAMETOOLONG;
	memcpy(a.sun_path, path, strlen(path));
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return -EEXIST;
		if (unlink(path) < 0)
			return -errno;
	}
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
		return -errno;
	return chmod(path, 0666) < 0 ? -errno : 0;
}

static int bind_address(int fd, const struct sockaddr_in6 *a, socklen_t len)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		return -errno;
	if (a->sin6_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	return bind(fd, (const struct sockaddr *)a, len) < 0 ? -errno : 0;
}

int live_door_listen(enum live_kind kind, const char *address, int *ret_fd)
{
	bool is_path = *address == '/';
	int type = kind == LIVE_STREAM ? SOCK_STREAM : SOCK_DGRAM, size = RECEIVE_BUFFER, result;
	int on = 1;
	struct sockaddr_in6 a = {};
	socklen_t len = 0;
	own(close_fd) int fd = -1;

	if (kind != LIVE_STREAM && kind != LIVE_DATAGRAM)
		return -EINVAL;
	result = is_path ? 0 : parse_address(str_of(address), &a, &len);
	if (result < 0)
		return result;
	fd = socket(is_path ? AF_UNIX : a.sin6_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	result = is_path ? bind_path(fd, address) : bind_address(fd, &a, len);
	if (result < 0)
		return result;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	/* What did not fit is counted (live_status.dropped); the reader may set no options. */
	if (kind == LIVE_DATAGRAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
	if (kind == LIVE_STREAM && listen(fd, 64) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}
