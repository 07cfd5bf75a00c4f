/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge: what a rule set does with one packet, for tests of the readers. */
#ifndef HF_JUDGE_H
#define HF_JUDGE_H

#include "net/filter.h"
#include "tap.h"

struct judge {
	struct arena arena;
	struct psets *sets;
	struct filter filter;
	struct filter_reach reach;
};

static inline void judge_release(struct judge *j)
{
	psets_release(&j->sets);
	arena_release(&j->arena);
}

[[nodiscard]] static inline int judge_init(struct judge *j)
{
	static const char *const interfaces[] = { "eth0", "eth1", "wg0" };
	uint8_t number;
	int r = psets_new(0, &j->sets);

	if (r >= 0)
		r = filter_init(&j->filter, j->sets, &j->arena);
	for (size_t i = 0; r >= 0 && i < COUNT(interfaces); i++)
		r = filter_interface(&j->filter, str_of(interfaces[i]), &number);
	return r;
}

/*
 * "tcp 22", "udp 53 from 10.0.0.1:1024 to 2001:db8::1 by eth1": protocol by name or number, port
 * (of ICMP type/code); what is left out is 198.51.100.1 (2001:db8::7 where to is of IPv6), port
 * 40000, 192.0.2.1 and eth0.
 */
[[nodiscard]] static inline int judge_packet(struct judge *j, const char *text, struct packet *ret)
{
	static const struct {
		struct str name;
		uint8_t number;
	} protocols[] = {
		{STR("tcp"),     6  },
                { STR("udp"),    17 },
                { STR("icmp"),   1  },
		{ STR("icmpv6"), 58 },
                { STR("sctp"),   132},
                { STR("gre"),    47 },
	};
	struct str rest = str_of(text), name = str_word(&rest), word, from = STR("");
	struct packet p = { .sport = 40000, .iif = 2, .dst = net_v4(0xc000'0201) };
	int64_t number = 0, code = 0;
	int r;

	for (size_t i = 0; i < COUNT(protocols); i++)
		if (str_eq(name, protocols[i].name))
			p.proto = protocols[i].number;
	word = str_word(&rest);
	if (!p.proto && str_to_int64(name, &number) >= 0)
		p.proto = (uint8_t)number;
	r = str_to_int64(str_cut(&word, '/'), &number);
	if (r >= 0 && word.ptr)
		r = str_to_int64(word, &code);
	p.dport = (uint16_t)number;
	if (p.proto == 1 || p.proto == 58) {
		p.sport = 0;
		p.dport = (uint16_t)(number << 8 | code);
	} else if (p.proto == 47) {
		p.sport = 0;
	}
	while (r >= 0 && (word = str_word(&rest)).ptr) {
		struct str value = str_word(&rest);
		ssize_t colon = str_rfind(value, ':');

		if (str_eq(word, STR("by"))) {
			r = filter_interface(&j->filter, value, &p.iif);
		} else if (str_eq(word, STR("to"))) {
			r = net_addr_parse(value, &p.dst);
		} else if (str_find(value, '.') >= 0 && colon >= 0) {
			from = str_sub(value, 0, (size_t)colon);
			r = str_to_int64(str_sub(value, (size_t)colon + 1, value.len), &number);
			p.sport = (uint16_t)number;
		} else {
			from = value;
		}
	}
	if (r >= 0 && from.len)
		r = net_addr_parse(from, &p.src);
	else if (r >= 0)
		r = net_addr_parse(net_is_v4(p.dst) ? STR("198.51.100.1") : STR("2001:db8::7"),
				   &p.src);
	p.v6 = !net_is_v4(p.dst);
	*ret = p;
	return r < 0 ? r : net_is_v4(p.src) == net_is_v4(p.dst) ? 0 : -EINVAL;
}

static inline const char *judge_say(struct judge *j, const char *text)
{
	struct packet p;

	if (judge_packet(j, text, &p) < 0)
		return "no packet";
	return pset_has(j->sets, j->reach.must, &p)  ? "accept"
	       : pset_has(j->sets, j->reach.may, &p) ? "unknown"
						     : "drop";
}

/* What the local machine answers to: all. */
[[nodiscard]] static inline int judge_run(struct judge *j)
{
	return filter_reach(&j->filter, &(struct net_ranges){}, PSET_ALL, &j->reach);
}

#endif
