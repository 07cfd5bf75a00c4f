/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"
#include "facts/azure/reach_model.h"

#define CUSTOM_FIRST 100
#define CUSTOM_LAST 4096
#define MAX_TEXTS 100'000

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

	for (size_t i = 0; i < COUNT(symbols); i++) {
		if (!str_ieq(text, symbols[i].name))
			continue;
		s->to->symbols |= symbols[i].symbol;
		return 0;
	}
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

static bool parse_ports(struct str text, struct port_range *ret)
{
	struct str rest = text, head = str_trim(str_cut(&rest, '-'));
	int64_t first, last;

	if (str_eq(text, STR("*"))) {
		*ret = (struct port_range){ 0, UINT16_MAX };
		return true;
	}
	if (str_to_int64(head, &first) < 0)
		return false;
	last = first;
	if (rest.ptr && str_to_int64(str_trim(rest), &last) < 0)
		return false;
	if (first < 0 || first > last || last > UINT16_MAX)
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
		{{ "*", 1 },       NSG_PROTOCOL_ANY},
		{ { "Tcp", 3 },    6               },
		{ { "Udp", 3 },    17              },
		{ { "Icmp", 4 },   1               },
		{ { "Esp", 3 },    50              },
		{ { "Ah", 2 },     51              },
		{ { "All", 3 },    NSG_PROTOCOL_ANY},
		{ { "Any", 3 },    NSG_PROTOCOL_ANY},
		{ { "IcmpV6", 6 }, 58              },
	};
	int64_t number;

	ret->protocol_unknown = rule->protocol_unknown;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (!str_ieq(rule->protocol, names[i].name))
			continue;
		ret->protocol = names[i].number;
		return;
	}
	if (str_to_int64(rule->protocol, &number) >= 0 && number > 0 && number < 256)
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

static int add_list(struct buf *b, const struct az_texts *texts, const struct az_texts *groups)
{
	const char *comma = "";

	for (int k = 0; k < 2; k++) {
		const struct az_texts *t = k ? groups : texts;

		for (uint32_t i = 0; t && i < t->n && b->len < 400; i++) {
			buf_puts(b, comma);
			buf_str(b, str_sub(k ? str_basename(t->list[i]) : t->list[i], 0, 100));
			comma = ",";
		}
		if (t && t->unknown) {
			buf_puts(b, comma);
			buf_puts(b, "?");
			comma = ",";
		}
	}
	return b->error;
}

int reach_rule_text(const struct nsg_rule *rule, struct arena *a, struct str *ret)
{
	static const char *const access[] = { "?", "Allow", "Deny", "AlwaysAllow" };
	const struct reach_rule *user = rule->user;
	const struct az_rule *z = user ? user->rule : NULL;
	own(buf_release) struct buf b = BUF(1 << 20);
	struct str text;

	if (!z) {
		*ret = rule->id;
		return 0;
	}
	if (z->priority)
		buf_fmt(&b, "%u ", z->priority);
	else
		buf_puts(&b, "? ");
	buf_puts(&b, z->access < COUNT(access) ? access[z->access] : "?");
	buf_fmt(&b, " %.*s from ",
		STR_FMT(z->protocol.len ? str_sub(z->protocol, 0, 100) : STR("?")));
	add_list(&b, &z->source, &z->source_groups);
	if (z->source_ports.n != 1 || !str_eq(z->source_ports.list[0], STR("*"))) {
		buf_puts(&b, " ports ");
		add_list(&b, &z->source_ports, NULL);
	}
	buf_puts(&b, " to ");
	add_list(&b, &z->destination, &z->destination_groups);
	buf_puts(&b, " ports ");
	add_list(&b, &z->ports, NULL);
	if (b.error)
		return b.error;
	text = arena_str(a, buf_view(&b));
	if (!text.ptr)
		return -ENOMEM;
	*ret = text;
	return 0;
}
