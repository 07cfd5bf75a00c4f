/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What events are grouped by: keyed hashes, because attackers choose the values. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/map.h"
#include "detect/correlate_work.h"

#define STREAM_STEP UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(const struct passage *p, uint64_t before, const void *data, size_t n)
{
	const uint64_t *seed = p->c->store.seed;

	return siphash13((uint64_t[]){ seed[0] ^ before, seed[1] }, data, n);
}

/* Whether it is an address of IPv6; one that stands for an address of IPv4 is that address. */
static int parse_v6(struct str text, struct in6_addr *ret)
{
	ssize_t zone = str_find(text, '%');
	char copy[INET6_ADDRSTRLEN];

	if (zone >= 0)
		text.len = (size_t)zone;
	if (text.len < 2 || text.len >= sizeof copy || str_find(text, ':') < 0)
		return -EINVAL;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = 0;
	return inet_pton(AF_INET6, copy, ret) == 1 ? 0 : -EINVAL;
}

static struct str value_text(const struct event_value *v, char number[static 24])
{
	if (v->type != VALUE_NUMBER || v->text.len)
		return v->text;
	return (struct str){ number, (size_t)snprintf(number, 24, "%lld", (long long)v->number) };
}

static uint64_t mix_value(const struct passage *p, uint64_t before, const struct event_value *v,
			  bool address)
{
	char number[24], text[INET_ADDRSTRLEN];
	struct str s = value_text(v, number);
	struct in6_addr in6;

	if (!address || parse_v6(s, &in6) < 0)
		return mix(p, before, s.ptr, s.len);
	if (!IN6_IS_ADDR_V4MAPPED(&in6))
		return mix(p, before ^ 1, &in6, 8);
	inet_ntop(AF_INET, &in6.s6_addr[12], text, sizeof text);
	return mix(p, before, text, strlen(text));
}

bool key_make(const struct passage *p, const uint16_t *fields, uint64_t *ret)
{
	uint64_t key = (uint64_t)(p->stream - p->c->plan.streams + 1) * STREAM_STEP;

	for (unsigned i = 0; i < p->stream->n_fields; i++) {
		const struct event_value *v = fields[i] ? event_get(p->event, fields[i]) : NULL;

		if (!v || v->type == VALUE_NULL)
			return false;
		key = mix_value(p, key, v, p->stream->address[i]);
	}
	*ret = key ? key : 1;
	return true;
}

uint32_t key_tag(const struct passage *p)
{
	const struct stream *s = p->stream;
	uint64_t key = 0;

	if (!s->tag_known)
		return 0;
	for (size_t i = 0; i < s->tag.n; i++) {
		const struct event_value *v = event_get(p->event, s->tag.list[i]);

		if (!v || v->type == VALUE_NULL)
			return 0;
		key = mix_value(p, key, v, s->tag_address[i]);
	}
	return (uint32_t)key ? (uint32_t)key : 1;
}

static struct str network_text(struct str s, char ret[static NETWORK_TEXT])
{
	struct in6_addr in6;
	char text[INET6_ADDRSTRLEN];

	if (parse_v6(s, &in6) < 0)
		return s;
	if (IN6_IS_ADDR_V4MAPPED(&in6)) {
		inet_ntop(AF_INET, &in6.s6_addr[12], ret, NETWORK_TEXT);
		return str_of(ret);
	}
	memset(&in6.s6_addr[8], 0, 8);
	inet_ntop(AF_INET6, &in6, text, sizeof text);
	return (struct str){ ret, (size_t)snprintf(ret, NETWORK_TEXT, "%.27s/64", text) };
}

const struct str *key_text(const struct passage *p)
{
	const struct stream *s = p->stream;
	struct correlator *c = p->c;

	for (unsigned i = 0; i < s->n_fields; i++) {
		uint16_t field = s->fields[p->position * s->n_fields + i];
		const struct event_value *v = event_get(p->event, field);

		c->group[i] = v ? value_text(v, c->number[i]) : STR("");
		if (s->address[i])
			c->group[i] = network_text(c->group[i], c->network[i]);
	}
	return c->group;
}
