/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_work: what the files of Azure's just-in-time access share. */
#ifndef HF_JIT_AZURE_WORK_H
#define HF_JIT_AZURE_WORK_H

#include "action/azure_http.h"
#include "base/json.h"
#include "jit/azure.h"

#define VERSION_JIT "2020-01-01"
#define URL_MAX 2048U
#define TOKEN_MAX 12'288U
#define NAME_MAX_AZURE 91U

struct jit_azure {
	struct jit_azure_setup setup;
	char token[TOKEN_MAX];
	char subscription[NAME_MAX_AZURE];
	int64_t deadline; /* monotonic ms */
};

int64_t jit_azure_now(void);
void jit_azure_say(const struct jit_azure *j, const char *fmt, ...) PRINTF(2, 3);
/* "https://HOST…", or "http://127.0.0.1:PORT", where tests listen. */
bool jit_azure_is_address(const char *url);
/* A link that Azure gave leads back to Azure. */
bool jit_azure_is_own(const struct jit_azure *j, const char *url);
/* Retry-After, or so; -EAGAIN: longer than there is time for. */
[[nodiscard]] int jit_azure_wait(const struct jit_azure *j, int64_t seconds, struct diag *d);

/* Fills token and subscription. */
[[nodiscard]] int jit_azure_token(struct jit_azure *j, struct diag *d);

/* A machine of a policy. */
struct jit_azure_found {
	const struct jit_azure_policy *policy;
	const struct jit_azure_machine *machine;
	bool several; /* other machines of the name */
};
struct jit_azure_found jit_azure_find(const struct jit_azure_policies *p, const char *machine);
/* -ENOENT: what is wrong where none, or several, were found. */
[[nodiscard]] int jit_azure_missing(const struct jit_azure_found *f,
				    const struct jit_azure_ask *ask, struct diag *d);
/* The group of a machine's id, else the one that was named, else NULL. */
const char *jit_azure_group(const struct jit_azure_ask *ask, char room[static NAME_MAX_AZURE]);
/* Names of a policy become part of an address: they must be names. */
[[nodiscard]] int jit_azure_policy_url(const struct jit_azure *j, const struct jit_azure_policy *p,
				       const char *rest, char ret[static URL_MAX], struct diag *d);
/* jit_azure_send() of a GET. */
[[nodiscard]] int jit_azure_get(const struct jit_azure *j, const char *what, const char *url,
				struct azure_answer *ret, struct diag *d);

/*
 * One request with the token; what: in words. Comes back to it when Azure asks for that. Answers that
 * are no success: -EACCES, -ENOENT, -EAGAIN, -EPROTO with Azure's words in *d.
 */
[[nodiscard]] int jit_azure_send(const struct jit_azure *j, const char *what,
				 const struct azure_request *q, struct azure_answer *ret,
				 struct diag *d);
/* Until the operation that an answer names is done. */
[[nodiscard]] int jit_azure_finish(const struct jit_azure *j, const struct azure_answer *begun,
				   struct diag *d);

/* Pure: of texts. *ret_next: the next page's link, ptr NULL where there is none. */
[[nodiscard]] int jit_azure_read_list(struct str json, struct jit_azure_policies *p,
				      struct str *ret_next, struct diag *d);
[[nodiscard]] int jit_azure_read_policy(struct str json, struct jit_azure_policies *p,
					struct diag *d);
/* The body that a request is answered with. */
[[nodiscard]] int jit_azure_read_access(struct str json, struct arena *a,
					struct jit_azure_opening **ret, size_t *ret_n,
					struct diag *d);
/* A virtual machine's id, and the region that it is in. */
[[nodiscard]] int jit_azure_read_machine(struct str json, struct arena *a, struct str *ret_id,
					 struct str *ret_location, struct diag *d);
/* "PT1H30M", "P1D" in seconds; 0: no such thing, or longer than a year. */
unsigned jit_azure_seconds(struct str s);
/* The names in ".../KIND/NAME/..." of a resource's id; ptr NULL: there is none. */
struct str jit_azure_part(struct str id, struct str kind);

/* end: milliseconds since 1970. */
int jit_azure_put_request(struct buf *out, const struct jit_azure_ask *ask, struct str machine,
			  int64_t end);
/* policy: as it is, or nothing where there is none. -EBADMSG: it is no policy. */
[[nodiscard]] int jit_azure_put_policy(struct buf *out, const struct jit_azure_ask *ask,
				       struct str machine, struct str policy, struct diag *d);

#endif
