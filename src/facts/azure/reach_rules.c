/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/azure/reach_model.h"

#define CUSTOM_FIRST 100
#define CUSTOM_LAST 4096
#define MAX_TEXTS 100'000

static bool digit(char c) { return c >= '0' && c <= '9'; }

/* Digits of a number of at most `most` at *at; false: none, or too many. */
static bool number(struct str text, size_t *at, unsigned most, unsigned *ret)
{
	size_t first = *at;
	unsigned n = 0;

	for (; *at < text.len && digit(text.ptr[*at]) && n <= most; ++*at)
		n = n * 10 + (unsigned)(text.ptr[*at] - '0');
	*ret = n;
	return *at > first && n <= most;
}

/* What nearly all prefixes are, in one pass: "10.0.0.0/8", "10.1.2.3". Others: net_prefix_parse(). */
static bool parse_v4(struct str text, struct net_range *ret)
{
	uint32_t address = 0, mask = UINT32_MAX;
	unsigned part;
	size_t at = 0;

	for (int i = 0; i < 4; i++) {
		if (i && (at >= text.len || text.ptr[at++] != '.'))
			return false;
		if (at + 1 < text.len && text.ptr[at] == '0' && digit(text.ptr[at + 1]))
			return false;
		if (!number(text, &at, 255, &part))
			return false;
		address = address << 8 | part;
	}
	if (at < text.len) {
		if (text.ptr[at++] != '/' || !number(text, &at, 32, &part) || at < text.len)
			return false;
		mask = part ? UINT32_MAX << (32 - part) : 0;
	}
	*ret = (struct net_range){ net_v4(address & mask), net_v4(address | ~mask) };
	return true;
}

struct side {
	struct nsg_addresses *to;
	struct net_range *list;
	size_t n, cap;
	struct str unknown;
};

static int add_range(struct reach_rules *b, struct side *s, struct net_range r)
{
	return arena_push(b->a, s->list, s->n, s->cap, r);
}

static int add_prefixes(struct reach_rules *b, struct side *s, const struct az_texts *texts)
{
	for (uint32_t i = 0; i < texts->n; i++) {
		struct net_range r[2];
		size_t n;

		if (net_prefix_parse(texts->list[i], r, &n) < 0)
			continue;
		for (size_t k = 0; k < n; k++)
			if (add_range(b, s, r[k]) < 0)
				return -ENOMEM;
	}
	return 0;
}

static const struct az_tag *find_tag(const struct az_effective *e, struct str name)
{
	for (uint32_t i = 0; e && i < e->n_tags; i++)
		if (str_ieq(e->tags[i].name, name) && e->tags[i].prefixes.n &&
		    !e->tags[i].prefixes.unknown)
			return &e->tags[i];
	return NULL;
}

/*
 * The platform's own addresses in the machine's network: they are no part of the internet, whatever
 * their tag is (learn.microsoft.com: virtual network service tags, AzurePlatformDNS, …IMDS, …LKM).
 */
static int add_platform(struct reach_rules *b, struct side *s)
{
	static const struct net_range imds = { NET_V4_FIRST | 0xa9fea9fe,
					       NET_V4_FIRST | 0xa9fea9fe };

	s->to->symbols |= NSG_LB;
	return add_range(b, s, imds);
}

static int add_text(struct reach_rules *b, struct side *s, struct str text)
{
	static const struct {
		struct str name;
		unsigned symbol;
	} symbols[] = {
		{{ "*", 1 },                   NSG_ANY     },
		{ { "Any", 3 },                NSG_ANY     },
		{ { "Internet", 8 },           NSG_INTERNET},
		{ { "VirtualNetwork", 14 },    NSG_VNET    },
		{ { "AzureLoadBalancer", 17 }, NSG_LB      },
	};
	const struct az_tag *tag;
	struct net_range r[2];
	size_t n;

	for (size_t i = 0; i < COUNT(symbols) && !(text.len && digit(text.ptr[0])); i++) {
		if (!str_ieq(text, symbols[i].name))
			continue;
		s->to->symbols |= symbols[i].symbol;
		return 0;
	}
	if (parse_v4(text, r))
		return add_range(b, s, r[0]);
	if (net_prefix_parse(text, r, &n) >= 0) {
		int e = add_range(b, s, r[0]);

		return e >= 0 && n > 1 ? add_range(b, s, r[1]) : e;
	}
	tag = find_tag(b->effective, text);
	if (tag)
		return add_prefixes(b, s, &tag->prefixes);
	if (str_istarts(text, STR("AzurePlatform")))
		return add_platform(b, s);
	s->to->symbols |= NSG_SOME_PUBLIC;
	if (!s->unknown.len)
		s->unknown = arena_cat(b->a, STR("which addresses the service tag "), text,
				       STR(" has is not in the files"));
	return 0;
}

static int add_texts(struct reach_rules *b, struct side *s, const struct az_texts *texts)
{
	if (texts->n > MAX_TEXTS)
		return -E2BIG;
	for (uint32_t i = 0; i < texts->n; i++) {
		int r = add_text(b, s, texts->list[i]);

		if (r < 0)
			return r;
	}
	if (texts->unknown)
		s->to->symbols |= NSG_SOME;
	return 0;
}

/* Members that are known reach it; there may be others, of the same virtual network. */
static int add_source_groups(struct reach_rules *b, struct side *s, uint32_t file,
			     const struct az_texts *groups)
{
	for (uint32_t i = 0; i < groups->n; i++) {
		uint64_t at = reach_get(&b->reach->group_member, b->a, file, groups->list[i]);

		for (; at; at = b->reach->members[at - 1].next)
			if (add_range(b, s, b->reach->members[at - 1].address) < 0)
				return -ENOMEM;
	}
	if (groups->n || groups->unknown)
		s->to->symbols |= NSG_SOME_VNET;
	return 0;
}

/*
 * An NSG alone: machines of a group, or of a prefix that is not known, stand at an address of their
 * own, so that the rule matches some machine and is told apart from others. 240.0.0.0/4 and 100::/64
 * are nobody's (RFC 1112, 6666).
 */
static int add_place(struct reach_rules *b, struct side *s, struct str id)
{
	uint64_t seed[2] = {}, hash;
	struct str lower = reach_key(b->a, 0, id);
	net_addr v4, v6;

	if (!lower.ptr)
		return -ENOMEM;
	hash = siphash13(seed, lower.ptr, lower.len);
	v4 = net_v4(0xf0000000 | (uint32_t)(hash & 0x0fffffff));
	v6 = (net_addr)0x0100 << 112 | hash;
	if (add_range(b, s, (struct net_range){ v4, v4 }) < 0)
		return -ENOMEM;
	return add_range(b, s, (struct net_range){ v6, v6 });
}

static int add_destination_groups(struct reach_rules *b, struct side *s,
				  const struct az_texts *groups)
{
	const struct az_refs *mine = b->ip ? &b->ip->groups : NULL;

	if (groups->unknown || (groups->n && !b->alone && (!mine || mine->unknown)))
		s->to->symbols |= NSG_SOME;
	for (uint32_t i = 0; i < groups->n; i++) {
		if (b->alone && add_place(b, s, groups->list[i]) < 0)
			return -ENOMEM;
		for (uint32_t k = 0; mine && k < mine->n; k++)
			if (str_ieq(mine->list[k].id, groups->list[i]))
				s->to->symbols |= NSG_ANY;
	}
	return 0;
}

static int source(struct reach_rules *b, const struct az_rule *rule,
		  const struct az_texts *expanded, struct nsg_rule *ret)
{
	struct side s = { .to = &ret->source };
	int r = expanded && expanded->n ? add_prefixes(b, &s, expanded)
					: add_texts(b, &s, &rule->source);

	if (r >= 0)
		r = add_source_groups(b, &s, rule->file, &rule->source_groups);
	ret->source.list = s.list;
	ret->source.n = s.n;
	if (s.unknown.len)
		ret->unknown = s.unknown;
	return r;
}

static int destination(struct reach_rules *b, const struct az_rule *rule,
		       const struct az_texts *expanded, struct nsg_rule *ret)
{
	struct side s = { .to = &ret->destination };
	int r = expanded && expanded->n ? add_prefixes(b, &s, expanded)
					: add_texts(b, &s, &rule->destination);

	if (r >= 0)
		r = add_destination_groups(b, &s, &rule->destination_groups);
	/* The same expression is the same prefix. */
	if (r >= 0 && b->alone && (ret->destination.symbols & NSG_SOME))
		r = add_place(b, &s,
			      str_istarts(rule->why, STR("destination")) ? rule->why : rule->id);
	ret->destination.list = s.list;
	ret->destination.n = s.n;
	return r;
}

/* "22", "80-90", "*"; the reader has taken the blanks away and knows that they are valid. */
static bool parse_ports(struct str text, struct port_range *ret)
{
	unsigned first, last;
	size_t at = 0;

	if (str_eq(text, STR("*"))) {
		*ret = (struct port_range){ 0, UINT16_MAX };
		return true;
	}
	if (!number(text, &at, UINT16_MAX, &first))
		return false;
	last = first;
	if (at < text.len && text.ptr[at++] == '-' && !number(text, &at, UINT16_MAX, &last))
		return false;
	if (at < text.len || first > last)
		return false;
	*ret = (struct port_range){ (uint16_t)first, (uint16_t)last };
	return true;
}

static int ports(struct reach_rules *b, const struct az_texts *texts, struct nsg_ports *ret)
{
	struct port_range *list;

	*ret = (struct nsg_ports){ .some = texts->unknown };
	if (texts->n == 1 && !texts->unknown && str_eq(texts->list[0], STR("*"))) {
		*ret = NSG_ALL_PORTS;
		return 0;
	}
	if (texts->n > MAX_TEXTS)
		return -E2BIG;
	list = arena_array(b->a, texts->n + 1, sizeof *list);
	if (!list)
		return -ENOMEM;
	for (uint32_t i = 0; i < texts->n; i++) {
		if (parse_ports(texts->list[i], &list[ret->n]))
			ret->n++;
		else
			ret->some = true;
	}
	ret->list = list;
	return 0;
}

static void protocol(const struct az_rule *rule, struct nsg_rule *ret)
{
	static const struct {
		struct str name;
		uint8_t number;
	} names[] = {
		{STR("Tcp"),     6               },
		{ STR("Udp"),    17              },
		{ STR("*"),      NSG_PROTOCOL_ANY},
		{ STR("Icmp"),   1               },
		{ STR("Esp"),    50              },
		{ STR("Ah"),     51              },
		{ STR("IcmpV6"), 58              },
		{ STR("All"),    NSG_PROTOCOL_ANY},
		{ STR("Any"),    NSG_PROTOCOL_ANY},
	};
	const struct str name = rule->protocol;
	int64_t number;

	ret->protocol_unknown = rule->protocol_unknown;
	/* The first letter alone decides nearly always: a loop over texts is a guess for the CPU. */
	for (size_t i = 0; i < COUNT(names) && name.len; i++) {
		if (((name.ptr[0] ^ names[i].name.ptr[0]) & ~0x20) || !str_ieq(name, names[i].name))
			continue;
		ret->protocol = names[i].number;
		return;
	}
	if (str_to_int64(name, &number) >= 0 && number > 0 && number < 256)
		ret->protocol = (uint8_t)number;
	else
		ret->protocol_unknown = true;
}

static void verdict(const struct az_rule *rule, bool admin, struct nsg_rule *ret)
{
	switch (rule->access) {
	case AZ_ALLOW: ret->verdict = NSG_ALLOW; break;
	case AZ_DENY: ret->verdict = NSG_DENY; break;
	case AZ_ALWAYS_ALLOW: ret->verdict = admin ? NSG_ALWAYS : NSG_UNDECIDED; break;
	default: ret->verdict = NSG_UNDECIDED;
	}
}

static void priority(const struct az_rule *rule, bool admin, struct nsg_rule *ret)
{
	uint32_t first = admin ? 1 : CUSTOM_FIRST;
	bool known = rule->priority >= first &&
		     (rule->is_default || rule->priority <= CUSTOM_LAST) &&
		     rule->priority != AZ_PRIORITY_UNKNOWN;

	ret->first = known ? rule->priority : first;
	ret->last = known ? rule->priority : CUSTOM_LAST;
	if (!known && !ret->unknown.len)
		ret->unknown = STR("its priority is not known");
}

static struct str rule_id(struct arena *a, const struct az_rule *rule, const struct az_nsg *nsg)
{
	struct str of;

	if (rule->id.len || !nsg)
		return rule->id.len ? rule->id : rule->name;
	of = nsg->item.id.len ? nsg->item.id : nsg->item.name;
	return arena_cat(a, of,
			 rule->is_default ? STR("/defaultSecurityRules/") : STR("/securityRules/"),
			 rule->name);
}

int reach_rule_add(struct reach_rules *b, const struct az_rule *rule, const struct az_nsg *nsg,
		   bool admin, const struct az_texts *expanded, const struct az_texts *to_expanded)
{
	struct reach_rule *user;
	struct nsg_rule out = { .unknown = rule->why, .line = rule->line, .maybe = rule->maybe };
	int r;

	if (rule->direction == AZ_OUTBOUND)
		return 0;
	user = arena_new(b->a, struct reach_rule);
	out.id = rule_id(b->a, rule, nsg);
	if (!user || (!out.id.ptr && rule->name.len))
		return -ENOMEM;
	*user = (struct reach_rule){ rule, nsg };
	out.user = user;
	if (rule->file < b->reach->m->n_files)
		out.file = b->reach->m->files[rule->file];
	if (rule->direction == AZ_DIRECTION_UNKNOWN)
		out.maybe = true;
	verdict(rule, admin, &out);
	priority(rule, admin, &out);
	protocol(rule, &out);
	r = source(b, rule, expanded, &out);
	if (r >= 0)
		r = destination(b, rule, to_expanded, &out);
	if (r >= 0)
		r = ports(b, &rule->source_ports, &out.source_ports);
	if (r >= 0)
		r = ports(b, &rule->ports, &out.ports);
	if (r < 0)
		return r;
	return arena_push(b->a, b->list, b->n, b->cap, out);
}

int reach_rule_made(struct reach_rules *b, struct nsg_rule rule)
{
	struct reach_rule *user = arena_new(b->a, struct reach_rule);

	if (!user)
		return -ENOMEM;
	rule.user = user;
	rule.source_ports = NSG_ALL_PORTS;
	rule.destination = NSG_ADDRESSES(NSG_ANY);
	rule.last = rule.first;
	return arena_push(b->a, b->list, b->n, b->cap, rule);
}

int reach_prefixes(struct arena *a, const struct az_texts *texts, struct net_ranges *ret)
{
	for (uint32_t i = 0; i < texts->n; i++) {
		struct net_range r[2];
		size_t n;

		if (net_prefix_parse(texts->list[i], r, &n) < 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			int e = net_ranges_add(ret, a, r[k]);

			if (e < 0)
				return e;
		}
	}
	return 0;
}
