/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options in front of keys, as sshd takes or refuses them. */
#include "facts/linux/ssh_keyring.h"
#include "tap.h"

static struct arena arena;

static int parse(const char *text, struct ssh_key_options *ret)
{
	*ret = (struct ssh_key_options){};
	return ssh_key_options_parse(str_of(text), &arena, ret);
}

static void test_taken(void)
{
	struct ssh_key_options o;

	is_int(parse("", &o), 0, "none");
	is_int(parse("restrict", &o), 0, "restrict");
	ok(o.no_forwarding, "  shuts tunnels");
	is_int(parse("restrict,port-forwarding", &o), 0, "and opens them again");
	ok(!o.no_forwarding, "  the later one counts");
	is_int(parse("NO-PTY,no-X11-forwarding,Command=\"a, b \\\"c\\\"\"", &o), 0,
	       "any case, a comma and quotes in a value");
	is_str(o.command, STR("a, b \"c\""), "  the value");
	is_int(parse("cert-authority,principals=\"a,b\"", &o), 0, "an authority");
	ok(o.authority, "  is one");
	is_str(o.principals, STR("a,b"), "  with principals");
	is_int(parse("permitopen=\"h:1\",permitopen=\"h:2\",environment=\"A=b\",tunnel=\"0\"", &o),
	       0, "options that are of no account here");
	is_int(parse("expiry-time=\"20300102\"", &o), 0, "a day");
	is_int(o.expires, 1893542400, "  of UTC");
	is_int(parse("expiry-time=\"20300102030405Z\"", &o), 0, "a second");
	is_int(o.expires, 1893542400 + 3 * 3600 + 4 * 60 + 5, "  of UTC");
	is_int(parse("expiry-time=\"20300102\",expiry-time=\"20200101\"", &o), 0, "two of them");
	is_int(o.expires, 1577836800, "  the earlier one counts");
}

static void test_refused(void)
{
	static const char *const bad[] = {
		"bogus",
		"no-bogus",
		"command=echo",
		"command=\"echo",
		"command=\"a\"b",
		"command=\"a\",command=\"b\"",
		"from=\"a\",from=\"b\"",
		"no-cert-authority",
		"no-restrict",
		"from",
		"expiry-time=\"2030\"",
		"expiry-time=\"2030010a\"",
		"expiry-time=\"20301301\"",
		"permitopen=\"host\"",
		"=",
		",",
		"restrict,,pty",
	};
	struct ssh_key_options o;

	for (size_t i = 0; i < COUNT(bad); i++)
		is_int(parse(bad[i], &o), -EINVAL, bad[i]);
}

static void test_from(void)
{
	static const struct {
		const char *from, *host, *address;
		bool in;
	} cases[] = {
		{"10.0.0.0/8",        "10.1.2.3",      "10.1.2.3",    true },
		{ "10.0.0.0/8",       "203.0.113.1",   "203.0.113.1", false},
		{ "*,!10.0.0.0/8",    "10.1.2.3",      "10.1.2.3",    false},
		{ "*,!10.0.0.0/8",    "203.0.113.1",   "203.0.113.1", true },
		{ "*.example.org",    "a.example.org", "203.0.113.1", true },
		{ "*.EXAMPLE.org",    "a.example.org", "203.0.113.1", true },
		{ "!a.example.org,*", "a.example.org", "203.0.113.1", false},
		{ "2001:db8::/32",    "2001:db8::5",   "2001:db8::5", true },
		{ "",                 "10.1.2.3",      "10.1.2.3",    false},
		{ "10.0.0.1/8",       "10.1.2.3",      "10.1.2.3",    false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ssh_key_options o = { .from = str_of(cases[i].from) };

		ok(ssh_key_from(&o, str_of(cases[i].host), str_of(cases[i].address)) == cases[i].in,
		   cases[i].from);
	}
	ok(ssh_key_from(&(struct ssh_key_options){}, STR("x"), STR("203.0.113.1")), "no from=");
}

int main(void)
{
	test_taken();
	test_refused();
	test_from();
	arena_release(&arena);
	return done();
}
