/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boot_rules: what firewalld makes of its files when it starts, as a rule set. */
#ifndef HF_FACTS_LINUX_BOOT_RULES_H
#define HF_FACTS_LINUX_BOOT_RULES_H

#include "net/nft_text.h"

/*
 * firewalld.zone(5): the default zone as a text of nft(8) whose rules keep the zone's lines, in the
 * order of firewalld: by priority, what denies first. What is not known by its port, such as a
 * service of one's own, becomes a rule that is not understood. -ENOMEM.
 */
[[nodiscard]] int firewalld_nft(struct arena *a, struct str zone, struct str file,
				struct nft_text *ret);

#endif
