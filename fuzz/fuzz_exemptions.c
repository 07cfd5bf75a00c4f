/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An exemptions file: every exemption that is accepted is complete. */
#include "fuzz.h"
#include "posture/exempt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str text = { len ? (const char *)data : "", len };
	struct exemptions e = {};
	struct diag d = {};
	int r = exemptions_parse(text, "fuzz.yaml", 1800000000, &a, &e, &d);

	fuzz_assert(r <= 0);
	fuzz_assert(r == 0 || (d.reason[0] && !e.n));
	for (size_t i = 0; i < e.n; i++) {
		const struct exemption *x = &e.list[i];

		fuzz_assert(x->check.len && x->resource.len && x->reason.len && x->owner.len);
		fuzz_assert(x->expires.len == 10 && x->expires_at > 0 && x->line > 0);
		fuzz_assert(x->expired == (1800000000 >= x->expires_at));
	}
	return 0;
}
