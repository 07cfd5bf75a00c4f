/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boot_rules: what ufw and firewalld make of their files when they start, as rule sets. */
#ifndef HF_FACTS_LINUX_BOOT_RULES_H
#define HF_FACTS_LINUX_BOOT_RULES_H

#include "net/nft_text.h"

/*
 * ufw(8): what ufw-init adds around its files, from /etc/default/ufw: a text of iptables-save that
 * comes before those of before.rules, after.rules and user.rules, and one behind them, which leads
 * to the user's chains. -ENOMEM.
 */
[[nodiscard]] int ufw_around(struct arena *a, struct str defaults, bool v6, struct str *ret_before,
			     struct str *ret_after);

/*
 * firewalld.zone(5): the default zone as a text of nft(8) whose rules keep the zone's lines, in the
 * order of firewalld: by priority, what denies first. What is not known by its port, such as a
 * service of one's own, becomes a rule that is not understood. -ENOMEM.
 */
[[nodiscard]] int firewalld_nft(struct arena *a, struct str zone, struct str file,
				struct nft_text *ret);

#endif
