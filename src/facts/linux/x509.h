/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x509: certificates in a file, PEM or DER; decoded by libcrypto, nothing is verified. */
#ifndef HF_FACTS_LINUX_X509_H
#define HF_FACTS_LINUX_X509_H

#include "base/arena.h"

enum { X509_FILE_MAX = 1 << 20, X509_CERTS_MAX = 64 };

struct certificate {
	struct str subject, issuer; /* RFC 2253 */
	int64_t not_before, not_after;
	struct str key_algorithm; /* rsa, ec, ed25519, ed448, dsa, else OpenSSL's name */
	int64_t bits;
	struct str signature; /* sha256WithRSAEncryption */
	bool self_signed, ca;
	unsigned char fingerprint[32]; /* SHA-256 of its DER form */
};

/*
 * The first X509_CERTS_MAX certificates of a file's bytes; none in one that only holds keys.
 * *ret_more: there are more. *ret_bad: what calls itself a certificate is none. -ENOMEM.
 */
[[nodiscard]] int x509_read(struct arena *a, struct str bytes, struct certificate **ret,
			    size_t *ret_n, bool *ret_more, bool *ret_bad);

#endif
