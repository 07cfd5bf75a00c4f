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
	NFT_TABLE, sets, COUNT(sets), chains, COUNT(chains), rules, COUNT(rules),
};

/*
 * Behind the bans, before connection tracking: a grant that ended ends its connections, whatever
 * other tables say of established ones. What is forwarded is not met: only packets for an address
 * of this machine, also those that are translated to a container's later.
 */
#define PRIORITY_DOORS (PRIORITY + 5)

/* clang-format off */
static const struct nft_set_row door_sets[] = {
	{ "shut", NFT_SHUT, NFPROTO_INET, 0, "ports that are shut for everybody else" },
	{ "granted4", NFT_GRANTS, NFPROTO_IPV4, 32, "who may come in, and where" },
	{ "granted4_24", NFT_GRANTS, NFPROTO_IPV4, 24, "networks that may come in" },
	{ "granted6", NFT_GRANTS, NFPROTO_IPV6, 128, "who may come in, and where" },
	{ "granted6_64", NFT_GRANTS, NFPROTO_IPV6, 64, "networks that may come in" },
	{ "kept4", NFT_KEPT, NFPROTO_IPV4, 0, "connections that may go on" },
	{ "kept6", NFT_KEPT, NFPROTO_IPV6, 0, "connections that may go on" },
};

static const struct nft_chain_row door_chains[] = {
	{ "door", false, 0, 0, "packets for a port that is shut" },
	{ "doors", true, NF_INET_PRE_ROUTING, PRIORITY_DOORS, "all packets that come in" },
};

static const struct nft_rule_row door_rules[] = {
	{ "door", NFT_GRANTED, "granted4", NULL, "" },
	{ "door", NFT_GRANTED, "granted6", NULL, "" },
	{ "door", NFT_BEGUN, "kept4", NULL, "" },
	{ "door", NFT_BEGUN, "kept6", NULL, "" },
	{ "door", NFT_GRANTED, "granted4_24", NULL, "" },
	{ "door", NFT_GRANTED, "granted6_64", NULL, "" },
	{ "door", NFT_DROP, NULL, NULL, "shut" },
	{ "doors", NFT_LOCAL, NULL, NULL, "the machine itself" },
	{ "doors", NFT_CLOSED, "shut", "door", "" },
};
/* clang-format on */

const struct nft_layout nft_doors = {
	NFT_TABLE "_jit",   door_sets,  COUNT(door_sets),  door_chains,
	COUNT(door_chains), door_rules, COUNT(door_rules),
};

const struct nft_set_row *nft_set_row(const struct nft_layout *l, const char *name)
{
	for (size_t i = 0; i < l->n_sets; i++)
		if (!strcmp(l->sets[i].name, name))
			return &l->sets[i];
	return NULL;
}

size_t nft_key_length(const struct nft_set_row *s)
{
	size_t address = s->family == NFPROTO_IPV4 ? 4 : 16;

	switch (s->use) {
	case NFT_SHUT: return 8;
	case NFT_GRANTS: return address + 8;
	case NFT_KEPT: return address + 12;
	default: return address;
	}
}
