/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of nft as filters, which are then evaluated. */
#include "fuzz.h"
#include "fuzz_reader.h"
#include "net/nft_text.h"

/* Every include is the file itself: as deep as it goes. */
static int include(void *user, [[maybe_unused]] struct str pattern,
		   [[maybe_unused]] struct str from, struct nft_text_file **ret, size_t *ret_n)
{
	*ret = user;
	*ret_n = 1;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(fuzz_filter_release) struct fuzz_filter x = {};
	struct nft_text_file file = {
		STR("fuzz"), {len ? (const char *)data : "", len}
	};
	struct nft_text in = { .file = file, .include = include, .user = &file };
	struct diag d = {};
	int r = fuzz_filter_init(&x);

	if (r >= 0)
		r = nft_text_read(&in, NULL, &x.filter, &d);
	fuzz_filter_check(&x, r);
	fuzz_assert(r < 0 || !x.filter.unknown.len || d.reason[0]);
	return 0;
}
