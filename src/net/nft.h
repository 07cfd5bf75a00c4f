/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nft: rule sets of nftables as filters. */
#ifndef HF_NET_NFT_H
#define HF_NET_NFT_H

#include "base/diag.h"
#include "net/match.h"

struct nft_options {
	/*
	 * Leaves out the tables that iptables-nft keeps (raw, mangle, nat, filter and security of
	 * ip and ip6): iptables_read() has them from iptables-save, which knows all their matches.
	 */
	bool without_iptables;
	/* What other rule sets do to packets, and what this one does: both ways; may be NULL. */
	struct match_facts *facts;
};

/*
 * Adds what `nft -j list ruleset` prints, libnftables-json(5), to a filter. Names of the machine's
 * interfaces should be in it already, so that "eth*" is exact. Text that cannot be trusted as a
 * whole (cut off, no JSON, none at all) leaves its reason in f->unknown and in *d (may be NULL);
 * that is no error. What one rule asks or does that is not understood makes this rule unknown.
 * options may be NULL. -ENOMEM, psets_error().
 */
[[nodiscard]] int nft_read(struct str json, const struct nft_options *options, struct filter *f,
			   struct diag *d);

#endif
