/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prefixes: what is one, what is written, what lies in what, beside a bit by bit comparison. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "action/prefix.h"
#include "tap.h"

static uint64_t state = 0x9e37'79b9'7f4a'7c15;

static unsigned draw(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % n;
}

static void test_texts(void)
{
	static const char *const good[][2] = {
		{"192.0.2.1",             "192.0.2.1"    },
                { "192.0.2.1/32",         "192.0.2.1"    },
		{ "192.0.2.1/24",         "192.0.2.0/24" },
                { "0.0.0.0/0",            "0.0.0.0/0"    },
		{ "::ffff:192.0.2.1",     "192.0.2.1"    },
                { "::ffff:192.0.2.1/120", "192.0.2.0/24" },
		{ "2001:DB8:0:0::1",      "2001:db8::1"  },
                { "2001:db8::1/64",       "2001:db8::/64"},
		{ "8000::/1",             "8000::/1"     },
	};
	static const char *const bad[] = {
		"",
		"192.0.2",
		"192.0.2.1/",
		"192.0.2.1/33",
		"192.0.2.1/-1",
		"192.0.2.1/a",
		"192.0.2.1/24/8",
		"192.0.2.1 ",
		" 192.0.2.1",
		"192.0.2.256",
		"1.2.3.4:22",
		"[::1]",
		"::1%lo",
		"::/0",
		"::/64",
		"2001:db8::/129",
		"2001:db8:",
		"192.0.2.1/255.255.255.0",
		"0x7f.1",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc",
	};
	char text[PREFIX_TEXT];
	struct prefix p;

	for (size_t i = 0; i < COUNT(good); i++)
		if (is_int(prefix_parse(str_of(good[i][0]), &p), 0, good[i][0]))
			is_str(prefix_format(&p, text), str_of(good[i][1]), "as it is written");
	for (size_t i = 0; i < COUNT(bad); i++)
		is_int(prefix_parse(str_of(bad[i]), &p), -EINVAL, bad[i]);
	is_int(prefix_parse((struct str){ "1.2.3.4\0", 8 }, &p), -EINVAL, "a NUL");
}

static bool bit(const struct prefix *p, unsigned i) { return p->addr[i / 8] >> (7 - i % 8) & 1; }

static bool plain_has(const struct prefix *p, const struct prefix *in)
{
	if (in->bits < p->bits)
		return false;
	for (unsigned i = 0; i < p->bits; i++)
		if (bit(p, i) != bit(in, i))
			return false;
	return true;
}

/* Few different bits, so that prefixes lie in one another often. */
static struct prefix random_prefix(void)
{
	struct prefix p = { .bits = PREFIX_HOST };

	for (unsigned i = 0; i < sizeof p.addr; i++)
		p.addr[i] = draw(4) ? 0 : (uint8_t)(draw(2) ? 0x80 : draw(256));
	if (draw(2)) {
		memset(p.addr, 0, 12);
		p.addr[10] = p.addr[11] = 0xff;
	}
	return prefix_cut(&p, draw(3) ? draw(129) : 128);
}

static void test_random(void)
{
	unsigned bad = 0, listed = 0;

	for (int round = 0; round < 2000; round++) {
		struct prefix list[20], copy[20], p = random_prefix();
		size_t n = draw(20), kept;
		bool in = false, meets = false;

		for (size_t i = 0; i < n; i++) {
			list[i] = copy[i] = random_prefix();
			in |= plain_has(&list[i], &p);
			meets |= plain_has(&list[i], &p) || plain_has(&p, &list[i]);
			bad += prefix_has(&list[i], &p) != plain_has(&list[i], &p);
		}
		kept = prefix_sort(copy, n);
		bad += prefix_listed(copy, kept, &p) != in;
		bad += prefix_touched(copy, kept, &p) != meets;
		for (size_t i = 1; i < kept; i++)
			bad += prefix_cmp(&copy[i - 1], &copy[i]) >= 0 ||
			       prefix_meets(&copy[i - 1], &copy[i]);
		listed += in;
	}
	is_int(bad, 0, "random lists");
	ok(listed > 100 && listed < 1900, "of both kinds");
}

static void test_addresses(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr other = { .sa_family = AF_UNIX };
	struct prefix p, q;

	is_int(prefix_parse(STR("192.0.2.1"), &q), 0, "an address");
	is_int(prefix_of_sockaddr((struct sockaddr *)&in, &p), 0, "of a socket");
	ok(prefix_eq(&p, &q), "is the same");
	memcpy(&in6.sin6_addr, q.addr, 16);
	is_int(prefix_of_sockaddr((struct sockaddr *)&in6, &p), 0, "of an IPv6 socket");
	ok(prefix_eq(&p, &q) && prefix_is_v4(&p), "is the same, too");
	is_int(prefix_of_sockaddr(&other, &p), -EAFNOSUPPORT, "of another one");
}

int main(void)
{
	test_texts();
	test_random();
	test_addresses();
	return done();
}
