/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssh_places: connections that stand for all others: from the internet, from the machine itself,
 * and one for whatever a Match block or a user@host pattern tells apart.
 */
#ifndef HF_FACTS_LINUX_SSH_PLACES_H
#define HF_FACTS_LINUX_SSH_PLACES_H

#include "facts/linux/sshd_resolve.h"

#define SSH_PLACES_MAX 48
#define SSH_INTERNET "203.0.113.1" /* TEST-NET-3 of RFC 5737 */
#define SSH_INTERNET6 "2001:db8::1"

struct ssh_place {
	struct sshd_connection where; /* without a user */
	struct str address;           /* what to call the client */
	struct str pattern; /* what it stands for, as the configuration has it; "": itself */
	struct str local;   /* what to call our side: "" for the usual one */
	bool internet;      /* anybody may come from there */
};
struct ssh_places {
	struct ssh_place list[SSH_PLACES_MAX]; /* [0]: the internet, [1]: this machine */
	size_t n;
	size_t left_out; /* more than SSH_PLACES_MAX are told apart */
};
[[nodiscard]] int ssh_places_find(const struct sshd_result *global, struct arena *a,
				  struct ssh_places *ret);

/* Adds one that a pattern (CIDR, wildcards, "192.168.") tells apart; others are passed over. */
[[nodiscard]] int ssh_places_add(const struct sshd_result *global, struct str pattern,
				 struct arena *a, struct ssh_places *ret);

/* An address that matches one element of a Match Address list (CIDR, wildcards); false: none
 * was found. */
bool ssh_address_example(struct str pattern, struct arena *a, struct str *ret);

#endif
