/* SPDX-License-Identifier: GPL-3.0-or-later */
/* feeds.conf. */
#include "fuzz.h"
#include "vuln/feed_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct feed_config c;
	struct diag d = {};

	if (feed_config_parse((struct str){ (const char *)data, len }, "feeds.conf", &a, &c, &d) <
	    0) {
		fuzz_assert(d.reason[0] && d.line);
		return 0;
	}
	for (size_t i = 0; i < c.n; i++)
		fuzz_assert(feed_config_find(&c, c.feeds[i].name) == &c.feeds[i]);
	return 0;
}
