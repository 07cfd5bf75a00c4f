/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/boot_rules.h"

#include "base/buf.h"
#include "net/words.h"

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

static void add_service(struct buf *out, struct str name)
{
	static const struct {
		const char *name, *protocol;
		unsigned port;
	} others[] = {
		{"dhcpv6-client", "udp", 546 },
                { "cockpit",      "tcp", 9090},
		{ "mdns",         "udp", 5353},
                { "dhcp",         "udp", 67  },
		{ "samba-client", "udp", 137 },
                { "rdp",          "tcp", 3389},
		{ "mysql",        "tcp", 3306},
                { "postgresql",   "tcp", 5432},
	};
	uint64_t port;

	for (size_t i = 0; i < COUNT(others); i++)
		if (str_eq(name, str_of(others[i].name))) {
			buf_fmt(out, "%s dport %u accept; ", others[i].protocol, others[i].port);
			return;
		}
	if (words_find(WORDS_SERVICES, name, &port) && !str_eq(name, STR("dns")))
		buf_fmt(out, "tcp dport %u accept; ", (unsigned)port);
	else
		buf_puts(out, "service of firewalld; ");
}

/* A rule of <rule>: its family, source and what it lets in stand in tags of their own. */
struct rich {
	bool open;
	struct str family, source, match;
	bool inverted;
};

static void end_rich(struct buf *out, const struct rich *r, const char *verdict)
{
	if (r->source.len)
		buf_fmt(out, "%s saddr %s%.*s ", str_find(r->source, ':') >= 0 ? "ip6" : "ip",
			r->inverted ? "!= " : "", STR_FMT(r->source));
	if (r->match.len)
		buf_fmt(out, "%.*s ", STR_FMT(r->match));
	buf_fmt(out, "%s; ", verdict);
}

static void add_tag(struct buf *out, struct arena *a, struct str name, struct str tag,
		    struct rich *rich)
{
	struct str port = attribute(tag, "port"), protocol = attribute(tag, "protocol");
	struct str value = attribute(tag, "value"), service = attribute(tag, "name");

	if (str_eq(name, STR("rule"))) {
		*rich = (struct rich){ .open = true };
	} else if (str_eq(name, STR("/rule"))) {
		rich->open = false;
	} else if (str_eq(name, STR("source")) && rich->open) {
		rich->source = is_plain(attribute(tag, "address")) ? attribute(tag, "address")
								   : STR("@source");
		rich->inverted = str_ieq(attribute(tag, "invert"), STR("true"));
	} else if (str_eq(name, STR("port")) && is_plain(port) && is_plain(protocol)) {
		if (rich->open)
			rich->match =
				arena_fmt(a, "%.*s dport %.*s", STR_FMT(protocol), STR_FMT(port));
		else
			buf_fmt(out, "%.*s dport %.*s accept; ", STR_FMT(protocol), STR_FMT(port));
	} else if (str_eq(name, STR("service"))) {
		own(buf_release) struct buf one = BUF(256);

		add_service(&one, service);
		if (!rich->open)
			buf_str(out, buf_view(&one));
		else if (str_starts(buf_view(&one), STR("service")))
			rich->match = STR("service");
		else
			rich->match = arena_str(
				a, str_sub(buf_view(&one), 0, one.len - strlen("accept; ")));
	} else if (str_eq(name, STR("protocol")) && is_plain(value)) {
		if (rich->open)
			rich->match = arena_fmt(a, "meta l4proto %.*s", STR_FMT(value));
		else
			buf_fmt(out, "meta l4proto %.*s accept; ", STR_FMT(value));
	} else if (rich->open && str_eq(name, STR("accept"))) {
		end_rich(out, rich, "accept");
	} else if (rich->open && (str_eq(name, STR("drop")) || str_eq(name, STR("reject")))) {
		end_rich(out, rich, "drop");
	} else if (str_eq(name, STR("forward-port")) || str_eq(name, STR("source-port"))) {
		buf_puts(out, "forward of firewalld; ");
	}
}

static const char *target_of(struct str target)
{
	return str_eq(target, STR("ACCEPT")) ? "accept"
	       : str_eq(target, STR("DROP")) ? "drop"
					     : "reject";
}

int firewalld_nft(struct arena *a, struct str zone, struct str *ret)
{
	own(buf_release) struct buf text = BUF(TEXT_MAX);
	struct str target = STR(""), rest = zone;
	struct rich rich = {};

	buf_puts(&text, "table inet firewalld { chain filter_INPUT { type filter hook input "
			"priority 10; policy accept; ct state established,related accept; "
			"iifname \"lo\" accept; meta l4proto { icmp, ipv6-icmp } accept; ");
	while (rest.len) {
		struct str before = rest, tag, name;
		ssize_t open = str_find(rest, '<'), close;

		before = str_sub(rest, 0, open < 0 ? rest.len : (size_t)open);
		for (size_t i = 0; i < before.len; i++)
			if (before.ptr[i] == '\n')
				buf_putc(&text, '\n');
		if (open < 0)
			break;
		rest = str_sub(rest, (size_t)open + 1, rest.len);
		close = str_find(rest, '>');
		if (str_starts(rest, STR("!--"))) {
			const char *end = memmem(rest.ptr, rest.len, "-->", 3);

			close = end ? end - rest.ptr + 2 : -1;
		}
		if (close < 0)
			break;
		tag = str_sub(rest, 0, (size_t)close);
		rest = str_sub(rest, (size_t)close + 1, rest.len);
		name = tag;
		name = str_word(&name);
		if (name.len > 1 && str_ends(name, STR("/")))
			name.len--;
		if (str_eq(name, STR("zone")))
			target = attribute(tag, "target");
		else if (!str_starts(name, STR("!--")))
			add_tag(&text, a, name, tag, &rich);
		for (size_t i = 0; i < tag.len; i++)
			if (tag.ptr[i] == '\n')
				buf_putc(&text, '\n');
	}
	buf_fmt(&text, "%s } }\n", target_of(target));
	if (text.error)
		return text.error;
	*ret = arena_str(a, buf_view(&text));
	return ret->ptr ? 0 : -ENOMEM;
}
