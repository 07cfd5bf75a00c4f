/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "password/hash.h"
#include "password/samba.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	struct samba_file f = {};
	struct diag d = {};

	if (samba_parse((struct str){ (const char *)data, size }, &a, &f, &d) < 0)
		return 0;
	for (size_t i = 0; i < f.n; i++) {
		struct str hash = f.accounts[i].hash;

		fuzz_assert(f.accounts[i].name.len);
		fuzz_assert(!hash.len || !hash_classify(hash).trouble);
	}
	return 0;
}
