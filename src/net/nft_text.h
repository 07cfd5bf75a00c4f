/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_text: files of nft(8) as what `nft -j list ruleset` would say of them, and so as filters.
 *
 * Understood are tables, chains, sets, maps, defines, includes and the statements of nft(8) that
 * files commonly have; another statement stays in its rule as one that is unknown, with its text.
 */
#ifndef HF_NET_NFT_TEXT_H
#define HF_NET_NFT_TEXT_H

#include "base/buf.h"
#include "net/nft.h"

struct nft_text_file {
	struct str path, text;
};
/*
 * The files that `include "pattern"` in the file `from` names, in order. 0, -ENOMEM, or another
 * error, which makes the text one that nft would refuse.
 */
typedef int nft_text_include_fn(void *user, struct str pattern, struct str from,
				struct nft_text_file **ret, size_t *ret_n);

struct nft_text {
	struct nft_text_file file;
	nft_text_include_fn *include; /* NULL: there is none */
	void *user;
};

/*
 * The JSON of a file; rules have "file", "line" and "index" instead of a handle. -EBADMSG with *d
 * (may be NULL) filled where nft would refuse the text or too little of it is understood to know
 * its tables and chains, -ELOOP for includes that are deeper than 16, -E2BIG, -ENOMEM.
 */
[[nodiscard]] int nft_text_json(const struct nft_text *in, struct buf *ret, struct diag *d);

/* nft_read() of that; text that is refused leaves its reason in f->unknown, and is no error. */
[[nodiscard]] int nft_text_read(const struct nft_text *in, const struct nft_options *options,
				struct filter *f, struct diag *d);

#endif
