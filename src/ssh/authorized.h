/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * authorized: whether a key or a certificate may speak for an account, by authorized_keys (sshd(8),
 * "AUTHORIZED_KEYS FILE FORMAT") and certificate authorities (ssh-keygen(1), "CERTIFICATES").
 * Decides as sshd does or refuses; never the other way round.
 */
#ifndef HF_SSH_AUTHORIZED_H
#define HF_SSH_AUTHORIZED_H

#include "base/arena.h"
#include "net/addr.h"
#include "ssh/public_key.h"

#define AUTHORIZED_LINES_MAX 100'000U
#define AUTHORIZED_LINE_MAX 65'536U

/* Who asks. */
struct applicant {
	struct str account;
	net_addr address;      /* where the request came from */
	int64_t now;           /* seconds since 1970 */
	unsigned signed_flags; /* SIGNED_* of public_key_verify() */
};

enum authorized {
	AUTHORIZED_YES,
	AUTHORIZED_UNKNOWN,     /* no line names the key or its authority */
	AUTHORIZED_FROM,        /* from= or source-address leaves the address out */
	AUTHORIZED_EXPIRED,     /* expiry-time, or the certificate's end */
	AUTHORIZED_NOT_YET,     /* the certificate's begin */
	AUTHORIZED_PRINCIPAL,   /* the certificate is for other names */
	AUTHORIZED_CERTIFICATE, /* a host's, unsigned, or with a critical option that is not known */
	AUTHORIZED_TOUCH,       /* the line or the certificate asks for a touch or a PIN */
	AUTHORIZED_LINE,        /* an option of the line is not understood */
	AUTHORIZED_N
};
/* "no line of authorized_keys names the key" … */
const char *authorized_text(enum authorized a);

/*
 * Reads all lines; the first that says yes decides, otherwise the refusal that came nearest. *ret_line:
 * its number, 0 for AUTHORIZED_UNKNOWN. -ENOMEM is the only failure.
 */
[[nodiscard]] int authorized_keys_ask(struct str text, const struct public_key *key,
				      const struct applicant *who, enum authorized *ret,
				      unsigned *ret_line);

/*
 * A certificate by an authority of TrustedUserCAKeys: principals is the text of
 * AuthorizedPrincipalsFile, or ptr NULL where the account's own name must be listed.
 */
[[nodiscard]] int authorized_authority_ask(struct str authorities, struct str principals,
					   const struct public_key *key,
					   const struct applicant *who, enum authorized *ret);

/*
 * RevokedKeys, as a list of public keys or in ssh-keygen's own form (krl.h): 1: it has the key, the
 * certificate or its authority; 0: it has not; -errno: it is not understood, which counts as revoked.
 */
[[nodiscard]] int authorized_revoked(struct str text, const struct public_key *key);

#endif
