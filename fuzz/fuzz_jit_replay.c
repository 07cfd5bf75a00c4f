/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file of remembered ids: what is taken after it is never taken again. The first byte: 0: the bytes are
 * the file; else 24 bytes each become a genuine record.
 */
#include <sodium.h>

#include "base/buf.h"
#include "jit/replay.h"
#include "jit_folder.h"

#define NOW 1'790'000'000'000
#define SKEW 60'000

static void lay(const uint8_t *data, size_t size)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES] = "holdfast replay";
	struct buf own(buf_release) b = BUF(1 << 20);

	if (!*data) {
		folder_write(REPLAY_NAME, (struct str){ (const char *)data + 1, size - 1 });
		return;
	}
	buf_puts(&b, "holdfast replay 1\n");
	for (unsigned i = 0; 1 + 24 * (size_t)(i + 1) <= size && i < 1'000; i++) {
		unsigned char text[28], mac[8];

		memcpy(text, data + 1 + (size_t)24 * i, 24);
		for (unsigned k = 0; k < 4; k++)
			text[24 + k] = (unsigned char)(i >> 8 * k);
		crypto_shorthash(mac, text, sizeof text, key);
		buf_add(&b, text, 24);
		buf_add(&b, mac, sizeof mac);
	}
	folder_write(REPLAY_NAME, buf_view(&b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct replay *r = NULL;
	unsigned char id[KNOCK_ID] = { 1 };
	bool taken[8] = {};
	struct diag d = {};

	if (!size)
		return 0;
	if (folder < 0) {
		fuzz_assert(sodium_init() >= 0);
		folder_begin();
	}
	lay(data, size);
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
