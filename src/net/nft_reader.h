/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nft_reader: what the parts of nft_read() share. */
#ifndef HF_NET_NFT_READER_H
#define HF_NET_NFT_READER_H

#include "base/map.h"
#include "net/match.h"
#include "net/nft.h"
#include "net/nft_scan.h"
#include "net/words.h"

#define NFT_DEPTH_MAX 16
#define NFT_CONCAT_MAX 8

struct nft_set {
	struct str family, table;
	struct str elements; /* JSON array in the input; "" where there are none */
	bool verdicts;       /* a map to verdicts */
	bool written;        /* by rules */
	pset added;          /* packets for which a rule may have added an element */
};

/* A rule in the input. does: it changes packets, tracking or sets for rules behind it. */
struct nft_text {
	struct str text;
	bool does;
};

struct nft_reader {
	struct filter *f;
	struct arena *a;      /* of the filter: what stays */
	struct arena keep;    /* what goes with the reader */
	struct arena scratch; /* what goes with each rule */
	struct diag *d;
	struct matcher m;
	struct nft_text *rules;
	size_t n_rules, cap_rules;
	struct match_place *places; /* of each chain, then each set */
	struct map chains, sets;    /* "family table name" -> index */
	struct nft_set *set;
	size_t n_set, cap_set;
	struct map tables;  /* that are not in force, or perhaps not: value 1, 2 */
	struct map objects; /* limits and quotas: inverted? */
	struct map cache;   /* set and expression -> index in cached */
	struct match *cached;
	size_t n_cached, cap_cached;
	struct match_edge *edges;
	size_t n_edges, cap_edges;
	uint64_t elements;                  /* looked at so far, in all */
	bool mangles, translates, untracks; /* some rule does */
	bool dry; /* rules are looked at for what they do to packets, and not kept */
	struct match_facts found, given;
	struct nft_options options;
	size_t mark; /* psets_mark() */
};

/* Elements of sets that are looked at for one rule set: what a hostile one may cost. */
#define NFT_ELEMENTS_MAX 20'000'000
#define NFT_RULE_MAX ((size_t)4 << 20)
#define NFT_SMALL_MAX ((size_t)64 << 10)

/* The left side of a comparison, or the key of a map. */
enum nft_left_kind { LEFT_NUMBER, LEFT_INTERFACE, LEFT_CONCAT };
enum nft_form { FORM_NUMBER, FORM_ADDR4, FORM_ADDR6, FORM_BOOL };
struct nft_left {
	enum nft_left_kind kind;
	enum nft_form form;
	struct operand o; /* domain: of all kinds */
	bool has_words, bits_only;
	enum words words;
	enum pset_field field;
	struct nft_left *parts;
	size_t n_parts;
	struct str name;
};
[[nodiscard]] int nft_left_read(struct nft_reader *r, const json_t *expr, unsigned depth,
				struct nft_left *ret);
/* A value of the right side; -EINVAL: not understood. */
[[nodiscard]] int nft_value(const struct nft_left *left, const json_t *value,
			    struct net_range *ret);
/* Flags of the right side as one number. */
[[nodiscard]] int nft_value_bits(const struct nft_left *left, const json_t *value, unsigned depth,
				 uint64_t *ret);

/* Elements of a set, as they come. */
struct nft_row {
	struct net_range part[NFT_CONCAT_MAX];
};
struct nft_elements {
	struct numbers numbers;
	struct nft_row *rows; /* of concatenations */
	size_t n_rows, cap_rows;
	struct match extra;
	bool all, unknown;
};
[[nodiscard]] int nft_elements_add(struct nft_reader *r, const struct nft_left *left,
				   const json_t *element, struct nft_elements *to);
[[nodiscard]] int nft_elements_match(struct nft_reader *r, const struct nft_left *left,
				     struct nft_elements *from, struct match *ret);

/* Calls back for each element; -ENOMEM, or what the call returns. NULL set: json is the array. */
typedef int nft_element_fn(struct nft_reader *r, const json_t *element, void *user);
[[nodiscard]] int nft_each(struct nft_reader *r, const struct nft_set *set, const json_t *array,
			   nft_element_fn *fn, void *user);
/* What things are found by: "kind family table name"; text.len 0: names that nftables refuses. */
struct nft_key {
	char space[1024];
	struct str text;
};
void nft_key(struct nft_key *key, const char *kind, struct str family, struct str table,
	     struct str name);
/* The set that is named "@name" beside the rule, or NULL. */
struct nft_set *nft_set_find(struct nft_reader *r, const json_t *rule, struct str at_name);
/* Index of a chain, or -1. */
ssize_t nft_chain_find(struct nft_reader *r, struct str family, struct str table, struct str name);

/*
 * Looks through the rules for what has to be known before one of them is read: which chains lead
 * where, names of interfaces, and which rules do something to packets.
 */
[[nodiscard]] int nft_survey(struct nft_reader *r);
/* The members of a rule; *ret_long: without its statements, which are too many. */
json_t *nft_rule_json(struct str text, bool *ret_long);

/* One rule on its way to become one or several of the filter. */
struct nft_rule {
	struct nft_reader *r;
	const json_t *json;
	size_t chain;
	struct filter_rule out;
	struct match now;
	bool ended;
	unsigned pieces;
};
[[nodiscard]] int nft_rule_read(struct nft_reader *r, const json_t *rule, bool too_long);
[[nodiscard]] int nft_emit(struct nft_rule *x, struct match match, enum filter_verdict verdict,
			   size_t target);
[[nodiscard]] int nft_statement_match(struct nft_rule *x, const json_t *statement);
[[nodiscard]] int nft_statement_vmap(struct nft_rule *x, const json_t *statement);
[[nodiscard]] int nft_statement_nat(struct nft_rule *x, const char *name, const json_t *statement);
/* Narrows the rule; name: what it is called if it is not understood. */
void nft_narrow(struct nft_rule *x, struct match match, struct str name);

/* What a map's element leads to; the text is the data as JSON, equal for equal data. */
struct nft_group {
	struct str key;
	struct nft_elements elements;
	struct match match;
	bool rest; /* the element "*" */
};
struct nft_groups {
	struct nft_group *list;
	size_t n, cap;
	struct map index;
	struct match all; /* packets whose key is in the map */
};
void nft_groups_release(struct nft_groups *g);
/* data: {"set": […]} or "@name". -EINVAL: not understood. */
[[nodiscard]] int nft_groups_read(struct nft_rule *x, const struct nft_left *left,
				  const json_t *data, size_t max, struct nft_groups *ret);

/* As nft(8) writes it; statements of *rule, cut to 500 bytes. */
[[nodiscard]] int nft_print(struct arena *a, const json_t *rule, struct str *ret);
/* The name of a statement or expression: {"match": …} is "match". */
const char *nft_kind(const json_t *object, const json_t **ret_value);

#endif
