/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matches of what the kernel remembers: connections, rates, lists of addresses. */
#include <arpa/inet.h>
#include <limits.h>
#include <linux/netfilter.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_recent.h>
#include <linux/netfilter/xt_state.h>

#include "facts/linux/xt_info.h"

static bool put_states(struct buf *out, unsigned bits)
{
	static const struct xt_flag names[] = {
		{XT_CONNTRACK_STATE_INVALID,                 "INVALID"    },
		{ XT_CONNTRACK_STATE_BIT(IP_CT_NEW),         "NEW"        },
		{ XT_CONNTRACK_STATE_BIT(IP_CT_RELATED),     "RELATED"    },
		{ XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED), "ESTABLISHED"},
		{ XT_CONNTRACK_STATE_UNTRACKED,              "UNTRACKED"  },
		{ XT_CONNTRACK_STATE_SNAT,                   "SNAT"       },
		{ XT_CONNTRACK_STATE_DNAT,                   "DNAT"       },
	};

	return xt_flags(out, bits, names, COUNT(names));
}

static bool put_statuses(struct buf *out, unsigned bits)
{
	static const struct xt_flag names[] = {
		{1,  "EXPECTED"  },
                { 2, "SEEN_REPLY"},
                { 4, "ASSURED"   },
                { 8, "CONFIRMED" }
	};

	if (!bits)
		return buf_puts(out, " NONE") >= 0;
	return xt_flags(out, bits, names, COUNT(names));
}

static void put_ct_ports(struct xt_rule *x, const char *option, bool invert, unsigned first,
			 unsigned last)
{
	buf_fmt(x->out, "%s %s %u", xt_not(invert), option, first);
	if (last > first)
		buf_fmt(x->out, ":%u", last);
}

static bool put_conntrack(struct xt_rule *x, const struct xt_conntrack_mtinfo3 *m)
{
	unsigned flags = m->match_flags, invert = m->invert_flags;
	bool ok = !(flags & (XT_CONNTRACK_REPLSRC | XT_CONNTRACK_REPLDST | XT_CONNTRACK_EXPIRES |
			     XT_CONNTRACK_REPLSRC_PORT | XT_CONNTRACK_REPLDST_PORT));

	if (flags & XT_CONNTRACK_STATE) {
		buf_fmt(x->out, "%s --ctstate", xt_not(invert & XT_CONNTRACK_STATE));
		ok &= put_states(x->out, m->state_mask);
	}
	if (flags & XT_CONNTRACK_STATUS) {
		buf_fmt(x->out, "%s --ctstatus", xt_not(invert & XT_CONNTRACK_STATUS));
		ok &= put_statuses(x->out, m->status_mask);
	}
	if (flags & XT_CONNTRACK_PROTO)
		buf_fmt(x->out, "%s --ctproto %u", xt_not(invert & XT_CONNTRACK_PROTO), m->l4proto);
	if (flags & XT_CONNTRACK_ORIGSRC) {
		buf_fmt(x->out, "%s --ctorigsrc ", xt_not(invert & XT_CONNTRACK_ORIGSRC));
		xt_masked(x->out, x->v6, &m->origsrc_addr, &m->origsrc_mask);
	}
	if (flags & XT_CONNTRACK_ORIGDST) {
		buf_fmt(x->out, "%s --ctorigdst ", xt_not(invert & XT_CONNTRACK_ORIGDST));
		xt_masked(x->out, x->v6, &m->origdst_addr, &m->origdst_mask);
	}
	if (flags & XT_CONNTRACK_ORIGSRC_PORT)
		put_ct_ports(x, "--ctorigsrcport", invert & XT_CONNTRACK_ORIGSRC_PORT,
			     m->origsrc_port, m->origsrc_port_high);
	if (flags & XT_CONNTRACK_ORIGDST_PORT)
		put_ct_ports(x, "--ctorigdstport", invert & XT_CONNTRACK_ORIGDST_PORT,
			     m->origdst_port, m->origdst_port_high);
	if (flags & XT_CONNTRACK_DIRECTION)
		buf_fmt(x->out, " --ctdir %s",
			invert & XT_CONNTRACK_DIRECTION ? "REPLY" : "ORIGINAL");
	return ok;
}

bool xt_on_conntrack3(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_conntrack_mtinfo3);
	return put_conntrack(x, &m);
}

/* Up to the ports, which are of the network's order and no ranges, it is the same. */
bool xt_on_conntrack2(struct xt_rule *x, struct str info)
{
	struct xt_conntrack_mtinfo3 wide = {};

	XT_TAKE(info, struct xt_conntrack_mtinfo2);
	memcpy(&wide, &m, offsetof(struct xt_conntrack_mtinfo2, origsrc_port));
	wide.origsrc_port = ntohs(m.origsrc_port);
	wide.origdst_port = ntohs(m.origdst_port);
	wide.match_flags = m.match_flags;
	wide.invert_flags = m.invert_flags;
	wide.state_mask = m.state_mask;
	wide.status_mask = m.status_mask;
	return put_conntrack(x, &wide);
}

bool xt_on_conntrack1(struct xt_rule *x, struct str info)
{
	struct xt_conntrack_mtinfo3 wide = {};

	XT_TAKE(info, struct xt_conntrack_mtinfo1);
	memcpy(&wide, &m, offsetof(struct xt_conntrack_mtinfo1, origsrc_port));
	wide.origsrc_port = ntohs(m.origsrc_port);
	wide.origdst_port = ntohs(m.origdst_port);
	wide.match_flags = m.match_flags;
	wide.invert_flags = m.invert_flags;
	wide.state_mask = m.state_mask;
	wide.status_mask = m.status_mask;
	return put_conntrack(x, &wide);
}

bool xt_on_state(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_state_info);
	buf_puts(x->out, " --state");
	return put_states(x->out, m.statemask);
}

/* avg: of scale, how long one packet takes. */
static bool put_rate(struct buf *out, uint64_t avg, uint64_t scale)
{
	static const struct {
		unsigned seconds;
		const char *name;
	} units[] = {
		{1,      "sec" },
                { 60,    "min" },
                { 3600,  "hour"},
                { 86400, "day" }
	};

	for (size_t i = 0; avg && i < COUNT(units); i++)
		if (units[i].seconds * scale >= avg) {
			buf_fmt(out, " %llu/%s",
				(unsigned long long)(units[i].seconds * scale / avg),
				units[i].name);
			return true;
		}
	return false;
}

bool xt_on_limit(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_rateinfo);
	buf_puts(x->out, " --limit");
	if (!put_rate(x->out, m.avg, XT_LIMIT_SCALE))
		return false;
	buf_fmt(x->out, " --limit-burst %u", m.burst);
	return true;
}

static bool put_recent(struct xt_rule *x, const struct xt_recent_mtinfo *m)
{
	static const struct {
		unsigned bit;
		const char *option;
	} ways[] = {
		{XT_RECENT_SET,     "--set"   },
		{ XT_RECENT_CHECK,  "--rcheck"},
		{ XT_RECENT_UPDATE, "--update"},
		{ XT_RECENT_REMOVE, "--remove"}
	};
	size_t found = 0;

	for (size_t i = 0; i < COUNT(ways); i++)
		if (m->check_set & ways[i].bit) {
			buf_fmt(x->out, "%s %s", xt_not(m->invert), ways[i].option);
			found++;
		}
	if (m->seconds)
		buf_fmt(x->out, " --seconds %u", m->seconds);
	if (m->hit_count)
		buf_fmt(x->out, " --hitcount %u", m->hit_count);
	buf_puts(x->out, " --name ");
	xt_word(x->out, xt_text(m->name, sizeof m->name));
	buf_puts(x->out, m->side == XT_RECENT_DEST ? " --rdest" : " --rsource");
	return found == 1;
}

bool xt_on_recent0(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_recent_mtinfo);
	return put_recent(x, &m);
}

bool xt_on_recent1(struct xt_rule *x, struct str info)
{
	struct xt_recent_mtinfo narrow;

	XT_TAKE(info, struct xt_recent_mtinfo_v1);
	memcpy(&narrow, &m, sizeof narrow);
	return put_recent(x, &narrow);
}

/* Bytes are counted in units of the kernel's own; how many pass does not matter here. */
static bool put_hashlimit(struct xt_rule *x, unsigned mode, uint64_t avg, uint64_t scale,
			  struct str name)
{
	bool ok = true;

	buf_puts(x->out, mode & XT_HASHLIMIT_INVERT ? " --hashlimit-above" : " --hashlimit-upto");
	if (mode & XT_HASHLIMIT_BYTES)
		buf_fmt(x->out, " %llub", (unsigned long long)avg);
	else
		ok = put_rate(x->out, avg, scale);
	buf_puts(x->out, " --hashlimit-name ");
	xt_word(x->out, name);
	return ok && !(mode & XT_HASHLIMIT_RATE_MATCH);
}

bool xt_on_hashlimit1(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_hashlimit_mtinfo1);
	return put_hashlimit(x, m.cfg.mode, m.cfg.avg, XT_HASHLIMIT_SCALE,
			     xt_text(m.name, sizeof m.name));
}

bool xt_on_hashlimit2(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_hashlimit_mtinfo2);
	return put_hashlimit(x, m.cfg.mode, m.cfg.avg, XT_HASHLIMIT_SCALE_v2,
			     xt_text(m.name, sizeof m.name));
}

bool xt_on_hashlimit3(struct xt_rule *x, struct str info)
{
	XT_TAKE(info, struct xt_hashlimit_mtinfo3);
	return put_hashlimit(x, m.cfg.mode, m.cfg.avg, XT_HASHLIMIT_SCALE_v2,
			     xt_text(m.name, sizeof m.name));
}
