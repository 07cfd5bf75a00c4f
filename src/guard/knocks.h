/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * knocks: the process that takes requests for access from the network. It has the host's key to open
 * them, no privileges and no files but the ids that it has seen; it asks whose keys count, has the
 * parent write the audit log, and tells the parent what to open.
 */
#ifndef HF_GUARD_KNOCKS_H
#define HF_GUARD_KNOCKS_H

#include "action/prefix.h"
#include "guard/message.h"
#include "jit/judge.h"

#define KNOCKS_BOOT_MAX 64u
#define ACCOUNT_ANSWER_MAX ((size_t)8 << 20)

struct knocks_options {
	struct knock_host host;
	struct jit_policy *policy; /* its `protect` is replaced by the ports that are shut */
	const struct knock_port *shut;
	size_t n_shut;
	int sockets[2]; /* of IPv4 and IPv6; -1: none */
	int folder;     /* of the ids */
	char boot[KNOCKS_BOOT_MAX];
};
/* A child_main; data: struct knocks_options. */
int knocks_main(void *data, int fd);

/* ---- what GRANT has --------------------------------------------------------------------------- */

enum knocks_deed {
	KNOCKS_OPEN,
	KNOCKS_EXTEND,
	KNOCKS_CLOSE,
	KNOCKS_WAITS, /* for a second person */
	KNOCKS_DEEDS
};

struct knocks_grant {
	enum knocks_deed deed;
	unsigned char id[KNOCK_ID];
	struct prefix source;
	uint32_t seconds;
	struct knock_port ports[KNOCK_PORTS_MAX];
	unsigned n_ports;
	struct str account, reason, rule, keys[KNOCK_SIGNATURES_MAX]; /* borrowed */
};
void knocks_put(struct message_out *o, const struct knocks_grant *g);
/* false: it is none. */
bool knocks_take(struct message *m, struct knocks_grant *ret);

void knocks_put_ports(struct message_out *o, const struct knock_port *list, size_t n);
/* At most max; m->bad where they are none. Their number. */
size_t knocks_take_ports(struct message *m, struct knock_port *ret, size_t max);

/* Fields of a line for the audit log, borrowed. false: they are none. */
#define KNOCKS_FIELDS_MAX 24u
bool knocks_take_record(struct message *m, int64_t *ret_now,
			struct chain_field ret[static KNOCKS_FIELDS_MAX], size_t *ret_n);

/* Both have IPv4 at ::ffff:0:0/96. */
struct prefix knocks_prefix(net_addr a, unsigned bits);
net_addr knocks_address(const struct prefix *p);

/* ---- what ACCOUNT has ------------------------------------------------------------------------- */

/* error: -errno; then there is no account. -EFBIG. */
[[nodiscard]] int knocks_put_account(struct buf *b, int error, const struct judge_account *a);
/* Texts are slices of s. -EBADMSG, or the error that was put. */
[[nodiscard]] int knocks_read_account(struct str s, struct judge_account *ret);

#endif
