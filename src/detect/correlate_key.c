/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What events are grouped by: keyed hashes, because attackers choose the values. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/siphash.h"
#include "detect/correlate_work.h"

#define NAME_MOST 512U /* longer names are told apart by so much of them */

static uint64_t hash(const uint64_t seed[static 2], uint64_t kind, const void *data, size_t n)
{
	uint64_t h = siphash13_inline(seed[0] ^ kind, seed[1], data, n);

	return h ? h : 1;
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

static struct str value_text(const struct event *e, const struct event_value *v,
			     char number[static 24])
{
	struct str text = event_text(e, v);

	if (v->type != VALUE_NUMBER || text.len)
		return text;
	return (struct str){ number, (size_t)snprintf(number, 24, "%lld", (long long)v->number) };
}

/* Of a name of Windows: "ADMINISTRATOR" is the same account. */
static uint64_t hash_name(const uint64_t seed[static 2], struct str s)
{
	char lower[NAME_MOST];
	size_t n = MIN(s.len, sizeof lower);

	for (size_t i = 0; i < n; i++)
		lower[i] = (char)(s.ptr[i] | (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? 0x20 : 0));
	return hash(seed, 0, lower, n);
}

/* "10.…": no address of IPv6 begins so. */
static bool looks_like_v4(struct str s)
{
	return s.len > 4 && *s.ptr != ':' &&
	       (s.ptr[1] == '.' || s.ptr[2] == '.' || s.ptr[3] == '.');
}

static __attribute__((noinline)) uint64_t hash_address(const uint64_t seed[static 2], struct str s)
{
	char text[INET_ADDRSTRLEN];
	struct in6_addr in6;

	/* How many logs say that there is none. */
	if (s.len == 1 && *s.ptr == '-')
		return 0;
	if (parse_v6(s, &in6) < 0)
		return hash(seed, 0, s.ptr, s.len);
	if (!IN6_IS_ADDR_V4MAPPED(&in6))
		return hash(seed, 1, &in6, 8);
	inet_ntop(AF_INET, &in6.s6_addr[12], text, sizeof text);
	return hash(seed, 0, text, strlen(text));
}

uint64_t key_of_value(const struct correlator *c, const struct event *e,
		      const struct event_value *v, bool address, bool any_case)
{
	const uint64_t *seed = c->store.seed;
	struct str s = v->text;
	char number[24];

	if (v->type != VALUE_TEXT) {
		if (v->type == VALUE_NULL)
			return 0;
		s = value_text(e, v, number);
	}
	if (any_case)
		return hash_name(seed, s);
	if (address && !looks_like_v4(s))
		return hash_address(seed, s);
	return hash(seed, 0, s.ptr, s.len);
}

uint64_t key_hash_slot(struct correlator *c, uint16_t slot, const struct event *e)
{
	const struct slot *s = &c->plan.slots[slot];
	const struct event_value *v = s->field ? event_get(e, s->field) : NULL;

	c->known[slot].event = c->event;
	c->known[slot].hash = v ? key_of_value(c, e, v, s->address, s->any_case) : 0;
	return c->known[slot].hash;
}

unsigned correlator_slot(const struct correlator *c, uint16_t field, bool address)
{
	for (size_t i = 1; i < c->plan.n_slots; i++)
		if (c->plan.slots[i].field == field && c->plan.slots[i].address == address)
			return (unsigned)i;
	return 0;
}

uint64_t correlator_slot_hash(const struct correlator *c, unsigned slot)
{
	return c->known[slot].event == c->event ? c->known[slot].hash : 0;
}

uint64_t correlator_hash(struct correlator *c, const struct event *e, uint16_t field, bool address)
{
	unsigned slot = correlator_slot(c, field, address);
	const struct event_value *v;

	if (slot)
		return key_slot(c, (uint16_t)slot, e);
	v = event_get(e, field);
	return v ? key_of_value(c, e, v, address,
				plan_is_any_case(names_text(c->plan.names, field)))
		 : 0;
}

uint64_t key_make(struct correlator *c, const struct stream *s, const struct event *e,
		  unsigned position)
{
	uint64_t key = s->number;

	for (unsigned i = 0; i < s->n_fields; i++) {
		uint64_t h = key_slot(c, s->slots[(size_t)position * s->n_fields + i], e);

		if (!h)
			return 0;
		key = key_combine(c, key, h);
	}
	return key ? key : 1;
}

uint32_t key_tag(struct correlator *c, const struct stream *s, const struct event *e)
{
	uint64_t key = 0;

	if (!s->tag_known)
		return 0;
	for (size_t i = 0; i < s->tag.n; i++) {
		uint64_t h = key_slot(c, s->tag_slots[i], e);

		if (!h)
			return 0;
		key = i ? key_combine(c, key, h) : h;
	}
	return correlator_tag(key);
}

struct str correlator_network(struct str s, char ret[static NETWORK_TEXT])
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

const struct str *key_text(const struct passage *p, const struct node *n)
{
	const struct stream *s = p->stream;
	struct correlator *c = p->c;

	for (size_t i = 0; i < n->rule->n_group_by; i++) {
		uint16_t field = n->by_tag ? n->rule->group_fields[i]
					   : s->fields[(size_t)p->position * s->n_fields + i];
		const struct event_value *v = event_get(p->event, field);

		c->group[i] = v ? value_text(p->event, v, c->number[i]) : STR("");
		if (plan_is_address(n->rule->group_by[i]) ||
		    plan_is_address(names_text(c->plan.names, field)))
			c->group[i] = correlator_network(c->group[i], c->network[i]);
	}
	return c->group;
}
