/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two texts, separated by a NUL: what a diff keeps and takes out is the one, and puts in the other. */
#include "action/diff.h"
#include "fuzz.h"

static void check(struct str want, char without, const struct diff_line *l, size_t n)
{
	size_t line = 0;

	for (size_t i = 0; i < n; i++) {
		if (l[i].sign == without)
			continue;
		fuzz_assert(str_starts(want, l[i].text));
		fuzz_assert((without == '+' ? l[i].old : l[i].new) == ++line);
		want = str_sub(want, l[i].text.len, want.len);
	}
	fuzz_assert(!want.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = { .limit = (size_t)256 << 20 };
	own(buf_release) struct buf out = BUF(1 << 22);
	struct str new = { (const char *)data, len }, old = str_cut(&new, '\0');
	struct diff_line *l = NULL;
	size_t n = 0;

	if (diff_lines(old, new, &a, &l, &n) < 0)
		return 0;
	check(old, '+', l, n);
	check(new, '-', l, n);
	(void)!diff_unified(old, new, "a/x", "b/x", &out);
	return 0;
}
