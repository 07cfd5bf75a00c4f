/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

#include "jit/client.h"

int client_send(const struct client_target *t, uint16_t port, struct str datagram,
		char ret_to[static NET_ADDR_TEXT], struct diag *d)
{
	const struct addrinfo hints = { .ai_family = t->family, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list = NULL;
	char name[256], service[8], text[NET_ADDR_TEXT + 16];
	int fd own(close_fd) = -1, r;

	if (t->name.len >= sizeof name)
		return diag_set(d, -EINVAL, NULL, 0, "too long a name");
	snprintf(name, sizeof name, "%.*s", STR_FMT(t->name));
	snprintf(service, sizeof service, "%u", port);
	r = getaddrinfo(name, service, &hints, &list);
	if (r)
		return diag_set(d, -ENOENT, NULL, 0, "%s: %s", name, gai_strerror(r));
	/* The first, as ssh will: what is opened is for the address that the packet came from. */
	fd = socket(list->ai_family, SOCK_DGRAM, 0);
	r = fd < 0 || sendto(fd, datagram.ptr, datagram.len, 0, list->ai_addr, list->ai_addrlen) !=
				    (ssize_t)datagram.len
		    ? -errno
		    : 0;
	if (getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof text, NULL, 0,
			NI_NUMERICHOST))
		*text = '\0';
	freeaddrinfo(list);
	if (r < 0)
		return diag_set(d, r, NULL, 0, "%s: %s", name, strerror(-r));
	snprintf(ret_to, NET_ADDR_TEXT, "%.*s", NET_ADDR_TEXT - 1, text);
	return 0;
}
