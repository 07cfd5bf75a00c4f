/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/secret_scan.h"
#include "fuzz.h"

static int check(void *user, const char *kind, struct str value)
{
	struct secret_mask mask = secret_mask(value);

	(void)user;
	fuzz_assert(kind && value.len && strlen(mask.text) <= 8);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, line;
	own(arena_release) struct arena a = {};

	while (str_line(&text, &line, NULL)) {
		struct secret_scan s = { .arena = &a, .fn = check };
		struct arena_mark mark = arena_mark(&a);

		(void)secret_likely(line);
		if (secret_shell(&s, line) < 0 || secret_text(&s, line) < 0 ||
		    secret_setting(&s, line, NULL) < 0 || secret_json(&s, line, NULL) < 0)
			return 0;
		arena_rewind(&a, mark);
	}
	return 0;
}
