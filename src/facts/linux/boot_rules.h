/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boot_rules: what firewalld makes of its files when it starts, as a rule set. */
#ifndef HF_FACTS_LINUX_BOOT_RULES_H
#define HF_FACTS_LINUX_BOOT_RULES_H

#include "base/arena.h"

/*
 * firewalld.zone(5): the default zone as nft(8) text with as many lines as the zone has, so that
 * rules keep their lines. Services that are not known by their ports become rules that are not
 * understood. -ENOMEM.
 */
[[nodiscard]] int firewalld_nft(struct arena *a, struct str zone, struct str *ret);

#endif
