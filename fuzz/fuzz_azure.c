/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of Azure's REST API and metadata service. */
#include "action/azure_rule.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { len ? (const char *)data : "", len };
	char out[300];
	struct azure_rule rule;
	int64_t seconds;

	if (azure_rule_parse(text, &rule) == 0) {
		fuzz_assert(memchr(rule.etag, 0, sizeof rule.etag));
		for (const char *p = rule.etag; *p; p++)
			fuzz_assert(*p > ' ' && *p <= '~');
	}
	if (azure_token_parse(text, out, sizeof out, &seconds) == 0) {
		fuzz_assert(out[0] && seconds >= 0 && seconds <= 86'400);
		for (const char *p = out; *p; p++)
			fuzz_assert(*p > ' ' && *p <= '~');
	}
	fuzz_assert(azure_operation_parse(text) <= 1);
	(void)azure_error_text(text, out, sizeof out);
	for (const char *p = out; *p; p++)
		fuzz_assert((unsigned char)*p >= ' ' && *p != 0x7f);
	return 0;
}
