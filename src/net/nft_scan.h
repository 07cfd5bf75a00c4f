/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_scan: steps over JSON without making anything of it. A rule set may hold sets with millions
 * of addresses; only what is needed becomes values, one at a time.
 */
#ifndef HF_NET_NFT_SCAN_H
#define HF_NET_NFT_SCAN_H

#include <jansson.h>

#include "base/str.h"

struct nft_scan {
	struct str rest;
	char close; /* '}' or ']' */
	bool started, bad;
};

/* An object or array; false (and .bad) where the text does not begin with one. */
bool nft_scan_open(struct nft_scan *s, struct str text, char open);
/* Next member or element; ret_key is NULL for arrays. false: the end, or .bad. */
bool nft_scan_next(struct nft_scan *s, struct str *ret_key, struct str *ret_value);

static inline void nft_json_release(json_t **j) { json_decref(*j); }
/* Parses one value; NULL: it is none, has double keys, or is longer than max. */
json_t *nft_json(struct str text, size_t max);
/* "" where it is no string. */
struct str nft_json_str(const json_t *j);
static inline struct str nft_json_member(const json_t *object, const char *key)
{
	return nft_json_str(json_object_get(object, key));
}

#endif
