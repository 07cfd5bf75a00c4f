/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jit/knock.h"

#include <netinet/in.h>
#include <sodium.h>

#include "ssh/wire.h"

#define VERSION 1U
#define MARK 16U
#define HEAD (1U + MARK)
#define PAD 128U /* lengths tell nobody how long a reason is */
#define MARK_CONTEXT STR("holdfast knock 1 mark")
#define TEXT_MAX 1'024U

static const char *const fault_texts[KNOCK_FAULTS] = {
	[KNOCK_GOOD] = "good",
	[KNOCK_SIZE] = "not of a request's size",
	[KNOCK_MARK] = "not marked for this host",
	[KNOCK_SEALED] = "not sealed for this host",
	[KNOCK_FORM] = "not of the form of a request",
	[KNOCK_HOST] = "made for another host",
	[KNOCK_SIGNATURE] = "the signature does not hold",
};

const char *knock_fault_text(enum knock_fault f)
{
	return (unsigned)f < KNOCK_FAULTS ? fault_texts[f] : "";
}

static void mark_key(const char blob[static HOST_KEY_BLOB], unsigned char ret[static 32])
{
	crypto_generichash(ret, 32, (const unsigned char *)blob, HOST_KEY_BLOB,
			   (const unsigned char *)MARK_CONTEXT.ptr, MARK_CONTEXT.len);
}

int knock_host_of(const struct host_key *key, struct knock_host *ret)
{
	unsigned char pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];
	int r = 0;

	crypto_sign_seed_keypair(pk, sk, key->seed);
	if (crypto_sign_ed25519_pk_to_curve25519(ret->public, pk) ||
	    crypto_sign_ed25519_sk_to_curve25519(ret->secret, sk))
		r = -EBADMSG;
	sodium_memzero(sk, sizeof sk);
	mark_key(key->blob, ret->mark);
	crypto_hash_sha256(ret->digest, (const unsigned char *)key->blob, sizeof key->blob);
	return r;
}

void knock_host_clear(struct knock_host *h) { sodium_memzero(h, sizeof *h); }

static void put_source(const struct knock *k, struct buf *b)
{
	unsigned n = !k->sourced ? 0 : k->v6 ? 16 : 4;

	wire_put_u8(b, (uint8_t)n);
	for (unsigned i = 0; i < n; i++)
		wire_put_u8(b, (uint8_t)(k->source >> 8 * (n - 1 - i)));
	if (n)
		wire_put_u8(b, k->bits);
}

static bool in_bounds(const struct knock *k)
{
	return k->account.len && k->account.len <= KNOCK_ACCOUNT_MAX &&
	       k->reason.len <= KNOCK_REASON_MAX && k->n_ports && k->n_ports <= KNOCK_PORTS_MAX &&
	       k->seconds <= KNOCK_SECONDS_MAX && k->action >= KNOCK_OPEN &&
	       k->action <= KNOCK_APPROVE && k->time >= 0 &&
	       (!k->sourced || k->bits <= (k->v6 ? 128 : 32));
}

int knock_text(const struct knock *k, const unsigned char digest[static 32], struct buf *ret)
{
	if (!in_bounds(k))
		return -EINVAL;
	wire_put_u8(ret, VERSION);
	wire_put_u8(ret, (uint8_t)k->action);
	buf_add(ret, k->id, sizeof k->id);
	buf_add(ret, k->subject, sizeof k->subject);
	buf_add(ret, digest, 32);
	wire_put_u64(ret, (uint64_t)k->time);
	wire_put_u32(ret, k->seconds);
	wire_put_string(ret, k->account);
	put_source(k, ret);
	wire_put_u8(ret, (uint8_t)k->n_ports);
	for (unsigned i = 0; i < k->n_ports; i++) {
		wire_put_u8(ret, k->ports[i].protocol);
		wire_put_u16(ret, k->ports[i].port);
	}
	wire_put_string(ret, k->reason);
	return ret->error;
}

int knock_seal(const char blob[static HOST_KEY_BLOB], struct str text, const struct str *signatures,
	       size_t n, struct buf *ret)
{
	struct buf own(buf_release) plain = BUF(KNOCK_MAX);
	unsigned char box[KNOCK_MAX], to[32], key[32], mark[MARK];
	static const char zeros[PAD];
	size_t sealed;

	if (!n || n > KNOCK_SIGNATURES_MAX)
		return -EINVAL;
	wire_put_string(&plain, text);
	wire_put_u8(&plain, (uint8_t)n);
	for (size_t i = 0; i < n; i++)
		wire_put_string(&plain, signatures[i]);
	buf_add(&plain, zeros, (PAD - plain.len % PAD) % PAD);
	sealed = plain.len + crypto_box_SEALBYTES;
	if (plain.error || HEAD + sealed > KNOCK_MAX)
		return plain.error ? plain.error : -EMSGSIZE;
	/* The point follows the type and its own length. */
	if (crypto_sign_ed25519_pk_to_curve25519(to, (const unsigned char *)blob + HOST_KEY_BLOB -
							     32) ||
	    crypto_box_seal(box, (const unsigned char *)plain.ptr, plain.len, to))
		return -EBADMSG;
	mark_key(blob, key);
	crypto_generichash(mark, sizeof mark, box, sealed, key, sizeof key);
	wire_put_u8(ret, VERSION);
	buf_add(ret, mark, sizeof mark);
	buf_add(ret, box, sealed);
	return ret->error;
}

bool knock_marked(const struct knock_host *h, struct str datagram)
{
	unsigned char mark[MARK];

	if (datagram.len < KNOCK_MIN || datagram.len > KNOCK_MAX || *datagram.ptr != (char)VERSION)
		return false;
	crypto_generichash(mark, sizeof mark, (const unsigned char *)datagram.ptr + HEAD,
			   datagram.len - HEAD, h->mark, sizeof h->mark);
	return !sodium_memcmp(mark, datagram.ptr + 1, sizeof mark);
}

static void read_array(struct wire *w, unsigned char *ret, size_t n)
{
	struct str s = wire_bytes(w, n);

	if (s.ptr)
		memcpy(ret, s.ptr, n);
}

static void read_source(struct wire *w, struct knock *k)
{
	unsigned n = wire_u8(w);

	if (!n)
		return;
	k->sourced = true;
	k->v6 = n == 16;
	w->bad |= n != 4 && n != 16;
	for (unsigned i = 0; i < n && !w->bad; i++)
		k->source = k->source << 8 | wire_u8(w);
	if (n == 4)
		k->source |= NET_V4_FIRST;
	k->bits = wire_u8(w);
}

bool knock_is_clean(struct str s)
{
	while (s.len) {
		int32_t c = str_rune(&s);

		if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			return false;
	}
	return true;
}

static bool read_text(struct str text, struct knock *k, unsigned char digest[static 32])
{
	struct wire w = { .s = text };

	if (wire_u8(&w) != VERSION)
		return false;
	*k = (struct knock){ .action = wire_u8(&w) };
	read_array(&w, k->id, sizeof k->id);
	read_array(&w, k->subject, sizeof k->subject);
	read_array(&w, digest, 32);
	k->time = (int64_t)wire_u64(&w);
	k->seconds = wire_u32(&w);
	k->account = wire_string(&w);
	read_source(&w, k);
	k->n_ports = wire_u8(&w);
	if (k->n_ports > KNOCK_PORTS_MAX)
		return false;
	for (unsigned i = 0; i < k->n_ports; i++) {
		k->ports[i].protocol = wire_u8(&w);
		k->ports[i].port = wire_u16(&w);
		w.bad |= !k->ports[i].port || (k->ports[i].protocol != IPPROTO_TCP &&
					       k->ports[i].protocol != IPPROTO_UDP);
	}
	k->reason = wire_string(&w);
	return !wire_end(&w) && in_bounds(k) && knock_is_clean(k->account) &&
	       knock_is_clean(k->reason);
}

static enum knock_fault read_plain(const struct knock_host *h, struct str plain,
				   struct knock_opened *ret)
{
	struct wire w = { .s = plain };
	unsigned char digest[32];

	ret->text = wire_string(&w);
	ret->n_signatures = wire_u8(&w);
	if (w.bad || ret->text.len > TEXT_MAX || !ret->n_signatures ||
	    ret->n_signatures > KNOCK_SIGNATURES_MAX || !read_text(ret->text, &ret->knock, digest))
		return KNOCK_FORM;
	for (unsigned i = 0; i < ret->n_signatures; i++) {
		int r = signature_parse(wire_string(&w), &ret->signatures[i]);

		if (w.bad || r < 0)
			return r == -EPROTONOSUPPORT ? KNOCK_SIGNATURE : KNOCK_FORM;
	}
	/* No box is of another form that says the same. */
	if (w.s.len >= PAD || plain.len % PAD)
		return KNOCK_FORM;
	for (size_t i = 0; i < w.s.len; i++)
		if (w.s.ptr[i])
			return KNOCK_FORM;
	return memcmp(digest, h->digest, sizeof digest) != 0 ? KNOCK_HOST : KNOCK_GOOD;
}

enum knock_fault knock_open(const struct knock_host *h, struct str datagram,
			    struct knock_opened *ret)
{
	size_t sealed = datagram.len - HEAD;

	if (datagram.len < KNOCK_MIN || datagram.len > KNOCK_MAX)
		return KNOCK_SIZE;
	if (!knock_marked(h, datagram))
		return KNOCK_MARK;
	if (crypto_box_seal_open(ret->plain, (const unsigned char *)datagram.ptr + HEAD, sealed,
				 h->public, h->secret))
		return KNOCK_SEALED;
	return read_plain(h, (struct str){ (char *)ret->plain, sealed - crypto_box_SEALBYTES },
			  ret);
}

enum knock_fault knock_verify(const struct knock_opened *o, unsigned i, unsigned *ret_flags)
{
	return i < o->n_signatures &&
			       !signature_verify(&o->signatures[i], KNOCK_SPACE, o->text, ret_flags)
		       ? KNOCK_GOOD
		       : KNOCK_SIGNATURE;
}
