/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packets: random numbers, values near the edges of each other, and packets made of them. */
#ifndef HF_PACKETS_H
#define HF_PACKETS_H

#include "net/pset.h"

static uint64_t random_state = 0x853c49e6748fea9b;

/* xorshift64*, the same on every machine. */
static inline uint64_t random64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1d;
}

static inline unsigned random_below(unsigned n) { return (unsigned)((random64() >> 32) % n); }
static inline bool random_once_in(unsigned n) { return random_below(n) == 0; }

static const uint16_t edge_ports[] = { 0, 1, 21, 22, 23, 80, 443, 1023, 1024, 3389, 32768, 65535 };
static const uint8_t edge_protocols[] = { 0, 1, 6, 17, 58, 132, 255 };

static inline unsigned random_port(void)
{
	unsigned port = edge_ports[random_below(COUNT(edge_ports))];

	return (port + random_below(3) - 1) & 0xffff;
}

static inline unsigned random_protocol(void)
{
	return edge_protocols[random_below(COUNT(edge_protocols))];
}

/* One of 64 addresses of the family, or a neighbour, at lengths of prefixes that rules use. */
static inline net_addr random_address(bool v6)
{
	static const uint8_t cuts[] = { 0, 1, 8, 16, 31, 32, 48, 64, 65, 96, 127 };
	net_addr a = v6 ? (net_addr)0x20010db8'00000000 << 64 : 0;
	unsigned pick = random_below(16);

	for (unsigned i = 0; i < 4; i++)
		if (pick >> i & 1)
			a ^= (net_addr)1 << (v6 ? 127U - cuts[2 * i + 1] : 31 - 9 * i);
	a += random_below(3);
	a -= 1;
	if (!v6)
		return net_v4((uint32_t)a);
	return net_is_v4(a) ? 0 : a;
}

static inline struct packet random_packet(void)
{
	struct packet p = { .v6 = random_once_in(2) };

	p.iif = (uint8_t)random_below(4);
	p.oif = (uint8_t)random_below(4);
	p.proto = (uint8_t)random_protocol();
	p.dport = (uint16_t)random_port();
	p.sport = (uint16_t)random_port();
	p.src = random_address(p.v6);
	p.dst = random_address(p.v6);
	return p;
}

static inline struct net_range random_prefix(bool v6)
{
	unsigned width = v6 ? 128 : 32, host = random_below(width + 1);
	net_addr a = random_address(v6);
	net_addr mask = host == 128 ? NET_ADDR_MAX : ((net_addr)1 << host) - 1;

	return (struct net_range){ a & ~mask, a | mask };
}

static inline struct net_range random_addresses(bool v6)
{
	net_addr x = random_address(v6), y = random_address(v6);

	return random_once_in(2) ? random_prefix(v6) : (struct net_range){ MIN(x, y), MAX(x, y) };
}

#endif
