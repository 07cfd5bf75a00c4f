/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ssh/public_key.h"

#include <sodium.h>

#include "ssh/wire.h"

#define FINGERPRINT "SHA256:"

/* What a type's blob has after its name (and, in certificates, the nonce). */
static const struct type {
	const char *name, *certificate;
	enum key_kind kind;
	bool hardware;
	const char *curve, *curve_name; /* SSH's and OpenSSL's */
	unsigned point;                 /* bytes of a point */
} types[] = {
	{"ssh-ed25519",			 "ssh-ed25519-cert-v01@openssh.com",            KEY_ED25519, false, NULL,       NULL,         32 },
	{ "sk-ssh-ed25519@openssh.com",         "sk-ssh-ed25519-cert-v01@openssh.com",         KEY_ED25519, true,
         NULL,														 NULL,         32 },
	{ "ecdsa-sha2-nistp256",                "ecdsa-sha2-nistp256-cert-v01@openssh.com",    KEY_ECDSA,   false,
         "nistp256",													   "prime256v1", 65 },
	{ "ecdsa-sha2-nistp384",                "ecdsa-sha2-nistp384-cert-v01@openssh.com",    KEY_ECDSA,   false,
         "nistp384",													   "secp384r1",  97 },
	{ "ecdsa-sha2-nistp521",                "ecdsa-sha2-nistp521-cert-v01@openssh.com",    KEY_ECDSA,   false,
         "nistp521",													   "secp521r1",  133},
	{ "sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
         KEY_ECDSA,											 true,  "nistp256", "prime256v1", 65 },
	{ "ssh-rsa",			    "ssh-rsa-cert-v01@openssh.com",                KEY_RSA,     false, NULL,       NULL,         0  },
};

static const struct type *type_of(struct str name, bool *ret_certified)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		*ret_certified = str_eq(name, str_of(types[i].certificate));
		if (*ret_certified || str_eq(name, str_of(types[i].name)))
			return &types[i];
	}
	return NULL;
}

static void key_fields(struct wire *w, const struct type *t, struct public_key *k)
{
	if (t->kind == KEY_RSA) {
		k->exponent = wire_mpint(w);
		k->modulus = wire_mpint(w);
		w->bad |= !k->exponent.len || !k->modulus.len;
		return;
	}
	if (t->kind == KEY_ECDSA)
		w->bad |= !str_eq(wire_string(w), str_of(t->curve));
	k->point = wire_string(w);
	w->bad |= k->point.len != t->point;
	w->bad |= t->kind == KEY_ECDSA && k->point.len && *k->point.ptr != 4;
	if (t->hardware)
		k->application = wire_string(w);
}

static void certificate_fields(struct wire *w, struct str blob, struct ssh_certificate *c)
{
	c->serial = wire_u64(w);
	c->type = wire_u32(w);
	c->id = wire_string(w);
	c->principals = wire_string(w);
	c->after = wire_u64(w);
	c->before = wire_u64(w);
	c->critical = wire_string(w);
	c->extensions = wire_string(w);
	(void)wire_string(w); /* reserved */
	c->authority = wire_string(w);
	if (!w->bad)
		c->body = str_sub(blob, 0, (size_t)(w->s.ptr - blob.ptr));
	c->signature = wire_string(w);
}

int public_key_parse(struct str blob, struct public_key *ret)
{
	struct wire w = { .s = blob };
	struct public_key k = { .blob = blob, .type = wire_string(&w) };
	const struct type *t;
	int r;

	if (blob.len > SSH_BLOB_MAX)
		return -EMSGSIZE;
	if (w.bad)
		return -EBADMSG;
	t = type_of(k.type, &k.certified);
	if (!t)
		return -EPROTONOSUPPORT;
	k.plain = str_of(t->name);
	k.kind = t->kind;
	k.hardware = t->hardware;
	k.curve = t->curve_name;
	if (k.certified)
		(void)wire_string(&w); /* nonce */
	key_fields(&w, t, &k);
	if (k.certified)
		certificate_fields(&w, blob, &k.certificate);
	r = wire_end(&w);
	if (!r)
		*ret = k;
	return r;
}

int public_key_plain(const struct public_key *k, char *ret, size_t room, size_t *ret_len)
{
	struct buf own(buf_release) b = BUF(SSH_BLOB_MAX);

	wire_put_string(&b, k->plain);
	if (k->kind == KEY_RSA) {
		/* An mpint whose first bit is set has a zero in front. */
		const struct str parts[] = { k->exponent, k->modulus };

		for (size_t i = 0; i < COUNT(parts); i++) {
			bool sign = *parts[i].ptr & 0x80;

			wire_put_u32(&b, (uint32_t)(parts[i].len + sign));
			if (sign)
				wire_put_u8(&b, 0);
			buf_str(&b, parts[i]);
		}
	} else {
		if (k->kind == KEY_ECDSA)
			for (size_t i = 0; i < COUNT(types); i++)
				if (str_eq(k->plain, str_of(types[i].name)))
					wire_put_string(&b, str_of(types[i].curve));
		wire_put_string(&b, k->point);
		if (k->hardware)
			wire_put_string(&b, k->application);
	}
	if (b.error)
		return b.error;
	if (b.len > room)
		return -EMSGSIZE;
	memcpy(ret, b.ptr, b.len);
	*ret_len = b.len;
	return 0;
}

int public_key_fingerprint(const struct public_key *k, char ret[static SSH_FINGERPRINT_LEN])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char plain[SSH_BLOB_MAX];
	size_t n = 0;
	int r = public_key_plain(k, plain, sizeof plain, &n);

	if (r < 0)
		return r;
	crypto_hash_sha256(hash, (const unsigned char *)plain, n);
	memcpy(ret, FINGERPRINT, sizeof FINGERPRINT);
	sodium_bin2base64(ret + sizeof FINGERPRINT - 1,
			  SSH_FINGERPRINT_LEN - sizeof FINGERPRINT + 1, hash, sizeof hash,
			  sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	return 0;
}
