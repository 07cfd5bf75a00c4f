/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of remembered ids of any bytes: what is taken after it is never taken again. */
#include <sodium.h>

#include "jit/replay.h"
#include "jit_folder.h"

#define NOW 1'790'000'000'000
#define SKEW 60'000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct replay *r = NULL;
	unsigned char id[KNOCK_ID] = { 1 };
	bool taken[8] = {};
	struct diag d = {};

	if (folder < 0) {
		fuzz_assert(sodium_init() >= 0);
		folder_begin();
	}
	folder_write(REPLAY_NAME, (struct str){ (const char *)data, size });
	if (replay_open(folder, STR("boot"), NOW, SKEW, &r, &d) < 0)
		return 0;
	for (unsigned char i = 0; i < COUNT(taken); i++) {
		id[1] = i;
		taken[i] = !replay_add(r, id, NOW + SKEW - i, NOW);
		fuzz_assert(replay_ask(r, id, NOW + SKEW - i, NOW) != REPLAY_NEW || !taken[i]);
	}
	/* A clean end, and as a crash leaves it. */
	if (size % 2)
		replay_close(&r);
	{
		struct replay *again = NULL;

		fuzz_assert(!replay_open(folder, STR("boot"), NOW + 1, SKEW, &again, &d));
		for (unsigned char i = 0; i < COUNT(taken); i++) {
			id[1] = i;
			fuzz_assert(!taken[i] ||
				    replay_ask(again, id, NOW + SKEW - i, NOW + 1) != REPLAY_NEW);
		}
		fuzz_assert(replay_count(again) <= REPLAY_MAX);
		replay_close(&again);
	}
	replay_close(&r);
	return 0;
}
