/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signature: OpenSSH's signatures of files (PROTOCOL.sshsig), which `ssh-keygen -Y sign` makes. */
#ifndef HF_SSH_SIGNATURE_H
#define HF_SSH_SIGNATURE_H

#include "base/buf.h"
#include "ssh/public_key.h"

struct ssh_signature {
	struct public_key key;
	struct str space; /* namespace */
	struct str hash;  /* "sha256" or "sha512" */
	struct str bytes;
};

/* The binary form. -EBADMSG, -EPROTONOSUPPORT: a version, hash or key type that is not known. */
[[nodiscard]] int signature_parse(struct str blob, struct ssh_signature *ret);
/* Binary form of the "-----BEGIN SSH SIGNATURE-----" that ssh-keygen writes; room for ret. */
[[nodiscard]] int signature_unarmor(struct str text, char *ret, size_t room, size_t *ret_len);

/* Whether it was made for this namespace and message; see public_key_verify(). */
[[nodiscard]] int signature_verify(const struct ssh_signature *s, struct str space,
				   struct str message, unsigned *ret_flags);

/* What a key signs, for an agent: adds to b. */
[[nodiscard]] int signature_subject(struct str space, struct str message, struct buf *b);
/* The binary form from an agent's answer: adds to b. */
[[nodiscard]] int signature_build(struct str key_blob, struct str space, struct str bytes,
				  struct buf *b);

#endif
