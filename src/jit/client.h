/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * client: what somebody who asks for access has: ssh's configuration, known_hosts, an agent, keys.
 * For every system that has OpenSSH: POSIX and nothing else.
 */
#ifndef HF_JIT_CLIENT_H
#define HF_JIT_CLIENT_H

#include "base/arena.h"
#include "jit/knock.h"

#define CLIENT_FILES_MAX 32U
#define CLIENT_HOST_KEYS_MAX 4U

/* What `ssh -G` says of a host. */
struct client_target {
	struct str user, name; /* HostName */
	struct str known_as;   /* in known_hosts: HostKeyAlias, or "[name]:port" */
	uint16_t port;         /* of sshd */
	int family;            /* AF_UNSPEC, AF_INET, AF_INET6 */
	struct str known_hosts[CLIENT_FILES_MAX], identities[CLIENT_FILES_MAX];
	size_t n_known_hosts, n_identities;
	struct str jump;   /* ProxyJump; ptr NULL: ssh connects directly */
	const char *agent; /* its socket, or NULL */
	const char *token; /* SecurityKeyProvider: a library; NULL: as ssh-keygen does */
	bool identities_only;
};
/*
 * destination: "user@host", or "host" for the configured user. config: another file for ssh -F, or
 * NULL. -EINVAL: *d says why.
 */
[[nodiscard]] int client_target(const char *destination, const char *config, struct arena *a,
				struct client_target *ret, struct diag *d);
/* The text of `ssh -G`; for tests. */
[[nodiscard]] int client_target_parse(struct str text, struct str host, struct arena *a,
				      struct client_target *ret, struct diag *d);

/*
 * The ed25519 keys that known_hosts has of it. -ENOENT, -EKEYREVOKED, -EFBIG, or that of a file that
 * cannot be read: *d says what to do.
 */
[[nodiscard]] int client_host_keys(const struct client_target *t,
				   char ret[static CLIENT_HOST_KEYS_MAX][HOST_KEY_BLOB],
				   size_t *ret_n, struct diag *d);

/* A key to sign with: an agent's, or a file for ssh-keygen. */
struct client_key {
	struct str blob;   /* ptr NULL: the file's, not known yet */
	const char *file;  /* NULL: the agent has it */
	const char *token; /* as the target's */
	int agent;         /* -1: none; client_key_release() closes it */
	unsigned others;   /* that the agent has, where it was chosen as the first of them */
	struct str name;   /* for people */
};
/*
 * identity: a file (private or public part), or NULL: those of the configuration that the agent has,
 * then the agent's first, then the first file. -ENOENT: *d says what was looked for.
 */
[[nodiscard]] int client_key(const struct client_target *t, const char *identity, struct arena *a,
			     struct client_key *ret, struct diag *d);
void client_key_release(struct client_key *k);
/* An envelope of PROTOCOL.sshsig; may ask for a pass phrase or a touch. */
[[nodiscard]] int client_sign(const struct client_key *k, struct str text, struct arena *a,
			      struct str *ret, struct diag *d);

/*
 * Runs a program with the caller's environment, terminal and standard error; input (at most 64 KB)
 * on its standard input. *ret is what it printed. -ENOENT: there is none; -EIO: it failed.
 */
[[nodiscard]] int client_run(const char *const argv[], struct str input, struct arena *a,
			     struct str *ret);

/*
 * Sends one datagram to the first address of the name; *ret_to (room for NET_ADDR_TEXT) is what it
 * was. -ENOENT: the name has none.
 */
[[nodiscard]] int client_send(const struct client_target *t, uint16_t port, struct str datagram,
			      char ret_to[static NET_ADDR_TEXT], struct diag *d);

/*
 * Has a jump host ("[USER@]HOST[:PORT]", "ssh://…"; several with commas between them: the last one) send
 * datagrams, each a line of base64: over ssh, to a shell that needs bash, base64 and dd. It resolves
 * the target's name, and the packet has its address. -EINVAL, -ENOENT, -EIO: *d says what is wrong.
 */
[[nodiscard]] int client_via(const struct client_target *t, const char *config, struct str jump,
			     uint16_t port, struct str lines, struct diag *d);

#endif
