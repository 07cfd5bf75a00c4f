/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/nft.h"

/*
 * Before connection tracking (-200) and before the raw table of iptables (-300): a banned packet
 * costs least there, established connections end, and what is on its way to a container is met
 * before its destination is translated.
 */
#define PRIORITY (-310)

/*
 * Every set costs every packet of its family a lookup: so there are only those that the ledger's
 * decisions need.
 */
/* clang-format off */
static const struct nft_set_row sets[] = {
	{ "banned4", NFT_BANS, NFPROTO_IPV4, 32, "banned addresses" },
	{ "banned4_24", NFT_BANS, NFPROTO_IPV4, 24, "banned networks of 256 addresses" },
	{ "banned6", NFT_BANS, NFPROTO_IPV6, 128, "banned addresses" },
	{ "banned6_64", NFT_BANS, NFPROTO_IPV6, 64, "banned networks" },
	{ "banned6_48", NFT_BANS, NFPROTO_IPV6, 48, "banned sites" },
	{ "allowed4", NFT_ALLOWS, NFPROTO_IPV4, 0, "never banned" },
	{ "allowed6", NFT_ALLOWS, NFPROTO_IPV6, 0, "never banned" },
};

static const struct nft_chain_row chains[] = {
	{ "banned", false, 0, 0, "whoever is not allowed is dropped here" },
	{ "guard", true, NF_INET_PRE_ROUTING, PRIORITY,
	  "all packets that come in, also those for containers" },
};

static const struct nft_rule_row rules[] = {
	{ "banned", NFT_PASS, "allowed4", NULL, "the allow list wins" },
	{ "banned", NFT_PASS, "allowed6", NULL, "the allow list wins" },
	{ "banned", NFT_DROP, NULL, NULL, "banned" },
	{ "guard", NFT_LOOK_UP, "banned4", "banned", "" },
	{ "guard", NFT_LOOK_UP, "banned4_24", "banned", "" },
	{ "guard", NFT_LEAVE, "banned4", NULL, "the other sets hold no IPv4" },
	{ "guard", NFT_LOOK_UP, "banned6", "banned", "" },
	{ "guard", NFT_LOOK_UP, "banned6_64", "banned", "" },
	{ "guard", NFT_LOOK_UP, "banned6_48", "banned", "" },
};
/* clang-format on */

const struct nft_layout nft_layout = {
	sets, COUNT(sets), chains, COUNT(chains), rules, COUNT(rules),
};

const struct nft_set_row *nft_set_row(const char *name)
{
	for (size_t i = 0; i < COUNT(sets); i++)
		if (!strcmp(sets[i].name, name))
			return &sets[i];
	return NULL;
}
