/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of nft(8), iptables(8), ufw(8) and firewall-cmd(1) that close a port. */
#include <stdio.h>

#include "net/repair_work.h"

const char *repair_protocol(const struct repair_work *w)
{
	switch (w->q->proto) {
	case 6: return "tcp";
	case 17: return "udp";
	case 33: return "dccp";
	case 132: return "sctp";
	case 136: return "udplite";
	default: return NULL;
	}
}

void repair_ports(struct repair_work *w, char between)
{
	buf_fmt(&w->commands, "%u", w->q->first);
	if (w->q->last > w->q->first)
		buf_fmt(&w->commands, "%c%u", between, w->q->last);
}

static void put_list(struct repair_work *w, size_t family)
{
	for (size_t i = 0; i < w->n_prefixes[family]; i++)
		buf_fmt(&w->commands, "%s%.*s", i ? ", " : "", STR_FMT(w->prefixes[family][i]));
}

/* tcp dport 22 iifname != "lo" ip saddr != { … } drop */
static void put_nft_rule(struct repair_work *w, size_t family, bool both, bool fresh)
{
	struct buf *b = &w->commands;

	if (both && !w->n_prefixes[family])
		buf_fmt(b, " meta nfproto %s", family ? "ipv6" : "ipv4");
	buf_fmt(b, " %s dport ", repair_protocol(w));
	repair_ports(w, '-');
	buf_puts(b, " iifname != \"lo\"");
	if (w->n_prefixes[family]) {
		buf_fmt(b, " %s saddr != { ", family ? "ip6" : "ip");
		put_list(w, family);
		buf_puts(b, " }");
	}
	buf_puts(b, fresh ? " ct state != { established, related } drop'\n" : " drop'\n");
}

/* One rule for both families where neither has sources to keep. */
static void put_nft_rules(struct repair_work *w, const char *command, bool v4, bool v6, bool fresh)
{
	bool plain = !w->n_prefixes[0] && !w->n_prefixes[1];

	for (size_t i = 0; i < 2; i++) {
		if (!(i ? v6 : v4) || (i && v4 && plain))
			continue;
		buf_fmt(&w->commands, "nft '%s", command);
		put_nft_rule(w, i, v4 && v6 && !plain, fresh);
	}
}

/* Names go into commands: what nft or firewalld would not call something is refused. */
static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-' && c != '.')
			return false;
	}
	return s.len && s.ptr[0] != '-';
}

/* The first rule of a chain that may let packets of the port go on their way. */
static size_t first_opening(struct repair_work *w, const struct filter_chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct filter_rule *r = &c->rules[i];

		if (r->verdict != VERDICT_DROP && r->verdict != VERDICT_CONTINUE &&
		    pset_and(w->p, r->may, w->close) != PSET_NONE)
			return i;
	}
	return c->n;
}

static bool is_ours(const struct filter_chain *c, struct str family)
{
	return c->base && !c->nat && c->hook == HOOK_INPUT && str_eq(c->family, family);
}

/* The chain of the input hook that stands next to priority 0, where filters are. */
static ssize_t input_chain(const struct filter *f, struct str family)
{
	ssize_t found = -1;

	for (size_t i = 0; i < f->n; i++) {
		const struct filter_chain *c = &f->chains[i];
		int64_t was = found < 0 ? INT64_MAX : f->chains[found].priority;

		if (is_ours(c, family) && llabs(c->priority) < llabs(was))
			found = (ssize_t)i;
	}
	return found;
}

static bool by_iptables(const struct filter_chain *c)
{
	return str_eq(c->name, STR("INPUT")) && str_eq(c->table, STR("filter")) &&
	       (!c->n || !str_contains(c->rules[0].id, STR(" handle ")));
}

/* Several sources cannot be left out by one rule: a chain returns for each. */
static void put_iptables(struct repair_work *w, size_t family, size_t at)
{
	const char *program = family ? "ip6tables" : "iptables";
	struct buf *b = &w->commands;
	size_t n = w->n_prefixes[family];

	if (n > 1)
		buf_fmt(b, "%s -N holdfast-%u\n", program, w->q->first);
	for (size_t i = 0; n > 1 && i < n; i++)
		buf_fmt(b, "%s -A holdfast-%u -s %.*s -j RETURN\n", program, w->q->first,
			STR_FMT(w->prefixes[family][i]));
	if (n > 1)
		buf_fmt(b, "%s -A holdfast-%u -j DROP\n", program, w->q->first);
	buf_fmt(b, "%s -I INPUT %zu", program, at + 1);
	if (n == 1)
		buf_fmt(b, " ! -s %.*s", STR_FMT(w->prefixes[family][0]));
	buf_fmt(b, " ! -i lo -p %s --dport ", repair_protocol(w));
	repair_ports(w, ':');
	if (n > 1)
		buf_fmt(b, " -j holdfast-%u\n", w->q->first);
	else
		buf_puts(b, " -j DROP\n");
}

static void put_nft(struct repair_work *w, const struct filter_chain *c, size_t at)
{
	bool inet = str_eq(c->family, STR("inet")), six = str_eq(c->family, STR("ip6"));
	char command[900], place[64] = "";
	struct str id = at < c->n ? c->rules[at].id : STR("");
	ssize_t blank = str_rfind(id, ' ');
	int64_t handle = 0;

	if (str_contains(id, STR(" handle ")) &&
	    str_to_int64(str_sub(id, (size_t)(blank + 1), id.len), &handle) >= 0)
		snprintf(place, sizeof place, " handle %lld", (long long)handle);
	else if (at < c->n)
		snprintf(place, sizeof place, " index %zu", at);
	snprintf(command, sizeof command, "%s rule %.*s %.*s %.*s%s", at < c->n ? "insert" : "add",
		 STR_FMT(c->family), STR_FMT(c->table), STR_FMT(c->name), place);
	put_nft_rules(w, command, inet || !six, inet || six, false);
}

static int close_in(struct repair_work *w, size_t chain, unsigned *done)
{
	const struct filter_chain *c = &w->changed.chains[chain];
	bool inet = str_eq(c->family, STR("inet")), six = str_eq(c->family, STR("ip6"));
	size_t at = first_opening(w, c);
	pset set = inet ? w->close : pset_and(w->p, w->close, w->family[six]);

	if (!is_name(c->table) || !is_name(c->name))
		return -ENOENT;
	*done |= inet ? 3 : six ? 2 : 1;
	w->tool = by_iptables(c) ? REPAIR_IPTABLES : REPAIR_NFT;
	if (by_iptables(c))
		put_iptables(w, six, at);
	else
		put_nft(w, c, at);
	return repair_insert(w, chain, at, set, VERDICT_DROP);
}

int repair_by_chains(struct repair_work *w)
{
	static const struct str families[] = { STR("inet"), STR("ip"), STR("ip6") };
	unsigned done = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && done != 3 && i < COUNT(families); i++) {
		ssize_t chain = input_chain(&w->changed, families[i]);

		if (chain >= 0)
			r = close_in(w, (size_t)chain, &done);
	}
	return r < 0 ? r : done ? 0 : -ENOENT;
}

/* Before packets are translated, and of new connections alone: answers to own ones come here. */
int repair_by_table(struct repair_work *w)
{
	struct filter_chain chain = {
		.family = STR("inet"),
		.table = STR("holdfast"),
		.name = STR("closed"),
		.base = true,
		.hook = HOOK_PREROUTING,
		.priority = -110,
		.policy = VERDICT_ACCEPT,
		.file = STR(""),
	};
	size_t index;
	int r;

	buf_puts(&w->commands, "nft 'add table inet holdfast'\n"
			       "nft 'add chain inet holdfast closed { type filter hook "
			       "prerouting priority -110; }'\n");
	put_nft_rules(w, "add rule inet holdfast closed", true, true, true);
	w->tool = REPAIR_NFT;
	r = filter_chain_add(&w->changed, &chain, &index);
	return r < 0 ? r : repair_insert(w, index, 0, w->close, VERDICT_DROP);
}

/* What a manager does: lets the kept sources in, and drops the port for all others. */
static int allow_and_drop(struct repair_work *w, size_t chain, size_t family)
{
	pset port = pset_and(w->p, w->port, w->family[family]);
	int r = repair_insert(w, chain, 0, port, VERDICT_DROP);

	if (r >= 0 && w->n_prefixes[family])
		r = repair_insert(w, chain, 0, pset_and(w->p, port, w->kept), VERDICT_ACCEPT);
	return r;
}

int repair_by_ufw(struct repair_work *w)
{
	static const struct {
		struct str family, chain;
	} users[] = {
		{STR("ip"),   STR("ufw-user-input") },
                { STR("ip6"), STR("ufw6-user-input")}
	};
	const struct filter *f = &w->changed;
	struct buf *b = &w->commands;
	bool found = false;
	int r = 0;

	if (w->q->proto != 6 && w->q->proto != 17)
		return -ENOENT;
	for (size_t i = 0; r >= 0 && i < COUNT(users); i++) {
		ssize_t chain =
			filter_chain_find(f, users[i].family, STR("filter"), users[i].chain);

		if (chain < 0)
			continue;
		found = true;
		r = allow_and_drop(w, (size_t)chain, i);
	}
	if (!found || r < 0)
		return r < 0 ? r : -ENOENT;
	w->tool = REPAIR_UFW;
	buf_fmt(b, "ufw prepend deny proto %s to any port ", repair_protocol(w));
	repair_ports(w, ':');
	buf_putc(b, '\n');
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < w->n_prefixes[i]; k++) {
			buf_fmt(b, "ufw prepend allow proto %s from %.*s to any port ",
				repair_protocol(w), STR_FMT(w->prefixes[i][k]));
			repair_ports(w, ':');
			buf_putc(b, '\n');
		}
	return 0;
}

static void put_rich_rule(struct repair_work *w, struct str zone, size_t family, struct str source)
{
	struct buf *b = &w->commands;

	buf_fmt(b,
		"firewall-cmd --permanent --zone=%.*s --add-rich-rule='rule priority=\"%d\" "
		"family=\"%s\"",
		STR_FMT(zone), source.len ? -2 : -1, family ? "ipv6" : "ipv4");
	if (source.len)
		buf_fmt(b, " source address=\"%.*s\"", STR_FMT(source));
	buf_puts(b, " port port=\"");
	repair_ports(w, '-');
	buf_fmt(b, "\" protocol=\"%s\" %s'\n", repair_protocol(w), source.len ? "accept" : "drop");
}

/* Each zone that is in use has a chain for rich rules that come before all others. */
int repair_by_firewalld(struct repair_work *w)
{
	const struct str before = STR("filter_IN_"), after = STR("_pre");
	bool found = false;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < w->changed.n; i++) {
		const struct filter_chain *c = &w->changed.chains[i];
		struct str zone = c->name;

		if (!str_eq(c->table, STR("firewalld")) || !str_starts(zone, before) ||
		    !str_ends(zone, after))
			continue;
		found = true;
		zone = str_sub(zone, before.len, zone.len - after.len);
		if (!is_name(zone))
			return -ENOENT;
		for (size_t family = 0; r >= 0 && family < 2; family++) {
			for (size_t k = 0; k < w->n_prefixes[family]; k++)
				put_rich_rule(w, zone, family, w->prefixes[family][k]);
			put_rich_rule(w, zone, family, STR(""));
			r = allow_and_drop(w, i, family);
		}
	}
	if (!found || r < 0)
		return r < 0 ? r : -ENOENT;
	w->tool = REPAIR_FIREWALLD;
	buf_puts(&w->commands, "firewall-cmd --reload\n");
	return 0;
}
