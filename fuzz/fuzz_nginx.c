/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/web_config.h"
#include "fuzz.h"

static int look(void *user, const struct nginx_statement *s)
{
	unsigned *last = user;

	fuzz_assert(s->end == ';' || s->end == '{' || s->end == '}');
	fuzz_assert(s->name.len || s->end == '}');
	fuzz_assert(s->line >= *last && s->value.len <= 4096);
	*last = s->line;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena arena = {};
	struct diag d = {};
	unsigned last = 1;
	int r = nginx_parse((struct str){ (const char *)data, len }, &arena, &d, look, &last);

	fuzz_assert(r == 0 || r == -EBADMSG || r == -ENOMEM);
	fuzz_assert(r != -EBADMSG || d.reason[0]);
	return 0;
}
