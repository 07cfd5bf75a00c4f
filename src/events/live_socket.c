/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Syslog and audit messages of sockets that somebody else has opened. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "events/decoders.h"
#include "events/live_work.h"
#include "events/program.h"

enum { FEED_SYSLOG, FEED_XML, FEED_JSON };

#define MESSAGES_MAX 4096U /* at a time */

struct peer {
	int fd; /* -1: free */
	char name[INET6_ADDRSTRLEN];
	bool ready;
	int64_t active; /* monotonic time */
	char *buf;      /* owned */
	size_t n, cap;
	size_t skip;    /* bytes of a message that is too long */
	bool skip_line; /* the same, up to its newline */
};

struct live_socket {
	int fd;
	uint32_t dropped;            /* the kernel's count */
	struct peer *peer;           /* owned, LIVE_PEERS_MAX of them, of a stream */
	char name[INET6_ADDRSTRLEN]; /* of the latest datagram */
	struct buf line;
	char *message; /* owned */
};

static uint64_t tag_of(const struct live_source_state *s, uint32_t peer)
{
	return (uint64_t)peer << 32 | s->index;
}

static int hear(const struct live_source_state *s, int fd, uint32_t peer)
{
	struct epoll_event e = { .events = EPOLLIN, .data = { .u64 = tag_of(s, peer) } };

	return epoll_ctl(s->live->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

int live_socket_new(struct live_source_state *s, int fd)
{
	struct live_socket *k = calloc(1, sizeof *k);
	int flags = fcntl(fd, F_GETFL);

	s->socket = k;
	if (!k) {
		close(fd);
		return -ENOMEM;
	}
	k->fd = fd;
	k->line.limit = 2 * (size_t)LIVE_MESSAGE_MAX + 256;
	k->message = malloc(LIVE_MESSAGE_MAX + 1);
	if (!k->message)
		return -ENOMEM;
	if (s->kind == LIVE_STREAM) {
		k->peer = calloc(LIVE_PEERS_MAX, sizeof *k->peer);
		if (!k->peer)
			return -ENOMEM;
		for (size_t i = 0; i < LIVE_PEERS_MAX; i++)
			k->peer[i].fd = -1;
	} else if (s->kind == LIVE_AUDIT && !s->format) {
		s->format = &decoder_audit;
	}
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	s->status.open = true;
	return hear(s, fd, 0);
}

static void drop_peer(struct peer *p)
{
	close_fd(&p->fd);
	free(p->buf);
	*p = (struct peer){ .fd = -1 };
}

void live_socket_release(struct live_source_state *s)
{
	struct live_socket *k = s->socket;

	if (!k)
		return;
	for (size_t i = 0; k->peer && i < LIVE_PEERS_MAX; i++)
		drop_peer(&k->peer[i]);
	close(k->fd);
	free(k->peer);
	free(k->message);
	buf_release(&k->line);
	free(k);
	s->socket = NULL;
}

void live_socket_ready(struct live_source_state *s, uint32_t peer)
{
	s->ready = true;
	if (peer && s->socket->peer)
		s->socket->peer[peer - 1].ready = true;
}

static int put_line(struct feed *f, struct str line)
{
	int result = feed_room(f, line.len + 1);

	if (result < 0)
		return result;
	memcpy(f->buf + f->end, line.ptr, line.len);
	f->buf[f->end + line.len] = '\n';
	feed_added(f, line.len + 1);
	return 0;
}

static int start_feed(struct feed *f, const struct decoder *d)
{
	return f->decoder ? 0 : feed_start(f, d);
}

/* A message without a time, and maybe without a host: RFC 3164, 4.3.2 and 4.3.3. */
static struct str with_header(struct live_socket *k, struct str line, const char *from)
{
	struct str priority = {};
	int64_t now = live_wall(), seconds = now / 1'000'000;
	unsigned month, day, rest = (unsigned)(seconds % 86400);
	ssize_t end = line.len && *line.ptr == '<' ? str_find(line, '>') : -1;
	int year;

	if (end > 0 && end < 5) {
		priority = str_sub(line, 0, (size_t)end + 1);
		line = str_sub(line, (size_t)end + 1, line.len);
	}
	date_of(seconds / 86400, &year, &month, &day);
	buf_reset(&k->line);
	buf_str(&k->line, priority);
	buf_fmt(&k->line, "%04d-%02u-%02uT%02u:%02u:%02u.%06uZ %s ", year, month, day, rest / 3600,
		rest / 60 % 60, rest % 60, (unsigned)(now % 1'000'000), from);
	buf_str(&k->line, line);
	return buf_view(&k->line);
}

static int put_syslog(struct live_source_state *s, struct str line, const char *from)
{
	struct feed *f = &s->feed[FEED_SYSLOG];
	int result = start_feed(f, s->format ? s->format : &decoder_syslog);

	if (result == 0 && f->decoder == &decoder_syslog &&
	    f->decoder->when(f->state, &f->x, line) == EVENT_TIME_UNKNOWN)
		line = with_header(s->socket, line, from);
	return result ? result : put_line(f, line);
}

/* One message, in memory that may be changed. */
static int put_message(struct live_source_state *s, char *text, size_t n, const char *from)
{
	struct str line = { text, n }, event = {};
	const char *xml, *end;
	int result;

	while (line.len &&
	       (!text[line.len - 1] || text[line.len - 1] == '\n' || text[line.len - 1] == '\r'))
		line.len--;
	for (size_t i = 0; i < line.len; i++)
		if (!text[i] || text[i] == '\n' || text[i] == '\r')
			text[i] = ' ';
	if (!line.len)
		return 0;
	xml = s->format ? NULL : memmem(line.ptr, line.len, "<Event", 6);
	end = xml ? memmem(xml, line.len - (size_t)(xml - line.ptr), "</Event>", 8) : NULL;
	if (end)
		event = (struct str){ xml, (size_t)(end + 8 - xml) };
	/* Sysmon for Linux is a program of the syslog. */
	if (event.len && !str_contains(event, STR("Linux-Sysmon"))) {
		result = start_feed(&s->feed[FEED_XML], &decoder_windows_xml);
		return result ? result : put_line(&s->feed[FEED_XML], event);
	}
	if (!s->format && *line.ptr == '{') {
		result = start_feed(&s->feed[FEED_JSON], &decoder_json);
		return result ? result : put_line(&s->feed[FEED_JSON], line);
	}
	return put_syslog(s, line, from);
}

static const char *name_of(const struct sockaddr_storage *a, char ret[static INET6_ADDRSTRLEN])
{
	const void *address = NULL;

	if (a->ss_family == AF_INET)
		address = &((const struct sockaddr_in *)a)->sin_addr;
	else if (a->ss_family == AF_INET6)
		address = &((const struct sockaddr_in6 *)a)->sin6_addr;
	if (!address || !inet_ntop(a->ss_family, address, ret, INET6_ADDRSTRLEN))
		memcpy(ret, "localhost", sizeof "localhost");
	return ret;
}

/* SO_RXQ_OVFL: what the kernel has dropped since the socket was opened. */
static void count_dropped(struct live_source_state *s, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		uint32_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&n, CMSG_DATA(c), sizeof n);
		s->status.dropped += n - s->socket->dropped;
		s->socket->dropped = n;
	}
}

static int put_audit(struct live_source_state *s, const struct sockaddr_storage *from, size_t n)
{
	struct live_socket *k = s->socket;
	struct feed *f = s->feed;
	int result;

	/* From the kernel only. */
	if (((const struct sockaddr_nl *)from)->nl_pid)
		return 0;
	buf_reset(&k->line);
	if (audit_line(k->message, n, &k->line) < 0)
		return 0;
	result = start_feed(f, s->format);
	return result ? result : put_line(f, buf_view(&k->line));
}

static int fill_datagrams(struct live_source_state *s)
{
	struct live_socket *k = s->socket;
	int result = 0;

	for (unsigned i = 0; result == 0 && i < MESSAGES_MAX; i++) {
		struct sockaddr_storage from = {};
		_Alignas(struct cmsghdr) char control[64];
		struct iovec v = { k->message, LIVE_MESSAGE_MAX };
		struct msghdr m = { .msg_name = &from,
				    .msg_namelen = sizeof from,
				    .msg_iov = &v,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof control };
		ssize_t n = recvmsg(k->fd, &m, MSG_DONTWAIT);

		if (n < 0 && errno == ENOBUFS) {
			s->status.dropped++;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN)
				live_trouble(s, -errno, "cannot be read");
			return 0;
		}
		s->status.cut += (m.msg_flags & MSG_TRUNC) != 0;
		count_dropped(s, &m);
		if (s->kind == LIVE_AUDIT)
			result = put_audit(s, &from, (size_t)n);
		else
			result = put_message(s, k->message, (size_t)n, name_of(&from, k->name));
	}
	s->ready = true;
	return result;
}

/* The place of a new connection; the one that was quiet longest gives way. */
static uint32_t place(struct live_socket *k)
{
	uint32_t oldest = 0;

	for (uint32_t i = 0; i < LIVE_PEERS_MAX; i++) {
		if (k->peer[i].fd < 0)
			return i;
		if (k->peer[i].active < k->peer[oldest].active)
			oldest = i;
	}
	drop_peer(&k->peer[oldest]);
	return oldest;
}

static int accept_peers(struct live_source_state *s)
{
	struct live_socket *k = s->socket;

	for (unsigned i = 0; i < LIVE_PEERS_MAX; i++) {
		struct sockaddr_storage from = {};
		socklen_t n = sizeof from;
		int fd = accept4(k->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
		uint32_t at;

		if (fd < 0) {
			if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
				live_trouble(s, -errno, "cannot accept connections");
			return 0;
		}
		at = place(k);
		k->peer[at] = (struct peer){ .fd = fd, .ready = true, .active = live_monotonic() };
		name_of(&from, k->peer[at].name);
		if (hear(s, fd, at + 1) < 0)
			drop_peer(&k->peer[at]);
	}
	return 0;
}

/*
 * One message of the bytes at *at: with its length in front (RFC 6587, 3.4.1) or up to a newline.
 * False: it is not whole yet.
 */
static bool next_message(struct live_source_state *s, struct peer *p, size_t *at, struct str *ret)
{
	struct str rest = { p->buf + *at, p->n - *at };
	const char *end;
	size_t len = 0, i = 0;

	while (i < rest.len && i < 9 && rest.ptr[i] >= '0' && rest.ptr[i] <= '9')
		len = len * 10 + (size_t)(rest.ptr[i++] - '0');
	if (i && *rest.ptr != '0' && i < rest.len && rest.ptr[i] == ' ') {
		rest = str_sub(rest, i + 1, rest.len);
		if (len > LIVE_MESSAGE_MAX) {
			p->skip = len;
			s->status.cut++;
			*ret = (struct str){};
			*at += i + 1;
			return true;
		}
		if (rest.len < len)
			return false;
		*ret = str_sub(rest, 0, len);
		*at += i + 1 + len;
		return true;
	}
	end = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;
	if (!end)
		return false;
	*ret = (struct str){ rest.ptr, (size_t)(end - rest.ptr) };
	*at += ret->len + 1;
	return true;
}

/* Bytes of a message that is too long. */
static size_t skip_some(struct peer *p, size_t at)
{
	size_t n = MIN(p->skip, p->n - at);
	const char *end;

	p->skip -= n;
	at += n;
	if (!p->skip_line || at == p->n)
		return at;
	end = memchr(p->buf + at, '\n', p->n - at);
	if (!end)
		return p->n;
	p->skip_line = false;
	return (size_t)(end + 1 - p->buf);
}

static int put_messages(struct live_source_state *s, struct peer *p)
{
	size_t at = skip_some(p, 0);
	struct str message;
	int result = 0;

	while (result == 0 && at < p->n && next_message(s, p, &at, &message)) {
		if (message.len)
			result = put_message(s, (char *)message.ptr, message.len, p->name);
		at = skip_some(p, at);
	}
	p->n -= at;
	memmove(p->buf, p->buf + at, p->n);
	if (p->n >= LIVE_MESSAGE_MAX + 16) {
		s->status.cut++;
		p->n = 0;
		p->skip_line = true;
	}
	return result;
}

static int grow(struct peer *p)
{
	size_t cap = MIN(MAX(p->cap * 2, 4096), LIVE_MESSAGE_MAX + 4096);
	char *buf;

	if (p->cap - p->n >= 1024 || p->cap >= cap)
		return 0;
	buf = realloc(p->buf, cap);
	if (!buf)
		return -ENOMEM;
	p->buf = buf;
	p->cap = cap;
	return 0;
}

static int read_peer(struct live_source_state *s, struct peer *p)
{
	p->active = live_monotonic();
	for (unsigned i = 0; i < 64; i++) {
		int result = grow(p);
		ssize_t n;

		if (result < 0)
			return result;
		n = recv(p->fd, p->buf + p->n, p->cap - p->n, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			p->ready = false;
			return 0;
		}
		if (n <= 0) {
			/* What was sent without an end is a message, too. */
			if (p->n && !p->skip && !p->skip_line)
				result = put_message(s, p->buf, p->n, p->name);
			drop_peer(p);
			return result;
		}
		p->n += (size_t)n;
		result = put_messages(s, p);
		if (result < 0)
			return result;
	}
	s->ready = true;
	return 0;
}

int live_socket_fill(struct live_source_state *s)
{
	int result;

	for (size_t i = 0; i < LIVE_FEEDS; i++)
		if (s->feed[i].from < s->feed[i].to)
			return 0;
	s->ready = false;
	if (s->kind != LIVE_STREAM)
		return fill_datagrams(s);
	result = accept_peers(s);
	for (size_t i = 0; result == 0 && i < LIVE_PEERS_MAX; i++)
		if (s->socket->peer[i].ready)
			result = read_peer(s, &s->socket->peer[i]);
	return result;
}
