/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <linux/netlink.h>

#include "action/netlink.h"

/* ---- building ---- */

static char *grow(struct nl_out *o, size_t n)
{
	size_t padded = NLMSG_ALIGN(n);
	char *at = o->ptr + o->len;

	if (o->error || padded < n || padded > o->cap - o->len) {
		if (!o->error)
			o->error = -EMSGSIZE;
		return NULL;
	}
	memset(at, 0, padded);
	o->len += padded;
	return at;
}

void nl_begin(struct nl_out *o, uint16_t type, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr h = { .nlmsg_type = type,
			      .nlmsg_flags = NLM_F_REQUEST | flags,
			      .nlmsg_seq = seq };
	char *at;

	o->message = o->len;
	at = grow(o, sizeof h);
	if (at)
		memcpy(at, &h, sizeof h);
}

void nl_end(struct nl_out *o)
{
	uint32_t len = (uint32_t)(o->len - o->message);

	if (!o->error)
		memcpy(o->ptr + o->message + offsetof(struct nlmsghdr, nlmsg_len), &len,
		       sizeof len);
}

void nl_raw(struct nl_out *o, const void *data, size_t n)
{
	char *at = grow(o, n);

	if (at && n)
		memcpy(at, data, n);
}

void nl_put(struct nl_out *o, uint16_t type, const void *data, size_t n)
{
	struct nlattr a = { .nla_type = type };
	char *at;

	if (n > UINT16_MAX - sizeof a) {
		o->error = -EMSGSIZE;
		return;
	}
	a.nla_len = (uint16_t)(sizeof a + n);
	at = grow(o, sizeof a + n);
	if (!at)
		return;
	memcpy(at, &a, sizeof a);
	if (n)
		memcpy(at + sizeof a, data, n);
}

void nl_text(struct nl_out *o, uint16_t type, const char *s) { nl_put(o, type, s, strlen(s) + 1); }

void nl_be32(struct nl_out *o, uint16_t type, uint32_t v)
{
	uint32_t be = htonl(v);

	nl_put(o, type, &be, sizeof be);
}

void nl_be64(struct nl_out *o, uint16_t type, uint64_t v)
{
	uint32_t be[2] = { htonl((uint32_t)(v >> 32)), htonl((uint32_t)v) };

	nl_put(o, type, be, sizeof be);
}

size_t nl_nest(struct nl_out *o, uint16_t type)
{
	size_t at = o->len;

	nl_put(o, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void nl_nest_end(struct nl_out *o, size_t nest)
{
	size_t n = o->len - nest;
	uint16_t len = (uint16_t)n;

	if (o->error)
		return;
	if (n > UINT16_MAX)
		o->error = -EMSGSIZE;
	else
		memcpy(o->ptr + nest + offsetof(struct nlattr, nla_len), &len, sizeof len);
}

/* ---- reading ---- */

/* The next message; false at the end. -EBADMSG through *error. */
static bool next_message(struct str *bytes, struct nlmsghdr *ret, struct str *payload, int *error)
{
	if (bytes->len < sizeof *ret)
		return false;
	memcpy(ret, bytes->ptr, sizeof *ret);
	if (ret->nlmsg_len < sizeof *ret || ret->nlmsg_len > bytes->len) {
		*error = -EBADMSG;
		return false;
	}
	*payload = str_sub(*bytes, sizeof *ret, ret->nlmsg_len);
	*bytes = str_sub(*bytes, NLMSG_ALIGN((size_t)ret->nlmsg_len), bytes->len);
	return true;
}

static int error_of(struct str payload, int *ret)
{
	int32_t error;

	if (payload.len < sizeof error)
		return -EBADMSG;
	memcpy(&error, payload.ptr, sizeof error);
	if (error > 0 || error <= -4096)
		return -EBADMSG;
	*ret = error;
	return 0;
}

/* The end of an answer: an error, an acknowledgement, or the end of a dump, which may bear one. */
static int last_message(uint16_t type, struct str payload)
{
	int error = 0, r = error_of(payload, &error);

	if (r < 0)
		return type == NLMSG_DONE ? 1 : r;
	return error < 0 ? error : 1;
}

int nl_parse(struct str bytes, uint32_t seq, nl_fn *fn, void *user, bool *interrupted)
{
	struct str payload;
	struct nlmsghdr h;
	int r = 0;

	while (next_message(&bytes, &h, &payload, &r)) {
		if (h.nlmsg_seq != seq)
			continue;
		if (h.nlmsg_flags & NLM_F_DUMP_INTR)
			*interrupted = true;
		if (h.nlmsg_type == NLMSG_DONE || h.nlmsg_type == NLMSG_ERROR)
			return last_message(h.nlmsg_type, payload);
		if (h.nlmsg_type >= NLMSG_MIN_TYPE && fn)
			r = fn(h.nlmsg_type, payload, user);
		if (r < 0)
			return r;
	}
	return r;
}

int nl_verdicts(struct str bytes, nl_verdict_fn *fn, void *user)
{
	struct str payload;
	struct nlmsghdr h;
	int r = 0;

	while (next_message(&bytes, &h, &payload, &r)) {
		int error = 0;

		if (h.nlmsg_type != NLMSG_ERROR)
			continue;
		r = error_of(payload, &error);
		if (r < 0)
			return r;
		fn(h.nlmsg_seq, error, user);
	}
	return r;
}

bool nl_attr(struct str *attrs, uint16_t *ret_type, struct str *ret)
{
	struct nlattr a;

	if (attrs->len < sizeof a)
		return false;
	memcpy(&a, attrs->ptr, sizeof a);
	if (a.nla_len < sizeof a || a.nla_len > attrs->len)
		return false;
	*ret_type = a.nla_type & NLA_TYPE_MASK;
	*ret = str_sub(*attrs, sizeof a, a.nla_len);
	*attrs = str_sub(*attrs, NLA_ALIGN((size_t)a.nla_len), attrs->len);
	return true;
}

bool nl_attr_nested(struct str attrs)
{
	struct nlattr a;

	if (attrs.len < sizeof a)
		return false;
	memcpy(&a, attrs.ptr, sizeof a);
	return a.nla_type & NLA_F_NESTED;
}

struct str nl_find(struct str attrs, uint16_t type)
{
	struct str value;
	uint16_t t;

	while (nl_attr(&attrs, &t, &value))
		if (t == type)
			return value;
	return (struct str){};
}

uint32_t nl_get_be32(struct str payload)
{
	uint32_t v = 0;

	if (payload.len == sizeof v)
		memcpy(&v, payload.ptr, sizeof v);
	return ntohl(v);
}

uint64_t nl_get_be64(struct str payload)
{
	uint32_t v[2] = {};

	if (payload.len == sizeof v)
		memcpy(v, payload.ptr, sizeof v);
	return (uint64_t)ntohl(v[0]) << 32 | ntohl(v[1]);
}

struct str nl_get_text(struct str payload) { return str_cut(&payload, '\0'); }
