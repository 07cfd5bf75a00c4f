/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * candidates: passwords that somebody who guesses tries first, likeliest first.
 *
 * A password is made of a word and of what people do to it (a capital, characters replaced, digits,
 * years and punctuation behind it). Word and change have a cost each, the logarithm of how rare
 * they are; the list is in the order of the sums, so that it needs no passwords made by hand:
 * "p@ssword123!" comes from "password". Exact lists (what people use most, what products are
 * delivered with) have costs by their rank.
 */
#ifndef HF_PASSWORD_CANDIDATES_H
#define HF_PASSWORD_CANDIDATES_H

#include "base/arena.h"

enum candidate_kind {
	CANDIDATE_EMPTY,
	CANDIDATE_USERNAME,
	CANDIDATE_HOSTNAME,
	CANDIDATE_ORGANISATION,
	CANDIDATE_DEFAULT, /* of a product or service */
	CANDIDATE_COMMON,  /* among the commonest passwords */
	CANDIDATE_WORD,    /* a common word with changes */
	CANDIDATE_BREACH,  /* in the owner's list of leaked passwords */
	CANDIDATE_KINDS,
};
/* "empty", "username", "hostname", "organisation", "service-default", "common", "word", "breach" */
const char *candidate_kind_name(enum candidate_kind k);

struct candidate {
	const char *text;
	uint32_t cost; /* 1/256 bit */
	uint8_t kind;
};

#define CANDIDATES_DEFAULT 300
#define CANDIDATES_MAX 100'000

/* What is known of the machine. All borrowed. */
struct candidate_host {
	struct str name;         /* "web1", without domain */
	const struct str *words; /* of the organisation: domain, own words */
	size_t n_words;
	const struct str *services; /* names of accounts and products that are there */
	size_t n_services;
	int year; /* of today */
};
/* What every account is tried with, in order. */
struct candidate_list {
	struct candidate_host host;
	struct candidate *items; /* in the arena that it was made in */
	size_t n, wanted;
};

/* wanted: passwords an account, up to CANDIDATES_MAX. -ENOMEM. */
[[nodiscard]] int candidates_make(const struct candidate_host *host, size_t wanted, struct arena *a,
				  struct candidate_list *ret);

struct candidate_user {
	struct str name, gecos; /* gecos: "Ann Lee,Room 5", its words are tried */
};
/*
 * The list of one account, or of several whose hashes share a salt: at most `wanted` for one and
 * 64 more for each further. Everything is in the arena. -ENOMEM.
 */
[[nodiscard]] int candidates_for(const struct candidate_list *l, const struct candidate_user *users,
				 size_t n_users, struct arena *a, struct candidate **ret,
				 size_t *ret_n);

/*
 * Where a password stands in the list of an account, from 1; 0: it does not. A number is rounded up
 * (10, 50, 100, 200, 300, 500, 1,000 …), because together with the list the exact one would tell
 * the password.
 */
size_t candidates_within(size_t position);

#endif
