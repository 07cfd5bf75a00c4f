/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/x509.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

static void bio_release(BIO **b) { BIO_free(*b); }
static void x509_release(X509 **x) { X509_free(*x); }

static struct str name_text(struct arena *a, const X509_NAME *name)
{
	own(bio_release) BIO *b = BIO_new(BIO_s_mem());
	char *text;
	long n;

	if (!b ||
	    X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253 & ~(unsigned)ASN1_STRFLGS_ESC_MSB) < 0)
		return b ? STR("") : (struct str){};
	n = BIO_get_mem_data(b, &text);
	return n > 0 ? arena_str(a, (struct str){ text, (size_t)n }) : STR("");
}

static int64_t time_of(const ASN1_TIME *t)
{
	struct tm tm = {};

	return ASN1_TIME_to_tm(t, &tm) == 1 ? timegm(&tm) : 0;
}

static struct str key_name(const X509 *x, const EVP_PKEY *key)
{
	const X509_PUBKEY *info = X509_get_X509_PUBKEY(x);
	ASN1_OBJECT *oid = NULL;

	switch (key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS: return STR("rsa");
	case EVP_PKEY_EC: return STR("ec");
	case EVP_PKEY_ED25519: return STR("ed25519");
	case EVP_PKEY_ED448: return STR("ed448");
	case EVP_PKEY_DSA: return STR("dsa");
	default: break;
	}
	if (!info || !X509_PUBKEY_get0_param(&oid, NULL, NULL, NULL, info))
		return STR("unknown");
	return str_of(OBJ_nid2sn(OBJ_obj2nid(oid)));
}

static int decode(struct arena *a, X509 *x, struct certificate *ret)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);
	unsigned n = sizeof ret->fingerprint;
	struct certificate c = {
		.subject = name_text(a, X509_get_subject_name(x)),
		.issuer = name_text(a, X509_get_issuer_name(x)),
		.not_before = time_of(X509_get0_notBefore(x)),
		.not_after = time_of(X509_get0_notAfter(x)),
		.key_algorithm = key_name(x, key),
		.bits = key ? EVP_PKEY_get_bits(key) : 0,
		.signature = str_of(OBJ_nid2ln(X509_get_signature_nid(x))),
		.self_signed = (X509_get_extension_flags(x) & EXFLAG_SS) != 0,
		.ca = X509_check_ca(x) == 1,
	};

	if (!c.subject.ptr || !c.issuer.ptr)
		return -ENOMEM;
	if (!X509_digest(x, EVP_sha256(), c.fingerprint, &n))
		memset(c.fingerprint, 0, sizeof c.fingerprint);
	*ret = c;
	return 0;
}

struct reader {
	struct arena *a;
	struct certificate *list;
	size_t n, cap;
	bool more, bad;
};

static int add_der(struct reader *rd, const unsigned char *der, long len)
{
	own(x509_release) X509 *x = d2i_X509(NULL, &der, len);
	struct certificate c;
	int r;

	if (!x) {
		rd->bad = true;
		return 0;
	}
	if (rd->n == X509_CERTS_MAX) {
		rd->more = true;
		return 0;
	}
	r = decode(rd->a, x, &c);
	return r < 0 ? r : arena_push(rd->a, rd->list, rd->n, rd->cap, c);
}

static int read_pem(struct reader *rd, struct str bytes)
{
	own(bio_release) BIO *b = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
	char *name = NULL, *header = NULL;
	unsigned char *data = NULL;
	long len = 0;
	int r = b ? 0 : -ENOMEM;

	while (r == 0 && !rd->more && PEM_read_bio(b, &name, &header, &data, &len)) {
		if (!strcmp(name, PEM_STRING_X509) || !strcmp(name, PEM_STRING_X509_OLD) ||
		    !strcmp(name, PEM_STRING_X509_TRUSTED))
			r = add_der(rd, data, len);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(data, (size_t)len);
	}
	return r;
}

int x509_read(struct arena *a, struct str bytes, struct certificate **ret, size_t *ret_n,
	      bool *ret_more, bool *ret_bad)
{
	struct reader rd = { .a = a };
	int r = 0;

	if (bytes.len > X509_FILE_MAX)
		return -EFBIG;
	/* No configuration of OpenSSL: it is that of this machine, not of the root. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (str_contains(bytes, STR("-----BEGIN ")))
		r = read_pem(&rd, bytes);
	else if (bytes.len && bytes.ptr[0] == 0x30)
		r = add_der(&rd, (const unsigned char *)bytes.ptr, (long)bytes.len);
	/* A block that was cut off ends PEM_read_bio() without a word. */
	if (!rd.n && str_contains(bytes, STR("-----BEGIN CERTIFICATE-----")))
		rd.bad = true;
	if (r < 0)
		return r;
	*ret = rd.list;
	*ret_n = rd.n;
	*ret_more = rd.more;
	*ret_bad = rd.bad;
	return 0;
}
