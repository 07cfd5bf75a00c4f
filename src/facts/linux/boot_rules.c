/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/boot_rules.h"

#include "base/buf.h"

#define TEXT_MAX ((size_t)4 << 20)

/* Value of an attribute of a tag: name="value". Names and values of zones are short words. */
static struct str attribute(struct str tag, const char *name)
{
	struct str key = str_of(name);

	for (size_t i = 1; i + key.len + 2 < tag.len; i++) {
		struct str rest = str_sub(tag, i, tag.len);
		char quote;

		if (!str_starts(rest, key) || rest.ptr[key.len] != '=' ||
		    !strchr(" \t\n", tag.ptr[i - 1]))
			continue;
		quote = rest.ptr[key.len + 1];
		rest = str_sub(rest, key.len + 2, rest.len);
		return quote == '"' || quote == '\'' ? str_cut(&rest, quote) : STR("");
	}
	return STR("");
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/",
			    s.ptr[i]))
			return false;
	return s.len > 0;
}

#define ZONE_MAX ((size_t)256 << 10)
#define PRIORITIES_MAX 32

/* What the services of firewalld 1.3 open; another name is not understood. */
static const struct {
	struct str name;
	const char *tcp, *udp;
} services[] = {
	{STR("ssh"),              "22",           NULL     },
	{ STR("telnet"),          "23",           NULL     },
	{ STR("ftp"),             "21",           NULL     },
	{ STR("tftp"),            NULL,           "69"     },
	{ STR("smtp"),            "25",           NULL     },
	{ STR("smtps"),           "465",          NULL     },
	{ STR("smtp-submission"), "587",          NULL     },
	{ STR("pop3"),            "110",          NULL     },
	{ STR("pop3s"),           "995",          NULL     },
	{ STR("imap"),            "143",          NULL     },
	{ STR("imaps"),           "993",          NULL     },
	{ STR("http"),            "80",           NULL     },
	{ STR("https"),           "443",          NULL     },
	{ STR("dns"),             "53",           "53"     },
	{ STR("dns-over-tls"),    "853",          NULL     },
	{ STR("ntp"),             NULL,           "123"    },
	{ STR("snmp"),            NULL,           "161"    },
	{ STR("snmptrap"),        NULL,           "162"    },
	{ STR("syslog"),          NULL,           "514"    },
	{ STR("syslog-tls"),      "6514",         "6514"   },
	{ STR("ldap"),            "389",          NULL     },
	{ STR("ldaps"),           "636",          NULL     },
	{ STR("samba"),           "{ 139, 445 }", "137-138"},
	{ STR("samba-client"),    NULL,           "137-138"},
	{ STR("nfs"),             "2049",         NULL     },
	{ STR("nfs3"),            "2049",         "2049"   },
	{ STR("rpc-bind"),        "111",          "111"    },
	{ STR("mountd"),          "20048",        "20048"  },
	{ STR("mysql"),           "3306",         NULL     },
	{ STR("postgresql"),      "5432",         NULL     },
	{ STR("mssql"),           "1433",         NULL     },
	{ STR("redis"),           "6379",         NULL     },
	{ STR("mongodb"),         "27017",        NULL     },
	{ STR("rdp"),             "3389",         NULL     },
	{ STR("vnc-server"),      "5900-5903",    NULL     },
	{ STR("cockpit"),         "9090",         NULL     },
	{ STR("dhcp"),            NULL,           "67"     },
	{ STR("dhcpv6"),          NULL,           "547"    },
	{ STR("mdns"),            NULL,           "5353"   },
	{ STR("ipp"),             "631",          "631"    },
	{ STR("ipp-client"),      NULL,           "631"    },
	{ STR("squid"),           "3128",         NULL     },
	{ STR("openvpn"),         NULL,           "1194"   },
	{ STR("wireguard"),       NULL,           "51820"  },
	{ STR("git"),             "9418",         NULL     },
	{ STR("svn"),             "3690",         NULL     },
	{ STR("wbem-http"),       "5988",         NULL     },
	{ STR("wbem-https"),      "5989",         NULL     },
	{ STR("zabbix-agent"),    "10050",        NULL     },
	{ STR("zabbix-server"),   "10051",        NULL     },
	{ STR("docker-registry"), "5000",         NULL     },
	{ STR("mqtt"),            "1883",         NULL     },
	{ STR("mqtt-tls"),        "8883",         NULL     },
};

/* What a rule asks, one line of nft for each protocol; parts are of the arena. */
struct opening {
	struct str lines[2];
	size_t n;
};

static struct opening match_text(struct str text) { return (struct opening){ { text }, 1 }; }

static struct opening service_match(struct arena *a, struct str name)
{
	struct opening m = {};

	/* to link-local addresses alone */
	if (str_eq(name, STR("dhcpv6-client")))
		return match_text(STR("ip6 daddr fe80::/64 udp dport 546"));
	for (size_t i = 0; i < COUNT(services); i++) {
		if (!str_eq(name, services[i].name))
			continue;
		if (services[i].tcp)
			m.lines[m.n++] = arena_fmt(a, "tcp dport %s", services[i].tcp);
		if (services[i].udp)
			m.lines[m.n++] = arena_fmt(a, "udp dport %s", services[i].udp);
		return m;
	}
	if (!is_plain(name))
		return match_text(STR("service of firewalld"));
	/* sets that are not there: whatever ports it has, they are let in */
	m.lines[m.n++] = arena_fmt(a, "tcp dport @%.*s", STR_FMT(name));
	m.lines[m.n++] = arena_fmt(a, "udp dport @%.*s", STR_FMT(name));
	return m;
}

/* What is no plain word is not understood, not left out. */
static struct opening tag_match(struct arena *a, struct str name, struct str tag)
{
	struct str port = attribute(tag, "port"), protocol = attribute(tag, "protocol");
	struct str value = attribute(tag, "value");
	bool source = str_eq(name, STR("source-port"));

	if (str_eq(name, STR("service")))
		return service_match(a, attribute(tag, "name"));
	if (str_eq(name, STR("protocol")))
		return match_text(is_plain(value)
					  ? arena_fmt(a, "meta l4proto %.*s", STR_FMT(value))
					  : STR("protocol of firewalld"));
	if (str_eq(name, STR("port")) || source)
		return match_text(is_plain(port) && is_plain(protocol)
					  ? arena_fmt(a, "%.*s %s %.*s", STR_FMT(protocol),
						      source ? "sport" : "dport", STR_FMT(port))
					  : STR("port of firewalld"));
	if (str_eq(name, STR("forward-port")))
		return match_text(STR("forward of firewalld"));
	return (struct opening){};
}

/* One <rule>; verdict: NULL where it only logs or marks. */
struct rich {
	bool open;
	int64_t priority;
	struct str family, source, destination;
	struct opening match;
	const char *verdict;
};

/* What is read in one go over the zone, which keeps its lines: rules of one priority and kind. */
struct pass {
	struct arena *arena;
	struct buf *out;
	int64_t priority;
	bool deny;
	struct rich rich;
	struct str target;
	int64_t priorities[PRIORITIES_MAX];
	size_t n_priorities;
};

static struct str address_match(struct arena *a, struct str tag, const char *field)
{
	struct str address = attribute(tag, "address"), invert = attribute(tag, "invert");
	bool not = str_ieq(invert, STR("true")) || str_ieq(invert, STR("yes"));

	if (!is_plain(address))
		return STR("address of firewalld ");
	return arena_fmt(a, "%s %s %s%.*s ", str_find(address, ':') >= 0 ? "ip6" : "ip", field,
			 not ? "!= " : "", STR_FMT(address));
}

static void put_line(struct pass *p, const struct rich *r, struct str match, const char *verdict)
{
	buf_fmt(p->out, "%.*s%.*s%.*s%.*s %s; ", STR_FMT(r->family), STR_FMT(r->source),
		STR_FMT(r->destination), STR_FMT(match), verdict);
}

/* A part without text could not be allocated. */
static bool is_made(struct pass *p, struct str part)
{
	if (!part.ptr)
		p->out->error = -ENOMEM;
	return part.ptr;
}

static struct opening checked(struct pass *p, struct opening m)
{
	for (size_t i = 0; i < m.n; i++)
		if (!is_made(p, m.lines[i]))
			m.n = 0;
	return m;
}

#define NO_RICH \
	(struct rich) { .family = STR(""), .source = STR(""), .destination = STR(""), }

static void end_rich(struct pass *p)
{
	const struct rich *r = &p->rich;

	if (r->verdict && r->priority == p->priority && p->deny == !strcmp(r->verdict, "drop")) {
		for (size_t i = 0; i < r->match.n; i++)
			put_line(p, r, r->match.lines[i], r->verdict);
		if (!r->match.n)
			put_line(p, r, STR(""), r->verdict);
	}
	p->rich = NO_RICH;
}

static void start_rich(struct pass *p, struct str tag)
{
	struct str family = attribute(tag, "family");
	size_t i = 0;

	p->rich = NO_RICH;
	p->rich.open = !str_ends(tag, STR("/"));
	if (str_to_int64(attribute(tag, "priority"), &p->rich.priority) < 0)
		p->rich.priority = 0;
	if (family.len)
		p->rich.family = str_eq(family, STR("ipv6")) ? STR("meta nfproto ipv6 ")
							     : STR("meta nfproto ipv4 ");
	while (i < p->n_priorities && p->priorities[i] < p->rich.priority)
		i++;
	if (i < p->n_priorities && p->priorities[i] == p->rich.priority)
		return;
	if (p->n_priorities == PRIORITIES_MAX) {
		buf_puts(p->out, "priorities of firewalld; ");
		return;
	}
	memmove(&p->priorities[i + 1], &p->priorities[i],
		(p->n_priorities - i) * sizeof *p->priorities);
	p->priorities[i] = p->rich.priority;
	p->n_priorities++;
}

static void add_rich(struct pass *p, struct str name, struct str tag)
{
	struct rich *r = &p->rich;
	struct opening m = checked(p, tag_match(p->arena, name, tag));

	if (m.n)
		r->match = m;
	else if (str_eq(name, STR("icmp-type")) || str_eq(name, STR("icmp-block")))
		r->match = match_text(STR("meta l4proto { icmp, ipv6-icmp }"));
	else if (str_eq(name, STR("source")))
		r->source = address_match(p->arena, tag, "saddr");
	else if (str_eq(name, STR("destination")))
		r->destination = address_match(p->arena, tag, "daddr");
	else if (str_eq(name, STR("accept")))
		r->verdict = "accept";
	else if (str_eq(name, STR("drop")) || str_eq(name, STR("reject")))
		r->verdict = "drop";
	else if (str_eq(name, STR("/rule")))
		end_rich(p);
	(void)(is_made(p, r->source) && is_made(p, r->destination));
}

static void add_tag(struct pass *p, struct str name, struct str tag)
{
	struct opening m;

	if (str_eq(name, STR("zone"))) {
		p->target = attribute(tag, "target");
	} else if (str_eq(name, STR("rule"))) {
		start_rich(p, tag);
	} else if (p->rich.open) {
		add_rich(p, name, tag);
	} else if (!p->priority && !p->deny) {
		m = checked(p, tag_match(p->arena, name, tag));
		for (size_t i = 0; i < m.n; i++)
			put_line(p, &NO_RICH, m.lines[i], "accept");
	}
}

static void put_feeds(struct pass *p, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\n')
			buf_putc(p->out, '\n');
}

static void read_zone(struct pass *p, struct str rest)
{
	for (;;) {
		ssize_t open = str_find(rest, '<'), close;
		struct str tag, name;

		put_feeds(p, str_sub(rest, 0, open < 0 ? rest.len : (size_t)open));
		if (open < 0)
			return;
		rest = str_sub(rest, (size_t)open + 1, rest.len);
		close = str_find(rest, '>');
		if (str_starts(rest, STR("!--"))) {
			const char *end = memmem(rest.ptr, rest.len, "-->", 3);

			close = end ? end - rest.ptr + 2 : -1;
		}
		if (close < 0)
			return;
		tag = str_trim(str_sub(rest, 0, (size_t)close));
		name = tag;
		name = str_word(&name);
		if (name.len > 1 && str_ends(name, STR("/")))
			name.len--;
		if (!str_starts(name, STR("!--")))
			add_tag(p, name, tag);
		put_feeds(p, str_sub(rest, 0, (size_t)close));
		rest = str_sub(rest, (size_t)close + 1, rest.len);
	}
}

static const char *target_of(struct str target)
{
	return str_eq(target, STR("ACCEPT")) ? "accept"
	       : str_eq(target, STR("DROP")) ? "drop"
					     : "meta l4proto { icmp, ipv6-icmp } accept; reject";
}

/* The rules of one priority and kind, on the lines of the zone. */
static int read_part(struct pass *p, struct str zone, struct str *ret)
{
	own(buf_release) struct buf text = BUF(TEXT_MAX);

	p->out = &text;
	p->rich = NO_RICH;
	read_zone(p, zone);
	if (text.error)
		return text.error;
	*ret = arena_str(p->arena, buf_view(&text));
	return ret->ptr ? 0 : -ENOMEM;
}

/* One part of the zone: "0", "1" … */
static int include(void *user, struct str pattern, [[maybe_unused]] struct str from,
		   struct nft_text_file **ret, size_t *ret_n)
{
	struct nft_text_file *parts = user;
	uint64_t i;

	if (str_to_u64(pattern, 10, &i) < 0 || i > 2 * PRIORITIES_MAX)
		return -ENOENT;
	*ret = &parts[i];
	*ret_n = 1;
	return 0;
}

int firewalld_nft(struct arena *a, struct str zone, struct str file, struct nft_text *ret)
{
	own(buf_release) struct buf text = BUF(TEXT_MAX);
	struct pass p = { .arena = a, .n_priorities = 1 };
	struct nft_text_file *parts = arena_array(a, 2 * PRIORITIES_MAX + 1, sizeof *parts);
	struct str whole;
	int r = parts ? 0 : -ENOMEM;

	buf_puts(&text, "table inet firewalld {\nchain filter_INPUT {\ntype filter hook input "
			"priority 10; policy accept; ct state established,related accept; "
			"iifname \"lo\" accept;\n");
	if (zone.len > ZONE_MAX) {
		zone = STR("");
		buf_puts(&text, "zone of firewalld\n");
	}
	/* the first pass finds the priorities */
	if (r >= 0)
		r = read_part(&p, zone, &whole);
	for (size_t i = 0; r >= 0 && i < 2 * p.n_priorities; i++) {
		p.priority = p.priorities[i / 2];
		p.deny = i % 2 == 0;
		parts[i].path = file;
		r = read_part(&p, zone, &parts[i].text);
		buf_fmt(&text, "include \"%zu\"\n", i);
	}
	buf_fmt(&text, "%s\n}\n}\n", target_of(p.target));
	if (r < 0 || text.error)
		return r < 0 ? r : text.error;
	whole = arena_str(a, buf_view(&text));
	*ret = (struct nft_text){
		.file = {file, whole},
                  .include = include, .user = parts
	};
	return whole.ptr ? 0 : -ENOMEM;
}
