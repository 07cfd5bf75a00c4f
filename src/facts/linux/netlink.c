/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include "facts/linux/netlink.h"

#define ANSWER_MS 2000
#define DATAGRAM_MAX ((size_t)64 << 10)

int netlink_parse(struct str bytes, uint32_t seq, netlink_fn *fn, void *user)
{
	while (bytes.len >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr h;
		struct str payload;
		int32_t error;
		int r;

		memcpy(&h, bytes.ptr, sizeof h);
		if (h.nlmsg_len < sizeof h || h.nlmsg_len > bytes.len)
			return -EBADMSG;
		payload = str_sub(bytes, sizeof h, h.nlmsg_len);
		bytes = str_sub(bytes, NLMSG_ALIGN((size_t)h.nlmsg_len), bytes.len);
		if (h.nlmsg_seq != seq)
			continue; /* of an earlier request that was given up */
		if (h.nlmsg_flags & NLM_F_DUMP_INTR)
			return -EAGAIN;
		if (h.nlmsg_type == NLMSG_DONE)
			return 1;
		if (h.nlmsg_type == NLMSG_ERROR) {
			if (payload.len < sizeof error)
				return -EBADMSG;
			memcpy(&error, payload.ptr, sizeof error);
			return error < 0 && error > -4096 ? error : 1;
		}
		r = h.nlmsg_type < NLMSG_MIN_TYPE ? 0 : fn(h.nlmsg_type, payload, user);
		if (r < 0)
			return r;
	}
	return 0;
}

static int send_request(int fd, const struct nlmsghdr *h)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	while (sendto(fd, h, h->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* The next datagram from the kernel; others on the machine may send, too, and are not heard. */
static int receive(int fd, char *p, struct str *ret)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct sockaddr_nl from = {};
	socklen_t size = sizeof from;
	ssize_t n;
	int r = poll(&wait, 1, ANSWER_MS);

	if (r == 0)
		return -ETIME;
	n = r < 0 ? r : recvfrom(fd, p, DATAGRAM_MAX, MSG_TRUNC, (struct sockaddr *)&from, &size);
	if (n < 0 && errno == EINTR)
		n = 0;
	if (n < 0)
		return -errno;
	if ((size_t)n > DATAGRAM_MAX)
		return -EMSGSIZE;
	*ret = (struct str){ p, from.nl_pid == 0 ? (size_t)n : 0 };
	return 0;
}

int netlink_dump(int fd, void *request, netlink_fn *fn, void *user)
{
	static uint32_t seq;
	own(free_ptr) char *p = calloc(1, DATAGRAM_MAX);
	struct nlmsghdr *h = request;
	int r;

	if (!p)
		return -ENOMEM;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = ++seq;
	r = send_request(fd, h);
	while (r == 0) {
		struct str bytes = {};

		r = receive(fd, p, &bytes);
		if (r == 0)
			r = netlink_parse(bytes, h->nlmsg_seq, fn, user);
	}
	return MIN(r, 0);
}

bool netlink_attr(struct str *attrs, uint16_t *ret_type, struct str *ret)
{
	struct nlattr a;

	if (attrs->len < sizeof a)
		return false;
	memcpy(&a, attrs->ptr, sizeof a);
	if (a.nla_len < sizeof a || a.nla_len > attrs->len)
		return false;
	*ret_type = a.nla_type & NLA_TYPE_MASK;
	*ret = str_sub(*attrs, sizeof a, a.nla_len);
	*attrs = str_sub(*attrs, NLA_ALIGN((size_t)a.nla_len), attrs->len);
	return true;
}

uint32_t netlink_u32(struct str payload)
{
	uint32_t word = 0;
	uint16_t half = 0;

	switch (payload.len) {
	case 1: return (unsigned char)payload.ptr[0];
	case 2: memcpy(&half, payload.ptr, 2); return half;
	case 4: memcpy(&word, payload.ptr, 4); return word;
	default: return 0;
	}
}
