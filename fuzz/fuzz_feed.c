/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A document of any feed; what is understood makes an index that is whole. */
#include "fuzz.h"
#include "vuln/feed.h"
#include "vuln/index_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct str keep[] = { STR("Debian:12"), STR("PyPI"), STR("WordPress:*") };
	own(feed_read_release) struct feed_read f = {};
	own(buf_release) struct buf out = BUF(INDEX_SIZE_MAX);
	struct str text = { (const char *)data, len };
	struct index x;
	struct diag d = {};

	if (!len || len > 1 << 20)
		return 0;
	/* The first byte says what is kept. */
	if (data[0] == '#') {
		f.keep = keep;
		f.n_keep = COUNT(keep);
		text = str_sub(text, 1, len);
	}
	if (feed_read_text(&f, STR("a/b.json"), text, &d) < 0) {
		fuzz_assert(d.reason[0]);
		return 0;
	}
	fuzz_assert(f.now && f.now->build);
	fuzz_assert(index_build_write(f.now->build, &out) == 0);
	fuzz_assert(index_read(buf_view(&out), &x, NULL) == 0);
	fuzz_assert(index_check(&x, NULL) == 0);
	return 0;
}
