/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures: ed25519 by libsodium, RSA and ECDSA by OpenSSL, which libsodium lacks. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>

#include "ssh/public_key.h"
#include "ssh/wire.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 16384 /* OpenSSH's own bound: a bigger one only costs time */
#define EXPONENT_BYTES_MAX 8U
#define MESSAGE_MAX 160U /* of a hardware key: two hashes, flags and a counter */

static void free_pkey(EVP_PKEY **p) { EVP_PKEY_free(*p); }
static void free_pkey_ctx(EVP_PKEY_CTX **p) { EVP_PKEY_CTX_free(*p); }
static void free_md_ctx(EVP_MD_CTX **p) { EVP_MD_CTX_free(*p); }
static void free_builder(OSSL_PARAM_BLD **p) { OSSL_PARAM_BLD_free(*p); }
static void free_params(OSSL_PARAM **p) { OSSL_PARAM_free(*p); }
static void free_number(BIGNUM **p) { BN_free(*p); }
static void free_ecdsa(ECDSA_SIG **p) { ECDSA_SIG_free(*p); }
static void free_openssl(unsigned char **p) { OPENSSL_free(*p); }

static BIGNUM *number(struct str s)
{
	return BN_bin2bn((const unsigned char *)s.ptr, (int)s.len, NULL);
}

static int from_params(const char *name, OSSL_PARAM_BLD *build, EVP_PKEY **ret)
{
	OSSL_PARAM *params own(free_params) = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx own(free_pkey_ctx) = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);

	if (!params || !ctx)
		return -ENOMEM;
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, ret, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return -EBADMSG;
	return 0;
}

static int rsa_key(const struct public_key *k, EVP_PKEY **ret)
{
	OSSL_PARAM_BLD *build own(free_builder) = OSSL_PARAM_BLD_new();
	BIGNUM *n own(free_number) = number(k->modulus);
	BIGNUM *e own(free_number) = number(k->exponent);

	if (!build || !n || !e)
		return -ENOMEM;
	if (BN_num_bits(n) < RSA_BITS_MIN || BN_num_bits(n) > RSA_BITS_MAX ||
	    k->exponent.len > EXPONENT_BYTES_MAX)
		return -EPROTONOSUPPORT;
	if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) != 1)
		return -ENOMEM;
	return from_params("RSA", build, ret);
}

static int ecdsa_key(const struct public_key *k, EVP_PKEY **ret)
{
	OSSL_PARAM_BLD *build own(free_builder) = OSSL_PARAM_BLD_new();

	if (!build ||
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, k->curve, 0) != 1 ||
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, k->point.ptr,
					     k->point.len) != 1)
		return -ENOMEM;
	return from_params("EC", build, ret);
}

static int digest_verify(EVP_PKEY *key, const EVP_MD *md, struct str data,
			 const unsigned char *signature, size_t n)
{
	EVP_MD_CTX *ctx own(free_md_ctx) = EVP_MD_CTX_new();

	if (!ctx || EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) != 1)
		return -ENOMEM;
	return EVP_DigestVerify(ctx, signature, n, (const unsigned char *)data.ptr, data.len) == 1
		       ? 0
		       : -EKEYREJECTED;
}

static int verify_rsa(const struct public_key *k, struct str algorithm, struct str data,
		      struct str signature)
{
	EVP_PKEY *key own(free_pkey) = NULL;
	const EVP_MD *md = NULL;
	char padded[RSA_BITS_MAX / 8] = {};
	size_t n = k->modulus.len;
	int r;

	if (str_eq(algorithm, STR("rsa-sha2-512")))
		md = EVP_sha512();
	else if (str_eq(algorithm, STR("rsa-sha2-256")))
		md = EVP_sha256();
	if (!md)
		return -EPROTONOSUPPORT;
	r = rsa_key(k, &key);
	if (r < 0)
		return r;
	/* RFC 8332: a signature has the length of the modulus; some leave zeros in front out. */
	if (!signature.len || signature.len > n || n > sizeof padded)
		return -EBADMSG;
	memcpy(padded + n - signature.len, signature.ptr, signature.len);
	return digest_verify(key, md, data, (const unsigned char *)padded, n);
}

static const EVP_MD *curve_digest(const struct public_key *k)
{
	return k->point.len == 65 ? EVP_sha256() : k->point.len == 97 ? EVP_sha384() : EVP_sha512();
}

static int verify_ecdsa(const struct public_key *k, struct str data, struct str signature)
{
	struct wire w = { .s = signature };
	struct str r_text = wire_mpint(&w), s_text = wire_mpint(&w);
	EVP_PKEY *key own(free_pkey) = NULL;
	ECDSA_SIG *sig own(free_ecdsa) = ECDSA_SIG_new();
	BIGNUM *r_own own(free_number) = number(r_text);
	BIGNUM *s_own own(free_number) = number(s_text);
	unsigned char *der own(free_openssl) = NULL;
	int r, n;

	if (wire_end(&w) || r_text.len > 66 || s_text.len > 66)
		return -EBADMSG;
	if (!sig || !r_own || !s_own || ECDSA_SIG_set0(sig, r_own, s_own) != 1)
		return -ENOMEM;
	r_own = s_own = NULL;
	n = i2d_ECDSA_SIG(sig, &der);
	if (n <= 0)
		return -ENOMEM;
	r = ecdsa_key(k, &key);
	return r < 0 ? r : digest_verify(key, curve_digest(k), data, der, (size_t)n);
}

static int verify_ed25519(const struct public_key *k, struct str data, struct str signature)
{
	if (signature.len != crypto_sign_BYTES)
		return -EBADMSG;
	return crypto_sign_verify_detached((const unsigned char *)signature.ptr,
					   (const unsigned char *)data.ptr, data.len,
					   (const unsigned char *)k->point.ptr)
		       ? -EKEYREJECTED
		       : 0;
}

/* PROTOCOL.u2f: what an authenticator signs instead of the message. */
static struct str hardware_message(const struct public_key *k, struct str data, unsigned flags,
				   uint32_t counter, char ret[static MESSAGE_MAX])
{
	unsigned char *p = (unsigned char *)ret;

	crypto_hash_sha256(p, (const unsigned char *)k->application.ptr, k->application.len);
	p += crypto_hash_sha256_BYTES;
	*p++ = (unsigned char)flags;
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = (unsigned char)(counter >> shift);
	crypto_hash_sha256(p, (const unsigned char *)data.ptr, data.len);
	p += crypto_hash_sha256_BYTES;
	return (struct str){ ret, (size_t)((char *)p - ret) };
}

int public_key_verify(const struct public_key *k, struct str data, struct str signature,
		      unsigned *ret_flags)
{
	struct wire w = { .s = signature };
	struct str algorithm = wire_string(&w), bytes = wire_string(&w);
	char message[MESSAGE_MAX];
	unsigned flags = 0;
	int r;

	if (k->hardware) {
		flags = wire_u8(&w);
		data = hardware_message(k, data, flags, wire_u32(&w), message);
	}
	if (wire_end(&w))
		return -EBADMSG;
	if (k->kind == KEY_RSA) {
		r = verify_rsa(k, algorithm, data, bytes);
	} else {
		if (!str_eq(algorithm, k->plain))
			return -EPROTONOSUPPORT;
		r = k->kind == KEY_ECDSA ? verify_ecdsa(k, data, bytes)
					 : verify_ed25519(k, data, bytes);
	}
	if (!r)
		*ret_flags = flags;
	return r;
}
