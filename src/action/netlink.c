/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include "action/netlink.h"

#define ANSWER_MS 5000
#define DATAGRAM_MAX ((size_t)64 << 10)
#define BUFFER (2 << 20)

static int receive(struct nl *n, struct str *ret)
{
	struct pollfd wait = { .fd = n->fd, .events = POLLIN };
	struct sockaddr_nl from = {};
	socklen_t size = sizeof from;
	ssize_t got;
	int r = poll(&wait, 1, ANSWER_MS);

	if (r == 0)
		return -ETIME;
	if (r > 0)
		got = recvfrom(n->fd, n->in, DATAGRAM_MAX, MSG_TRUNC, (struct sockaddr *)&from,
			       &size);
	else
		got = -1;
	if (got < 0 && errno != EINTR)
		return -errno;
	if (got > (ssize_t)DATAGRAM_MAX)
		return -EMSGSIZE;
	/* Others on the machine may send, too, and are not heard. */
	*ret = (struct str){ n->in, got > 0 && from.nl_pid == 0 ? (size_t)got : 0 };
	return 0;
}

static int send_all(struct nl *n, const struct nl_out *o)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (o->error)
		return o->error;
	while (sendto(n->fd, o->ptr, o->len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* What an earlier request that was given up left in the socket. */
static void discard(struct nl *n)
{
	while (recv(n->fd, n->in, DATAGRAM_MAX, MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno == ENOBUFS)
		;
}

int nl_open(int protocol, struct nl *ret)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	own(close_fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	int one = 1, size = BUFFER;
	char *in;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&self, sizeof self) < 0)
		return -errno;
	/* Where these are refused, smaller batches fit, nothing else. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	in = malloc(DATAGRAM_MAX);
	if (!in)
		return -ENOMEM;
	*ret = (struct nl){ .fd = take_fd(&fd), .in = in };
	return 0;
}

void nl_close(struct nl *n)
{
	close_fd(&n->fd);
	free(n->in);
	*n = NL_NONE;
}

int nl_ask(struct nl *n, const struct nl_out *request, nl_fn *fn, void *user)
{
	bool interrupted = false;
	int r;

	discard(n);
	r = send_all(n, request);
	while (r == 0) {
		struct str bytes = {};

		r = receive(n, &bytes);
		if (r == 0)
			r = nl_parse(bytes, n->seq, fn, user, &interrupted);
	}
	if (r > 0 && interrupted)
		return -EINTR;
	return MIN(r, 0);
}

struct batch {
	uint32_t first, last;
	int error;
	bool done;
	nl_verdict_fn *fn;
	void *user;
};

static void batch_verdict(uint32_t seq, int error, void *user)
{
	struct batch *b = user;

	/* The first message opens the batch: what is said of it is said of all. */
	if (seq == b->first && error)
		b->error = error;
	if (seq == b->last || (seq == b->first && error))
		b->done = true;
	if (seq - b->first <= b->last - b->first && seq != b->first && error && b->fn)
		b->fn(seq, error, b->user);
}

int nl_batch(struct nl *n, const struct nl_out *batch, uint32_t first, uint32_t last,
	     nl_verdict_fn *fn, void *user)
{
	struct batch b = { .first = first, .last = last, .fn = fn, .user = user };
	int r;

	discard(n);
	r = send_all(n, batch);
	while (r == 0 && !b.done) {
		struct str bytes = {};

		r = receive(n, &bytes);
		if (r == 0)
			r = nl_verdicts(bytes, batch_verdict, &b);
	}
	return r < 0 ? r : b.error;
}
