/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output of `nft -j list ruleset`. */
#include "facts/linux/firewall.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str text = { len ? (const char *)data : "", len };
	struct fw_chains chains = {};
	int r = nft_json_parse(text, &a, &chains);

	fuzz_assert(r == 0 || r == -EBADMSG || r == -E2BIG || r == -ENOMEM);
	for (size_t i = 0; i < chains.n; i++) {
		fuzz_assert(chains.list[i].hook.len && chains.list[i].kernel);
		fuzz_assert(!chains.list[i].final_drop || chains.list[i].rules);
	}
	return 0;
}
