/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdio.h>

#include "action/nft.h"

/* As libnftnl and nft number them: types of nft, and entries of user data. */
#define TYPE_IPV4 7
#define TYPE_IPV6 8
#define TYPE_PROTOCOL 12
#define TYPE_SERVICE 13
#define TYPE_BITS 6 /* of each part of a key that has several */
#define UDATA_COMMENT 0
#define UDATA_SET_COMMENT 7

#define DOORS_MAX 16'384  /* elements of a set of nft_doors */
#define COLLECT_MS 30'000 /* ended bans no longer count; their memory is looked for so often */

static void header(struct nl_out *o, unsigned family, unsigned resource)
{
	struct nfgenmsg m = { .nfgen_family = (uint8_t)family,
			      .version = NFNETLINK_V0,
			      .res_id = htons((uint16_t)resource) };

	nl_raw(o, &m, sizeof m);
}

static void begin(struct nft_batch *b, uint16_t message, uint16_t flags)
{
	b->last = b->out.len;
	nl_begin(&b->out, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | message), flags, ++b->seq);
	header(&b->out, NFPROTO_INET, 0);
}

void nft_batch_begin(struct nft_batch *b, const struct nft_layout *l, char *buffer, size_t size,
		     uint32_t after)
{
	*b = (struct nft_batch){
		.layout = l, .out.cap = size, .first = after + 1, .seq = after + 1
	};
	b->out.ptr = buffer;
	nl_begin(&b->out, NFNL_MSG_BATCH_BEGIN, 0, b->seq);
	header(&b->out, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	nl_end(&b->out);
}

int nft_batch_send(struct nft_batch *b, struct nl *n, nl_verdict_fn *fn, void *user)
{
	struct nlmsghdr h;
	uint32_t last = b->seq;

	if (b->out.error || !b->last)
		return b->out.error;
	memcpy(&h, b->out.ptr + b->last, sizeof h);
	h.nlmsg_flags |= NLM_F_ACK;
	memcpy(b->out.ptr + b->last, &h, sizeof h);
	nl_begin(&b->out, NFNL_MSG_BATCH_END, 0, ++b->seq);
	header(&b->out, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	nl_end(&b->out);
	n->seq = b->seq;
	return nl_batch(n, &b->out, b->first, last, fn, user);
}

/* Type, length, text with its NUL; the length is one byte. */
static void comment(struct nl_out *o, uint16_t attribute, uint8_t type, const char *text)
{
	char udata[2 + 128] = { [0] = (char)type };
	size_t n;

	if (!*text)
		return;
	(void)snprintf(udata + 2, sizeof udata - 2, "%s", text);
	n = strlen(udata + 2) + 1;
	udata[1] = (char)n;
	nl_put(o, attribute, udata, 2 + n);
}

void nft_put_table(struct nft_batch *b)
{
	char text[96];

	(void)snprintf(text, sizeof text,
		       "layout %d; made and kept by holdfast guard: stop that, then delete this",
		       NFT_LAYOUT);
	begin(b, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	nl_text(&b->out, NFTA_TABLE_NAME, b->layout->table);
	nl_be32(&b->out, NFTA_TABLE_FLAGS, 0);
	comment(&b->out, NFTA_TABLE_USERDATA, UDATA_COMMENT, text);
	nl_end(&b->out);
}

void nft_delete_table(struct nft_batch *b)
{
	begin(b, NFT_MSG_DELTABLE, 0);
	nl_text(&b->out, NFTA_TABLE_NAME, b->layout->table);
	nl_end(&b->out);
}

uint32_t nft_set_size(const struct nft_set_row *s)
{
	return s->use == NFT_BANS ? 2 * BAN_MAX : DOORS_MAX;
}

static uint32_t key_type(const struct nft_set_row *s)
{
	uint32_t type = s->family == NFPROTO_IPV4 ? TYPE_IPV4 : TYPE_IPV6;
	unsigned ports = s->use == NFT_KEPT ? 2 : 1;

	if (s->use == NFT_BANS || s->use == NFT_ALLOWS)
		return type;
	type = s->use == NFT_SHUT ? TYPE_PROTOCOL : type << TYPE_BITS | TYPE_PROTOCOL;
	while (ports--)
		type = type << TYPE_BITS | TYPE_SERVICE;
	return type;
}

void nft_put_set(struct nft_batch *b, const struct nft_set_row *s, uint32_t id)
{
	bool timed = s->use != NFT_ALLOWS;
	struct nl_out *o = &b->out;
	size_t nest;

	begin(b, NFT_MSG_NEWSET, NLM_F_CREATE);
	nl_text(o, NFTA_SET_TABLE, b->layout->table);
	nl_text(o, NFTA_SET_NAME, s->name);
	nl_be32(o, NFTA_SET_ID, id);
	nl_be32(o, NFTA_SET_KEY_TYPE, key_type(s));
	nl_be32(o, NFTA_SET_KEY_LEN, (uint32_t)nft_key_length(s));
	nl_be32(o, NFTA_SET_FLAGS, timed ? NFT_SET_TIMEOUT : NFT_SET_INTERVAL);
	if (timed) {
		nl_be32(o, NFTA_SET_GC_INTERVAL, COLLECT_MS);
		nest = nl_nest(o, NFTA_SET_DESC);
		/* What ended and was not collected yet counts, too. */
		nl_be32(o, NFTA_SET_DESC_SIZE, nft_set_size(s));
		nl_nest_end(o, nest);
	}
	comment(o, NFTA_SET_USERDATA, UDATA_SET_COMMENT, s->comment);
	nl_end(o);
}

static void named(struct nft_batch *b, uint16_t message, uint16_t table, uint16_t attribute,
		  const char *name)
{
	begin(b, message, 0);
	nl_text(&b->out, table, b->layout->table);
	nl_text(&b->out, attribute, name);
	nl_end(&b->out);
}

void nft_delete_set(struct nft_batch *b, const char *name)
{
	named(b, NFT_MSG_DELSET, NFTA_SET_TABLE, NFTA_SET_NAME, name);
}

void nft_delete_chain(struct nft_batch *b, const char *name)
{
	named(b, NFT_MSG_DELCHAIN, NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME, name);
}

void nft_flush_chain(struct nft_batch *b, const char *name)
{
	named(b, NFT_MSG_DELRULE, NFTA_RULE_TABLE, NFTA_RULE_CHAIN, name);
}

void nft_flush_set(struct nft_batch *b, const char *set)
{
	named(b, NFT_MSG_DELSETELEM, NFTA_SET_ELEM_LIST_TABLE, NFTA_SET_ELEM_LIST_SET, set);
}

void nft_put_chain(struct nft_batch *b, const struct nft_chain_row *c)
{
	struct nl_out *o = &b->out;
	size_t nest;

	begin(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	nl_text(o, NFTA_CHAIN_TABLE, b->layout->table);
	nl_text(o, NFTA_CHAIN_NAME, c->name);
	if (c->base) {
		nest = nl_nest(o, NFTA_CHAIN_HOOK);
		nl_be32(o, NFTA_HOOK_HOOKNUM, c->hook);
		nl_be32(o, NFTA_HOOK_PRIORITY, (uint32_t)c->priority);
		nl_nest_end(o, nest);
		nl_be32(o, NFTA_CHAIN_POLICY, NF_ACCEPT);
		nl_text(o, NFTA_CHAIN_TYPE, "filter");
	}
	comment(o, NFTA_CHAIN_USERDATA, UDATA_COMMENT, c->comment);
	nl_end(o);
}

/* ---- expressions ---- */

struct expression {
	struct nl_out *o;
	size_t element, data;
};

static struct expression expression(struct nl_out *o, const char *name)
{
	struct expression e = { .o = o, .element = nl_nest(o, NFTA_LIST_ELEM) };

	nl_text(o, NFTA_EXPR_NAME, name);
	e.data = nl_nest(o, NFTA_EXPR_DATA);
	return e;
}

static void expression_end(const struct expression *e)
{
	nl_nest_end(e->o, e->data);
	nl_nest_end(e->o, e->element);
}

static void value(struct nl_out *o, uint16_t attribute, const void *data, size_t n)
{
	size_t nest = nl_nest(o, attribute);

	nl_put(o, NFTA_DATA_VALUE, data, n);
	nl_nest_end(o, nest);
}

/* meta nfproto FAMILY */
static void match_family(struct nl_out *o, uint8_t family)
{
	struct expression e = expression(o, "meta");

	nl_be32(o, NFTA_META_DREG, NFT_REG_1);
	nl_be32(o, NFTA_META_KEY, NFT_META_NFPROTO);
	expression_end(&e);
	e = expression(o, "cmp");
	nl_be32(o, NFTA_CMP_SREG, NFT_REG_1);
	nl_be32(o, NFTA_CMP_OP, NFT_CMP_EQ);
	value(o, NFTA_CMP_DATA, &family, sizeof family);
	expression_end(&e);
}

/* How the kernel names the n-th word of its registers. */
static uint32_t register_of(size_t word)
{
	return word % 4 ? NFT_REG32_00 + (uint32_t)word : NFT_REG_1 + (uint32_t)word / 4;
}

static void load(struct nl_out *o, uint32_t base, size_t offset, uint32_t len, size_t word)
{
	struct expression e = expression(o, "payload");

	nl_be32(o, NFTA_PAYLOAD_DREG, register_of(word));
	nl_be32(o, NFTA_PAYLOAD_BASE, base);
	nl_be32(o, NFTA_PAYLOAD_OFFSET, (uint32_t)offset);
	nl_be32(o, NFTA_PAYLOAD_LEN, len);
	expression_end(&e);
}

static void look_up(struct nl_out *o, const struct nft_set_row *s)
{
	struct expression e = expression(o, "lookup");

	nl_text(o, NFTA_LOOKUP_SET, s->name);
	nl_be32(o, NFTA_LOOKUP_SREG, NFT_REG_1);
	expression_end(&e);
}

/* ip saddr [& MASK] */
static void load_source(struct nl_out *o, const struct nft_set_row *s)
{
	bool v4 = s->family == NFPROTO_IPV4;
	uint32_t len = v4 ? 4 : 16;
	struct expression e;

	match_family(o, s->family);
	load(o, NFT_PAYLOAD_NETWORK_HEADER,
	     v4 ? offsetof(struct iphdr, saddr) : offsetof(struct ip6_hdr, ip6_src), len, 0);
	if (s->length && s->length < 8 * len) {
		uint8_t mask[16] = {}, none[16] = {};

		memset(mask, 0xff, s->length / 8);
		e = expression(o, "bitwise");
		nl_be32(o, NFTA_BITWISE_SREG, NFT_REG_1);
		nl_be32(o, NFTA_BITWISE_DREG, NFT_REG_1);
		nl_be32(o, NFTA_BITWISE_LEN, len);
		value(o, NFTA_BITWISE_MASK, mask, len);
		value(o, NFTA_BITWISE_XOR, none, len);
		expression_end(&e);
	}
}

static void match_source(struct nl_out *o, const struct nft_set_row *s)
{
	load_source(o, s);
	look_up(o, s);
}

/* meta l4proto . [th sport .] th dport @SET, behind the first words of the key */
static void match_ports(struct nl_out *o, const struct nft_set_row *s, size_t word)
{
	struct expression e = expression(o, "meta");

	nl_be32(o, NFTA_META_DREG, register_of(word++));
	nl_be32(o, NFTA_META_KEY, NFT_META_L4PROTO);
	expression_end(&e);
	if (s->use == NFT_KEPT)
		load(o, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, word++);
	load(o, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, word);
	look_up(o, s);
}

/* iifname "lo" */
static void match_loopback(struct nl_out *o)
{
	static const char name[16] = "lo";
	struct expression e = expression(o, "meta");

	nl_be32(o, NFTA_META_DREG, NFT_REG_1);
	nl_be32(o, NFTA_META_KEY, NFT_META_IIFNAME);
	expression_end(&e);
	e = expression(o, "cmp");
	nl_be32(o, NFTA_CMP_SREG, NFT_REG_1);
	nl_be32(o, NFTA_CMP_OP, NFT_CMP_EQ);
	value(o, NFTA_CMP_DATA, name, sizeof name);
	expression_end(&e);
}

/* fib daddr type local */
static void match_own_address(struct nl_out *o)
{
	const uint32_t local = RTN_LOCAL; /* the machine's own byte order */
	struct expression e = expression(o, "fib");

	nl_be32(o, NFTA_FIB_DREG, NFT_REG_1);
	nl_be32(o, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nl_be32(o, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
	expression_end(&e);
	e = expression(o, "cmp");
	nl_be32(o, NFTA_CMP_SREG, NFT_REG_1);
	nl_be32(o, NFTA_CMP_OP, NFT_CMP_EQ);
	value(o, NFTA_CMP_DATA, &local, sizeof local);
	expression_end(&e);
}

static void verdict(struct nl_out *o, int code, const char *chain)
{
	struct expression e = expression(o, "immediate");
	size_t data, nest;

	nl_be32(o, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nl_nest(o, NFTA_IMMEDIATE_DATA);
	nest = nl_nest(o, NFTA_DATA_VERDICT);
	nl_be32(o, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		nl_text(o, NFTA_VERDICT_CHAIN, chain);
	nl_nest_end(o, nest);
	nl_nest_end(o, data);
	expression_end(&e);
}

void nft_put_expressions(struct nl_out *o, const struct nft_layout *l, const struct nft_rule_row *r)
{
	static const struct nft_set_row none;
	const struct nft_set_row *found = r->set ? nft_set_row(l, r->set) : NULL;
	const struct nft_set_row *s = found ? found : &none;
	struct expression e;

	switch (r->does) {
	case NFT_LOOK_UP:
		match_source(o, s);
		verdict(o, NFT_GOTO, r->target);
		break;
	case NFT_PASS:
		match_source(o, s);
		verdict(o, NF_ACCEPT, NULL);
		break;
	case NFT_LEAVE:
		match_family(o, s->family);
		verdict(o, NF_ACCEPT, NULL);
		break;
	case NFT_DROP:
		e = expression(o, "counter");
		expression_end(&e);
		verdict(o, NF_DROP, NULL);
		break;
	case NFT_LOCAL:
		match_loopback(o);
		verdict(o, NF_ACCEPT, NULL);
		break;
	case NFT_CLOSED:
		match_ports(o, s, 0);
		match_own_address(o);
		verdict(o, NFT_GOTO, r->target);
		break;
	case NFT_GRANTED:
	case NFT_BEGUN:
		load_source(o, s);
		match_ports(o, s, s->family == NFPROTO_IPV4 ? 1 : 4);
		verdict(o, NF_ACCEPT, NULL);
		break;
	}
}

void nft_put_rule(struct nft_batch *b, const struct nft_rule_row *r)
{
	struct nl_out *o = &b->out;
	size_t nest;

	begin(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	nl_text(o, NFTA_RULE_TABLE, b->layout->table);
	nl_text(o, NFTA_RULE_CHAIN, r->chain);
	nest = nl_nest(o, NFTA_RULE_EXPRESSIONS);
	nft_put_expressions(o, b->layout, r);
	nl_nest_end(o, nest);
	comment(o, NFTA_RULE_USERDATA, UDATA_COMMENT, r->comment);
	nl_end(o);
}

/* ---- elements ---- */

struct nft_elements nft_elements_begin(struct nft_batch *b, const char *set,
				       enum nft_elements_do what)
{
	struct nft_elements e = { .b = b };

	begin(b, what == NFT_DELETE ? NFT_MSG_DELSETELEM : NFT_MSG_NEWSETELEM,
	      what == NFT_DELETE    ? 0
	      : what == NFT_ADD_NEW ? NLM_F_CREATE | NLM_F_EXCL
				    : NLM_F_CREATE);
	nl_text(&b->out, NFTA_SET_ELEM_LIST_TABLE, b->layout->table);
	nl_text(&b->out, NFTA_SET_ELEM_LIST_SET, set);
	e.nest = nl_nest(&b->out, NFTA_SET_ELEM_LIST_ELEMENTS);
	return e;
}

void nft_element(struct nft_elements *e, const struct nft_element *x)
{
	struct nl_out *o = &e->b->out;
	size_t nest = nl_nest(o, NFTA_LIST_ELEM);

	value(o, NFTA_SET_ELEM_KEY, x->key, x->len);
	if (x->end)
		nl_be32(o, NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	if (x->ms)
		nl_be64(o, NFTA_SET_ELEM_TIMEOUT, x->ms);
	nl_nest_end(o, nest);
}

void nft_elements_end(struct nft_elements *e)
{
	nl_nest_end(&e->b->out, e->nest);
	nl_end(&e->b->out);
}
