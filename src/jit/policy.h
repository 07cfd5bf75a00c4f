/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy: /etc/holdfast/jit.conf, who may have what opened, for how long, from where and when.
 *
 *   listen PORT              UDP port of the knocks (62201)
 *   skew TIME                how far the clocks of those who ask may be off (60s)
 *   sessions end|keep        what becomes of connections when a grant ends (end)
 *   protect SERVICE...       the ports that `jit enable` shuts where it is given none
 *   [rule NAME]              tried in their order; the first that fits decides, and none: refused
 *   account NAME...          of these accounts; globs (every account)
 *   key FINGERPRINT...       with these keys, "SHA256:…" (every key that sshd would take)
 *   principal NAME...        with a certificate for one of these
 *   port SERVICE...          "ssh", "443", "443/tcp", "51820/udp" (every protected port)
 *   from PREFIX...           from these networks (everywhere)
 *   hours [DAYS] HH:MM-HH:MM between these times of the machine's zone; "mon-fri" (always)
 *   default TIME             where the request does not say (1h)
 *   longest TIME             longer requests are refused (8h)
 *   widest LENGTH4 [LENGTH6] the widest networks that one grant may be for (32 64)
 *   touch yes|no             a FIDO2 key must have been touched (no)
 *   second yes|no            a second person must sign or approve (no)
 *   deny yes|no              refuses what fits (no)
 *
 * man/holdfast-jit.conf.5 explains it. No file: one rule with the values in brackets.
 */
#ifndef HF_JIT_POLICY_H
#define HF_JIT_POLICY_H

#include "base/conf.h"
#include "jit/knock.h"

#define JIT_WIDEST_V4 16U /* of networks: what the kernel's sets hold in 256 pieces */
#define JIT_WIDEST_V6 56U
#define JIT_PATH "/etc/holdfast/jit.conf"
#define JIT_PORT 62'201U
#define JIT_RULES_MAX 256U
#define JIT_PROTECTED_MAX 64U

struct jit_names {
	struct str *list;
	size_t n, cap;
};

struct jit_ports {
	struct knock_port *list;
	size_t n, cap;
};

struct jit_rule {
	struct str name;
	unsigned line;
	struct jit_names accounts, keys, principals;
	struct jit_ports ports;
	struct net_range *from;
	size_t n_from, cap_from;
	uint8_t days;        /* bit 0: Sunday; 0: every day */
	uint16_t begin, end; /* minutes of the day; equal: all of it; begin > end: over midnight */
	unsigned seconds, longest; /* default and bound */
	uint8_t widest4, widest6;
	bool touch, second, deny;
};

struct jit_policy {
	struct arena arena; /* owns it all */
	uint16_t listen;
	unsigned skew;
	bool keep_sessions;
	struct jit_ports protect;
	struct jit_rule *rules;
	size_t n_rules, cap_rules;
};

/* -ENOMEM. */
[[nodiscard]] int jit_policy_default(struct jit_policy *ret);
/* -EINVAL: *d has line, column and what was expected; *ret is untouched then. */
[[nodiscard]] int jit_policy_parse(struct str text, const char *file, struct jit_policy *ret,
				   struct diag *d);
void jit_policy_release(struct jit_policy *p);

/* "ssh", "22", "22/tcp", "wireguard", "51820/udp": names of common services, TCP unless said. */
[[nodiscard]] int jit_port_parse(struct str s, struct knock_port *ret);
/* "22/tcp"; NUL-terminated. */
#define JIT_PORT_TEXT 12
struct str jit_port_format(struct knock_port p, char ret[static JIT_PORT_TEXT]);

/* A request whose signatures hold and whose keys may speak for the account. */
struct jit_request {
	const struct knock *knock;
	net_addr from;                             /* where the packet came from */
	struct str key;                            /* fingerprint of who asked */
	const struct ssh_certificate *certificate; /* or NULL */
	unsigned signed_flags;
	bool seconded; /* by another key */
	int64_t now;   /* seconds since 1970 */
};

enum jit_verdict {
	JIT_GRANTED,
	JIT_WAITS,      /* for a second person */
	JIT_NO_RULE,    /* no rule fits */
	JIT_DENIED,     /* a rule says no */
	JIT_PORT_OTHER, /* a port that is not protected: nothing to open */
	JIT_TOO_LONG,
	JIT_TOO_WIDE,
	JIT_SOURCE, /* the claimed source does not hold the packet's */
	JIT_UNTOUCHED,
	JIT_VERDICTS
};
const char *jit_verdict_text(enum jit_verdict v);

struct jit_decision {
	enum jit_verdict verdict;
	const struct jit_rule *rule; /* NULL: none */
	uint32_t seconds;            /* of the grant */
	net_addr source;             /* its network */
	bool v6;
	uint8_t bits;
};
struct jit_decision jit_policy_decide(const struct jit_policy *p, const struct jit_request *r);

#endif
