/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sk_token: a FIDO2 authenticator in software for OpenSSH's tools (SSH_SK_PROVIDER, the interface of PROTOCOL.u2f
 * and sk-api.h). It is touched whenever a key wants it. A key handle is the private key itself: for tests.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 0x000a0000U /* of OpenSSH 9 */
#define EXPORT __attribute__((visibility("default")))

enum { ECDSA, ED25519 };
enum { FAILED = -1, UNSUPPORTED = -2 };
#define TOUCHED 0x01U
#define VERIFIED 0x04U

struct enrolled {
	uint8_t flags;
	uint8_t *public_key;
	size_t n_public_key;
	uint8_t *handle;
	size_t n_handle;
	uint8_t *signature;
	size_t n_signature;
	uint8_t *certificate;
	size_t n_certificate;
	uint8_t *auth_data;
	size_t n_auth_data;
};

struct made {
	uint8_t flags;
	uint32_t counter;
	uint8_t *r;
	size_t n_r;
	uint8_t *s;
	size_t n_s;
};

EXPORT uint32_t sk_api_version(void);
EXPORT int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t n_challenge,
		     const char *application, uint8_t flags, const char *pin, void **options,
		     struct enrolled **ret);
EXPORT int sk_sign(uint32_t algorithm, const uint8_t *data, size_t n, const char *application,
		   const uint8_t *handle, size_t n_handle, uint8_t flags, const char *pin,
		   void **options, struct made **ret);
EXPORT int sk_load_resident_keys(const char *pin, void **options, void ***ret, size_t *ret_n);

uint32_t sk_api_version(void) { return VERSION; }

static uint8_t *copy(const void *p, size_t n, size_t *ret_n)
{
	uint8_t *to = malloc(n ? n : 1);

	if (!to)
		abort();
	memcpy(to, p, n);
	*ret_n = n;
	return to;
}

static int enroll_ed25519(struct enrolled *e)
{
	unsigned char pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];

	crypto_sign_keypair(pk, sk);
	e->public_key = copy(pk, sizeof pk, &e->n_public_key);
	e->handle = copy(sk, sizeof sk, &e->n_handle);
	return 0;
}

static int enroll_ecdsa(struct enrolled *e)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	unsigned char point[65], *der = NULL;
	size_t n_point = 0;
	int n = key ? i2d_PrivateKey(key, &der) : 0, r = FAILED;

	if (n > 0 && EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
						     sizeof point, &n_point) == 1) {
		e->public_key = copy(point, n_point, &e->n_public_key);
		e->handle = copy(der, (size_t)n, &e->n_handle);
		r = 0;
	}
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return r;
}

int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t n_challenge,
	      const char *application, uint8_t flags, const char *pin, void **options,
	      struct enrolled **ret)
{
	struct enrolled *e = calloc(1, sizeof *e);
	int r = UNSUPPORTED;

	(void)challenge, (void)n_challenge, (void)application;
	(void)pin, (void)options;
	if (!e || sodium_init() < 0)
		abort();
	if (algorithm == ED25519)
		r = enroll_ed25519(e);
	else if (algorithm == ECDSA)
		r = enroll_ecdsa(e);
	e->flags = flags;
	e->signature = copy("", 0, &e->n_signature);
	e->certificate = copy("", 0, &e->n_certificate);
	e->auth_data = copy("", 0, &e->n_auth_data);
	if (r < 0)
		free(e); /* the process ends with it */
	else
		*ret = e;
	return r;
}

/* What a token signs: hash of the application, flags, counter, hash of the data. */
static void message_of(const char *application, uint8_t flags, const uint8_t *data, size_t n,
		       unsigned char ret[static 69])
{
	crypto_hash_sha256(ret, (const unsigned char *)application, strlen(application));
	ret[32] = flags;
	memset(ret + 33, 0, 4); /* the counter */
	crypto_hash_sha256(ret + 37, data, n);
}

static int sign_ed25519(const uint8_t *handle, size_t n, const unsigned char message[static 69],
			struct made *m)
{
	unsigned char made[crypto_sign_BYTES];

	if (n != crypto_sign_SECRETKEYBYTES)
		return FAILED;
	crypto_sign_detached(made, NULL, message, 69, handle);
	m->r = copy(made, sizeof made, &m->n_r);
	return 0;
}

static uint8_t *number(const BIGNUM *n, size_t *ret_n)
{
	unsigned char bytes[64];

	return copy(bytes, (size_t)BN_bn2bin(n, bytes), ret_n);
}

static int sign_ecdsa(const uint8_t *handle, size_t n, const unsigned char message[static 69],
		      struct made *m)
{
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &handle, (long)n);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char der[128];
	const unsigned char *p = der;
	size_t n_der = sizeof der;
	ECDSA_SIG *s = NULL;

	if (key && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, der, &n_der, message, 69) == 1)
		s = d2i_ECDSA_SIG(NULL, &p, (long)n_der);
	if (s) {
		m->r = number(ECDSA_SIG_get0_r(s), &m->n_r);
		m->s = number(ECDSA_SIG_get0_s(s), &m->n_s);
	}
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	if (!s)
		return FAILED;
	ECDSA_SIG_free(s);
	return 0;
}

int sk_sign(uint32_t algorithm, const uint8_t *data, size_t n, const char *application,
	    const uint8_t *handle, size_t n_handle, uint8_t flags, const char *pin, void **options,
	    struct made **ret)
{
	struct made *m = calloc(1, sizeof *m);
	unsigned char message[69];
	int r = UNSUPPORTED;

	(void)pin, (void)options;
	if (!m || sodium_init() < 0)
		abort();
	m->flags = flags & (TOUCHED | VERIFIED);
	message_of(application, m->flags, data, n, message);
	if (algorithm == ED25519)
		r = sign_ed25519(handle, n_handle, message, m);
	else if (algorithm == ECDSA)
		r = sign_ecdsa(handle, n_handle, message, m);
	if (r < 0)
		free(m);
	else
		*ret = m;
	return r;
}

int sk_load_resident_keys(const char *pin, void **options, void ***ret, size_t *ret_n)
{
	(void)pin, (void)options, (void)ret, (void)ret_n;
	return UNSUPPORTED;
}
