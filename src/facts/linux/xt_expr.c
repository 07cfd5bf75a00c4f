/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's own expressions that iptables-nft uses, as options of iptables(8). */
#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <netinet/in.h>

#include "facts/linux/xt_rules.h"

#include "facts/linux/netlink.h"

/* NFT_REG_1 to 4 have 16 bytes each, NFT_REG32_00 to 15 are the same memory. */
static struct xt_load *load_at(struct xt_rule *x, uint32_t number)
{
	size_t at = number >= NFT_REG32_00 ? number - NFT_REG32_00 : ((size_t)number - 1) * 4;

	return number && at < XT_REGISTERS ? &x->loads[at] : NULL;
}

static void forget_all(struct xt_rule *x, struct str name)
{
	for (size_t i = 0; i < XT_REGISTERS; i++)
		x->loads[i] = (struct xt_load){ .name = name };
}

/* Whatever stood in the words that it takes is gone. */
static void set_load(struct xt_rule *x, uint32_t number, enum xt_field field, unsigned len,
		     struct str name)
{
	struct xt_load *l = load_at(x, number);
	size_t at, words = ((size_t)len + 3) / 4;

	if (!l || len > 16 || len == 0) {
		forget_all(x, name);
		return;
	}
	at = (size_t)(l - x->loads);
	for (size_t i = 0; i < XT_REGISTERS; i++)
		if (i < at + words && i + (x->loads[i].len + 3) / 4 > at)
			x->loads[i] = (struct xt_load){ .name = name };
	*l = (struct xt_load){ .field = field, .len = len, .name = name };
	memset(l->mask, 0xff, len);
}

static enum xt_field network_field(const struct xt_rule *x, uint32_t offset, uint32_t len)
{
	uint32_t size = x->v6 ? 16 : 4, source = x->v6 ? 8 : 12;

	if (offset == source && len <= size)
		return XT_SOURCE;
	if (offset == source + size && len <= size)
		return XT_DESTINATION;
	if (!x->v6 && offset == 9 && len == 1)
		return XT_PROTOCOL;
	return !x->v6 && offset == 6 && len == 2 ? XT_FRAGMENT : XT_OTHER;
}

static enum xt_field transport_field(const struct xt_rule *x, uint32_t offset, uint32_t len)
{
	if (offset == 0 && len == 2)
		return XT_SPORT;
	if (offset == 0 && len == 4)
		return XT_PORTS;
	if (offset == 2 && len == 2)
		return XT_DPORT;
	return offset == 13 && len == 1 && x->protocol == IPPROTO_TCP ? XT_TCP_FLAGS : XT_OTHER;
}

static int on_payload(struct xt_rule *x, struct str attrs, struct str name)
{
	uint32_t offset = xt_attr_number(attrs, NFTA_PAYLOAD_OFFSET);
	uint32_t len = xt_attr_number(attrs, NFTA_PAYLOAD_LEN);
	enum xt_field field = XT_OTHER;

	if (xt_attr(attrs, NFTA_PAYLOAD_SREG).ptr)
		return -EOPNOTSUPP;
	switch (xt_attr_number(attrs, NFTA_PAYLOAD_BASE)) {
	case NFT_PAYLOAD_NETWORK_HEADER: field = network_field(x, offset, len); break;
	case NFT_PAYLOAD_TRANSPORT_HEADER: field = transport_field(x, offset, len); break;
	default: break;
	}
	set_load(x, xt_attr_number(attrs, NFTA_PAYLOAD_DREG), field, len, name);
	return 0;
}

static int on_meta(struct xt_rule *x, struct str attrs, struct str name)
{
	uint32_t to = xt_attr_number(attrs, NFTA_META_DREG);
	uint32_t key = xt_attr_number(attrs, NFTA_META_KEY);

	if (xt_attr(attrs, NFTA_META_SREG).ptr) {
		if (x->has_target || (key != NFT_META_MARK && key != NFT_META_NFTRACE))
			return -EOPNOTSUPP;
		x->has_target = true;
		buf_puts(x->out, key == NFT_META_MARK ? " -j MARK" : " -j TRACE");
		return 0;
	}
	switch (key) {
	case NFT_META_IIFNAME: set_load(x, to, XT_IN, IFNAMSIZ, name); break;
	case NFT_META_OIFNAME: set_load(x, to, XT_OUT, IFNAMSIZ, name); break;
	case NFT_META_L4PROTO: set_load(x, to, XT_PROTOCOL, 1, name); break;
	case NFT_META_MARK: set_load(x, to, XT_MARK, 4, name); break;
	default: forget_all(x, name); break;
	}
	return 0;
}

static struct str data_value(struct str attrs, uint16_t type)
{
	return xt_attr(xt_attr(attrs, type), NFTA_DATA_VALUE);
}

static int on_bitwise(struct xt_rule *x, struct str attrs, struct str name)
{
	const struct xt_load *from = load_at(x, xt_attr_number(attrs, NFTA_BITWISE_SREG));
	struct str mask = data_value(attrs, NFTA_BITWISE_MASK);
	struct str flip = data_value(attrs, NFTA_BITWISE_XOR);
	uint32_t to = xt_attr_number(attrs, NFTA_BITWISE_DREG);
	bool simple = xt_attr_number(attrs, NFTA_BITWISE_OP) == 0 /* mask and xor */;
	struct xt_load load, *l;

	for (size_t i = 0; i < flip.len; i++)
		simple &= flip.ptr[i] == 0;
	if (!from || !simple || from->field == XT_OTHER || mask.len != from->len) {
		forget_all(x, name);
		return 0;
	}
	load = *from;
	set_load(x, to, load.field, load.len, load.name);
	l = load_at(x, to);
	for (size_t i = 0; l && i < mask.len; i++)
		l->mask[i] = load.mask[i] & (uint8_t)mask.ptr[i];
	return 0;
}

static int on_cmp(struct xt_rule *x, struct str attrs, struct str name)
{
	const struct xt_load *l = load_at(x, xt_attr_number(attrs, NFTA_CMP_SREG));

	if (!l ||
	    !xt_compare(x, l, xt_attr_number(attrs, NFTA_CMP_OP), data_value(attrs, NFTA_CMP_DATA)))
		xt_unknown(x, l && l->field == XT_OTHER && l->name.len ? l->name : name);
	return 0;
}

static int on_range(struct xt_rule *x, struct str attrs, struct str name)
{
	const struct xt_load *l = load_at(x, xt_attr_number(attrs, NFTA_RANGE_SREG));
	struct str from = data_value(attrs, NFTA_RANGE_FROM_DATA);
	struct str to = data_value(attrs, NFTA_RANGE_TO_DATA);
	uint32_t op = xt_attr_number(attrs, NFTA_RANGE_OP);

	if (l && (l->field == XT_SPORT || l->field == XT_DPORT) && xt_is_whole(l) &&
	    from.len == 2 && to.len == 2 && xt_number16(from.ptr) <= xt_number16(to.ptr) &&
	    op <= NFT_RANGE_NEQ)
		xt_ports(x, l->field, op == NFT_RANGE_NEQ, xt_number16(from.ptr),
			 xt_number16(to.ptr));
	else
		xt_unknown(x, name);
	return 0;
}

static uint64_t number64(struct str value)
{
	uint64_t n = 0;

	if (value.len == sizeof n)
		memcpy(&n, value.ptr, sizeof n);
	return be64toh(n);
}

static int on_limit(struct xt_rule *x, struct str attrs, struct str name)
{
	static const struct {
		uint64_t seconds;
		const char *name;
	} units[] = {
		{1,      "sec" },
                { 60,    "min" },
                { 3600,  "hour"},
                { 86400, "day" }
	};
	uint64_t seconds = number64(xt_attr(attrs, NFTA_LIMIT_UNIT));

	for (size_t i = 0; i < COUNT(units); i++)
		if (seconds == units[i].seconds && !xt_attr_number(attrs, NFTA_LIMIT_FLAGS)) {
			buf_fmt(x->out, " -m limit --limit %llu/%s --limit-burst %u",
				(unsigned long long)number64(xt_attr(attrs, NFTA_LIMIT_RATE)),
				units[i].name, xt_attr_number(attrs, NFTA_LIMIT_BURST));
			return 0;
		}
	xt_unknown(x, name);
	return 0;
}

static int on_immediate(struct xt_rule *x, struct str attrs, struct str name)
{
	struct str verdict = xt_attr(xt_attr(attrs, NFTA_IMMEDIATE_DATA), NFTA_DATA_VERDICT);
	struct str chain = xt_attr(verdict, NFTA_VERDICT_CHAIN);
	int32_t code = (int32_t)xt_attr_number(verdict, NFTA_VERDICT_CODE);

	if (xt_attr_number(attrs, NFTA_IMMEDIATE_DREG) != NFT_REG_VERDICT) {
		forget_all(x, name);
		return 0;
	}
	if (x->has_target || !xt_attr(verdict, NFTA_VERDICT_CODE).ptr)
		return -EOPNOTSUPP;
	x->has_target = true;
	switch (code) {
	case NF_ACCEPT: buf_puts(x->out, " -j ACCEPT"); return 0;
	case NF_DROP: buf_puts(x->out, " -j DROP"); return 0;
	case NFT_RETURN: buf_puts(x->out, " -j RETURN"); return 0;
	case NFT_JUMP:
	case NFT_GOTO:
		buf_puts(x->out, code == NFT_JUMP ? " -j " : " -g ");
		xt_word(x->out, str_cut(&chain, '\0'));
		return 0;
	default: return -EOPNOTSUPP;
	}
}

/* Loads something or lets pass, nobody knows what, but does nothing else. */
static int on_other(struct xt_rule *x, struct str attrs, struct str name)
{
	bool to_verdict = str_eq(name, STR("lookup")) && xt_attr(attrs, NFTA_LOOKUP_DREG).ptr &&
			  xt_attr_number(attrs, NFTA_LOOKUP_DREG) == NFT_REG_VERDICT;
	bool sets = (str_eq(name, STR("ct")) && xt_attr(attrs, NFTA_CT_SREG).ptr) ||
		    (str_eq(name, STR("exthdr")) && xt_attr(attrs, NFTA_EXTHDR_SREG).ptr);

	if (to_verdict || sets)
		return -EOPNOTSUPP;
	xt_unknown(x, name);
	forget_all(x, name);
	return 0;
}

static int on_log(struct xt_rule *x, [[maybe_unused]] struct str attrs,
		  [[maybe_unused]] struct str name)
{
	if (x->has_target)
		return -EOPNOTSUPP;
	x->has_target = true;
	buf_puts(x->out, " -j NFLOG");
	return 0;
}

static int on_match(struct xt_rule *x, struct str attrs, [[maybe_unused]] struct str name)
{
	xt_match(x, attrs);
	return 0;
}

static int on_target(struct xt_rule *x, struct str attrs, [[maybe_unused]] struct str name)
{
	if (x->has_target)
		return -EOPNOTSUPP;
	x->has_target = true;
	return xt_target(x, attrs);
}

static int on_counter([[maybe_unused]] struct xt_rule *x, [[maybe_unused]] struct str attrs,
		      [[maybe_unused]] struct str name)
{
	return 0;
}

static const struct {
	struct str name;
	int (*run)(struct xt_rule *x, struct str attrs, struct str name);
} expressions[] = {
	{STR("payload"),    on_payload  },
        { STR("meta"),      on_meta     },
	{ STR("bitwise"),   on_bitwise  },
        { STR("cmp"),       on_cmp      },
	{ STR("range"),     on_range    },
        { STR("limit"),     on_limit    },
	{ STR("immediate"), on_immediate},
        { STR("match"),     on_match    },
	{ STR("target"),    on_target   },
        { STR("log"),       on_log      },
	{ STR("counter"),   on_counter  },
        { STR("last"),      on_counter  },
	{ STR("lookup"),    on_other    },
        { STR("ct"),        on_other    },
	{ STR("fib"),       on_other    },
        { STR("rt"),        on_other    },
	{ STR("socket"),    on_other    },
        { STR("exthdr"),    on_other    },
	{ STR("quota"),     on_other    },
        { STR("connlimit"), on_other    },
	{ STR("byteorder"), on_other    },
        { STR("hash"),      on_other    },
	{ STR("numgen"),    on_other    },
        { STR("xfrm"),      on_other    },
	{ STR("osf"),       on_other    },
};

static int take_expression(struct xt_rule *x, struct str name, struct str attrs)
{
	for (size_t i = 0; i < COUNT(expressions); i++) {
		if (!str_eq(name, expressions[i].name))
			continue;
		/* iptables has nothing behind a target */
		if (x->has_target && expressions[i].run != on_counter)
			return -EOPNOTSUPP;
		return expressions[i].run(x, attrs, name);
	}
	return -EOPNOTSUPP;
}

int xt_rule_expressions(struct xt_rule *x, struct str list)
{
	struct str element;
	uint16_t type;
	int r = 0;

	while (r >= 0 && netlink_attr(&list, &type, &element)) {
		struct str name = xt_attr(element, NFTA_EXPR_NAME);

		r = take_expression(x, str_cut(&name, '\0'), xt_attr(element, NFTA_EXPR_DATA));
	}
	return r;
}
