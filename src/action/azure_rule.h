/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_rule: the texts that go to Azure's REST API and come from it. Pure. */
#ifndef HF_ACTION_AZURE_RULE_H
#define HF_ACTION_AZURE_RULE_H

#include "action/ban_azure.h"
#include "base/buf.h"

/* Whoever finds it in the portal reads what it is. */
#define AZURE_RULE_WORDS "holdfast: banned addresses; kept by holdfast guard, delete to undo"

/* Names that may stand in a URL: letters, digits, "-", "_", ".", "(" and ")". */
bool azure_name(const char *name);
/* The rule's JSON. */
int azure_rule_body(struct buf *out, const struct prefix *list, size_t n, unsigned priority);

/* What a rule is now. */
struct azure_rule {
	bool ours;    /* by its description */
	bool settled; /* provisioningState is Succeeded or there is none */
	bool failed;  /* it is Failed or Canceled */
	size_t prefixes;
	char etag[256]; /* "": none */
};
[[nodiscard]] int azure_rule_parse(struct str json, struct azure_rule *ret);
/* Status of an asynchronous operation: 1 done, 0 under way, -EIO failed, -EBADMSG. */
[[nodiscard]] int azure_operation_parse(struct str json);
/* A token and the seconds for which it is good. */
[[nodiscard]] int azure_token_parse(struct str json, char *ret, size_t size, int64_t *ret_seconds);
/* "code: message" of an error's body, safe to print; "" where there is none. */
const char *azure_error_text(struct str json, char *ret, size_t size);

#endif
