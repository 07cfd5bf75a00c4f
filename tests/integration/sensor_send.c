// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * usage: sensor_send MODE ADDRESS PORT RATE COUNT [INTERFACE MAC]
 * Sends COUNT packets to ADDRESS, RATE a second (0: as fast as it goes), and prints microseconds
 * since 1970 of the first and the last, how many the kernel took, and CPU time (ns) spent.
 *   udp       datagrams of one socket          udp-new   a socket each
 *   udp-32    a socket for each 32
 *   udp-many  to ADDRESS and the 255 after it  dns       each waits for its answer, a socket each
 *   echo      of one socket, 8 before the answers are read
 *   connect   connections that are not waited for
 *   open      connections that are
 *   syn       raw packets from invented sources
 *   exec      runs true(1)
 *   icmp      echo requests                    packet    the UDP datagrams of a packet socket
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct send {
	int fd;
	struct sockaddr_in to;
	struct sockaddr_ll link;
	uint32_t number;
};

static int64_t ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

static bool one_udp(struct send *s)
{
	return sendto(s->fd, "flood", 5, 0, (struct sockaddr *)&s->to, sizeof(s->to)) == 5;
}

static bool one_many(struct send *s)
{
	struct sockaddr_in to = s->to;

	to.sin_addr.s_addr = htonl(ntohl(to.sin_addr.s_addr) + s->number % 256);
	return sendto(s->fd, "flood", 5, 0, (struct sockaddr *)&to, sizeof(to)) == 5;
}

static bool one_new(struct send *s)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool sent = sendto(fd, "flood", 5, 0, (struct sockaddr *)&s->to, sizeof(s->to)) == 5;

	close(fd);
	return sent;
}

static bool one_of_32(struct send *s)
{
	static int fd = -1;

	if (s->number % 32 == 0) {
		close(fd);
		fd = socket(AF_INET, SOCK_DGRAM, 0);
	}
	return sendto(fd, "flood", 5, 0, (struct sockaddr *)&s->to, sizeof(s->to)) == 5;
}

static bool answer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char text[64];

	return poll(&p, 1, 1000) == 1 && recv(fd, text, sizeof(text), 0) > 0;
}

static bool one_dns(struct send *s)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool sent = sendto(fd, "query", 5, 0, (struct sockaddr *)&s->to, sizeof(s->to)) == 5 &&
		    answer(fd);

	close(fd);
	return sent;
}

static bool one_echo(struct send *s)
{
	bool sent = one_udp(s);

	for (int i = 0; i < 8 && s->number % 8 == 7; i++)
		sent &= answer(s->fd);
	return sent;
}

static bool one_connect(struct send *s)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	bool sent = !connect(fd, (struct sockaddr *)&s->to, sizeof(s->to)) || errno == EINPROGRESS;

	close(fd);
	return sent;
}

static bool one_open(struct send *s)
{
	const struct linger reset = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool sent = !connect(fd, (struct sockaddr *)&s->to, sizeof(s->to)) || errno == ECONNREFUSED;

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	return sent;
}

static bool one_exec([[maybe_unused]] struct send *s)
{
	char name[] = "true", one[] = "one", two[] = "two";
	char *argv[] = { name, one, two, NULL };
	int status = 1;
	pid_t pid;

	return posix_spawn(&pid, "/bin/true", NULL, NULL, argv, argv + 3) == 0 &&
	       waitpid(pid, &status, 0) == pid && status == 0;
}

static uint16_t sum(const void *data, size_t n)
{
	const uint8_t *p = data;
	uint32_t all = 0;

	for (size_t i = 0; i + 1 < n; i += 2)
		all += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (all >> 16)
		all = (all & 0xffff) + (all >> 16);
	return htons((uint16_t)~all);
}

static void ip_fill(struct iphdr *ip, const struct send *s, uint8_t protocol, size_t n)
{
	*ip = (struct iphdr){ .version = 4,
			      .ihl = 5,
			      .ttl = 64,
			      .protocol = protocol,
			      .tot_len = htons((uint16_t)n),
			      .saddr = htonl(0x0a000000 | (s->number * 2654435761U >> 8)),
			      .daddr = s->to.sin_addr.s_addr };
	ip->check = sum(ip, sizeof(*ip));
}

static bool one_syn(struct send *s)
{
	struct {
		struct iphdr ip;
		struct tcphdr tcp;
	} p = { 0 };

	ip_fill(&p.ip, s, IPPROTO_TCP, sizeof(p));
	p.tcp.source = htons((uint16_t)(1024 + s->number % 60000));
	p.tcp.dest = s->to.sin_port;
	p.tcp.doff = 5;
	p.tcp.syn = 1;
	return sendto(s->fd, &p, sizeof(p), 0, (struct sockaddr *)&s->to, sizeof(s->to)) > 0;
}

static bool one_icmp(struct send *s)
{
	struct icmphdr h = { .type = ICMP_ECHO };

	h.un.echo.sequence = htons((uint16_t)s->number);
	h.checksum = sum(&h, sizeof(h));
	return sendto(s->fd, &h, sizeof(h), 0, (struct sockaddr *)&s->to, sizeof(s->to)) > 0;
}

static bool one_packet(struct send *s)
{
	struct {
		struct iphdr ip;
		struct udphdr udp;
		char text[4];
	} p = { 0 };

	ip_fill(&p.ip, s, IPPROTO_UDP, sizeof(p));
	p.udp.source = htons(1024);
	p.udp.dest = s->to.sin_port;
	p.udp.len = htons(sizeof(p.udp) + sizeof(p.text));
	return sendto(s->fd, &p, sizeof(p), 0, (struct sockaddr *)&s->link, sizeof(s->link)) > 0;
}

static const struct mode {
	const char *name;
	bool (*one)(struct send *s);
	int family, type, protocol;
} modes[] = {
	{"udp",       one_udp,     AF_INET,   SOCK_DGRAM, 0           },
	{ "udp-many", one_many,    AF_INET,   SOCK_DGRAM, 0           },
	{ "udp-new",  one_new,     AF_INET,   SOCK_DGRAM, 0           },
	{ "udp-32",   one_of_32,   AF_INET,   SOCK_DGRAM, 0           },
	{ "dns",      one_dns,     AF_INET,   SOCK_DGRAM, 0           },
	{ "echo",     one_echo,    AF_INET,   SOCK_DGRAM, 0           },
	{ "connect",  one_connect, AF_INET,   SOCK_DGRAM, 0           },
	{ "open",     one_open,    AF_INET,   SOCK_DGRAM, 0           },
	{ "exec",     one_exec,    AF_INET,   SOCK_DGRAM, 0           },
	{ "syn",      one_syn,     AF_INET,   SOCK_RAW,   IPPROTO_RAW },
	{ "icmp",     one_icmp,    AF_INET,   SOCK_RAW,   IPPROTO_ICMP},
	{ "packet",   one_packet,  AF_PACKET, SOCK_DGRAM, 0           },
};

static bool setup(struct send *s, const struct mode *m, int argc, char **argv)
{
	s->to.sin_family = AF_INET;
	s->to.sin_port = htons((uint16_t)atoi(argv[3]));
	s->fd = socket(m->family, m->type, m->protocol);
	if (s->fd < 0 || inet_pton(AF_INET, argv[2], &s->to.sin_addr) != 1)
		return false;
	if (m->family != AF_PACKET)
		return true;
	if (argc < 8)
		return false;
	s->link.sll_family = AF_PACKET;
	s->link.sll_protocol = htons(ETH_P_IP);
	s->link.sll_ifindex = (int)if_nametoindex(argv[6]);
	s->link.sll_halen = 6;
	for (int i = 0; i < 6; i++)
		s->link.sll_addr[i] = (uint8_t)strtoul(argv[7] + (size_t)i * 3, NULL, 16);
	return true;
}

/* Of the process and the children that it waited for. */
static int64_t cpu_time(void)
{
	struct rusage r;

	getrusage(RUSAGE_CHILDREN, &r);
	return ns(CLOCK_PROCESS_CPUTIME_ID) +
	       (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * (int64_t)1'000'000'000 +
	       (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * (int64_t)1000;
}

static void run(struct send *s, const struct mode *m, uint32_t rate, uint32_t count)
{
	int64_t start = ns(CLOCK_MONOTONIC), real = ns(CLOCK_REALTIME), cpu;
	uint32_t sent = 0;

	cpu = cpu_time();
	for (s->number = 0; s->number < count; s->number++) {
		int64_t due = rate ? start + (int64_t)s->number * 1'000'000'000 / rate : 0;
		int64_t now = rate ? ns(CLOCK_MONOTONIC) : 0;
		struct timespec t = { due / 1'000'000'000, due % 1'000'000'000 };

		/* Where the machine stood still, what it missed must not become a flood. */
		if (rate < 5'000 && now > due + 50'000'000)
			start += now - due;
		if (rate && due > now + 500'000)
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
		sent += m->one(s);
	}
	cpu = cpu_time() - cpu;
	printf("%lld %lld %u %lld\n", (long long)(real / 1000),
	       (long long)(ns(CLOCK_REALTIME) / 1000), sent, (long long)cpu);
}

int main(int argc, char **argv)
{
	struct send s = { .fd = -1 };

	if (argc < 6)
		return 2;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (strcmp(argv[1], modes[i].name))
			continue;
		if (!setup(&s, &modes[i], argc, argv)) {
			perror("sensor_send");
			return 3;
		}
		run(&s, &modes[i], (uint32_t)atoi(argv[4]), (uint32_t)atoi(argv[5]));
		return 0;
	}
	return 2;
}
