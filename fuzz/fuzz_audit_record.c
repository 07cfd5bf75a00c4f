/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "password/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	struct audit_record record = {};
	struct diag d = {};

	if (record_parse((struct str){ (const char *)data, size }, &a, &record, &d) < 0)
		return 0;
	for (size_t i = 0; i < record.n; i++) {
		fuzz_assert(record.rows[i].name.len);
		fuzz_assert(record.rows[i].state <= AUDIT_UNFINISHED);
		fuzz_assert(record.rows[i].kind < CANDIDATE_KINDS);
		fuzz_assert(record.rows[i].store.ptr && record.rows[i].hash.ptr);
	}
	return 0;
}
