/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/packet.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "jit/knock.h"

#define UDP_HEADER 8U
#define V6_HEADER 40U
#define QUEUE_BYTES (16 << 20) /* as much as comes in while the machine is busy elsewhere */

static uint16_t u16_at(struct str s, size_t at)
{
	return (uint16_t)((uint8_t)s.ptr[at] << 8 | (uint8_t)s.ptr[at + 1]);
}

static net_addr address_at(struct str s, size_t at, size_t n)
{
	net_addr a = 0;

	for (size_t i = 0; i < n; i++)
		a = a << 8 | (uint8_t)s.ptr[at + i];
	return a;
}

/* udp: what was taken of a payload of n bytes. */
static bool parse_udp(struct str udp, size_t n, uint16_t port, struct packet *ret)
{
	size_t said;

	if (n < UDP_HEADER || udp.len < UDP_HEADER || u16_at(udp, 2) != port)
		return false;
	said = u16_at(udp, 4);
	if (said < UDP_HEADER || said > n)
		return false;
	ret->size = said - UDP_HEADER;
	ret->payload = str_sub(udp, UDP_HEADER, MIN(said, udp.len));
	return true;
}

static bool parse_v4(struct str s, uint16_t port, struct packet *ret)
{
	size_t head, n;

	if (s.len < 20)
		return false;
	head = (size_t)(s.ptr[0] & 15) * 4;
	n = u16_at(s, 2);
	if (head < 20 || n < head || s.len < head || s.ptr[9] != IPPROTO_UDP ||
	    (u16_at(s, 6) & 0x3fff))
		return false;
	ret->from = net_v4((uint32_t)address_at(s, 12, 4));
	return parse_udp(str_sub(s, head, MIN(n, s.len)), n - head, port, ret);
}

static bool parse_v6(struct str s, uint16_t port, struct packet *ret)
{
	size_t n;

	if (s.len < V6_HEADER)
		return false;
	n = u16_at(s, 4);
	if (s.ptr[6] != IPPROTO_UDP)
		return false;
	ret->from = address_at(s, 8, 16);
	return !net_is_v4(ret->from) &&
	       parse_udp(str_sub(s, V6_HEADER, MIN(V6_HEADER + n, s.len)), n, port, ret);
}

bool packet_parse(struct str s, uint16_t port, struct packet *ret)
{
	struct packet p = {};
	unsigned version = s.len ? (uint8_t)s.ptr[0] >> 4 : 0;

	if (version == 4 ? !parse_v4(s, port, &p) : version != 6 || !parse_v6(s, port, &p))
		return false;
	*ret = p;
	return true;
}

/* ---- the socket ------------------------------------------------------------------------------ */

#define DROP 255 /* replaced by the way to the last instruction */
#define CUT 254  /* to the one before */

/* From the UDP header at X on: port, length, the format's version. */
static size_t put_udp(struct sock_filter *f, size_t n, uint16_t port)
{
	const struct sock_filter udp[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, DROP),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, UDP_HEADER + KNOCK_MIN, 0, CUT),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, UDP_HEADER + KNOCK_MAX, CUT, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, UDP_HEADER),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, CUT),
		BPF_STMT(BPF_RET | BPF_K, UINT16_MAX),
		BPF_STMT(BPF_RET | BPF_K, PACKET_HEAD),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	memcpy(f + n, udp, sizeof udp);
	n += COUNT(udp);
	for (size_t i = 0; i < n; i++) {
		uint8_t *ways[] = { &f[i].jt, &f[i].jf };

		for (size_t k = 0; k < COUNT(ways); k++) {
			if (*ways[k] == DROP)
				*ways[k] = (uint8_t)(n - 2 - i);
			else if (*ways[k] == CUT)
				*ways[k] = (uint8_t)(n - 3 - i);
		}
	}
	return n;
}

static int attach(int fd, bool v6, uint16_t port)
{
	const struct sock_filter v4_head[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 0, DROP),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, DROP),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, DROP, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	};
	const struct sock_filter v6_head[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 0, DROP),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, DROP),
		BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, V6_HEADER),
	};
	struct sock_filter f[32];
	struct sock_fprog program = { .filter = f };
	size_t n = v6 ? COUNT(v6_head) : COUNT(v4_head);

	memcpy(f, v6 ? v6_head : v4_head, n * sizeof *f);
	program.len = (unsigned short)put_udp(f, n, port);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno
											  : 0;
}

/* Long requests come in fragments, which the kernel joins for a group of sockets, of this one. */
static void join_fragments(int fd)
{
	const uint32_t how = (uint32_t)(PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG |
					PACKET_FANOUT_FLAG_UNIQUEID)
			     << 16;

	(void)!setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &how, sizeof how);
}

int packet_open(bool v6, uint16_t port, int *ret_fd, struct diag *d)
{
	/* Not all protocols: those sockets see packets of a bridge or a bond twice. */
	const struct sockaddr_ll to = { .sll_family = AF_PACKET,
					.sll_protocol = htons(v6 ? ETH_P_IPV6 : ETH_P_IP) };
	const int size = QUEUE_BYTES;
	int fd own(close_fd) = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = fd < 0 ? -errno : attach(fd, v6, port);

	if (r == 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
		(void)!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (r == 0 && bind(fd, (const void *)&to, sizeof to) < 0)
		r = -errno;
	if (r == -EPERM || r == -EAFNOSUPPORT)
		return diag_set(
			d, r, "", 0,
			"taking packets needs CAP_NET_RAW and AF_PACKET: put "
			"holdfast-guard-jit.conf into "
			"/etc/systemd/system/holdfast-guard.service.d/ and restart the daemon");
	if (r < 0)
		return diag_set(d, r, "", 0, "packets cannot be taken: %s", strerror(-r));
	if (!v6)
		join_fragments(fd);
	*ret_fd = take_fd(&fd);
	return 0;
}
