/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ssh/krl.h"

#include <openssl/evp.h>

#include "ssh/wire.h"

#define MAGIC_LEN 8U /* "SSHKRL\n" and a zero byte */
#define VERSION 1U
#define SHA1_LEN 20U
#define SHA256_LEN 32U
#define BITMAP_MAX 2'048U /* bytes: what sshd takes for a number */

enum section {
	SECTION_CERTIFICATES = 1,
	SECTION_KEYS = 2,
	SECTION_SHA1 = 3,
	SECTION_SHA256 = 5,
};

enum certificates {
	CERTIFICATES_SERIALS = 0x20,
	CERTIFICATES_RANGES = 0x21,
	CERTIFICATES_BITMAP = 0x22,
	CERTIFICATES_IDS = 0x23,
};

/* A plain key as the list may name it. */
struct named {
	struct str blob;
	unsigned char sha1[SHA1_LEN], sha256[SHA256_LEN];
};

struct question {
	struct named list[2]; /* the key; its authority */
	size_t n;
	bool certified;
	struct str authority, id;
	uint64_t serial;
	bool revoked;
};

bool krl_is(struct str text) { return str_starts(text, STR("SSHKRL\n")); }

static int name_it(struct str blob, struct named *ret)
{
	ret->blob = blob;
	return EVP_Digest(blob.ptr, blob.len, ret->sha1, NULL, EVP_sha1(), NULL) == 1 &&
			       EVP_Digest(blob.ptr, blob.len, ret->sha256, NULL, EVP_sha256(),
					  NULL) == 1
		       ? 0
		       : -EIO;
}

/* OpenSSH's strings may have one zero byte at their end, and none elsewhere. */
static bool text_of(struct str s, struct str *ret)
{
	if (s.len && !s.ptr[s.len - 1])
		s.len--;
	*ret = s;
	return !s.len || !memchr(s.ptr, '\0', s.len);
}

/* ---- certificates of one authority ------------------------------------------------------------ */

/* Serial number 0 stands for none. */
static void take_range(struct question *q, struct wire *w, uint64_t first, uint64_t last, bool mine)
{
	if (!first || first > last)
		w->bad = true;
	q->revoked |= mine && q->serial && q->serial >= first && q->serial <= last;
}

static void take_serials(struct question *q, struct wire *w, bool mine)
{
	while (w->s.len && !w->bad) {
		uint64_t serial = wire_u64(w);

		take_range(q, w, serial, serial, mine);
	}
}

static void take_ranges(struct question *q, struct wire *w, bool mine)
{
	while (w->s.len && !w->bad) {
		uint64_t first = wire_u64(w), last = wire_u64(w);

		take_range(q, w, first, last, mine);
	}
}

/* Bit n of the number stands for the serial number `first` + n. */
static void take_bitmap(struct question *q, struct wire *w, bool mine)
{
	uint64_t first = wire_u64(w), end, at;
	struct str bits = wire_mpint(w);
	size_t n = bits.len;

	if (w->bad)
		return;
	if (n > BITMAP_MAX || __builtin_add_overflow(first, 8 * (uint64_t)n, &end) ||
	    (!first && n && (unsigned char)bits.ptr[n - 1] & 1)) {
		w->bad = true;
		return;
	}
	at = q->serial - first;
	if (mine && q->serial >= first && q->serial < end)
		q->revoked |= (unsigned char)bits.ptr[n - 1 - at / 8] >> at % 8 & 1;
}

static void take_ids(struct question *q, struct wire *w, bool mine)
{
	while (w->s.len && !w->bad) {
		struct str id;

		if (!text_of(wire_string(w), &id))
			w->bad = true;
		q->revoked |= !w->bad && mine && str_eq(id, q->id);
	}
}

static void take_certificates(struct question *q, struct wire *w)
{
	struct str authority = wire_string(w);
	struct public_key key;
	bool mine = q->certified && (!authority.len || str_eq(authority, q->authority));

	(void)wire_string(w); /* reserved */
	/* sshd takes none of the list where it does not know one authority's type. */
	if (authority.len && public_key_parse(authority, &key) < 0)
		w->bad = true;
	while (w->s.len && !w->bad) {
		uint8_t kind = wire_u8(w);
		struct wire part = { .s = wire_string(w) };

		switch (kind) {
		case CERTIFICATES_SERIALS: take_serials(q, &part, mine); break;
		case CERTIFICATES_RANGES: take_ranges(q, &part, mine); break;
		case CERTIFICATES_BITMAP: take_bitmap(q, &part, mine); break;
		case CERTIFICATES_IDS: take_ids(q, &part, mine); break;
		default: part.bad = true;
		}
		w->bad |= wire_end(&part) < 0;
	}
}

/* ---- keys --------------------------------------------------------------------------------------- */

static void take_keys(struct question *q, struct wire *w)
{
	while (w->s.len && !w->bad) {
		struct str blob = wire_string(w);

		for (size_t i = 0; i < q->n; i++)
			q->revoked |= str_eq(blob, q->list[i].blob);
	}
}

static void take_prints(struct question *q, struct wire *w, size_t len)
{
	while (w->s.len && !w->bad) {
		struct str print = wire_string(w);

		if (print.len != len) {
			w->bad = true;
			return;
		}
		for (size_t i = 0; i < q->n; i++)
			q->revoked |=
				!memcmp(print.ptr,
					len == SHA1_LEN ? q->list[i].sha1 : q->list[i].sha256, len);
	}
}

/* ---- the list ----------------------------------------------------------------------------------- */

static int ask(struct str krl, struct question *q)
{
	struct wire w = { .s = krl };

	if (!str_eq(wire_bytes(&w, MAGIC_LEN), (struct str){ "SSHKRL\n", MAGIC_LEN }) ||
	    wire_u32(&w) != VERSION)
		return -EBADMSG;
	(void)wire_u64(&w); /* the list's own version, its date, flags */
	(void)wire_u64(&w);
	(void)wire_u64(&w);
	(void)wire_string(&w); /* reserved, comment */
	(void)wire_string(&w);
	while (w.s.len && !w.bad) {
		uint8_t kind = wire_u8(&w);
		struct wire part = { .s = wire_string(&w) };

		switch (kind) {
		case SECTION_CERTIFICATES: take_certificates(q, &part); break;
		case SECTION_KEYS: take_keys(q, &part); break;
		case SECTION_SHA1: take_prints(q, &part, SHA1_LEN); break;
		case SECTION_SHA256: take_prints(q, &part, SHA256_LEN); break;
		default: part.bad = true;
		}
		w.bad |= wire_end(&part) < 0;
	}
	return wire_end(&w) < 0 ? -EBADMSG : q->revoked;
}

int krl_revokes(struct str krl, const struct public_key *key)
{
	char *plain own(free_ptr) = malloc(SSH_BLOB_MAX);
	struct question q = { .n = 1, .certified = key->certified };
	size_t n;
	int r = plain ? public_key_plain(key, plain, SSH_BLOB_MAX, &n) : -ENOMEM;

	if (r == 0)
		r = name_it((struct str){ plain, n }, &q.list[0]);
	if (r == 0 && key->certified) {
		q.authority = key->certificate.authority;
		q.serial = key->certificate.serial;
		/* sshd takes no certificate with another one. */
		if (!text_of(key->certificate.id, &q.id))
			return -EBADMSG;
		r = name_it(q.authority, &q.list[q.n++]);
	}
	return r < 0 ? r : ask(krl, &q);
}
