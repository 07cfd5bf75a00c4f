/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ssh -G may say of a host. */
#include "fuzz.h"
#include "jit/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena own(arena_release) a = {};
	struct client_target t;
	struct diag d = {};

	if (client_target_parse((struct str){ (const char *)data, size }, STR("vm"), &a, &t, &d) <
	    0)
		return 0;
	fuzz_assert(t.port && t.name.len && t.known_as.len);
	fuzz_assert(t.n_known_hosts <= CLIENT_FILES_MAX && t.n_identities <= CLIENT_FILES_MAX);
	/* Paths go to open(2). */
	for (size_t i = 0; i < t.n_known_hosts; i++)
		fuzz_assert(!t.known_hosts[i].ptr[t.known_hosts[i].len]);
	for (size_t i = 0; i < t.n_identities; i++)
		fuzz_assert(!t.identities[i].ptr[t.identities[i].len]);
	return 0;
}
