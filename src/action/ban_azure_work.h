/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ban_azure_work: what the files of Azure's back end share. */
#ifndef HF_ACTION_BAN_AZURE_WORK_H
#define HF_ACTION_BAN_AZURE_WORK_H

#include "action/azure_rule.h"
#include "action/ban_backend.h"

#define AZURE_URL_MAX 1024u
#define AZURE_TOKEN_MAX 8192u
#define AZURE_WAIT_MS_MAX 3'600'000 /* longest wait that Azure may ask for */

struct azure_entry {
	struct prefix prefix;
	int64_t until; /* ms of CLOCK_BOOTTIME */
};

/* A rule of the group, as it is there. */
struct azure_there {
	char url[AZURE_URL_MAX];
	unsigned priority;
	bool v6;
	bool dirty, pending;
	bool seen;      /* looked at since the start */
	size_t written; /* prefixes */
	char etag[256]; /* as of the last look; "": not known */
	char operation[AZURE_URL_MAX];
};

struct azure {
	struct ban ban;
	struct ban_azure_config c;
	struct azure_there rules[2];
	struct azure_entry *entries; /* owned, 2 x max_prefixes; the oldest first */
	size_t n;
	struct prefix *allow; /* owned, of prefix_sort() */
	size_t n_allow;
	char token[AZURE_TOKEN_MAX];
	int64_t token_until;
	int64_t not_before; /* no request until then */
	int64_t next_check;
	unsigned faults; /* one after the other */
};

int64_t azure_now(void);
/* No request for so long. */
int azure_put_off(struct azure *b, int64_t ms);
/* Looks at a rule; *ret_there: whether there is one. -EEXIST: somebody else's. */
[[nodiscard]] int azure_look(struct azure *b, struct azure_there *r, struct azure_rule *ret,
			     bool *ret_there, struct diag *d);
/* Sends what changed; asks how far an operation is. */
[[nodiscard]] int azure_write(struct azure *b, struct azure_there *r, struct diag *d);
[[nodiscard]] int azure_poll(struct azure *b, struct azure_there *r, struct diag *d);

#endif
