/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boot_rules: what ufw and firewalld make of their files when they start, as rule sets. */
#ifndef HF_FACTS_LINUX_BOOT_RULES_H
#define HF_FACTS_LINUX_BOOT_RULES_H

#include "net/iptables.h"

/*
 * ufw(8): the chains that ufw-init builds around its files, from /etc/default/ufw; a text of
 * iptables-save that comes before those of before.rules, user.rules and after.rules. before: there
 * is a before.rules, which leads to the user's chains. -ENOMEM.
 */
[[nodiscard]] int ufw_skeleton(struct arena *a, struct str defaults, bool v6, bool before,
			       struct str *ret);

/*
 * firewalld.zone(5): the default zone as nft(8) text with as many lines as the zone has, so that
 * rules keep their lines. Services that are not known by their ports become rules that are not
 * understood. -ENOMEM.
 */
[[nodiscard]] int firewalld_nft(struct arena *a, struct str zone, struct str *ret);

#endif
