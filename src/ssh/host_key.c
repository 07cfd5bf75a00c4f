/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ssh/host_key.h"

#include <sodium.h>

#include "ssh/wire.h"

#define FILE_BEGIN STR("-----BEGIN OPENSSH PRIVATE KEY-----")
#define FILE_END STR("-----END OPENSSH PRIVATE KEY-----")
#define FILE_MAX 4096U
#define MAGIC "openssh-key-v1" /* with its NUL */
#define TYPE STR("ssh-ed25519")

static int unarmor(struct str text, unsigned char ret[static FILE_MAX], size_t *ret_n)
{
	struct str s = str_trim(text);

	if (!str_starts(s, FILE_BEGIN) || !str_ends(s, FILE_END) ||
	    s.len < FILE_BEGIN.len + FILE_END.len)
		return -EBADMSG;
	s = str_sub(s, FILE_BEGIN.len, s.len - FILE_END.len);
	return sodium_base642bin(ret, FILE_MAX, s.ptr, s.len, "\r\n \t", ret_n, NULL,
				 sodium_base64_VARIANT_ORIGINAL)
		       ? -EBADMSG
		       : 0;
}

/* The section of the private key: two equal check numbers, the key, a comment, padding. */
static int private_part(struct str section, struct host_key *ret)
{
	struct wire w = { .s = section };
	uint32_t check = wire_u32(&w), again = wire_u32(&w);
	struct str type = wire_string(&w), point, secret;

	if (w.bad || check != again)
		return -EBADMSG;
	if (!str_eq(type, TYPE))
		return -EPROTONOSUPPORT;
	point = wire_string(&w);
	secret = wire_string(&w);
	if (w.bad || point.len != 32 || secret.len != 64 ||
	    memcmp(secret.ptr + 32, point.ptr, 32) != 0)
		return -EBADMSG;
	memcpy(ret->seed, secret.ptr, 32);
	return 0;
}

int host_key_read(struct str text, struct host_key *ret)
{
	unsigned char bytes[FILE_MAX];
	struct host_key key;
	struct wire w;
	struct str magic, cipher, kdf, options, public, section;
	size_t n;
	int r = unarmor(text, bytes, &n);

	if (r < 0)
		return r;
	w = (struct wire){
		.s = {(const char *)bytes, n}
	};
	magic = wire_bytes(&w, sizeof MAGIC);
	cipher = wire_string(&w);
	kdf = wire_string(&w);
	options = wire_string(&w);
	if (w.bad || !str_eq(magic, (struct str){ MAGIC, sizeof MAGIC }) || wire_u32(&w) != 1)
		r = -EBADMSG;
	else if (!str_eq(cipher, STR("none")) || !str_eq(kdf, STR("none")) || options.len)
		r = -EACCES;
	public = wire_string(&w);
	section = wire_string(&w);
	if (!r && wire_end(&w))
		r = -EBADMSG;
	if (!r)
		r = private_part(section, &key);
	if (!r && public.len != sizeof key.blob)
		r = -EBADMSG;
	if (!r) {
		memcpy(key.blob, public.ptr, sizeof key.blob);
		*ret = key;
	}
	sodium_memzero(bytes, sizeof bytes);
	sodium_memzero(&key, sizeof key);
	return r;
}
