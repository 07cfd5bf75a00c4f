/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_key: public keys as OpenSSH writes them (RFC 4253, section 6.6) and private key files. */
#ifndef HF_FACTS_LINUX_SSH_KEY_H
#define HF_FACTS_LINUX_SSH_KEY_H

#include "base/arena.h"
#include "base/str.h"

#define SSH_FINGERPRINT_SIZE 64

struct ssh_key {
	struct str type;
	unsigned bits;                          /* 0: not known */
	char fingerprint[SSH_FINGERPRINT_SIZE]; /* "SHA256:…", as `ssh-keygen -l` prints it */
	struct str comment;
	struct str options; /* in front of the key in authorized_keys */
	bool cert_authority, from_limited;
	bool command; /* has command= */
};

/* "type base64 comment". -EINVAL, -ENOMEM. */
[[nodiscard]] int ssh_key_parse(struct str text, struct arena *a, struct ssh_key *ret);
/*
 * A line of authorized_keys (sshd(8)). -ENOENT: empty or a comment; -EINVAL: nothing that sshd
 * takes for a key; -ENOMEM.
 */
[[nodiscard]] int ssh_authorized_key(struct str line, struct arena *a, struct ssh_key *ret);

/* openssh, rsa, dsa, ec, pkcs8 or putty; NULL if text holds no private key. */
const char *ssh_private_key(struct str text, bool *ret_encrypted);

#endif
