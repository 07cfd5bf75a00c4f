/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real connections in a network namespace: banned, allowed, and cut. */
#include <linux/inet_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include "action/cut.h"
#include "ban_net.h"

struct pair {
	int server, client;
};

static void address(const char *text, uint16_t port, struct sockaddr_storage *ret, socklen_t *len)
{
	struct prefix p = prefix(text);
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	*ret = (struct sockaddr_storage){};
	if (strchr(text, ':')) {
		memcpy(&in6.sin6_addr, p.addr, 16);
		memcpy(ret, &in6, *len = sizeof in6);
	} else {
		memcpy(&in.sin_addr, p.addr + 12, 4);
		memcpy(ret, &in, *len = sizeof in);
	}
}

/* A socket that listens at an address; a bound one where it is not to listen. */
static int bound(const char *at, uint16_t port, int type, bool listens)
{
	struct sockaddr_storage a;
	socklen_t len;
	int fd, one = 1, no = 0;

	address(at, port, &a, &len);
	fd = socket(a.ss_family, type | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (a.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
	if (bind(fd, (struct sockaddr *)&a, len) < 0 || (listens && listen(fd, 8) < 0)) {
		printf("# %s: %s\n", at, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static bool connects(int fd, const char *to, uint16_t port)
{
	struct timeval soon = { .tv_usec = 300'000 };
	struct sockaddr_storage a;
	socklen_t len;

	address(to, port, &a, &len);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
	return connect(fd, (struct sockaddr *)&a, len) == 0;
}

static bool connected(int listener, const char *from, const char *to, uint16_t port,
		      struct pair *ret)
{
	own(close_fd) int client = bound(from, 0, SOCK_STREAM, false);

	if (client < 0 || !connects(client, to, port))
		return false;
	ret->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	ret->client = take_fd(&client);
	return ret->server >= 0;
}

static void hang_up(struct pair *p)
{
	close_fd(&p->server);
	close_fd(&p->client);
}

static bool arrives(int from, int to)
{
	struct pollfd wait = { .fd = to, .events = POLLIN };
	char byte = 'x';

	return send(from, &byte, 1, MSG_NOSIGNAL) == 1 && poll(&wait, 1, 400) == 1 &&
	       recv(to, &byte, 1, 0) == 1;
}

/* Errno that the local program gets. */
static int fate(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char byte;

	if (poll(&wait, 1, 400) != 1)
		return 0;
	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 ? errno : -1;
}

static bool set(struct ban *b, const char *text, bool banned)
{
	struct ban_item item = { prefix(text), 600, 0 };
	size_t failed = 1;

	return (banned ? ban_add : ban_remove)(b, &item, 1, &failed, NULL) == 0 && !failed;
}

static unsigned cut(struct nl *n, const char *text)
{
	struct prefix p = prefix(text);
	struct diag d = {};
	unsigned count = 0;

	if (!is_int(cut_peers(n, &p, 1, &count, &d), 0, "cut"))
		printf("# %s\n", d.reason);
	return count;
}

/* One way to reach a listener; `ban` holds `from`. */
static void test_way(struct ban *b, struct nl *n, const char *listens, const char *from,
		     const char *to, const char *ban)
{
	own(close_fd) int listener = bound(listens, 4711, SOCK_STREAM, true);
	struct pair old = { -1, -1 }, other = { -1, -1 }, fresh = { -1, -1 };
	struct prefix allowed = prefix(from);
	struct ban_counters count = {}, after = {};

	printf("# %s to %s, ban of %s\n", from, to, ban);
	ok(connected(listener, from, to, 4711, &old), "a connection");
	ok(connected(listener, to, to, 4711, &other), "another host's");
	ok(arrives(old.client, old.server), "works");
	ok(set(b, ban, true), "its host is banned");
	ok(!arrives(old.client, old.server), "the established connection is dropped");
	ok(arrives(other.client, other.server), "others go on");
	ok(!connected(listener, from, to, 4711, &fresh), "and there is no new one");
	is_int(ban_dropped(b, &count, NULL), 0, "what was dropped");
	is_int(ban_allow(b, &allowed, 1, NULL), 0, "the host is allowed");
	ok(connected(listener, from, to, 4711, &fresh), "it comes in in spite of the ban");
	is_int(ban_allow(b, NULL, 0, NULL), 0, "not any more");
	is_int(ban_dropped(b, &after, NULL), 0, "what was dropped");
	ok(count.packets > 0 && after.packets >= count.packets, "is counted");
	ok(cut(n, ban) >= 2, "its connections are cut");
	is_int(fate(old.server), ECONNABORTED, "the local program is told");
	is_int(fate(fresh.server), ECONNABORTED, "in each of them");
	ok(arrives(other.client, other.server), "others go on");
	is_int((int)cut(n, ban), 0, "nothing is left to cut");
	ok(set(b, ban, false), "unban");
	hang_up(&fresh);
	ok(connected(listener, from, to, 4711, &fresh), "it comes in again");
	hang_up(&old);
	hang_up(&other);
	hang_up(&fresh);
}

/* More connections than one answer of the kernel holds, and a connected UDP socket. */
static void test_many(struct nl *n)
{
	own(close_fd) int listener = bound("127.0.0.1", 4712, SOCK_STREAM, true);
	own(close_fd) int udp = bound("127.0.0.1", 4713, SOCK_DGRAM, false);
	struct prefix list[] = { prefix("127.0.1.0/24"), prefix("127.0.1.9"),
				 prefix("2001:db8::/32") };
	static struct pair pairs[200];
	unsigned count = 0, good = 0;

	for (size_t i = 0; i < COUNT(pairs); i++) {
		char from[32];

		pairs[i] = (struct pair){ -1, -1 };
		(void)snprintf(from, sizeof from, "127.0.%zu.%zu", 1 + i % 2, 1 + i);
		good += connected(listener, from, "127.0.0.1", 4712, &pairs[i]);
	}
	is_int(good, COUNT(pairs), "many connections");
	ok(connects(udp, "127.0.1.7", 99), "a connected UDP socket");
	is_int(cut_peers(n, list, COUNT(list), &count, NULL), 0, "one network is cut");
	/* Those of the server's side that have such a peer, and the UDP socket. */
	is_int(count, COUNT(pairs) / 2 + 1, "wholly");
	is_int(fate(pairs[1].server), 0, "the other network is not");
	is_int(fate(pairs[0].server), ECONNABORTED, "that one is");
	for (size_t i = 0; i < COUNT(pairs); i++)
		hang_up(&pairs[i]);
}

static void test_answers(void)
{
	struct inet_diag_msg m = { .idiag_family = AF_INET6, .id.idiag_dport = htons(5) };
	struct str bytes = { (const char *)&m, sizeof m };
	struct prefix p, v4 = prefix("192.0.2.1");

	memcpy(m.id.idiag_dst, v4.addr, 16);
	ok(cut_peer(bytes, &p) && prefix_eq(&p, &v4), "an IPv4 peer of an IPv6 socket is IPv4");
	ok(!cut_peer(str_sub(bytes, 0, bytes.len - 1), &p), "an answer that is cut off");
	m.id.idiag_dport = 0;
	ok(!cut_peer(bytes, &p), "a socket without peer");
	m.id.idiag_dport = 1;
	m.idiag_family = AF_UNIX;
	ok(!cut_peer(bytes, &p), "another family");
}

int main(void)
{
	own(nl_close) struct nl n = NL_NONE;
	struct ban *b = NULL;
	struct diag d = {};
	unsigned found;
	int r;

	test_answers();
	if (!enter_namespace("connections"))
		return done();
	r = cut_open(&n, &d);
	if (r == -EOPNOTSUPP) {
		skip("connections", d.reason);
		return done();
	}
	is_int(r, 0, "connections can be cut");
	if (ban_open(&(struct ban_config){ .kind = BAN_NFT }, &b, &d) < 0 ||
	    ban_ensure(b, &found, &d) < 0) {
		ok(false, d.reason);
		return done();
	}
	test_many(&n);
	test_way(b, &n, "127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2");
	test_way(b, &n, "127.0.0.1", "127.0.5.2", "127.0.0.1", "127.0.5.0/24");
	if (runs("ip -6 addr add 2001:db8:1::1/128 dev lo") &&
	    runs("ip -6 addr add 2001:db8:2::2/128 dev lo")) {
		test_way(b, &n, "::", "127.0.0.3", "127.0.0.1", "::ffff:127.0.0.3");
		test_way(b, &n, "::", "2001:db8:2::2", "2001:db8:1::1", "2001:db8:2::2");
		test_way(b, &n, "::", "2001:db8:2::2", "2001:db8:1::1", "2001:db8:2::/64");
	} else {
		skip("IPv6", "the kernel has none");
	}
	ban_close(&b);
	return done();
}
