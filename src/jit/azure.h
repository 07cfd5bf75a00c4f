/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * azure: Microsoft's own just-in-time access by its REST API ("Jit Network Access Policies" of
 * Microsoft.Security, 2020-01-01): what policies there are, to change them, and to ask for access.
 *
 * Every request is told by `say` before it goes out. Answers are hostile: at most 4 MB each and
 * JIT_AZURE_PAGES pages, no redirect is followed, links to other hosts are refused (they would get
 * the token), and what Azure asks to wait (Retry-After of 429 and 503, operations that are under way)
 * ends with wait_ms.
 */
#ifndef HF_JIT_AZURE_H
#define HF_JIT_AZURE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "jit/knock.h"

#define JIT_AZURE_ENDPOINT "https://management.azure.com"
#define JIT_AZURE_METADATA "http://169.254.169.254"
#define JIT_AZURE_PAGES 32U
#define JIT_AZURE_SOURCES 64U     /* of one port */
#define JIT_AZURE_SHORTEST 300U   /* seconds that Azure takes */
#define JIT_AZURE_LONGEST 86'400U /* the same */

/* Where a token comes from. ANY: the first of the others, in their order, that gives one. */
enum jit_azure_credential {
	JIT_AZURE_ANY,
	JIT_AZURE_ENVIRONMENT, /* AZURE_ACCESS_TOKEN, or AZURE_TENANT_ID, _CLIENT_ID, _CLIENT_SECRET */
	JIT_AZURE_CLI,         /* az account get-access-token */
	JIT_AZURE_IDENTITY,    /* the machine's managed identity */
};

struct jit_azure_setup {
	const char *endpoint, *metadata; /* NULL: those above; https://, or http://127.0.0.1:PORT */
	enum jit_azure_credential credential;
	const char *identity;     /* client id of a managed identity; NULL: the machine's own */
	const char *subscription; /* NULL: AZURE_SUBSCRIPTION_ID, then that of the credential */
	int64_t wait_ms;          /* for Azure, in all */
	/* One printable line, before each request and each wait. */
	void (*say)(void *user, const char *line);
	void *user;
};

struct jit_azure;
/* Gets a token. -EINVAL: the setup; -EACCES: nobody gives a token; -ENOENT: no subscription. */
[[nodiscard]] int jit_azure_open(const struct jit_azure_setup *setup, struct jit_azure **ret,
				 struct diag *d);
void jit_azure_close(struct jit_azure **j);

/* Texts of Azure, which may hold anything; they live in an arena. */
struct jit_azure_port {
	uint16_t number;
	struct str protocol; /* "TCP", "UDP", "*" */
	struct str *sources; /* "*": everybody */
	size_t n_sources, cap_sources;
	struct str duration; /* as it is written: ISO 8601 */
	unsigned longest;    /* the same in seconds; 0: not understood */
};

struct jit_azure_machine {
	struct str id, name;
	struct jit_azure_port *ports;
	size_t n_ports, cap_ports;
};

/* One port of one machine that somebody asked for. */
struct jit_azure_opening {
	struct str machine; /* its id */
	uint16_t port;
	struct str source, start, end, status, why; /* "Initiating", "Initiated", "Revoked" */
	struct str requestor, reason;
};

struct jit_azure_policy {
	struct str id, name, group, location, state;
	struct jit_azure_machine *machines;
	size_t n_machines, cap_machines;
	struct jit_azure_opening *openings;
	size_t n_openings, cap_openings;
};

struct jit_azure_policies {
	struct arena arena; /* owns it all */
	struct jit_azure_policy *list;
	size_t n, cap;
};
void jit_azure_policies_release(struct jit_azure_policies *p);

/* group: of resources; NULL: all of the subscription. */
[[nodiscard]] int jit_azure_list(struct jit_azure *j, const char *group,
				 struct jit_azure_policies *ret, struct diag *d);

/* A machine is named, or its whole id is ("/subscriptions/…/virtualMachines/NAME"). */
struct jit_azure_ask {
	const char *machine;
	const char *group; /* NULL: that of the id, else any */
	struct knock_port ports[KNOCK_PORTS_MAX];
	unsigned n_ports;
	unsigned seconds;                      /* 0: an hour, or what the policy allows */
	struct str sources[JIT_AZURE_SOURCES]; /* addresses and networks */
	size_t n_sources;
	struct str reason;
};

/*
 * Asks for access: at most one source; none: the address that Azure sees the request come from. Waits
 * until Azure says that it is open. *ret lives in the arena. -ENOENT: no policy has the machine or
 * the port; -EPERM: longer, or from elsewhere, than it allows; -EAGAIN: not within wait_ms.
 */
[[nodiscard]] int jit_azure_request(struct jit_azure *j, const struct jit_azure_ask *ask,
				    struct arena *a, struct jit_azure_opening **ret, size_t *ret_n,
				    struct diag *d);
/*
 * Makes the ports of the machine (seconds: the longest request) part of its policy, or of a new one;
 * everything else of the policy stays. dry: nothing is changed. *ret_body is what is sent. Azure has
 * no ETag here: what somebody else changes in between is lost, so the policy is read right before.
 */
[[nodiscard]] int jit_azure_change(struct jit_azure *j, const struct jit_azure_ask *ask, bool dry,
				   struct buf *ret_body, struct diag *d);

/* A source as Azure takes it: an address or a network, not wider than /8 and /32 of IPv6. */
bool jit_azure_source_parse(struct str s);

#endif
