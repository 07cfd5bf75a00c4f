/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/web_config.h"
#include "fuzz.h"

static int look(void *user, const struct apache_line *l)
{
	unsigned *last = user;

	fuzz_assert(l->name.len && l->line > *last);
	for (size_t i = 0; i < l->name.len; i++)
		fuzz_assert(l->name.ptr[i] < 'A' || l->name.ptr[i] > 'Z');
	*last = l->line;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena arena = {};
	unsigned last = 0;
	int r = apache_parse((struct str){ (const char *)data, len }, &arena, look, &last);

	fuzz_assert(r == 0 || r == -ENOMEM);
	return 0;
}
