/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ssh/signature.h"

#include <sodium.h>

#include "ssh/wire.h"

#define MAGIC STR("SSHSIG")
#define VERSION 1U
#define ARMOR_BEGIN STR("-----BEGIN SSH SIGNATURE-----")
#define ARMOR_END STR("-----END SSH SIGNATURE-----")

int signature_parse(struct str blob, struct ssh_signature *ret)
{
	struct wire w = { .s = blob };
	struct str magic = wire_bytes(&w, MAGIC.len), key;
	uint32_t version = wire_u32(&w);
	struct ssh_signature s = {};
	int r;

	key = wire_string(&w);
	s.space = wire_string(&w);
	(void)wire_string(&w); /* reserved */
	s.hash = wire_string(&w);
	s.bytes = wire_string(&w);
	if (wire_end(&w) || !str_eq(magic, MAGIC) || !s.space.len)
		return -EBADMSG;
	if (version != VERSION ||
	    (!str_eq(s.hash, STR("sha512")) && !str_eq(s.hash, STR("sha256"))))
		return -EPROTONOSUPPORT;
	r = public_key_parse(key, &s.key);
	if (!r)
		*ret = s;
	return r;
}

int signature_unarmor(struct str text, char *ret, size_t room, size_t *ret_len)
{
	struct str s = str_trim(text);

	if (!str_starts(s, ARMOR_BEGIN) || !str_ends(s, ARMOR_END) ||
	    s.len < ARMOR_BEGIN.len + ARMOR_END.len)
		return -EBADMSG;
	s = str_sub(s, ARMOR_BEGIN.len, s.len - ARMOR_END.len);
	return sodium_base642bin((unsigned char *)ret, room, s.ptr, s.len, "\r\n \t", ret_len, NULL,
				 sodium_base64_VARIANT_ORIGINAL)
		       ? -EBADMSG
		       : 0;
}

static int subject(struct str space, struct str hash, struct str message, struct buf *b)
{
	unsigned char digest[crypto_hash_sha512_BYTES];
	size_t n = sizeof digest;

	if (str_eq(hash, STR("sha512"))) {
		crypto_hash_sha512(digest, (const unsigned char *)message.ptr, message.len);
	} else {
		n = crypto_hash_sha256_BYTES;
		crypto_hash_sha256(digest, (const unsigned char *)message.ptr, message.len);
	}
	buf_str(b, MAGIC);
	wire_put_string(b, space);
	wire_put_string(b, (struct str){});
	wire_put_string(b, hash);
	wire_put_string(b, (struct str){ (const char *)digest, n });
	return b->error;
}

int signature_subject(struct str space, struct str message, struct buf *b)
{
	return subject(space, STR("sha512"), message, b);
}

int signature_verify(const struct ssh_signature *s, struct str space, struct str message,
		     unsigned *ret_flags)
{
	struct buf own(buf_release) b = BUF(4096);
	int r;

	if (!str_eq(s->space, space))
		return -EKEYREJECTED;
	r = subject(space, s->hash, message, &b);
	return r < 0 ? r : public_key_verify(&s->key, buf_view(&b), s->bytes, ret_flags);
}

int signature_build(struct str key_blob, struct str space, struct str bytes, struct buf *b)
{
	buf_str(b, MAGIC);
	wire_put_u32(b, VERSION);
	wire_put_string(b, key_blob);
	wire_put_string(b, space);
	wire_put_string(b, (struct str){});
	wire_put_string(b, STR("sha512"));
	wire_put_string(b, bytes);
	return b->error;
}
