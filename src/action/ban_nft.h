/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ban_nft: what the files of the nftables back end share. */
#ifndef HF_ACTION_BAN_NFT_H
#define HF_ACTION_BAN_NFT_H

#include "action/ban_backend.h"
#include "action/nft.h"

/* One element of one set, for one item. */
struct ban_part {
	uint32_t item;
	uint8_t set; /* row of nft_layout.sets */
	bool done;
	struct nft_element element;
};
#define BAN_PARTS_CHUNK 4096u

/* Some of the bans that were added last: whether they are there says whether a set was emptied. */
#define BAN_SAMPLES 8u
#define BAN_SAMPLED_SETS 8u
struct ban_sample {
	struct nft_element element;
	int64_t until; /* ms of CLOCK_MONOTONIC, as the kernel counts; 0: none */
};

struct ban_nft {
	struct ban ban;
	struct nl nl;
	char *buffer;           /* owned, NL_OUT_MAX */
	struct ban_part *parts; /* owned, BAN_PARTS_CHUNK; NULL until needed */
	/* The rule set's generation at the last look, and how many transactions we made since. */
	uint32_t generation, commits;
	bool known;
	struct ban_sample samples[BAN_SAMPLED_SETS][BAN_SAMPLES];
	unsigned next_sample[BAN_SAMPLED_SETS];
};

int ban_nft_add(struct ban *b, struct ban_item *items, size_t n, struct diag *d);
int ban_nft_remove(struct ban *b, struct ban_item *items, size_t n, struct diag *d);
/* Keeps or forgets one that was added or removed. */
void ban_nft_sample(struct ban_nft *b, const struct ban_part *p, bool added);
/* Pure: the elements of one answer; 0 or what fn said. */
int ban_nft_elements(const struct nft_set_row *s, struct str attrs, ban_fn *fn, void *user);

#endif
