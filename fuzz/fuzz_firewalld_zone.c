/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zones of firewalld as rule sets. */
#include "facts/linux/boot_rules.h"
#include "fuzz.h"
#include "fuzz_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(fuzz_filter_release) struct fuzz_filter x = {};
	struct str zone = { len ? (const char *)data : "", len };
	struct nft_text text;
	int r = fuzz_filter_init(&x);

	if (r >= 0)
		r = firewalld_nft(&x.arena, zone, STR("zone.xml"), &text);
	if (r >= 0)
		r = nft_text_read(&text, NULL, &x.filter, NULL);
	fuzz_filter_check(&x, r);
	/* the frame around the zone is always understood */
	fuzz_assert(r < 0 || x.filter.unknown.len || (x.filter.n == 1 && x.filter.chains[0].base));
	return 0;
}
