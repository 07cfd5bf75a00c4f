/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * knock: a request for access as one datagram; docs/knock.md has the format with test vectors.
 *
 * A request is text in SSH's wire format, signed as OpenSSH signs files (PROTOCOL.sshsig), sealed to
 * the host's ed25519 key (as X25519, libsodium's crypto_box_seal) and marked with a short MAC whose
 * key everybody has who knows the host key: it tells blind junk from what is worth opening.
 */
#ifndef HF_JIT_KNOCK_H
#define HF_JIT_KNOCK_H

#include "net/addr.h"
#include "ssh/host_key.h"
#include "ssh/signature.h"

#define KNOCK_SPACE STR("knock@holdfast") /* name space of the signatures */
#define KNOCK_MAX 4'096U                  /* bytes of a datagram */
#define KNOCK_MIN 160U
#define KNOCK_PORTS_MAX 8U
#define KNOCK_SIGNATURES_MAX 2U /* who asks, and a second one who approves */
#define KNOCK_ACCOUNT_MAX 64U
#define KNOCK_REASON_MAX 200U
#define KNOCK_SECONDS_MAX (30U * 86'400)
#define KNOCK_ID 16U

enum knock_action {
	KNOCK_OPEN = 1,
	KNOCK_CLOSE,   /* ends the account's grants of these ports from this source */
	KNOCK_EXTEND,  /* seconds from now on, within the policy's bound for one grant */
	KNOCK_APPROVE, /* `subject` is the id of somebody else's request that waits */
};

struct knock_port {
	uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
	uint16_t port;
};

struct knock {
	enum knock_action action;
	unsigned char id[KNOCK_ID];      /* random */
	unsigned char subject[KNOCK_ID]; /* of KNOCK_APPROVE, else zero */
	int64_t time;                    /* milliseconds since 1970 */
	uint32_t seconds;                /* how long; 0: as long as the policy gives by default */
	struct str account, reason;      /* UTF-8 */
	bool sourced;                    /* a source is claimed */
	bool v6;
	uint8_t bits; /* of the prefix */
	net_addr source;
	struct knock_port ports[KNOCK_PORTS_MAX];
	unsigned n_ports;
};

/* What a host must know to open a request, made once of its key. Secret: knock_host_clear(). */
struct knock_host {
	unsigned char public[32], secret[32]; /* X25519 */
	unsigned char mark[32];               /* key of the MAC */
	unsigned char digest[32];             /* SHA-256 of the host key's blob */
};
[[nodiscard]] int knock_host_of(const struct host_key *key, struct knock_host *ret);
void knock_host_clear(struct knock_host *h);

/* Texts go to logs and terminals: letters of any language, no control characters. */
bool knock_is_clean(struct str s);

/*
 * The text that is signed. digest: SHA-256 of the blob of the host key that it is for, so that the
 * host that was asked cannot ask another one with it. -EINVAL: a field past its bound.
 */
[[nodiscard]] int knock_text(const struct knock *k, const unsigned char digest[static 32],
			     struct buf *ret);
/* Seals text and n signatures (envelopes of PROTOCOL.sshsig) for the key's host. */
[[nodiscard]] int knock_seal(const char blob[static HOST_KEY_BLOB], struct str text,
			     const struct str *signatures, size_t n, struct buf *ret);

/*
 * Whether the mark is right: about a microsecond, and no more than a hint, because the key of the mark
 * is no secret.
 */
bool knock_marked(const struct knock_host *h, struct str datagram);

struct knock_opened {
	struct knock knock;
	struct str text; /* that was signed */
	struct ssh_signature signatures[KNOCK_SIGNATURES_MAX];
	unsigned n_signatures;
	unsigned char plain[KNOCK_MAX]; /* what the slices refer to */
};

enum knock_fault {
	KNOCK_GOOD,
	KNOCK_SIZE,      /* shorter or longer than a request can be */
	KNOCK_MARK,      /* junk, or for another host key */
	KNOCK_SEALED,    /* the mark is right, the box is not */
	KNOCK_FORM,      /* opened, but not of the format */
	KNOCK_HOST,      /* made for another host */
	KNOCK_SIGNATURE, /* does not hold, or of a kind that is not taken */
	KNOCK_FAULTS
};
const char *knock_fault_text(enum knock_fault f);

/* Mark, box and form; no signature is verified yet. */
enum knock_fault knock_open(const struct knock_host *h, struct str datagram,
			    struct knock_opened *ret);
/* The i-th signature: *ret_flags as public_key_verify() says. */
enum knock_fault knock_verify(const struct knock_opened *o, unsigned i, unsigned *ret_flags);

#endif
