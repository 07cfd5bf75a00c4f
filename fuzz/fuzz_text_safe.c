/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What text_safe() lets through: printable UTF-8 that fits, unchanged by a second pass. */
#include "base/diag.h"
#include "base/term.h"
#include "fuzz.h"

static void check(struct str in, size_t size)
{
	char out[256], again[256];
	struct str rest;

	memset(out, 0x7f, sizeof out);
	text_safe(in, out, size);
	rest = str_of(out);
	fuzz_assert(rest.len < size);
	for (size_t i = rest.len + 1; i < sizeof out; i++)
		fuzz_assert(out[i] == 0x7f);
	fuzz_assert(term_columns(rest) <= 2 * rest.len);
	while (rest.len) {
		int32_t rune = str_rune(&rest);

		fuzz_assert(rune >= 0x20 && (rune < 0x7f || rune > 0x9f) &&
			    (rune < 0x202a || rune > 0x202e) && (rune < 0x2066 || rune > 0x2069));
	}
	fuzz_assert(!strcmp(text_safe(str_of(out), again, sizeof again), out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str in = { len ? (const char *)data : "", len };
	static const size_t sizes[] = { 1, 2, 7, 64, 256 };

	for (size_t i = 0; i < COUNT(sizes); i++)
		check(in, sizes[i]);
	return 0;
}
