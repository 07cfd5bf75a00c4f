/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Syslog: RFC 5426 (UDP), RFC 6587 (TCP) and RFC 5425 (TLS), the latter two with the length in
 * front of each message. Connecting, TLS and names are libcurl's.
 *
 * No syslog server says that it has a message. A batch counts as told when the other side's TCP has
 * acknowledged it; what a server that then dies has not read is lost.
 */
#include <linux/sockios.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "guard/sink_work.h"

#define DATAGRAM_MAX 8'192u
#define SECOND INT64_C(1'000'000)

static int64_t now_of(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

/* "udp://HOST:PORT" */
static enum sink_result open_udp(struct sink *s)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *list = NULL;
	struct str rest = str_sub(str_of(s->c.url), strlen("udp://"), strlen(s->c.url)), host;
	ssize_t colon = str_rfind(rest, ':');
	char name[256];
	int r;

	host = str_sub(rest, 0, (size_t)colon);
	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		host = str_sub(host, 1, host.len - 1);
	snprintf(name, sizeof name, "%.*s", STR_FMT(host));
	r = getaddrinfo(name, rest.ptr + colon + 1, &hints, &list);
	if (r != 0)
		return sink_fail(s, "%s", gai_strerror(r));
	for (struct addrinfo *a = list; a && s->socket < 0; a = a->ai_next) {
		s->socket = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
		if (s->socket >= 0 && connect(s->socket, a->ai_addr, a->ai_addrlen) < 0)
			close_fd(&s->socket);
	}
	freeaddrinfo(list);
	return s->socket < 0 ? sink_fail(s, "no way to it") : SINK_TOLD;
}

/* An error that came back for an earlier datagram is one of this attempt. */
static enum sink_result tell_udp(struct sink *s, const struct sink_batch *b)
{
	size_t at = 0;

	if (s->socket < 0 && open_udp(s) != SINK_TOLD)
		return SINK_LATER;
	for (size_t i = 0; i < b->n; i++) {
		struct str m = str_sub(sink_record(b, i, &at), 0, DATAGRAM_MAX);

		if (send(s->socket, m.ptr, m.len, MSG_NOSIGNAL) == (ssize_t)m.len)
			continue;
		(void)sink_fail(s, "%s", strerror(errno));
		close_fd(&s->socket);
		return SINK_LATER;
	}
	return SINK_TOLD;
}

static enum sink_result open_stream(struct sink *s)
{
	bool tls = str_starts(str_of(s->c.url), STR("tls://"));
	char url[512];
	CURLcode r;

	snprintf(url, sizeof url, "%s://%s/", tls ? "https" : "http", s->c.url + strlen("tls://"));
	s->curl = sink_curl(s, url);
	if (!s->curl)
		return sink_fail(s, "no memory");
	curl_easy_setopt(s->curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(s->curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(s->curl, CURLOPT_PROXY, "");
	r = curl_easy_perform(s->curl);
	if (r == CURLE_OK)
		return SINK_TOLD;
	sink_disconnect(s);
	return sink_fail(s, "%s", curl_easy_strerror(r));
}

static curl_socket_t socket_of(struct sink *s)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(s->curl, CURLINFO_ACTIVESOCKET, &fd);
	return fd;
}

/* Whether the other side has ended the connection. Servers say nothing else. */
static bool is_closed(struct sink *s)
{
	struct pollfd p = { .fd = socket_of(s), .events = POLLIN | POLLRDHUP };
	char text[256];
	size_t n;
	CURLcode r;

	if (p.fd < 0)
		return true;
	if (poll(&p, 1, 0) <= 0)
		return false;
	if (p.revents & (POLLRDHUP | POLLHUP | POLLERR))
		return true;
	r = curl_easy_recv(s->curl, text, sizeof text, &n);
	return r != CURLE_AGAIN && (r != CURLE_OK || n == 0);
}

static enum sink_result send_all(struct sink *s, struct str text, int64_t deadline)
{
	while (text.len) {
		size_t n = 0;
		CURLcode r = curl_easy_send(s->curl, text.ptr, text.len, &n);

		text = str_sub(text, n, text.len);
		if (r == CURLE_AGAIN) {
			struct pollfd p = { .fd = socket_of(s), .events = POLLOUT };

			if (now_of() > deadline || atomic_load(&s->aborted))
				return sink_fail(s, "it does not take more");
			(void)poll(&p, 1, 100);
		} else if (r != CURLE_OK) {
			return sink_fail(s, "%s", curl_easy_strerror(r));
		}
	}
	return SINK_TOLD;
}

/* Until the other side's TCP has all of it. */
static enum sink_result wait_sent(struct sink *s, int64_t deadline)
{
	int waiting = 1;

	while (waiting) {
		struct pollfd p = { .fd = socket_of(s), .events = POLLRDHUP };

		if (ioctl(p.fd, SIOCOUTQ, &waiting) < 0)
			return sink_fail(s, "%s", strerror(errno));
		if (!waiting)
			break;
		if (now_of() > deadline || atomic_load(&s->aborted))
			return sink_fail(s, "it does not acknowledge");
		if (poll(&p, 1, 2) > 0)
			return sink_fail(s, "the connection was ended");
	}
	return is_closed(s) ? sink_fail(s, "the connection was ended") : SINK_TOLD;
}

static enum sink_result tell_stream(struct sink *s, const struct sink_batch *b)
{
	own(buf_release) struct buf text = BUF(b->text.len + b->n * 16);
	int64_t deadline = now_of() + s->c.timeout * SECOND;
	enum sink_result result = SINK_TOLD;
	size_t at = 0;

	if (s->curl && is_closed(s))
		sink_disconnect(s);
	if (!s->curl)
		result = open_stream(s);
	for (size_t i = 0; i < b->n; i++) {
		struct str m = sink_record(b, i, &at);

		buf_fmt(&text, "%zu ", m.len);
		buf_str(&text, m);
	}
	if (text.error)
		return sink_fail(s, "no memory");
	if (result == SINK_TOLD)
		result = send_all(s, buf_view(&text), deadline);
	if (result == SINK_TOLD)
		result = wait_sent(s, deadline);
	if (result != SINK_TOLD)
		sink_disconnect(s);
	return result;
}

enum sink_result sink_syslog(struct sink *s, const struct sink_batch *b)
{
	return str_starts(str_of(s->c.url), STR("udp://")) ? tell_udp(s, b) : tell_stream(s, b);
}
