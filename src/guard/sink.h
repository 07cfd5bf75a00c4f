/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sink: where notices go. Each has a thread and a spool of its own, so that one that hangs stops
 * nobody; retries wait 1 s, 2 s … 5 min (or what Retry-After says).
 *
 * For a process without privileges that may open inet sockets, resolve names and read the
 * certificates; files are written through descriptors that it is given.
 */
#ifndef HF_GUARD_SINK_H
#define HF_GUARD_SINK_H

#include "base/diag.h"
#include "guard/spool.h"

enum sink_kind { SINK_FILE, SINK_SYSLOG, SINK_WEBHOOK, SINK_MAIL };

#define SINK_BATCH 64u /* notices in one request or mail */
#define SINKS_MAX 16u

/* Texts are copied by sinks_new(). */
struct sink_config {
	enum sink_kind kind;
	enum notice_format format;
	uint8_t level; /* those below are not told */
	int fd;        /* SINK_FILE: where lines are added; becomes the sink's. Else -1 */
	/*
	 * SINK_SYSLOG: "udp://HOST:PORT", "tcp://…", "tls://…"; SINK_WEBHOOK: "https://…";
	 * SINK_MAIL: "smtp://HOST:PORT" (STARTTLS where it is offered, and demanded with a password), "smtps://…".
	 * An address of IPv6 stands in brackets.
	 */
	const char *url;
	const char *ca;            /* file of certificates to trust; NULL: the system's */
	const char *user, *secret; /* of mail; secret of a webhook: "Authorization: Bearer …" */
	const char *from, *to;     /* of mail; to: several are separated by blanks or commas */
	unsigned timeout;          /* seconds of one attempt; 0: 10 */
	unsigned pause; /* seconds between two deliveries: what comes meanwhile goes together */
	uint64_t spool; /* bytes; 0: the default */
};

struct sinks;

/* Why a configuration cannot be used; -EINVAL. */
[[nodiscard]] int sink_check(const struct sink_config *c, struct diag *d);
/* spool: a directory for the spools, borrowed; -1: memory. Starts the threads. -EINVAL, -ENOMEM. */
[[nodiscard]] int sinks_new(const struct sink_config *list, size_t n, int spool, struct sinks **ret,
			    struct diag *d);
/* Gives them up to `seconds` to deliver what waits; the rest stays in the spools. */
void sinks_release(struct sinks **s, unsigned seconds);

/* For every sink that is to have it. Never waits. -ENOMEM. */
[[nodiscard]] int sinks_tell(struct sinks *s, const struct notice *n);

struct sink_status {
	const char *url;   /* "" of a file */
	uint64_t told;     /* notices that were delivered */
	uint64_t failures; /* attempts that failed */
	uint64_t refused;  /* notices that the other side will never take (HTTP 400 and its like) */
	uint64_t waiting, dropped;
	char problem[256]; /* of the last attempt; "": it went well */
};
size_t sinks_count(const struct sinks *s);
void sinks_status(struct sinks *s, size_t i, struct sink_status *ret);

#endif
