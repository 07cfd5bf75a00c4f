/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sudoers.h"
#include "fuzz.h"

static void walk(struct str list, enum sudo_alias_kind kind, const struct root *root,
		 struct arena *a)
{
	struct sudo_item item;

	for (size_t before = list.len; sudo_next_item(&list, kind, a, &item) > 0;
	     before = list.len) {
		fuzz_assert(list.len < before);
		if (kind == SUDO_COMMANDS)
			fuzz_assert(sudo_danger(root, item.text, false));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sudoers_reader reader = {
		.rest = {(const char *)data, size}
	};
	own(arena_release) struct arena a = {};
	struct root nowhere = ROOT_NONE;
	struct sudo_statement st;
	struct str line;

	while (sudoers_next(&reader, &a, &line) > 0) {
		if (sudo_parse(line, &a, &st) < 0)
			break;
		walk(st.users, SUDO_USERS, &nowhere, &a);
		for (size_t i = 0; st.kind == SUDO_RULE && i < st.n; i++) {
			walk(st.specs[i].command, SUDO_COMMANDS, &nowhere, &a);
			walk(st.specs[i].runas, SUDO_RUNAS, &nowhere, &a);
		}
		for (size_t i = 0; st.kind == SUDO_ALIAS && i < st.n; i++)
			walk(st.aliases[i].body, st.aliases[i].kind, &nowhere, &a);
	}
	return 0;
}
