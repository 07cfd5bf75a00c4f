/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program: sections, Go's build information, crates, the text by which it names itself. */
#include "facts/inventory/program.h"
#include "fuzz.h"

static int count(void *user, const struct component *x)
{
	unsigned *n = user;

	++*n;
	fuzz_assert(component_text(x->name));
	fuzz_assert(!x->version.len || component_text(x->version));
	return *n > 100'000 ? -E2BIG : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str names[] = { STR("nginx"), STR("httpd"), STR("libcrypto.so.3"),
					    STR("node") };
	struct stretch s = stretch_of_memory((struct str){ (const char *)data, size });
	own(arena_release) struct arena a = {};
	struct diag d = {};
	unsigned n = 0;
	struct elf e;
	int r;

	for (size_t i = 0; i < COUNT(names); i++) {
		fuzz_assert(program_is_marked(names[i]));
		r = program_marked(&s, names[i], count, &n);
		fuzz_assert(r == 0 || r == -ENOMEM);
	}
	r = go_modules((struct str){ (const char *)data, size }, count, &n);
	fuzz_assert(r == 0 || r == -E2BIG);
	r = elf_open(&s, &e);
	fuzz_assert(r == 0 || r == -ENOEXEC || r == -EBADMSG);
	if (r < 0)
		return 0;
	r = program_go(&e, &a, count, &n);
	fuzz_assert(r == 0 || r == -ENOENT || r == -EBADMSG || r == -ENOMEM || r == -E2BIG);
	r = program_rust(&e, &a, count, &n, &d);
	fuzz_assert(r == 0 || r == -ENOENT || r == -EBADMSG || r == -ENOMEM || r == -E2BIG);
	return 0;
}
