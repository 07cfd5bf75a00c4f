/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words: what the languages of packet filters call numbers. Tables, so that no file is read. */
#ifndef HF_NET_WORDS_H
#define HF_NET_WORDS_H

#include "base/str.h"

struct word {
	struct str name;
	uint16_t value;
};

enum words {
	WORDS_PROTOCOLS,
	WORDS_SERVICES,
	WORDS_ICMP_TYPES,
	WORDS_ICMP6_TYPES,
	WORDS_ICMP_CODES,
	WORDS_ICMP6_CODES,
	WORDS_ICMP_TYPE_CODES, /* type << 8 | code */
	WORDS_ICMP6_TYPE_CODES,
	WORDS_CT_STATES,
	WORDS_CT_STATUSES,
	WORDS_CT_DIRECTIONS,
	WORDS_TCP_FLAGS,
	WORDS_ADDRESS_TYPES,
	WORDS_PACKET_TYPES,
	WORDS_NF_FAMILIES,
	WORDS_ETHERTYPES,
};

/* In any case; of several names of a number each is found. */
bool words_find(enum words table, struct str name, uint64_t *ret);

#endif
