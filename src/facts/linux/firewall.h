/* SPDX-License-Identifier: GPL-3.0-or-later */
/* firewall: the rule sets of the kernel and of the files that are loaded at boot. */
#ifndef HF_FACTS_LINUX_FIREWALL_H
#define HF_FACTS_LINUX_FIREWALL_H

#include "facts/fact.h"

struct fw_chain {
	struct str backend, family, table, chain, hook, policy, file;
	int64_t priority; /* FACT_UNKNOWN */
	int64_t rules;
	unsigned line;
	bool final_drop, enabled, kernel;
};
struct fw_chains {
	struct fw_chain *list;
	size_t n, cap;
};
#define FW_CHAINS_MAX 10'000

struct fw_ruleset {
	struct str backend, file, text;
	bool kernel, enabled;
};
struct firewall {
	struct fw_chains chains; /* base chains alone */
	struct fw_ruleset *sets;
	size_t n, cap;
	bool no_text; /* the kernel has chains, but nobody could say its rules as text */
};

/* Everything; what is missing is a problem. Memory of c->arena. -ENOMEM. */
[[nodiscard]] int firewall_load(struct collect *c, struct firewall *ret);

/* -E2BIG past FW_CHAINS_MAX, -ENOMEM. */
[[nodiscard]] int fw_add(struct fw_chains *t, struct arena *a, const struct fw_chain *chain);
/* The chain of that name, or NULL. */
struct fw_chain *fw_find(const struct fw_chains *t, struct str family, struct str table,
			 struct str chain);

/*
 * Parsers: pure. All add to *ret and take texts from the input or the arena. -EBADMSG: the text as
 * a whole cannot be trusted; what was found stands.
 */

/* `nft -j list ruleset`, libnftables-json(5). */
[[nodiscard]] int nft_json_parse(struct str text, struct arena *a, struct fw_chains *ret);

/* iptables-save(8). ret_line: where it went wrong. v6: of ip6tables. */
[[nodiscard]] int iptables_parse(struct str text, bool v6, struct arena *a, struct fw_chains *ret,
				 unsigned *ret_line);

/* A file of nft(8). include: reads what an include names; 0 or an error that ends it. */
struct nft_conf;
typedef int nft_include_fn(struct nft_conf *conf, struct str pattern, unsigned line, void *user);
struct nft_conf {
	struct arena *arena;
	struct fw_chains *chains;
	nft_include_fn *include; /* NULL: includes are ignored */
	void *user;
	struct str file;
	struct nft_define *defines;
	size_t n_defines, cap_defines;
	unsigned depth;
	unsigned line; /* where an error was */
};
[[nodiscard]] int nft_conf_parse(struct nft_conf *conf, struct str text);

/* Messages of NFNL_SUBSYS_NFTABLES: chains, then rules. 0 or -ENOMEM, -E2BIG. */
struct nft_messages {
	struct arena *arena;
	struct fw_chains *chains;
};
[[nodiscard]] int nft_netlink_message(uint16_t type, struct str payload, void *messages);
[[nodiscard]] int nft_netlink_load(int fd, struct arena *a, struct fw_chains *ret);

/* Number of a hook priority's name ("filter", "dstnat"); false: not one of them. */
bool nft_priority(struct str name, struct str family, int64_t *ret);

#endif
