/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * escrow: the pass phrase of a repository, sealed for its owner: a copy that may lie anywhere.
 * To a public key (X25519, crypto_box_seal) or to a phrase (Argon2id, XSalsa20-Poly1305).
 */
#ifndef HF_BACKUP_ESCROW_H
#define HF_BACKUP_ESCROW_H

#include "base/buf.h"
#include "base/diag.h"

#define ESCROW_SECRET_MAX 1'024U
#define ESCROW_TEXT_MAX ((size_t)16 << 10)
#define ESCROW_PHRASE_LEN 40U /* 160 bits as 32 letters in 8 groups, and NUL */

/* Once before anything else here; 0 or -EIO. */
[[nodiscard]] int escrow_start(void);
/* A new pass phrase: a-z2-7 in groups of four. */
void escrow_phrase(char ret[static ESCROW_PHRASE_LEN]);

/* A pair of keys: lines for the file of the secret one, base64 of the public one. */
[[nodiscard]] int escrow_keygen(struct buf *ret_secret, struct buf *ret_public);

struct escrow_to {
	struct str key;    /* base64 of a public key; or */
	struct str phrase; /* at least 12 characters */
};
struct escrow_about {
	const char *repository, *url; /* of one line */
	int64_t made;
};
/* -EINVAL: no key, -ENOMEM. */
[[nodiscard]] int escrow_seal(const struct escrow_to *to, const struct escrow_about *about,
			      struct str secret, struct buf *ret);
/* with: the text of the secret key's file, or the phrase. -EBADMSG and *d; -EACCES: the wrong one */
[[nodiscard]] int escrow_open(struct str text, const char *file, struct str with, struct buf *ret,
			      struct diag *d);

#endif
