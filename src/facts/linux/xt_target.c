/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets of iptables extensions. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_LOG.h>
#include <linux/netfilter/xt_NFLOG.h>
#include <linux/netfilter/xt_mark.h>

#include "facts/linux/xt_rules.h"

#define TAKE(info, type)           \
	type t;                    \
	if ((info).len < sizeof t) \
		return false;      \
	memcpy(&t, (info).ptr, sizeof t)

#define UNDERSTOOD                                                                             \
	(NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED | NF_NAT_RANGE_PROTO_RANDOM_ALL | \
	 NF_NAT_RANGE_PERSISTENT)

static void put_ports(struct xt_rule *x, const struct nf_nat_range *t)
{
	unsigned first = ntohs(t->min_proto.all), last = ntohs(t->max_proto.all);

	buf_fmt(x->out, "%u", first);
	if (last > first)
		buf_fmt(x->out, "-%u", last);
}

static void put_addresses(struct xt_rule *x, const struct nf_nat_range *t)
{
	bool brackets = x->v6 && t->flags & NF_NAT_RANGE_PROTO_SPECIFIED;
	size_t size = x->v6 ? 16 : 4;

	buf_puts(x->out, brackets ? "[" : "");
	xt_address(x->out, x->v6, &t->min_addr);
	if (memcmp(&t->min_addr, &t->max_addr, size) != 0) {
		buf_puts(x->out, brackets ? "]-[" : "-");
		xt_address(x->out, x->v6, &t->max_addr);
	}
	buf_puts(x->out, brackets ? "]" : "");
}

static bool put_nat(struct xt_rule *x, struct str name, const struct nf_nat_range *t)
{
	bool addresses = t->flags & NF_NAT_RANGE_MAP_IPS;
	bool ports = t->flags & NF_NAT_RANGE_PROTO_SPECIFIED;

	if (t->flags & ~(unsigned)UNDERSTOOD)
		return false;
	if (str_eq(name, STR("REDIRECT"))) {
		if (ports) {
			buf_puts(x->out, " --to-ports ");
			put_ports(x, t);
		}
		return true;
	}
	if (!addresses && !ports)
		return false;
	buf_puts(x->out, str_eq(name, STR("SNAT")) ? " --to-source " : " --to-destination ");
	if (addresses)
		put_addresses(x, t);
	if (ports) {
		buf_putc(x->out, ':');
		put_ports(x, t);
	}
	return true;
}

/* nf_nat_range2 has one field more, which only a flag that is not understood makes use of. */
static bool on_nat(struct xt_rule *x, struct str name, struct str info)
{
	TAKE(info, struct nf_nat_range);
	return put_nat(x, name, &t);
}

static bool on_nat_v4(struct xt_rule *x, struct str name, struct str info)
{
	struct nf_nat_range wide = {};

	TAKE(info, struct nf_nat_ipv4_multi_range_compat);
	if (t.rangesize != 1)
		return false;
	wide.flags = t.range[0].flags;
	wide.min_addr.ip = t.range[0].min_ip;
	wide.max_addr.ip = t.range[0].max_ip;
	wide.min_proto = t.range[0].min;
	wide.max_proto = t.range[0].max;
	return put_nat(x, name, &wide);
}

static bool on_nat0(struct xt_rule *x, struct str name, struct str info)
{
	return x->v6 ? on_nat(x, name, info) : on_nat_v4(x, name, info);
}

static bool put_prefix(struct xt_rule *x, const char *option, const char *text, size_t size)
{
	if (text[0]) {
		buf_puts(x->out, option);
		xt_word(x->out, (struct str){ text, strnlen(text, size) });
	}
	return true;
}

static bool on_log(struct xt_rule *x, [[maybe_unused]] struct str name, struct str info)
{
	TAKE(info, struct xt_log_info);
	return put_prefix(x, " --log-prefix ", t.prefix, sizeof t.prefix);
}

static bool on_nflog(struct xt_rule *x, [[maybe_unused]] struct str name, struct str info)
{
	TAKE(info, struct xt_nflog_info);
	return put_prefix(x, " --nflog-prefix ", t.prefix, sizeof t.prefix);
}

static bool on_mark(struct xt_rule *x, [[maybe_unused]] struct str name, struct str info)
{
	TAKE(info, struct xt_mark_tginfo2);
	buf_fmt(x->out, " --set-xmark 0x%x/0x%x", t.mark, t.mask);
	return true;
}

/* The flags come first in all revisions. */
static bool on_ct(struct xt_rule *x, [[maybe_unused]] struct str name, struct str info)
{
	TAKE(info, struct xt_ct_target_info);
	if (t.flags & XT_CT_NOTRACK)
		buf_puts(x->out, " --notrack");
	if (t.zone)
		buf_fmt(x->out, " --zone %u", t.zone);
	return true;
}

/* clang-format off */
static const struct {
	struct str name;
	uint32_t first, last;
	bool (*run)(struct xt_rule *x, struct str name, struct str info);
} targets[] = {
	{ STR("DNAT"), 0, 0, on_nat0 },
	{ STR("DNAT"), 1, 2, on_nat },
	{ STR("SNAT"), 0, 0, on_nat0 },
	{ STR("SNAT"), 1, 2, on_nat },
	{ STR("REDIRECT"), 0, 0, on_nat0 },
	{ STR("LOG"), 0, 0, on_log },
	{ STR("NFLOG"), 0, 0, on_nflog },
	{ STR("MARK"), 2, 2, on_mark },
	{ STR("CT"), 0, 2, on_ct },
};
/* clang-format on */

/*
 * Without its options, a translation leads nobody knows where, and that is how it is read; of the
 * others, the name says what becomes of the packet.
 */
int xt_target(struct xt_rule *x, struct str attrs)
{
	struct str name = xt_attr(attrs, NFTA_TARGET_NAME), info = xt_attr(attrs, NFTA_TARGET_INFO);
	uint32_t revision = xt_attr_number(attrs, NFTA_TARGET_REV);
	bool ok;

	name = str_cut(&name, '\0');
	/* what is read as a redirection to the same port */
	ok = !str_eq(name, STR("REDIRECT"));
	if (!name.len)
		return -EOPNOTSUPP;
	buf_puts(x->out, " -j ");
	xt_word(x->out, name);
	for (size_t i = 0; i < COUNT(targets); i++)
		if (str_eq(name, targets[i].name) && revision >= targets[i].first &&
		    revision <= targets[i].last)
			ok = targets[i].run(x, name, info);
	return ok || !str_eq(name, STR("REDIRECT")) ? 0 : -EOPNOTSUPP;
}
