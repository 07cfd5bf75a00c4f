/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * public_key: keys and certificates in SSH's wire format (RFC 4253 section 6.6, RFC 5656, RFC 8709,
 * OpenSSH's PROTOCOL.u2f and PROTOCOL.certkeys) and the signatures that they make. Everything is a
 * slice of what was parsed.
 */
#ifndef HF_SSH_PUBLIC_KEY_H
#define HF_SSH_PUBLIC_KEY_H

#include "base/str.h"

#ifndef EKEYREJECTED
#define EKEYREJECTED 10'001 /* an error of Linux alone */
#endif

#define SSH_BLOB_MAX 16'384U    /* of a key or a certificate */
#define SSH_FINGERPRINT_LEN 51U /* "SHA256:" and 43 characters, with the final NUL */

enum key_kind {
	KEY_ED25519,
	KEY_ECDSA,
	KEY_RSA,
};

struct ssh_certificate {
	uint64_t serial;
	uint32_t type; /* CERTIFICATE_USER, CERTIFICATE_HOST */
	struct str id;
	struct str principals;           /* wire strings; none: every name (see sshd's rules) */
	uint64_t after, before;          /* seconds since 1970: valid where after <= t < before */
	struct str critical, extensions; /* wire: name, data */
	struct str authority;            /* key blob of who signed it */
	struct str body, signature;      /* what was signed, and by what */
};
#define CERTIFICATE_USER 1U
#define CERTIFICATE_HOST 2U

struct public_key {
	struct str blob;
	struct str type;  /* "ssh-ed25519", "sk-ssh-ed25519-cert-v01@openssh.com" … */
	struct str plain; /* the type without "-cert-v01" */
	enum key_kind kind;
	bool hardware; /* sk-*: a FIDO2 authenticator */
	bool certified;
	struct str point;    /* of ed25519 (32 bytes) and ECDSA (0x04, x, y) */
	const char *curve;   /* of ECDSA: OpenSSL's name of it */
	struct str exponent; /* of RSA; big-endian */
	struct str modulus;
	struct str application; /* of hardware keys */
	struct ssh_certificate certificate;
};

/* -EBADMSG: no such thing; -EPROTONOSUPPORT: a type that is not known; -EMSGSIZE. */
[[nodiscard]] int public_key_parse(struct str blob, struct public_key *ret);

/* "SHA256:…" of a key blob; of a certificate's key where it is one, as sshd logs it. */
[[nodiscard]] int public_key_fingerprint(const struct public_key *k,
					 char ret[static SSH_FINGERPRINT_LEN]);
/* The blob of a certificate's key: 0, -EMSGSIZE. room: bytes of ret. */
[[nodiscard]] int public_key_plain(const struct public_key *k, char *ret, size_t room,
				   size_t *ret_len);

/* What a hardware key says of the moment of signing. */
#define SIGNED_TOUCHED 0x01U
#define SIGNED_VERIFIED 0x04U

/*
 * Whether the signature (wire format, RFC 4253) of data was made by the key. 0; -EKEYREJECTED: it
 * was not; -EBADMSG: it is none; -EPROTONOSUPPORT: an algorithm that is not taken (SHA-1, DSA, RSA
 * below 2048 bits); -ENOMEM. *ret_flags: SIGNED_*, 0 for keys that are no hardware.
 */
[[nodiscard]] int public_key_verify(const struct public_key *k, struct str data,
				    struct str signature, unsigned *ret_flags);

#endif
