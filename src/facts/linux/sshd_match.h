/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshd_match: the patterns of ssh_config(5) and the criteria of Match in sshd_config(5).
 */
#ifndef HF_FACTS_LINUX_SSHD_MATCH_H
#define HF_FACTS_LINUX_SSHD_MATCH_H

#include "base/arena.h"
#include "base/str.h"

/* PATTERNS of ssh_config(5): '*' and '?' only. Linear in the product, no recursion. */
bool sshd_pattern(struct str pattern, struct str s);
/* Comma-separated patterns, '!' negates: 1 match, 0 none, -1 a negated one matched. */
int sshd_pattern_list(struct str list, struct str s, bool lower);

struct sshd_address {
	int family;              /* AF_INET, AF_INET6; 0: not an address */
	unsigned char bytes[16]; /* network order */
};
bool sshd_address_parse(struct str text, struct sshd_address *ret);
struct str sshd_address_text(const struct sshd_address *a, struct arena *arena);
/* An address with "/length" or without: 0, -EINVAL (not an address), -ERANGE (bits set behind the
 * length: sshd refuses it). */
[[nodiscard]] int sshd_cidr_parse(struct str text, struct sshd_address *ret, unsigned *ret_length);

/* Addresses, CIDR and wildcards: 1, 0, -1 (negated one), -2 (malformed). text may be no address. */
int sshd_address_list(struct str list, struct str text);
/* -2 if the list is malformed, else 0. */
int sshd_address_list_check(struct str list);
/* AllowUsers and DenyUsers: user, user@host. 1, 0, or -1 (malformed). */
int sshd_user_pattern(struct str pattern, struct str user, struct str host, struct str address,
		      bool last_at);
bool sshd_user_pattern_valid(struct str pattern, bool last_at);

/* Who connects, from and to where. A text with ptr == NULL is not given: it matches nothing. */
struct sshd_connection {
	struct str user, host, address, local_address, rdomain;
	int64_t local_port; /* -1: not given */
	bool invalid_user;
	/* Names of the user's groups, the primary one first; NULL when the user does not exist. */
	const struct str *groups;
	size_t n_groups;
};

enum sshd_criterion_type {
	SSHD_BY_ALL,
	SSHD_BY_USER,
	SSHD_BY_GROUP,
	SSHD_BY_HOST,
	SSHD_BY_ADDRESS,
	SSHD_BY_LOCALADDRESS,
	SSHD_BY_LOCALPORT,
	SSHD_BY_RDOMAIN,
	SSHD_BY_INVALID_USER, /* 9.9 */
	SSHD_BY_VERSION,      /* 10.0 */
};
const char *sshd_criterion_name(enum sshd_criterion_type type);
/* The criterion of that name, -1 if there is none. */
int sshd_criterion_find(struct str name);
struct sshd_criterion {
	enum sshd_criterion_type type;
	struct str arg;
	int64_t port;
};
/* conn == NULL: as in the first pass over the configuration, without a connection. */
bool sshd_criterion_holds(const struct sshd_criterion *c, const struct sshd_connection *conn,
			  struct str release);

#endif
