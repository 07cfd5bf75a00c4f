/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/passwd_file.h"
#include "fuzz.h"

static void within(struct str text, struct str s)
{
	fuzz_assert(!s.len || (s.ptr >= text.ptr && s.ptr + s.len <= text.ptr + text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	own(arena_release) struct arena a = {};
	struct passwd_file users;
	struct shadow_file shadow;
	struct group_file groups;
	struct gshadow_file gshadow;

	if (passwd_parse(text, &a, &users) < 0 || shadow_parse(text, &a, &shadow) < 0 ||
	    group_parse(text, &a, &groups) < 0 || gshadow_parse(text, &a, &gshadow) < 0)
		return 0;
	for (size_t i = 0; i < users.n; i++) {
		within(text, users.entries[i].shell);
		fuzz_assert(users.entries[i].uid >= -1 && users.entries[i].uid <= UINT32_MAX);
	}
	for (size_t i = 0; i < shadow.n; i++) {
		struct str hash = shadow.entries[i].hash;

		within(text, hash);
		fuzz_assert(password_state_name(password_state(hash)));
		fuzz_assert(password_bare(hash).len <= hash.len);
	}
	for (size_t i = 0; i < groups.n; i++)
		within(text, groups.entries[i].members);
	for (size_t i = 0; i < gshadow.n; i++)
		within(text, gshadow.entries[i].members);
	return 0;
}
