/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time zones in TZif, and local times in them. */
#include "events/zone.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { len ? (const char *)data : "", len };
	struct zone *z = NULL;
	int r = zone_parse(text, &z);

	fuzz_assert(r == 0 || r == -EINVAL || r == -ENOMEM);
	for (int64_t t = -2000000000; r == 0 && t < 5000000000; t += 86400 * 11 + 1234) {
		int64_t utc = zone_utc(z, t, INT64_MIN);

		/* No clock is more than two days off. */
		fuzz_assert(utc > t - 4 * 86400 && utc < t + 4 * 86400);
		fuzz_assert(zone_utc(z, t, utc + 3600) >= utc);
	}
	zone_release(&z);
	return 0;
}
