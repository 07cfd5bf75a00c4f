/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables, chains and rules of iptables-nft, put together from the kernel's messages. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "facts/linux/xt_rules.h"

#include "facts/linux/netlink.h"

#define TABLE_TEXT_MAX ((size_t)4 << 20)

static const struct {
	struct str name;
	int32_t priority;
	unsigned hooks;
} kinds[XT_TABLES] = {
	{STR("raw"),       -300, 1U << NF_INET_PRE_ROUTING | 1U << NF_INET_LOCAL_OUT},
	{ STR("mangle"),   -150, 0x1f					       },
	{ STR("nat"),      -100, 0x1b					       },
	{ STR("filter"),   0,    0x0e					       },
	{ STR("security"), 50,   0x0e					       },
};

static const struct str hooks[] = {
	[NF_INET_PRE_ROUTING] = STR("PREROUTING"),   [NF_INET_LOCAL_IN] = STR("INPUT"),
	[NF_INET_FORWARD] = STR("FORWARD"),          [NF_INET_LOCAL_OUT] = STR("OUTPUT"),
	[NF_INET_POST_ROUTING] = STR("POSTROUTING"),
};

struct str xt_attr(struct str attrs, uint16_t type)
{
	struct str value;
	uint16_t t;

	while (netlink_attr(&attrs, &t, &value))
		if (t == type)
			return value;
	return (struct str){};
}

uint32_t xt_attr_number(struct str attrs, uint16_t type)
{
	struct str value = xt_attr(attrs, type);

	return value.len == 4 ? ntohl(netlink_u32(value)) : 0;
}

static struct str text_attr(struct str attrs, uint16_t type)
{
	struct str value = xt_attr(attrs, type);

	return str_cut(&value, '\0');
}

static bool is_plain(struct str word)
{
	if (!word.len || word.ptr[0] == '-')
		return false;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    !strchr("-_.:/+@,", c))
			return false;
	}
	return true;
}

void xt_word(struct buf *out, struct str word)
{
	if (is_plain(word)) {
		buf_str(out, word);
		return;
	}
	buf_putc(out, '"');
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];

		if (c == '"' || c == '\\')
			buf_putc(out, '\\');
		buf_putc(out, (char)((unsigned char)c < ' ' || c == 0x7f ? ' ' : c));
	}
	buf_putc(out, '"');
}

void xt_address(struct buf *out, bool v6, const void *bytes)
{
	char text[INET6_ADDRSTRLEN];

	buf_puts(out, inet_ntop(v6 ? AF_INET6 : AF_INET, bytes, text, sizeof text));
}

void xt_masked(struct buf *out, bool v6, const void *bytes, const void *mask)
{
	const uint8_t *m = mask;
	unsigned size = v6 ? 16 : 4, bits = 0;
	bool leading = true;

	while (bits < size * 8 && m[bits / 8] & 0x80 >> bits % 8)
		bits++;
	for (unsigned i = bits; i < size * 8; i++)
		leading &= !(m[i / 8] & 0x80 >> i % 8);
	xt_address(out, v6, bytes);
	buf_putc(out, '/');
	if (leading)
		buf_fmt(out, "%u", bits);
	else
		xt_address(out, v6, mask);
}

void xt_unknown(struct xt_rule *x, struct str name)
{
	buf_puts(x->out, " -m ");
	xt_word(x->out, name);
	/* the module may be one that the reader knows, an option of this name is not */
	buf_puts(x->out, " --");
	if (is_plain(name))
		buf_str(x->out, name);
	buf_puts(x->out, "-not-decoded");
}

/* The table of iptables that this is; NULL: none of them. */
static struct xt_table *find_table(struct xt_tables *t, unsigned family, struct str name,
				   size_t *ret_kind)
{
	for (size_t i = 0; i < XT_TABLES; i++) {
		if (!str_eq(name, kinds[i].name))
			continue;
		*ret_kind = i;
		if (family == NFPROTO_IPV4)
			return &t->v4[i];
		return family == NFPROTO_IPV6 ? &t->v6[i] : NULL;
	}
	return NULL;
}

static void prepare(struct xt_table *t)
{
	t->chains.limit = TABLE_TEXT_MAX;
	t->rules.limit = TABLE_TEXT_MAX;
}

/* Does iptables-nft hang such a chain there? */
static bool is_builtin(size_t kind, struct str name, struct str hook, struct str type)
{
	uint32_t number = xt_attr_number(hook, NFTA_HOOK_HOOKNUM);
	int32_t priority = (int32_t)xt_attr_number(hook, NFTA_HOOK_PRIORITY);
	int32_t want = kinds[kind].priority;
	bool nat = want == -100;

	if (number >= COUNT(hooks) || !(kinds[kind].hooks & 1U << number))
		return false;
	if (nat && (number == NF_INET_LOCAL_IN || number == NF_INET_POST_ROUTING))
		want = 100;
	return str_eq(name, hooks[number]) && priority == want && str_eq(type, STR("nat")) == nat;
}

/* Names that iptables-save's readers would take for something else. */
static bool is_reserved(struct str name)
{
	static const struct str verdicts[] = { STR("ACCEPT"), STR("DROP"), STR("RETURN"),
					       STR("QUEUE") };

	for (size_t i = 0; i < COUNT(hooks); i++)
		if (str_eq(name, hooks[i]))
			return true;
	for (size_t i = 0; i < COUNT(verdicts); i++)
		if (str_eq(name, verdicts[i]))
			return true;
	return !is_plain(name) || name.len > 128;
}

static int add_chain(struct xt_table *t, size_t kind, struct str attrs)
{
	struct str name = text_attr(attrs, NFTA_CHAIN_NAME);
	struct str hook = xt_attr(attrs, NFTA_CHAIN_HOOK);
	const char *policy = "-";

	if (hook.ptr && !is_builtin(kind, name, hook, text_attr(attrs, NFTA_CHAIN_TYPE)))
		return -EOPNOTSUPP;
	if (!hook.ptr && is_reserved(name))
		return -EOPNOTSUPP;
	if (hook.ptr)
		policy = xt_attr(attrs, NFTA_CHAIN_POLICY).ptr &&
					 xt_attr_number(attrs, NFTA_CHAIN_POLICY) == NF_DROP
				 ? "DROP"
				 : "ACCEPT";
	prepare(t);
	return buf_fmt(&t->chains, ":%.*s %s [0:0]\n", STR_FMT(name), policy);
}

static int add_rule(struct xt_table *t, bool v6, struct str attrs)
{
	struct str chain = text_attr(attrs, NFTA_RULE_CHAIN);
	struct xt_rule x = { .out = &t->rules, .v6 = v6 };
	int r;

	if (!is_plain(chain))
		return -EOPNOTSUPP;
	prepare(t);
	buf_fmt(x.out, "-A %.*s", STR_FMT(chain));
	r = xt_rule_expressions(&x, xt_attr(attrs, NFTA_RULE_EXPRESSIONS));
	buf_putc(x.out, '\n');
	return r < 0 ? r : x.out->error;
}

int xt_rules_message(uint16_t type, struct str payload, void *tables)
{
	struct nfgenmsg m;
	struct xt_table *t;
	struct str attrs;
	size_t kind;

	if (payload.len < sizeof m || NFNL_SUBSYS_ID(type) != NFNL_SUBSYS_NFTABLES)
		return 0;
	memcpy(&m, payload.ptr, sizeof m);
	attrs = str_sub(payload, sizeof m, payload.len);
	/* NFTA_TABLE_NAME, NFTA_CHAIN_TABLE and NFTA_RULE_TABLE are all the first */
	t = find_table(tables, m.nfgen_family,
		       text_attr(attrs, NFNL_MSG_TYPE(type) == NFT_MSG_NEWTABLE ? NFTA_TABLE_NAME
										: NFTA_RULE_TABLE),
		       &kind);
	if (!t)
		return 0;
	switch (NFNL_MSG_TYPE(type)) {
	case NFT_MSG_NEWTABLE:
		return xt_attr_number(attrs, NFTA_TABLE_FLAGS) & NFT_TABLE_F_DORMANT ? -EOPNOTSUPP
										     : 0;
	case NFT_MSG_NEWCHAIN: return add_chain(t, kind, attrs);
	case NFT_MSG_NEWRULE: return add_rule(t, m.nfgen_family == NFPROTO_IPV6, attrs);
	default: return 0;
	}
}

void xt_tables_release(struct xt_tables *t)
{
	for (size_t i = 0; i < XT_TABLES; i++) {
		buf_release(&t->v4[i].chains);
		buf_release(&t->v4[i].rules);
		buf_release(&t->v6[i].chains);
		buf_release(&t->v6[i].rules);
	}
	*t = (struct xt_tables){};
}

int xt_rules_text(const struct xt_tables *t, bool v6, struct arena *a, struct str *ret)
{
	own(buf_release) struct buf text = BUF(TABLE_TEXT_MAX * 3 * XT_TABLES);
	const struct xt_table *list = v6 ? t->v6 : t->v4;
	struct str copy;

	for (size_t i = 0; i < XT_TABLES; i++) {
		if (!list[i].chains.len)
			continue;
		buf_fmt(&text, "*%.*s\n", STR_FMT(kinds[i].name));
		buf_str(&text, buf_view(&list[i].chains));
		buf_str(&text, buf_view(&list[i].rules));
		buf_puts(&text, "COMMIT\n");
	}
	if (text.error)
		return text.error;
	copy = arena_str(a, buf_view(&text));
	if (!copy.ptr)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

static int dump(int fd, struct xt_tables *t)
{
	static const uint8_t families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };
	static const uint16_t messages[] = { NFT_MSG_GETTABLE, NFT_MSG_GETCHAIN, NFT_MSG_GETRULE };
	struct {
		struct nlmsghdr h;
		struct nfgenmsg m;
	} request = { .h.nlmsg_len = sizeof request };
	int r = 0;

	for (size_t f = 0; r >= 0 && f < COUNT(families); f++)
		for (size_t i = 0; r >= 0 && i < COUNT(messages); i++) {
			request.m.nfgen_family = families[f];
			request.h.nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | messages[i]);
			r = netlink_dump(fd, &request, xt_rules_message, t);
		}
	return r;
}

int xt_rules_load(int fd, struct arena *a, struct str *ret_v4, struct str *ret_v6)
{
	own(xt_tables_release) struct xt_tables t = {};
	struct str v4, v6;
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < NETLINK_TRIES; i++) {
		xt_tables_release(&t);
		r = dump(fd, &t);
	}
	if (r >= 0)
		r = xt_rules_text(&t, false, a, &v4);
	if (r >= 0)
		r = xt_rules_text(&t, true, a, &v6);
	if (r < 0)
		return r;
	*ret_v4 = v4;
	*ret_v6 = v6;
	return 0;
}
