/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iptables: rule sets as iptables-save(8) and ip6tables-save(8) write them, as filters. */
#ifndef HF_NET_IPTABLES_H
#define HF_NET_IPTABLES_H

#include "base/diag.h"
#include "net/match.h"

/* One text of several that make up a rule set; file: "" for the kernel's. */
struct iptables_text {
	struct str text, file;
};

/*
 * Adds the tables of the texts, in this order, to a filter, as iptables-restore --noflush would: a
 * chain that occurs in several texts is one chain, and one that is declared again is emptied. Names of the machine's interfaces should be
 * in the filter already, so that "eth+" is exact. A text that iptables-restore would refuse or that
 * is cut off leaves its reason in f->unknown and in *d (may be NULL); that is no error. A match or
 * target that is not understood makes its rule unknown. facts: what other rule sets do to packets,
 * and what this one does: both ways; may be NULL. -ENOMEM, psets_error().
 */
[[nodiscard]] int iptables_read(const struct iptables_text *texts, size_t n, bool v6,
				struct match_facts *facts, struct filter *f, struct diag *d);
/* Is it of iptables-nft-save, so that `nft list ruleset` has the same tables? */
bool iptables_is_nft(struct str text);

/*
 * ufw's files, which it loads between chains of its own (ufw-init-functions of ufw 0.36): of one
 * family. Text without a pointer: there is no such file. defaults: /etc/default/ufw.
 */
struct iptables_ufw {
	struct iptables_text defaults, before, after, user;
};
/* As iptables_read(). Where the defaults switch IPv6 off, ufw closes it. */
[[nodiscard]] int iptables_read_ufw(const struct iptables_ufw *ufw, bool v6,
				    struct match_facts *facts, struct filter *f, struct diag *d);

#endif
