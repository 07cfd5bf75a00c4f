/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/shell.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, line, name, value;
	own(arena_release) struct arena a = {};
	unsigned next = 0, number = 0;

	while (shell_line(&text, &next, &number, &a, &line) > 0) {
		struct shell_words words;
		size_t at = 0, first, n;

		if (shell_split(line, &a, &words) < 0)
			return 0;
		while (shell_command(&words, &at, &first, &n)) {
			fuzz_assert(n && first + n <= words.n && at <= words.n);
			shell_assignment(words.words[first].text, &name, &value);
		}
	}
	return 0;
}
