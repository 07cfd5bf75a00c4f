/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A policy of any text: read or refused with a place; decisions within its bounds. */
#include <netinet/in.h>

#include "fuzz.h"
#include "jit/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_policy own(jit_policy_release) p = {};
	struct knock k = { .action = KNOCK_OPEN, .account = STR("ann"), .n_ports = 1 };
	struct jit_request q = { .knock = &k,
				 .from = net_v4(0xcb007105),
				 .key = STR("SHA256:x"),
				 .now = 1'790'000'000 };
	struct jit_decision got;
	struct diag d = {};

	if (jit_policy_parse((struct str){ (const char *)data, size }, "jit.conf", &p, &d)) {
		fuzz_assert(*d.reason);
		return 0;
	}
	k.ports[0] = (struct knock_port){ IPPROTO_TCP, 22 };
	got = jit_policy_decide(&p, &q);
	fuzz_assert(got.verdict < JIT_VERDICTS);
	fuzz_assert(got.verdict != JIT_GRANTED ||
		    (got.rule && got.seconds && got.seconds <= got.rule->longest));
	return 0;
}
