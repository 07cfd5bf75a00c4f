/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * krl: OpenSSH's lists of revoked keys in ssh-keygen's binary form (PROTOCOL.krl): keys and their
 * SHA-1 and SHA-256 fingerprints, certificates of one authority or of any by serial number, range,
 * bitmap and key id. Read as sshd reads it; where other versions of sshd differ (sections with
 * signatures, extensions) the list is not understood.
 */
#ifndef HF_SSH_KRL_H
#define HF_SSH_KRL_H

#include "ssh/public_key.h"

/* Whether a text is such a list, well formed or not. */
bool krl_is(struct str text);
/*
 * 1: the key, the certificate or its authority is revoked; 0: it is not. -EBADMSG: the list is not
 * understood (all of it is read always); -ENOMEM, -EMSGSIZE, -EIO. An error counts as revoked.
 */
[[nodiscard]] int krl_revokes(struct str krl, const struct public_key *key);

#endif
