/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests for access: what was sealed is opened, and nothing else is. */
#include <netinet/in.h>
#include <sodium.h>

#include "base/file.h"
#include "knock_make.h"

/* A datagram for `to`, whose text names the host `named`. */
static struct buf datagram(const struct maker *m, const struct knock *k, const struct maker *named,
			   const struct maker *to)
{
	struct buf own(buf_release) text = BUF(2048), sig = BUF(2048);
	struct buf out = BUF(KNOCK_MAX);
	struct str list[1];

	if (knock_text(k, named->secrets.digest, &text))
		return out;
	sign(m, buf_view(&text), &sig);
	list[0] = buf_view(&sig);
	(void)!knock_seal(to->host.blob, buf_view(&text), list, 1, &out);
	return out;
}

static void round_trip(const struct maker *m, const struct maker *other)
{
	struct knock k = request();
	struct knock_opened o;
	struct buf own(buf_release) d = {};
	unsigned flags = 9;

	k.sourced = true;
	k.source = net_v4(0xcb007100);
	k.bits = 24;
	d = datagram(m, &k, m, m);
	ok(knock_marked(&m->secrets, buf_view(&d)), "marked");
	if (!is_int(knock_open(&m->secrets, buf_view(&d), &o), KNOCK_GOOD, "opened"))
		return;
	is_int(knock_verify(&o, 0, &flags), KNOCK_GOOD, "signed");
	is_int(flags, 0, "by software");
	is_int(knock_verify(&o, 1, &flags), KNOCK_SIGNATURE, "not twice");
	ok(o.knock.action == KNOCK_OPEN && o.knock.time == k.time && o.knock.seconds == 7200,
	   "action, time, duration");
	ok(!memcmp(o.knock.id, k.id, sizeof k.id), "id");
	is_str(o.knock.account, k.account, "account");
	is_str(o.knock.reason, k.reason, "reason");
	ok(o.knock.sourced && !o.knock.v6 && o.knock.bits == 24 && o.knock.source == k.source,
	   "source");
	ok(o.knock.n_ports == 2 && o.knock.ports[1].port == 51820 &&
		   o.knock.ports[1].protocol == IPPROTO_UDP,
	   "ports");
	is_int(knock_open(&other->secrets, buf_view(&d), &o), KNOCK_MARK,
	       "nothing for another host");
	k.v6 = true;
	k.bits = 64;
	k.source = (net_addr)0x20010db8 << 96;
	buf_release(&d);
	d = datagram(m, &k, m, m);
	is_int(knock_open(&m->secrets, buf_view(&d), &o), KNOCK_GOOD, "IPv6");
	ok(o.knock.v6 && o.knock.bits == 64 && o.knock.source == k.source, "its source");
}

/* A host that was asked seals the request for another one. */
static void forwarded(const struct maker *m, const struct maker *other)
{
	struct knock k = request();
	struct knock_opened o;
	struct buf own(buf_release) d = datagram(m, &k, m, other);

	is_int(knock_open(&other->secrets, buf_view(&d), &o), KNOCK_HOST, "passed on");
}

static void damaged(const struct maker *m)
{
	struct knock k = request();
	struct knock_opened o;
	struct buf own(buf_release) d = datagram(m, &k, m, m), own(buf_release) other = {};
	unsigned bad = 0, unmarked = 0;
	char copy[KNOCK_MAX + 1];

	for (size_t bit = 0; bit < d.len * 8; bit++) {
		memcpy(copy, d.ptr, d.len);
		copy[bit / 8] ^= (char)(1 << bit % 8);
		bad += knock_open(&m->secrets, (struct str){ copy, d.len }, &o) == KNOCK_GOOD;
	}
	is_int(bad, 0, "no bit may be turned");
	for (size_t n = 0; n < d.len; n++)
		bad += knock_open(&m->secrets, (struct str){ d.ptr, n }, &o) == KNOCK_GOOD;
	is_int(bad, 0, "nor bytes be left out");
	memcpy(copy, d.ptr, d.len);
	memset(copy + d.len, 0, sizeof copy - d.len);
	for (size_t n = d.len + 1; n <= sizeof copy; n++)
		bad += knock_open(&m->secrets, (struct str){ copy, n }, &o) == KNOCK_GOOD;
	is_int(bad, 0, "nor be added");
	is_int(knock_open(&m->secrets, (struct str){ copy, sizeof copy }, &o), KNOCK_SIZE,
	       "too long");
	for (unsigned i = 0; i < 200'000; i++) {
		unsigned char seed[randombytes_SEEDBYTES] = { (unsigned char)i,
							      (unsigned char)(i >> 8),
							      (unsigned char)(i >> 16) };

		randombytes_buf_deterministic(copy, 400, seed);
		*copy = 1;
		unmarked += !knock_marked(&m->secrets, (struct str){ copy, 400 });
	}
	is_int(unmarked, 200'000, "junk has no mark");
	/* Rightly marked, but no box. */
	crypto_generichash((unsigned char *)copy + 1, 16, (unsigned char *)copy + 17, 400 - 17,
			   m->secrets.mark, sizeof m->secrets.mark);
	is_int(knock_open(&m->secrets, (struct str){ copy, 400 }, &o), KNOCK_SEALED, "no box");
	k.account = STR("bob");
	other = datagram(m, &k, m, m);
	ok(other.len == d.len && memcmp(other.ptr, d.ptr, d.len) != 0, "another request");
}

/* Texts that a signer could sign, but that are none. */
static void forms(const struct maker *m)
{
	struct buf own(buf_release) good = BUF(2048);
	struct knock k = request();
	unsigned opened = 0;

	(void)!knock_text(&k, m->secrets.digest, &good);
	for (size_t at = 0; at < good.len; at++) {
		for (unsigned v = 0; v < 256; v += 51) {
			struct buf own(buf_release) sig = BUF(2048), d = BUF(KNOCK_MAX);
			char copy[2048];
			struct str text = { copy, good.len }, list[1];
			struct knock_opened o;

			memcpy(copy, good.ptr, good.len);
			if (copy[at] == (char)v)
				continue;
			copy[at] = (char)v;
			sign(m, text, &sig);
			list[0] = buf_view(&sig);
			if (knock_seal(m->host.blob, text, list, 1, &d) ||
			    knock_open(&m->secrets, buf_view(&d), &o) != KNOCK_GOOD)
				continue;
			opened++;
			if (o.knock.n_ports > KNOCK_PORTS_MAX || !o.knock.account.len ||
			    o.knock.seconds > KNOCK_SECONDS_MAX || !o.knock.ports[0].port)
				ok(false, "out of bounds");
		}
	}
	ok(opened > 100, "many changed texts are requests of their own");
	k.account = STR("a\nb");
	{
		struct buf own(buf_release) d = datagram(m, &k, m, m);
		struct knock_opened o;

		is_int(knock_open(&m->secrets, buf_view(&d), &o), KNOCK_FORM, "control characters");
	}
	k = request();
	k.n_ports = 0;
	buf_reset(&good);
	is_int(knock_text(&k, m->secrets.digest, &good), -EINVAL, "no port");
	k = request();
	k.seconds = KNOCK_SECONDS_MAX + 1;
	is_int(knock_text(&k, m->secrets.digest, &good), -EINVAL, "too long a time");
}

/* The lines up to the next fence, or to the end. */
static struct str up_to_fence(struct str *rest)
{
	const char *begin = rest->ptr, *end = begin;
	struct str line;

	while (str_line(rest, &line, NULL) && !str_eq(line, STR("```")))
		end = line.ptr + line.len;
	return (struct str){ begin, (size_t)(end - begin) };
}

/* The next block between fences. */
static struct str block_of(struct str *rest)
{
	(void)up_to_fence(rest);
	return up_to_fence(rest);
}

static bool bytes_of(struct str hex, unsigned char ret[static KNOCK_MAX], size_t *ret_len)
{
	return hex.len && !sodium_hex2bin(ret, KNOCK_MAX, hex.ptr, hex.len, "\n", ret_len, NULL);
}

static bool opens(const struct maker *m, struct str hex, struct knock_opened *o)
{
	unsigned char d[KNOCK_MAX];
	size_t n = 0;

	return ok(bytes_of(hex, d, &n), "hexadecimal") &&
	       is_int(knock_open(&m->secrets, (struct str){ (char *)d, n }, o), KNOCK_GOOD,
		      "opened");
}

/* Each signature holds, and the last one has these flags. */
static void signed_by(const struct knock_opened *o, unsigned n, unsigned flags)
{
	unsigned got = 9;

	is_int(o->n_signatures, n, "signatures");
	for (unsigned i = 0; i < n; i++)
		is_int(knock_verify(o, i, &got), KNOCK_GOOD, "signed");
	is_int(got, flags, "flags");
}

/* The vectors of docs/knock.md; tests/integration/jit_page.py makes them. */
static void vectors(void)
{
	struct arena own(arena_release) a = {};
	struct buf own(buf_release) text = BUF(2048);
	struct knock k = request();
	unsigned char d[KNOCK_MAX];
	struct knock_opened o;
	struct maker m;
	struct str page;
	size_t n = 0;

	if (!is_int(file_read("docs/knock.md", 1 << 20, &a, &page), 0, "docs/knock.md"))
		return;
	maker_of(1, &m);
	is_int(knock_text(&k, m.secrets.digest, &text), 0, "the first request");
	ok(bytes_of(block_of(&page), d, &n) && n == text.len && !memcmp(d, text.ptr, n),
	   "is the page's");
	if (opens(&m, block_of(&page), &o)) {
		signed_by(&o, 1, 0);
		ok(o.text.len == n && !memcmp(o.text.ptr, d, n), "1: that request");
	}
	if (opens(&m, block_of(&page), &o)) {
		signed_by(&o, 2, 0);
		ok(o.knock.action == KNOCK_EXTEND && o.knock.seconds == 600 && o.knock.v6 &&
			   o.knock.bits == 64,
		   "2: extend, from IPv6");
	}
	if (opens(&m, block_of(&page), &o)) {
		signed_by(&o, 1, 1);
		is_str(o.knock.account, STR("bob"), "3: Bob");
		is_str(o.knock.reason, STR("ok"), "3: his reason");
		ok(o.knock.action == KNOCK_APPROVE && o.knock.subject[15] == 8 &&
			   o.knock.source == net_v4(0xcb007107),
		   "3: approves what Ann asked");
	}
	buf_release(&m.key);
}

int main(void)
{
	struct maker m, other;

	if (sodium_init() < 0)
		return 1;
	maker_of(1, &m);
	maker_of(33, &other);
	round_trip(&m, &other);
	forwarded(&m, &other);
	damaged(&m);
	forms(&m);
	vectors();
	buf_release(&m.key);
	buf_release(&other.key);
	return done();
}
