/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xt_rules: what iptables-nft keeps in the kernel, as iptables-save(8) would write it. */
#ifndef HF_FACTS_LINUX_XT_RULES_H
#define HF_FACTS_LINUX_XT_RULES_H

#include "base/arena.h"
#include "base/buf.h"

#define XT_TABLES 5
#define XT_REGISTERS 16 /* of 32 bits */

struct xt_table {
	struct buf chains, rules;
};

/* Messages of NFNL_SUBSYS_NFTABLES: tables and chains, then rules. */
struct xt_tables {
	struct xt_table v4[XT_TABLES], v6[XT_TABLES];
};
/*
 * 0, -ENOMEM, -EFBIG; -EOPNOTSUPP: one of these tables has what iptables cannot have put there, so
 * that only nft can say it.
 */
[[nodiscard]] int xt_rules_message(uint16_t type, struct str payload, void *tables);
/* Text of a family; "" where it has no tables. */
[[nodiscard]] int xt_rules_text(const struct xt_tables *t, bool v6, struct arena *a,
				struct str *ret);
void xt_tables_release(struct xt_tables *t);

/* As xt_rules_message(), or an error of netlink_dump(). */
[[nodiscard]] int xt_rules_load(int fd, struct arena *a, struct str *ret_v4, struct str *ret_v6);

/* What a register holds. */
enum xt_field {
	XT_OTHER,
	XT_SOURCE,
	XT_DESTINATION,
	XT_SPORT,
	XT_DPORT,
	XT_PORTS, /* both */
	XT_TCP_FLAGS,
	XT_FRAGMENT,
	XT_PROTOCOL,
	XT_IN,
	XT_OUT,
	XT_MARK,
};
struct xt_load {
	enum xt_field field;
	unsigned len;
	uint8_t mask[16];
	struct str name; /* of XT_OTHER */
};

/* One rule on its way into options. */
struct xt_rule {
	struct buf *out;
	bool v6;
	bool has_target;
	unsigned protocol; /* 0: of any */
	struct xt_load loads[XT_REGISTERS];
};

/* The rule's expressions, behind "-A CHAIN". As xt_rules_message(). */
[[nodiscard]] int xt_rule_expressions(struct xt_rule *x, struct str expressions);
/* op: of enum nft_cmp_ops. false: iptables cannot say it. */
bool xt_compare(struct xt_rule *x, const struct xt_load *l, uint32_t op, struct str data);
bool xt_is_whole(const struct xt_load *l); /* nothing is masked */
void xt_ports(struct xt_rule *x, enum xt_field field, bool invert, unsigned first, unsigned last);
/* Data of the expressions "match" and "target". */
void xt_match(struct xt_rule *x, struct str attrs);
[[nodiscard]] int xt_target(struct xt_rule *x, struct str attrs);

/* An attribute of that type; without a pointer: there is none. */
struct str xt_attr(struct str attrs, uint16_t type);
uint32_t xt_attr_number(struct str attrs, uint16_t type); /* of the network's order */
/* A word of a rule, in quotes where it needs them. */
void xt_word(struct buf *out, struct str word);
void xt_address(struct buf *out, bool v6, const void *bytes);
void xt_masked(struct buf *out, bool v6, const void *bytes, const void *mask);
/* A match by name that nobody understands. */
void xt_unknown(struct xt_rule *x, struct str name);
/* Of the network's order. */
static inline unsigned xt_number16(const void *bytes)
{
	const uint8_t *b = bytes;

	return (unsigned)b[0] << 8 | b[1];
}
static inline const char *xt_not(bool invert) { return invert ? " !" : ""; }

#endif
