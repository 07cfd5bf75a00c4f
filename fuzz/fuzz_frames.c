/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a collecting process that was taken over may send to the one that stores. */
#include "facts/store.h"
#include "fuzz.h"

static void take_one(struct store *s, const struct frame *f)
{
	struct str payload = f->payload, path, reason;
	struct frame_end end;
	uint32_t error;
	int r = 0;

	if (f->type == FRAME_ROW)
		r = store_row(s, f->table, payload);
	else if (f->type == FRAME_END && frame_get_end(payload, &end) == 0)
		r = store_status(s, f->table, &end);
	else if (f->type == FRAME_PROBLEM && frame_get_u32(&payload, &error) == 0 &&
		 frame_get_text(&payload, &path) == 0 && frame_get_text(&payload, &reason) == 0)
		r = store_problem(s, f->table, (int)(error & INT32_MAX), path, reason);
	/* Anything else would end the snapshot as a whole. */
	fuzz_assert(r == 0 || r == -EBADMSG || r == -E2BIG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct store store;
	struct str input = { len ? (const char *)data : "", len };
	struct frame f;
	int r;

	if (!store.db && store_open(&store) < 0)
		return 0;
	if (store_exec(&store, "SAVEPOINT fuzz") < 0)
		return 0;
	while ((r = frame_next(&input, &f)) == 1) {
		fuzz_assert(f.table < n_collectors && f.payload.len <= FRAME_MAX);
		fuzz_assert(f.payload.ptr + f.payload.len == input.ptr);
		take_one(&store, &f);
	}
	fuzz_assert(r == 0 || r == -EBADMSG);
	store.bytes = 0;
	fuzz_assert(store_exec(&store, "ROLLBACK TO fuzz; RELEASE fuzz") == 0);
	return 0;
}
