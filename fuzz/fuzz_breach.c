/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first line is looked for in the rest; the list repeats to be longer than what is scanned. */
#include "base/buf.h"
#include "fuzz.h"
#include "password/breach.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(buf_release) struct buf list = BUF(1 << 20);
	struct str text = { (const char *)data, size }, digits = str_cut(&text, '\n');
	uint64_t count = 7;
	int r = breach_find(text, digits, &count);

	fuzz_assert(r <= 0 && (r == 0 || count == 7));
	while (text.len && list.len < 20'000)
		if (buf_str(&list, text) < 0)
			return 0;
	count = 7;
	r = breach_find(buf_view(&list), digits, &count);
	fuzz_assert(r <= 0 && (r == 0 || count == 7));
	return 0;
}
