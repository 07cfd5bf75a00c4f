/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_text: files of nft(8) as filters.
 *
 * What nft loads at boot is turned into what `nft -j list ruleset` would print of it
 * (libnftables-json(5)) with the file and line of each rule, and read by nft_read(): one
 * reader understands rules.
 */
#ifndef HF_NET_NFT_TEXT_H
#define HF_NET_NFT_TEXT_H

#include "net/nft.h"

struct nft_file {
	struct str name, text; /* name: absolute path */
};

/*
 * Files that another one includes are read there, the rest in their order. Words of a rule that are
 * not understood make this rule unknown; a file that nft would refuse leaves its reason in
 * f->unknown and in *d (may be NULL). -ENOMEM, psets_error().
 */
[[nodiscard]] int nft_text_read(const struct nft_file *files, size_t n,
				const struct nft_options *options, struct filter *f,
				struct diag *d);

#endif
