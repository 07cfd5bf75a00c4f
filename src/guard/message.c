/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/socket.h>

#include "guard/message.h"

static const struct kind {
	const char *name;
	unsigned from;
	unsigned phases;
	size_t least, most;
	unsigned fds;
} kinds[MESSAGE_N] = {
#define MESSAGE_ROW(name, from, phases, least, most, fds) \
	[MESSAGE_##name] = { #name, FROM_##from, phases, least, most, fds },
	MESSAGES(MESSAGE_ROW)
#undef MESSAGE_ROW
};

const char *message_name(enum message_type type)
{
	return type > MESSAGE_NONE && type < MESSAGE_N ? kinds[type].name : "?";
}

const char *message_role_name(enum message_role role)
{
	static const char *const names[ROLE_N] = { "parent", "decoder",   "control",
						   "net",    "integrity", "azure",
						   "knock",  "keys",      "command" };

	return role < ROLE_N ? names[role] : "?";
}

int message_parse(struct str datagram, unsigned n_fds, enum message_role from,
		  enum message_phase phase, struct message *ret)
{
	const struct kind *k;
	uint32_t type;

	if (datagram.len < sizeof type || datagram.len > MESSAGE_MAX)
		return -EBADMSG;
	memcpy(&type, datagram.ptr, sizeof type);
	if (type <= MESSAGE_NONE || type >= MESSAGE_N)
		return -EBADMSG;
	k = &kinds[type];
	datagram = str_sub(datagram, sizeof type, datagram.len);
	if (!(k->from >> from & 1) || !(k->phases & phase) || datagram.len < k->least ||
	    datagram.len > k->most || n_fds > k->fds)
		return -EBADMSG;
	*ret = (struct message){ .type = (enum message_type)type, .rest = datagram };
	return 0;
}

void message_bytes(struct message *m, void *to, size_t n)
{
	if (m->bad || m->rest.len < n) {
		m->bad = true;
		memset(to, 0, n);
		return;
	}
	if (n)
		memcpy(to, m->rest.ptr, n);
	m->rest = str_sub(m->rest, n, m->rest.len);
}

uint8_t message_u8(struct message *m)
{
	uint8_t v;

	message_bytes(m, &v, sizeof v);
	return v;
}

uint32_t message_u32(struct message *m)
{
	uint32_t v;

	message_bytes(m, &v, sizeof v);
	return v;
}

uint64_t message_u64(struct message *m)
{
	uint64_t v;

	message_bytes(m, &v, sizeof v);
	return v;
}

struct str message_str(struct message *m, size_t max)
{
	uint32_t n = message_u32(m);
	struct str s;

	if (m->bad || n > max || n > m->rest.len) {
		m->bad = true;
		return STR("");
	}
	s = str_sub(m->rest, 0, n);
	m->rest = str_sub(m->rest, n, m->rest.len);
	return s;
}

bool message_end(const struct message *m) { return !m->bad && !m->rest.len; }

void message_release(struct message *m)
{
	for (unsigned i = 0; i < m->n_fds; i++)
		close_fd(&m->fds[i]);
	m->n_fds = 0;
}

void message_begin(struct message_out *o, enum message_type type)
{
	o->n = 0;
	o->full = false;
	o->n_fds = 0;
	message_put_u32(o, type);
}

void message_put_bytes(struct message_out *o, const void *p, size_t n)
{
	if (o->full || n > message_room(o)) {
		o->full = true;
		return;
	}
	if (n)
		memcpy(o->bytes + o->n, p, n);
	o->n += n;
}

void message_put_u8(struct message_out *o, uint8_t v) { message_put_bytes(o, &v, sizeof v); }
void message_put_u32(struct message_out *o, uint32_t v) { message_put_bytes(o, &v, sizeof v); }
void message_put_u64(struct message_out *o, uint64_t v) { message_put_bytes(o, &v, sizeof v); }

void message_put_str(struct message_out *o, struct str s)
{
	if (s.len > UINT32_MAX) {
		o->full = true;
		return;
	}
	message_put_u32(o, (uint32_t)s.len);
	message_put_bytes(o, s.ptr, s.len);
}

void message_put_fd(struct message_out *o, int fd)
{
	if (o->n_fds == MESSAGE_FDS)
		o->full = true;
	else
		o->fds[o->n_fds++] = fd;
}

int message_pair(int ret[static 2])
{
	int pair[2], flags;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	flags = fcntl(pair[0], F_GETFL);
	if (flags < 0 || fcntl(pair[0], F_SETFL, flags | O_NONBLOCK) < 0) {
		int r = -errno;

		close(pair[0]);
		close(pair[1]);
		return r;
	}
	/* More than one message of the largest size in flight. */
	for (int i = 0; i < 2; i++)
		setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &(int){ 1 << 20 }, sizeof(int));
	ret[0] = pair[0];
	ret[1] = pair[1];
	return 0;
}

union ancillary {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int) * MESSAGE_FDS)];
};

int message_send(int fd, const struct message_out *o)
{
	struct iovec v = { (void *)o->bytes, o->n };
	union ancillary space = {};
	struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1 };
	ssize_t n;

	if (o->full)
		return -EMSGSIZE;
	if (o->n_fds) {
		h.msg_control = space.bytes;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * o->n_fds);
		space.head.cmsg_level = SOL_SOCKET;
		space.head.cmsg_type = SCM_RIGHTS;
		space.head.cmsg_len = CMSG_LEN(sizeof(int) * o->n_fds);
		memcpy(CMSG_DATA(&space.head), o->fds, sizeof(int) * o->n_fds);
	}
	do
		n = sendmsg(fd, &h, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return 0;
}

static void take_fds(struct msghdr *h, struct message *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (m->n_fds < MESSAGE_FDS)
				m->fds[m->n_fds++] = fd;
			else
				close(fd);
		}
	}
}

/* NOLINTNEXTLINE(readability-non-const-parameter): recvmsg() writes to it. */
int message_receive(int fd, char *buffer, enum message_role from, enum message_phase phase,
		    struct message *ret)
{
	struct iovec v = { .iov_base = buffer, .iov_len = MESSAGE_MAX };
	union ancillary space = {};
	struct msghdr h = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = space.bytes,
			    .msg_controllen = sizeof space.bytes };
	struct message m = {}, got = {};
	ssize_t n;
	int r;

	do
		n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	take_fds(&h, &got);
	/* An empty datagram cannot be told from the end; nobody sends one. */
	if (!n) {
		message_release(&got);
		return 0;
	}
	if (h.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		r = -EBADMSG;
	else
		r = message_parse((struct str){ buffer, (size_t)n }, got.n_fds, from, phase, &m);
	if (r < 0) {
		message_release(&got);
		return r;
	}
	memcpy(m.fds, got.fds, sizeof m.fds);
	m.n_fds = got.n_fds;
	*ret = m;
	return 1;
}
