/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_key: what a host has (its ed25519 key file, OpenSSH's PROTOCOL.key) and what a client knows
 * of it (known_hosts, sshd(8)).
 */
#ifndef HF_SSH_HOST_KEY_H
#define HF_SSH_HOST_KEY_H

#include "base/diag.h"

#ifndef EKEYREVOKED
#define EKEYREVOKED 10'002 /* an error of Linux alone */
#endif

#define HOST_KEY_BLOB 51U /* of ssh-ed25519 in wire format */

struct host_key {
	char blob[HOST_KEY_BLOB];
	unsigned char seed[32]; /* secret; sodium_memzero() when done */
};

/*
 * The text of an unencrypted ssh_host_ed25519_key. -EBADMSG: none; -EPROTONOSUPPORT: another type;
 * -EACCES: it has a pass phrase.
 */
[[nodiscard]] int host_key_read(struct str text, struct host_key *ret);

/*
 * Keys of type ssh-ed25519 that known_hosts has for the name (as `ssh` looks it up: in lower case,
 * "[name]:port" where the port is not 22), plain or hashed, without those that it revokes; those of
 * certificate authorities are no keys of the host. The first n go to ret; *ret_n: how many it knows.
 * -EKEYREVOKED: all that it knows are revoked.
 */
[[nodiscard]] int known_hosts_find(struct str text, struct str name, char (*ret)[HOST_KEY_BLOB],
				   size_t n, size_t *ret_n);

#endif
