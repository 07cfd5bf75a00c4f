/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One rule. learn.microsoft.com/azure/virtual-network/network-security-groups-overview says what
 * the values may be; what they are not becomes unknown.
 */
#include <stdio.h>

#include "facts/azure/az_read.h"
#include "net/addr.h"

/* clang-format off */
#define RULE_FIELDS(X, p) \
	X(id, p) X(name, p) X(priority, p) X(direction, p) X(access, p) X(protocol, p) \
	X(sourceAddressPrefix, p) X(sourceAddressPrefixes, p) X(sourcePortRange, p) \
	X(sourcePortRanges, p) X(sourceApplicationSecurityGroups, p) \
	X(destinationAddressPrefix, p) X(destinationAddressPrefixes, p) \
	X(destinationPortRange, p) X(destinationPortRanges, p) \
	X(destinationApplicationSecurityGroups, p) X(sources, p) X(destinations, p) \
	X(displayName, p)
/* clang-format on */
AZ_FIELDS(RULE_FIELDS, f)

/* Keeps the first reason why something of the rule is unknown. */
static void why(struct az_reader *r, struct az_rule *rule, const char *what, uint32_t v)
{
	struct str text = str_sub(az_text(r, v), 0, 200);

	if (rule->why.len)
		return;
	rule->why = az_fmt(r, "%s%s%.*s", what, text.len ? ": " : "", STR_FMT(text));
	if (!rule->why.ptr)
		r->error = -ENOMEM;
}

static bool is_tag(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i], low = (char)(c | 0x20);

		if (!(low >= 'a' && low <= 'z') && !(i && c >= '0' && c <= '9') && !(i && c == '.'))
			return false;
	}
	return s.len > 0;
}

static bool valid_prefix(struct str s)
{
	struct net_range range[2];
	size_t n;

	return str_eq(s, STR("*")) || is_tag(s) || net_prefix_parse(s, range, &n) >= 0;
}

static bool valid_port(struct str s)
{
	ssize_t dash = str_find(s, '-');
	struct str low = dash < 0 ? s : str_trim(str_sub(s, 0, (size_t)dash));
	struct str high = dash < 0 ? s : str_trim(str_sub(s, (size_t)dash + 1, s.len));
	uint64_t first, last;

	if (str_eq(s, STR("*")))
		return true;
	return str_to_u64(low, 10, &first) >= 0 && str_to_u64(high, 10, &last) >= 0 &&
	       first <= last && last <= 65535 && last > 0;
}

/* "80,443", as the portal writes it: false where a part is not valid. */
static bool split(struct az_reader *r, struct str s, bool (*valid)(struct str),
		  struct az_texts *ret)
{
	struct str rest = s;

	while (rest.ptr)
		if (!valid(str_trim(str_cut(&rest, ','))))
			return false;
	for (rest = s; rest.ptr;)
		az_push_text(r, ret, str_trim(str_cut(&rest, ',')));
	return true;
}

/* Adds what is valid of a text or a list; false: something is not, or not known. */
static bool add(struct az_reader *r, uint32_t v, bool (*valid)(struct str), struct az_texts *ret)
{
	struct az_texts parts = {};
	uint32_t n = ret->n;
	bool unknown = ret->unknown, good;

	ret->unknown = false;
	az_add_texts(r, v, ret);
	good = !ret->unknown;
	ret->unknown |= unknown;
	for (uint32_t i = n; i < ret->n; i++) {
		struct str s = str_trim(ret->list[i]);

		if (valid(s)) {
			/* Not where it stands already: it may be the list that many share. */
			if (n != i || s.len != ret->list[i].len)
				ret->list[n] = s;
			n++;
			continue;
		}
		if (str_find(s, ',') > 0 && split(r, s, valid, &parts))
			continue;
		good = false;
		az_problem(r, v, "'%.*s' is no %s", STR_FMT(str_sub(s, 0, 80)),
			   valid == valid_port ? "port, range of ports or *"
					       : "address, prefix, service tag or *");
	}
	ret->n = n;
	for (uint32_t i = 0; i < parts.n; i++)
		az_push_text(r, ret, parts.list[i]);
	return good;
}

static void add_both(struct az_reader *r, struct az_rule *rule, uint32_t one, uint32_t many,
		     const char *what, bool (*valid)(struct str), struct az_texts *ret)
{
	if (!add(r, one, valid, ret)) {
		ret->unknown = true;
		why(r, rule, what, one);
	}
	if (!add(r, many, valid, ret)) {
		ret->unknown = true;
		why(r, rule, what, many);
	}
}

static void add_groups(struct az_reader *r, struct az_rule *rule, uint32_t v, const char *what,
		       struct az_texts *ret)
{
	az_add_ids(r, v, ret);
	if (ret->unknown)
		why(r, rule, what, v);
}

/* AVNM: [{ addressPrefix, addressPrefixType }], where "IPPrefix" with "*" is any. */
static void add_part(struct az_reader *r, struct az_rule *rule, uint32_t v, const char *what,
		     struct az_texts *ret)
{
	uint32_t prefix = az_member(r, v, STR("addressPrefix"));

	if (az_text(r, prefix).len && add(r, prefix, valid_prefix, ret))
		return;
	ret->unknown = true;
	why(r, rule, what, v);
}

static void add_parts(struct az_reader *r, struct az_rule *rule, uint32_t v, const char *what,
		      struct az_texts *ret)
{
	if (az_type(r, v) == J_UNKNOWN) {
		ret->unknown = true;
		why(r, rule, what, v);
	}
	if (az_type(r, v) == J_ARRAY)
		jdoc_each(r->doc, v, element)
			add_part(r, rule, element, what, ret);
}

static void read_protocol(struct az_reader *r, uint32_t v, struct az_rule *rule)
{
	static const struct str known[] = { STR("*"),   STR("Tcp"), STR("Udp"), STR("Icmp"),
					    STR("Esp"), STR("Ah"),  STR("All"), STR("Any") };
	struct str s = STR("");

	if (!az_take_text(r, v, &s))
		for (size_t i = 0; i < COUNT(known); i++)
			if (str_ieq(s, known[i])) {
				rule->protocol = s;
				return;
			}
	if (s.len)
		az_problem(r, v, "'%.*s' is no protocol of a rule", STR_FMT(str_sub(s, 0, 80)));
	rule->protocol = STR("");
	rule->protocol_unknown = true;
	why(r, rule, "protocol", v);
}

static unsigned keyword(struct az_reader *r, uint32_t v, const struct str *words, size_t n,
			const char *what, struct az_rule *rule)
{
	struct str s = STR("");

	if (!az_take_text(r, v, &s))
		for (size_t i = 0; i < n; i++)
			if (str_ieq(s, words[i]))
				return (unsigned)i + 1;
	if (s.len)
		az_problem(r, v, "'%.*s' is no %s", STR_FMT(str_sub(s, 0, 80)), what);
	why(r, rule, what, v);
	return 0;
}

static void read_priority(struct az_reader *r, uint32_t v, const struct az_rule_reader *how,
			  struct az_rule *rule)
{
	int64_t n = az_number(r, v, how->least, how->most);

	rule->priority = n < 0 ? AZ_PRIORITY_UNKNOWN : (uint32_t)n;
	if (n < 0)
		why(r, rule, "priority", v);
}

/* Nothing given is what Azure would refuse: so it stands in the part that the file leaves out. */
static void check_empty(struct az_reader *r, struct az_rule *rule, const struct az_texts *groups,
			const char *what, struct az_texts *texts)
{
	if (texts->n || texts->unknown || (groups && (groups->n || groups->unknown)))
		return;
	texts->unknown = true;
	why(r, rule, what, 0);
}

static void read_sides(struct az_reader *r, const uint32_t *f, struct az_rule *rule)
{
	add_both(r, rule, f[f_sourceAddressPrefix], f[f_sourceAddressPrefixes], "source",
		 valid_prefix, &rule->source);
	add_both(r, rule, f[f_destinationAddressPrefix], f[f_destinationAddressPrefixes],
		 "destination", valid_prefix, &rule->destination);
	add_both(r, rule, f[f_sourcePortRange], f[f_sourcePortRanges], "source ports", valid_port,
		 &rule->source_ports);
	add_both(r, rule, f[f_destinationPortRange], f[f_destinationPortRanges], "ports",
		 valid_port, &rule->ports);
	add_groups(r, rule, f[f_sourceApplicationSecurityGroups], "source groups",
		   &rule->source_groups);
	add_groups(r, rule, f[f_destinationApplicationSecurityGroups], "destination groups",
		   &rule->destination_groups);
	add_parts(r, rule, f[f_sources], "source", &rule->source);
	add_parts(r, rule, f[f_destinations], "destination", &rule->destination);
}

void az_rule_read(struct az_reader *r, uint32_t v, const struct az_rule_reader *how,
		  struct str parent, struct az_rule *ret)
{
	static const struct str directions[] = { STR("Inbound"), STR("Outbound") };
	static const struct str accesses[] = { STR("Allow"), STR("Deny"), STR("AlwaysAllow") };
	struct az_rule rule = { .file = r->file,
				.line = az_line(r, v),
				.maybe = r->maybe,
				.is_default = how->is_default,
				.id = STR(""),
				.why = STR("") };
	uint32_t f[f_n];

	if (!r->rule_fields.outer.n)
		r->rule_fields = AZ_FIELDS_OF(f);
	az_fields(r, v, &r->rule_fields, f);
	rule.name = az_text(r, f[f_name]);
	rule.id = az_text(r, f[f_id]);
	if (!rule.name.len)
		rule.name = az_given(r, f[f_displayName]) ? az_text(r, f[f_displayName])
							  : az_id_name(rule.id);
	if (!rule.id.len && rule.name.len)
		rule.id = az_cat(r, parent,
				 str_find(rule.name, '/') >= 0 ? STR("/") : STR("/securityRules/"),
				 az_id_name(rule.name));
	rule.direction =
		keyword(r, f[f_direction], directions, COUNT(directions), "direction", &rule) & 3;
	rule.access = keyword(r, f[f_access], accesses, COUNT(accesses), "access", &rule) & 3;
	read_priority(r, f[f_priority], how, &rule);
	read_protocol(r, f[f_protocol], &rule);
	read_sides(r, f, &rule);
	check_empty(r, &rule, &rule.source_groups, "source", &rule.source);
	check_empty(r, &rule, &rule.destination_groups, "destination", &rule.destination);
	check_empty(r, &rule, NULL, "source ports", &rule.source_ports);
	check_empty(r, &rule, NULL, "ports", &rule.ports);
	*ret = rule;
}
