/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains and rules straight from the kernel, where the program nft is not installed. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "facts/linux/firewall.h"
#include "facts/linux/netlink.h"

static struct str text_attr(struct str value) { return str_cut(&value, '\0'); }

static uint32_t number_attr(struct str value) { return ntohl(netlink_u32(value)); }

static const char *family_name(unsigned family)
{
	switch (family) {
	case NFPROTO_INET: return "inet";
	case NFPROTO_IPV4: return "ip";
	case NFPROTO_IPV6: return "ip6";
	case NFPROTO_ARP: return "arp";
	case NFPROTO_BRIDGE: return "bridge";
	case NFPROTO_NETDEV: return "netdev";
	default: return "";
	}
}

static const char *hook_name(unsigned family, uint32_t hook)
{
	static const char *const names[] = { "prerouting", "input",       "forward",
					     "output",     "postrouting", "ingress" };

	if (family == NFPROTO_NETDEV)
		return hook == 0 ? "ingress" : "egress";
	/* NF_ARP_IN, NF_ARP_OUT */
	if (family == NFPROTO_ARP)
		return hook == 0 ? "input" : "output";
	return hook < COUNT(names) ? names[hook] : "";
}

static void take_hook(struct str attrs, unsigned family, struct fw_chain *chain)
{
	struct str value;
	uint16_t type;

	while (netlink_attr(&attrs, &type, &value)) {
		if (type == NFTA_HOOK_HOOKNUM)
			chain->hook = str_of(hook_name(family, number_attr(value)));
		else if (type == NFTA_HOOK_PRIORITY)
			chain->priority = (int32_t)number_attr(value);
	}
}

static int add_chain(struct nft_messages *x, unsigned family, struct str attrs)
{
	struct fw_chain chain = {
		.backend = STR("nftables"),
		.family = str_of(family_name(family)),
		.policy = STR("accept"),
		.file = STR(""),
		.priority = FACT_UNKNOWN,
		.enabled = true,
		.kernel = true,
	};
	struct str value;
	uint16_t type;

	while (netlink_attr(&attrs, &type, &value)) {
		if (type == NFTA_CHAIN_TABLE)
			chain.table = arena_str(x->arena, text_attr(value));
		else if (type == NFTA_CHAIN_NAME)
			chain.chain = arena_str(x->arena, text_attr(value));
		else if (type == NFTA_CHAIN_HOOK)
			take_hook(value, family, &chain);
		else if (type == NFTA_CHAIN_POLICY)
			chain.policy = number_attr(value) == NF_DROP ? STR("drop") : STR("accept");
	}
	if (!chain.hook.len || !chain.table.ptr || !chain.chain.ptr)
		return 0;
	return fw_add(x->chains, x->arena, &chain);
}

/* NFTA_IMMEDIATE_DATA holds NFTA_DATA_VERDICT, which holds NFTA_VERDICT_CODE. */
static bool is_drop(struct str attrs, unsigned depth)
{
	static const uint16_t path[] = { NFTA_IMMEDIATE_DATA, NFTA_DATA_VERDICT,
					 NFTA_VERDICT_CODE };
	struct str value;
	uint16_t type;

	for (; depth < COUNT(path); depth++) {
		bool found = false;

		while (!found && netlink_attr(&attrs, &type, &value))
			found = type == path[depth];
		if (!found)
			return false;
		attrs = value;
	}
	return number_attr(attrs) == NF_DROP;
}

/* xt_target's name: what iptables-nft could not translate. */
static bool is_drop_target(struct str attrs)
{
	struct str value;
	uint16_t type;

	while (netlink_attr(&attrs, &type, &value))
		if (type == 1 /* NFTA_TARGET_NAME */)
			return str_eq(text_attr(value), STR("REJECT")) ||
			       str_eq(text_attr(value), STR("DROP"));
	return false;
}

/* Does every packet that comes so far end here? */
static bool drops_all(struct str exprs)
{
	struct str element, value;
	uint16_t type;

	while (netlink_attr(&exprs, &type, &element)) {
		struct str name = STR(""), data = {};

		while (netlink_attr(&element, &type, &value)) {
			if (type == NFTA_EXPR_NAME)
				name = text_attr(value);
			else if (type == NFTA_EXPR_DATA)
				data = value;
		}
		if (str_eq(name, STR("immediate")))
			return is_drop(data, 0);
		if (str_eq(name, STR("target")))
			return is_drop_target(data);
		if (str_eq(name, STR("reject")))
			return true;
		if (!str_eq(name, STR("counter")) && !str_eq(name, STR("log")))
			return false;
	}
	return false;
}

static void add_rule(struct nft_messages *x, unsigned family, struct str attrs)
{
	struct str table = {}, name = {}, exprs = {}, value;
	struct fw_chain *chain;
	uint16_t type;

	while (netlink_attr(&attrs, &type, &value)) {
		if (type == NFTA_RULE_TABLE)
			table = text_attr(value);
		else if (type == NFTA_RULE_CHAIN)
			name = text_attr(value);
		else if (type == NFTA_RULE_EXPRESSIONS)
			exprs = value;
	}
	chain = fw_find(x->chains, str_of(family_name(family)), table, name);
	if (!chain)
		return;
	chain->rules++;
	chain->final_drop = drops_all(exprs);
}

int nft_netlink_message(uint16_t type, struct str payload, void *messages)
{
	struct nfgenmsg m;
	struct str attrs;

	if (payload.len < sizeof m || NFNL_SUBSYS_ID(type) != NFNL_SUBSYS_NFTABLES)
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	attrs = str_sub(payload, sizeof m, payload.len);
	if (NFNL_MSG_TYPE(type) == NFT_MSG_NEWCHAIN)
		return add_chain(messages, m.nfgen_family, attrs);
	if (NFNL_MSG_TYPE(type) == NFT_MSG_NEWRULE)
		add_rule(messages, m.nfgen_family, attrs);
	return 0;
}

int nft_netlink_load(int fd, struct arena *a, struct fw_chains *ret)
{
	struct nft_messages x = { a, ret };
	struct {
		struct nlmsghdr h;
		struct nfgenmsg m;
	} request = { .h.nlmsg_len = sizeof request };
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < NETLINK_TRIES; i++) {
		ret->n = 0;
		request.h.nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN;
		r = netlink_dump(fd, &request, nft_netlink_message, &x);
		request.h.nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE;
		if (r >= 0 && ret->n)
			r = netlink_dump(fd, &request, nft_netlink_message, &x);
	}
	return r;
}
