/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft: the tables `inet holdfast` (bans) and `inet holdfast_jit` (grants), their rows, and what they
 * look like to the kernel.
 *
 * Sets, chains and rules are rows of a layout: what is made, what is verified and what is repaired
 * come from the same rows. Two tables, because one that must be made anew loses its elements: a
 * damaged ban must open no door.
 */
#ifndef HF_ACTION_NFT_H
#define HF_ACTION_NFT_H

#include <linux/netfilter.h>

#include "action/ban.h"
#include "action/netlink.h"

#define NFT_TABLE "holdfast"
/* In the table's comment: who finds another number there leaves the table to its maker. */
#define NFT_LAYOUT 1

enum nft_set_use {
	NFT_BANS,
	NFT_ALLOWS,
	/* Times are the elements' own; keys have a word for each protocol and port: */
	NFT_SHUT,   /* protocol . port */
	NFT_GRANTS, /* address . protocol . port */
	NFT_KEPT,   /* address . protocol . its port . port: one connection */
};

struct nft_set_row {
	const char *name;
	enum nft_set_use use;
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 */
	uint8_t length; /* NFT_BANS, NFT_GRANTS: of its networks, as people write it */
	const char *comment;
};

struct nft_chain_row {
	const char *name;
	bool base; /* at a hook, policy accept */
	uint32_t hook;
	int32_t priority;
	const char *comment;
};

enum nft_rule_does {
	NFT_LOOK_UP, /* source address cut to the set's length in set: go to target */
	NFT_PASS,    /* source address in set: accept (other tables may still drop it) */
	NFT_LEAVE,   /* family of set: accept */
	NFT_DROP,    /* count and drop */
	NFT_LOCAL,   /* came in by the interface lo: accept */
	NFT_CLOSED,  /* for this machine, protocol and port in set: go to target */
	NFT_GRANTED, /* source cut to the set's length, protocol, port in set: accept */
	NFT_BEGUN,   /* the connection is in set: accept */
};
struct nft_rule_row {
	const char *chain;
	enum nft_rule_does does;
	const char *set;    /* of all but NFT_DROP, NFT_LOCAL */
	const char *target; /* of NFT_LOOK_UP, NFT_CLOSED */
	const char *comment;
};

struct nft_layout {
	const char *table;
	const struct nft_set_row *sets;
	size_t n_sets;
	const struct nft_chain_row *chains;
	size_t n_chains;
	const struct nft_rule_row *rules; /* those of one chain in order */
	size_t n_rules;
};
extern const struct nft_layout nft_layout, nft_doors;
const struct nft_set_row *nft_set_row(const struct nft_layout *l, const char *name);
/* How many elements a set may have. */
uint32_t nft_set_size(const struct nft_set_row *s);
/* Bytes of the keys of a set. */
size_t nft_key_length(const struct nft_set_row *s);

/* ---- messages; sequence numbers count up in `seq` ---- */

struct nft_batch {
	const struct nft_layout *layout;
	struct nl_out out;
	uint32_t first, seq; /* of the message that opens it; the last one used */
	size_t last;         /* offset of the last message that changes something; 0: none */
};
/* size: at most NL_OUT_MAX */
void nft_batch_begin(struct nft_batch *b, const struct nft_layout *l, char *buffer, size_t size,
		     uint32_t after);
/* Sends it, if there is anything in it. */
[[nodiscard]] int nft_batch_send(struct nft_batch *b, struct nl *n, nl_verdict_fn *fn, void *user);

void nft_put_table(struct nft_batch *b);
void nft_delete_table(struct nft_batch *b);
void nft_put_set(struct nft_batch *b, const struct nft_set_row *s, uint32_t id);
void nft_delete_set(struct nft_batch *b, const char *name);
void nft_put_chain(struct nft_batch *b, const struct nft_chain_row *c);
void nft_delete_chain(struct nft_batch *b, const char *name);
void nft_flush_chain(struct nft_batch *b, const char *name);
void nft_put_rule(struct nft_batch *b, const struct nft_rule_row *r);
/* The expressions of a rule alone, as one attribute list (for comparing). */
void nft_put_expressions(struct nl_out *o, const struct nft_layout *l,
			 const struct nft_rule_row *r);

/*
 * Elements: one message for as many as fit it. nft_elements_begin(); nft_element() …;
 * nft_elements_end().
 */
enum nft_elements_do { NFT_ADD, NFT_ADD_NEW /* fails where there is one */, NFT_DELETE };
#define NFT_KEY_MAX 28
struct nft_element {
	uint8_t key[NFT_KEY_MAX]; /* the first `len` bytes of it */
	uint8_t len;
	bool end;    /* of an interval: the first address behind it */
	uint64_t ms; /* 0: for ever */
};
struct nft_elements {
	struct nft_batch *b;
	size_t nest;
};
struct nft_elements nft_elements_begin(struct nft_batch *b, const char *set,
				       enum nft_elements_do what);
void nft_element(struct nft_elements *e, const struct nft_element *x);
void nft_elements_end(struct nft_elements *e);
/* All that is in it. */
void nft_flush_set(struct nft_batch *b, const char *set);

/*
 * Makes, verifies, repairs (ban_ensure()). *commits counts the transactions that it made. -EEXIST:
 * there is a table of that name that something else made.
 */
[[nodiscard]] int nft_ensure(struct nl *n, const struct nft_layout *l, char *buffer, unsigned *ret,
			     unsigned *commits, struct diag *d);

/* ---- questions and answers ---- */

/* Number of the rule set's generation: every transaction of anybody counts one up. */
[[nodiscard]] int nft_generation(struct nl *n, uint32_t *ret);
/*
 * Asks for one table, chain or set, or for all rules (elements) of a chain (set); fn gets the
 * attributes. -ENOENT: there is none.
 */
[[nodiscard]] int nft_get(struct nl *n, const struct nft_layout *l, uint16_t message,
			  const char *name, nl_fn *fn, void *user);
/* Whether that element is in a set: -ENOENT. */
[[nodiscard]] int nft_get_element(struct nl *n, const struct nft_layout *l, const char *set,
				  const struct nft_element *x);
/* All chains of the family inet; fn chooses. */
[[nodiscard]] int nft_get_chains(struct nl *n, nl_fn *fn, void *user);
/* The attributes of a message of nftables; ptr == NULL: it is none. */
struct str nft_attributes(uint16_t type, struct str payload);

/* One element of an answer. false: damaged, an end of an interval, or not so long a key. */
bool nft_element_parse(struct str attrs, size_t key_len, struct nft_element *ret);

/* Adds what a rule of NFT_MSG_GETRULE has counted; returns 0. */
int nft_add_counters(uint16_t type, struct str attrs, const struct nft_layout *l,
		     struct ban_counters *sum);

/* Whether the answers are what the rows say. */
bool nft_table_same(struct str attrs, bool *ret_foreign);
bool nft_set_same(const struct nft_set_row *s, struct str attrs);
bool nft_chain_same(const struct nft_chain_row *c, struct str attrs);
bool nft_expressions_same(const struct nft_layout *l, const struct nft_rule_row *r,
			  struct str expressions);

#endif
