/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * netlink: messages to the kernel, several in one datagram, and its answers (netlink(7), for
 * nftables: linux/netfilter/nfnetlink.h).
 */
#ifndef HF_ACTION_NETLINK_H
#define HF_ACTION_NETLINK_H

#include "base/str.h"

/* ---- building ---- */

/*
 * Bytes of a datagram. Adding past the end sets error (-EMSGSIZE) and changes nothing else; one
 * test before sending is enough.
 */
struct nl_out {
	char *ptr; /* borrowed */
	size_t len, cap;
	size_t message; /* offset of the message under construction */
	int error;
};
/* What one datagram may have at most; the socket is made to hold it. */
#define NL_OUT_MAX ((size_t)512 << 10)

void nl_begin(struct nl_out *o, uint16_t type, uint16_t flags, uint32_t seq);
void nl_end(struct nl_out *o);
/* Fixed bytes behind the header, padded. */
void nl_raw(struct nl_out *o, const void *data, size_t n);
void nl_put(struct nl_out *o, uint16_t type, const void *data, size_t n);
/* With its NUL. */
void nl_text(struct nl_out *o, uint16_t type, const char *s);
/* Network order, as nftables has it. */
void nl_be32(struct nl_out *o, uint16_t type, uint32_t v);
void nl_be64(struct nl_out *o, uint16_t type, uint64_t v);
/* Attributes within an attribute; at most 64 KiB. */
size_t nl_nest(struct nl_out *o, uint16_t type);
void nl_nest_end(struct nl_out *o, size_t nest);

/* ---- reading: nothing of it trusts the bytes ---- */

/* One message: its type and what follows the header. A negative result ends it. */
typedef int nl_fn(uint16_t type, struct str payload, void *user);

/*
 * The messages of one datagram that answer `seq`; 1: the last one was seen, 0: more datagrams
 * follow; -EINTR: the kernel says that the dump is not consistent (fn has seen all of it, when the
 * last one comes: *interrupted is set and 1 returned).
 */
[[nodiscard]] int nl_parse(struct str bytes, uint32_t seq, nl_fn *fn, void *user,
			   bool *interrupted);

/* What the kernel says of one message of a batch: its sequence number and 0 or -errno. */
typedef void nl_verdict_fn(uint32_t seq, int error, void *user);
/* The errors and acknowledgements of one datagram. -EBADMSG. */
[[nodiscard]] int nl_verdicts(struct str bytes, nl_verdict_fn *fn, void *user);

/* Takes the next attribute off *attrs; false at the end or where it is damaged. */
bool nl_attr(struct str *attrs, uint16_t *ret_type, struct str *ret);
/* Whether it holds attributes (as far as the sender said so). */
bool nl_attr_nested(struct str attrs);
/* The first attribute of that type; ptr == NULL: none. */
struct str nl_find(struct str attrs, uint16_t type);
/* Numbers in network order; 0 for another length. */
uint32_t nl_get_be32(struct str payload);
uint64_t nl_get_be64(struct str payload);
/* Up to the first NUL. */
struct str nl_get_text(struct str payload);

/* ---- the socket ---- */

struct nl {
	int fd;
	uint32_t seq; /* the last that was used */
	char *in;     /* owned; one datagram of the kernel */
};
#define NL_NONE ((struct nl){ .fd = -1 })

/* protocol: NETLINK_NETFILTER ... -EPERM, -EPROTONOSUPPORT, -ENOMEM. */
[[nodiscard]] int nl_open(int protocol, struct nl *ret);
void nl_close(struct nl *n);
/* One request (built with seq nl->seq) and all messages of its answer; fn may be NULL. */
[[nodiscard]] int nl_ask(struct nl *n, const struct nl_out *request, nl_fn *fn, void *user);
/*
 * A batch whose messages have the sequence numbers first to last; the last one asks for an
 * acknowledgement. fn gets what the kernel says of any of them. 0: it was said to the end.
 * -ENOBUFS: there were more errors than the socket could hold, -ETIME, or that of the whole batch.
 */
[[nodiscard]] int nl_batch(struct nl *n, const struct nl_out *batch, uint32_t first, uint32_t last,
			   nl_verdict_fn *fn, void *user);

#endif
