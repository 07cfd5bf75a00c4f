/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "action/nft.h"

#define DEPTH_MAX 8
#define EXPRESSIONS_MAX ((size_t)2048)

struct str nft_attributes(uint16_t type, struct str payload)
{
	if (NFNL_SUBSYS_ID(type) != NFNL_SUBSYS_NFTABLES || payload.len < sizeof(struct nfgenmsg))
		return (struct str){};
	return str_sub(payload, sizeof(struct nfgenmsg), payload.len);
}

struct question {
	nl_fn *fn;
	void *user;
};

static int on_answer(uint16_t type, struct str payload, void *user)
{
	struct question *q = user;
	struct str attrs = nft_attributes(type, payload);

	return attrs.ptr ? q->fn(NFNL_MSG_TYPE(type), attrs, q->user) : 0;
}

/* How each question names what it asks for. */
static const struct {
	uint16_t message, table, name;
	bool dump;
} questions[] = {
	{NFT_MSG_GETTABLE,    NFTA_TABLE_NAME,          0,                      false},
	{ NFT_MSG_GETCHAIN,   NFTA_CHAIN_TABLE,         NFTA_CHAIN_NAME,        false},
	{ NFT_MSG_GETSET,     NFTA_SET_TABLE,           NFTA_SET_NAME,          false},
	{ NFT_MSG_GETRULE,    NFTA_RULE_TABLE,          NFTA_RULE_CHAIN,        true },
	{ NFT_MSG_GETSETELEM, NFTA_SET_ELEM_LIST_TABLE, NFTA_SET_ELEM_LIST_SET, true },
};

int nft_get(struct nl *n, const struct nft_layout *l, uint16_t message, const char *name, nl_fn *fn,
	    void *user)
{
	struct nfgenmsg m = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	struct question q = { fn, user };
	char bytes[512];
	struct nl_out o = { .ptr = bytes, .cap = sizeof bytes };
	size_t i = 0;

	while (i < COUNT(questions) && questions[i].message != message)
		i++;
	if (i == COUNT(questions))
		return -EINVAL;
	nl_begin(&o, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | message),
		 questions[i].dump ? NLM_F_DUMP : NLM_F_ACK, ++n->seq);
	nl_raw(&o, &m, sizeof m);
	nl_text(&o, questions[i].table, l->table);
	if (name && questions[i].name)
		nl_text(&o, questions[i].name, name);
	nl_end(&o);
	return nl_ask(n, &o, on_answer, &q);
}

int nft_get_element(struct nl *n, const struct nft_layout *l, const char *set,
		    const struct nft_element *x)
{
	struct nfgenmsg m = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	char bytes[256];
	struct nl_out o = { .ptr = bytes, .cap = sizeof bytes };
	size_t list, element, key;

	nl_begin(&o, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, NLM_F_ACK, ++n->seq);
	nl_raw(&o, &m, sizeof m);
	nl_text(&o, NFTA_SET_ELEM_LIST_TABLE, l->table);
	nl_text(&o, NFTA_SET_ELEM_LIST_SET, set);
	list = nl_nest(&o, NFTA_SET_ELEM_LIST_ELEMENTS);
	element = nl_nest(&o, NFTA_LIST_ELEM);
	key = nl_nest(&o, NFTA_SET_ELEM_KEY);
	nl_put(&o, NFTA_DATA_VALUE, x->key, x->len);
	nl_nest_end(&o, key);
	nl_nest_end(&o, element);
	nl_nest_end(&o, list);
	nl_end(&o);
	return nl_ask(n, &o, NULL, NULL);
}

int nft_get_chains(struct nl *n, nl_fn *fn, void *user)
{
	struct nfgenmsg m = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	struct question q = { fn, user };
	char bytes[64];
	struct nl_out o = { .ptr = bytes, .cap = sizeof bytes };

	nl_begin(&o, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, NLM_F_DUMP, ++n->seq);
	nl_raw(&o, &m, sizeof m);
	nl_end(&o);
	return nl_ask(n, &o, on_answer, &q);
}

static int on_generation(uint16_t type, struct str attrs, void *user)
{
	struct str id = nl_find(attrs, NFTA_GEN_ID);

	if (type == NFT_MSG_NEWGEN && id.len == sizeof(uint32_t))
		*(uint64_t *)user = nl_get_be32(id);
	return 0;
}

int nft_generation(struct nl *n, uint32_t *ret)
{
	struct nfgenmsg m = { .version = NFNETLINK_V0 };
	uint64_t id = UINT64_MAX;
	struct question q = { on_generation, &id };
	char bytes[64];
	struct nl_out o = { .ptr = bytes, .cap = sizeof bytes };
	int r;

	nl_begin(&o, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, NLM_F_ACK, ++n->seq);
	nl_raw(&o, &m, sizeof m);
	nl_end(&o);
	r = nl_ask(n, &o, on_answer, &q);
	if (r < 0)
		return r;
	if (id == UINT64_MAX)
		return -EBADMSG;
	*ret = (uint32_t)id;
	return 0;
}

bool nft_element_parse(struct str attrs, size_t key_len, struct nft_element *ret)
{
	struct str key = nl_find(nl_find(attrs, NFTA_SET_ELEM_KEY), NFTA_DATA_VALUE);
	struct str left = nl_find(attrs, NFTA_SET_ELEM_EXPIRATION);
	struct nft_element e = { .len = (uint8_t)key_len };

	if (!key.ptr || key.len != key_len || key_len > sizeof e.key)
		return false;
	if (nl_get_be32(nl_find(attrs, NFTA_SET_ELEM_FLAGS)) &
	    (NFT_SET_ELEM_INTERVAL_END | NFT_SET_ELEM_CATCHALL))
		return false;
	memcpy(e.key, key.ptr, key_len);
	if (left.ptr)
		e.ms = MAX(nl_get_be64(left), 1U);
	*ret = e;
	return true;
}

int nft_add_counters(uint16_t type, struct str attrs, const struct nft_layout *l,
		     struct ban_counters *sum)
{
	struct str list = nl_find(attrs, NFTA_RULE_EXPRESSIONS), e;
	uint16_t t;

	if (type != NFT_MSG_NEWRULE ||
	    !str_eq(nl_get_text(nl_find(attrs, NFTA_RULE_TABLE)), str_of(l->table)))
		return 0;
	while (nl_attr(&list, &t, &e)) {
		struct str data = nl_find(e, NFTA_EXPR_DATA);

		if (!str_eq(nl_get_text(nl_find(e, NFTA_EXPR_NAME)), STR("counter")))
			continue;
		sum->packets += nl_get_be64(nl_find(data, NFTA_COUNTER_PACKETS));
		sum->bytes += nl_get_be64(nl_find(data, NFTA_COUNTER_BYTES));
	}
	return 0;
}

/* ---- as made? ---- */

static bool number_is(struct str attrs, uint16_t type, uint32_t want)
{
	struct str value = nl_find(attrs, type);

	return value.len == sizeof want && nl_get_be32(value) == want;
}

static bool zero(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i])
			return false;
	return true;
}

bool nft_table_same(struct str attrs, bool *ret_foreign)
{
	struct str user = nl_find(attrs, NFTA_TABLE_USERDATA);

	*ret_foreign = !str_starts(str_sub(user, 2, user.len), STR("layout "));
	return zero(nl_find(attrs, NFTA_TABLE_FLAGS));
}

bool nft_set_same(const struct nft_set_row *s, struct str attrs)
{
	bool timed = s->use != NFT_ALLOWS;
	uint32_t flags = timed ? NFT_SET_TIMEOUT : NFT_SET_INTERVAL;

	return number_is(attrs, NFTA_SET_FLAGS, flags) &&
	       number_is(attrs, NFTA_SET_KEY_LEN, (uint32_t)nft_key_length(s)) &&
	       (!timed ||
		number_is(nl_find(attrs, NFTA_SET_DESC), NFTA_SET_DESC_SIZE, nft_set_size(s)));
}

bool nft_chain_same(const struct nft_chain_row *c, struct str attrs)
{
	struct str hook = nl_find(attrs, NFTA_CHAIN_HOOK);

	if (!c->base)
		return !hook.ptr;
	return hook.ptr && number_is(hook, NFTA_HOOK_HOOKNUM, c->hook) &&
	       number_is(hook, NFTA_HOOK_PRIORITY, (uint32_t)c->priority) &&
	       number_is(attrs, NFTA_CHAIN_POLICY, NF_ACCEPT) &&
	       str_eq(nl_get_text(nl_find(attrs, NFTA_CHAIN_TYPE)), STR("filter"));
}

/* What was sent is there; what the kernel adds is zero (options that are off). */
static bool attributes_same(struct str want, struct str got, unsigned depth)
{
	struct str rest = want, value, other;
	uint16_t type;

	if (depth > DEPTH_MAX)
		return false;
	while (rest.len) {
		bool nested = nl_attr_nested(rest);

		if (!nl_attr(&rest, &type, &value))
			return false;
		other = nl_find(got, type);
		if (!other.ptr)
			return false;
		if (nested ? !attributes_same(value, other, depth + 1) : !str_eq(value, other))
			return false;
	}
	while (nl_attr(&got, &type, &value))
		if (!nl_find(want, type).ptr && !zero(value))
			return false;
	return true;
}

static bool expression_same(struct str want, struct str got)
{
	struct str name = nl_get_text(nl_find(want, NFTA_EXPR_NAME));

	if (!str_eq(name, nl_get_text(nl_find(got, NFTA_EXPR_NAME))))
		return false;
	if (str_eq(name, STR("counter")))
		return true; /* its numbers are its own */
	return attributes_same(nl_find(want, NFTA_EXPR_DATA), nl_find(got, NFTA_EXPR_DATA), 0);
}

bool nft_expressions_same(const struct nft_layout *l, const struct nft_rule_row *r,
			  struct str expressions)
{
	char bytes[EXPRESSIONS_MAX];
	struct nl_out o = { .ptr = bytes, .cap = sizeof bytes };
	struct str want, x, y;
	uint16_t type, other;

	nft_put_expressions(&o, l, r);
	if (o.error)
		return false;
	want = (struct str){ bytes, o.len };
	while (nl_attr(&want, &type, &x))
		if (!nl_attr(&expressions, &other, &y) || !expression_same(x, y))
			return false;
	return !expressions.len;
}
