/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target over every file of the directories it is given: replay_NAME DIRECTORY... */
#include <stdio.h>

#include "base/root.h"
#include "fuzz.h"

static int replay(const char *path, size_t *files)
{
	own(root_release) struct root root = ROOT_NONE;
	own(arena_release) struct arena a = {};
	struct dir_list list;
	int r = root_open(path, true, &root);

	if (r >= 0)
		r = root_list(&root, "/", &a, &list);
	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct arena_mark mark = arena_mark(&a);
		uint8_t *data;
		struct str text;

		r = root_read(&root, list.entries[i].name, 0, &a, &text, NULL);
		if (r < 0)
			break;
		/* Of its own, without a NUL behind it, so that AddressSanitizer sees the end. */
		data = malloc(text.len);
		if (text.len && !data)
			return -ENOMEM;
		if (text.len)
			memcpy(data, text.ptr, text.len);
		LLVMFuzzerTestOneInput(data, text.len);
		free(data);
		arena_rewind(&a, mark);
		++*files;
	}
	return r;
}

int main(int argc, char **argv)
{
	size_t files = 0;

	for (int i = 1; i < argc; i++) {
		int r = replay(argv[i], &files);

		if (r < 0) {
			fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
			return 1;
		}
	}
	printf("%zu files\n", files);
	return files ? 0 : 1;
}
