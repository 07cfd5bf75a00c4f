/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ssh/agent.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "ssh/wire.h"

enum {
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	SIGN_REQUEST = 13,
	SIGN_RESPONSE = 14,
};
#define FLAG_RSA_SHA2_512 4U

int agent_open(const char *path, int *ret_fd)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd own(close_fd) = -1;

	if (!path || !*path)
		return -ENOENT;
	if (strlen(path) >= sizeof sa.sun_path)
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof sa) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

/* All n bytes, read or written, until the deadline. */
static int transfer(int fd, char *p, size_t n, bool out, int64_t deadline)
{
	while (n) {
		struct pollfd pfd = { .fd = fd, .events = out ? POLLOUT : POLLIN };
		int64_t left = deadline - milliseconds();
		ssize_t got;
		int r = left <= 0 ? 0 : poll(&pfd, 1, (int)left);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? -errno : -ETIMEDOUT;
		got = out ? send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT)
			  : recv(fd, p, n, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EPIPE;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

/* Sends the message and gives the body of the answer, which begins with its type. */
static int ask(int fd, const struct buf *body, int timeout, struct arena *a, struct str *ret)
{
	struct buf own(buf_release) message = BUF(AGENT_MESSAGE_MAX + 4);
	int64_t deadline = milliseconds() + timeout;
	struct wire head;
	char size[4], *p;
	uint32_t n;
	int r;

	wire_put_string(&message, buf_view(body));
	if (body->error || message.error)
		return body->error ? body->error : message.error;
	r = transfer(fd, message.ptr, message.len, true, deadline);
	if (!r)
		r = transfer(fd, size, sizeof size, false, deadline);
	if (r < 0)
		return r;
	head = (struct wire){
		.s = {size, sizeof size}
	};
	n = wire_u32(&head);
	if (!n || n > AGENT_MESSAGE_MAX)
		return -EBADMSG;
	p = arena_alloc(a, n);
	if (!p)
		return -ENOMEM;
	r = transfer(fd, p, n, false, deadline);
	if (!r)
		*ret = (struct str){ p, n };
	return r;
}

int agent_list(int fd, struct arena *a, struct agent_key **ret, size_t *ret_n)
{
	struct buf own(buf_release) body = BUF(16);
	struct agent_key *keys;
	struct wire w = {};
	uint32_t n;
	int r;

	wire_put_u8(&body, REQUEST_IDENTITIES);
	r = ask(fd, &body, AGENT_ANSWER_MS, a, &w.s);
	if (r < 0)
		return r;
	if (wire_u8(&w) != IDENTITIES_ANSWER)
		return -EACCES;
	n = wire_u32(&w);
	if (w.bad || n > AGENT_KEYS_MAX)
		return -EBADMSG;
	keys = arena_array(a, n + 1, sizeof *keys);
	if (!keys)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		keys[i].blob = wire_string(&w);
		keys[i].comment = wire_string(&w);
	}
	r = wire_end(&w);
	if (r < 0)
		return r;
	*ret = keys;
	*ret_n = n;
	return 0;
}

int agent_sign(int fd, struct str key_blob, struct str data, struct arena *a, struct str *ret)
{
	struct buf own(buf_release) body = BUF(AGENT_MESSAGE_MAX);
	struct wire key = { .s = key_blob }, w = {};
	struct str type = wire_string(&key), signature;
	bool rsa = str_starts(type, STR("ssh-rsa"));
	int r;

	wire_put_u8(&body, SIGN_REQUEST);
	wire_put_string(&body, key_blob);
	wire_put_string(&body, data);
	wire_put_u32(&body, rsa ? FLAG_RSA_SHA2_512 : 0);
	r = ask(fd, &body, AGENT_SIGN_MS, a, &w.s);
	if (r < 0)
		return r;
	if (wire_u8(&w) != SIGN_RESPONSE)
		return -EACCES;
	signature = wire_string(&w);
	r = wire_end(&w);
	if (!r)
		*ret = signature;
	return r;
}
