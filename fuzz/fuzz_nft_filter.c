/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output of `nft -j list ruleset` as a filter, which is then evaluated. */
#include "fuzz.h"
#include "fuzz_reader.h"
#include "net/nft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(fuzz_filter_release) struct fuzz_filter x = {};
	struct str text = { len ? (const char *)data : "", len };
	struct match_facts facts = {};
	struct nft_options options = { .facts = &facts };
	struct diag d = {};
	int r = fuzz_filter_init(&x);

	if (r >= 0)
		r = nft_read(text, &options, &x.filter, &d);
	fuzz_filter_check(&x, r);
	fuzz_assert(r < 0 || !x.filter.unknown.len == !d.reason[0]);
	return 0;
}
