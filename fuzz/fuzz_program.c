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

static bool is_expected(int r)
{
	return r == 0 || r == -ENOENT || r == -EBADMSG || r == -ENOMEM || r == -E2BIG;
}

static void look_inside(const struct stretch *s)
{
	own(arena_release) struct arena a = {};
	struct diag d = {};
	unsigned n = 0;
	struct elf e;
	int r = elf_open(s, &e);

	fuzz_assert(r == 0 || r == -ENOEXEC || r == -EBADMSG);
	if (r < 0)
		return;
	fuzz_assert(is_expected(program_go(&e, &a, count, &n)));
	fuzz_assert(is_expected(program_rust(&e, &a, count, &n, &d)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str names[] = { STR("nginx"), STR("httpd"), STR("libcrypto.so.3"),
					    STR("node") };
	struct str text = { (const char *)data, size };
	struct stretch s = stretch_of_memory(text);
	unsigned n = 0;

	for (size_t i = 0; i < COUNT(names); i++) {
		int r = program_marked(&s, names[i], count, &n);

		fuzz_assert(program_is_marked(names[i]));
		fuzz_assert(r == 1 || is_expected(r));
	}
	fuzz_assert(is_expected(go_modules(text, count, &n)));
	look_inside(&s);
	return 0;
}
