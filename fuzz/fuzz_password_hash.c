/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every line is a hash as it stands in shadow(5). */
#include "fuzz.h"
#include "password/hash.h"
#include "password/nt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, line;
	uint8_t digest[16];

	while (str_line(&text, &line, NULL)) {
		struct hash_info i = hash_classify(line);
		char cost[64];

		fuzz_assert(i.type < HASH_TYPES && i.work >= 1 && i.setting <= line.len);
		fuzz_assert(hash_usual_us(&i) > 0 && hash_type_name(i.type));
		fuzz_assert(strlen(hash_cost_text(&i, cost, sizeof cost)) < sizeof cost);
		fuzz_assert(i.trouble || i.type != HASH_UNKNOWN);
		nt_hash(line, digest);
	}
	return 0;
}
