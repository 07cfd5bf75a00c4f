/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs one of the fuzz targets over every file of directories: replay NAME DIRECTORY... */
#include <stdio.h>

#include "base/root.h"

/* TARGETS is TARGET(NAME) for each, from meson.build. */
#define TARGET(name) int fuzz_##name(const uint8_t *data, size_t len);
TARGETS
#undef TARGET

static const struct target {
	const char *name;
	int (*run)(const uint8_t *data, size_t len);
} targets[] = {
#define TARGET(name) { #name, fuzz_##name },
	TARGETS
#undef TARGET
};

static int replay(const struct target *target, const char *path, size_t *files)
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
		target->run((const uint8_t *)data, text.len);
		free(data);
		arena_rewind(&a, mark);
		++*files;
	}
	return r;
}

int main(int argc, char **argv)
{
	const struct target *target = NULL;
	size_t files = 0;

	for (size_t i = 0; argc > 1 && i < COUNT(targets); i++)
		if (!strcmp(targets[i].name, argv[1]))
			target = &targets[i];
	if (!target)
		return 2;
	for (int i = 2; i < argc; i++) {
		int r = replay(target, argv[i], &files);

		if (r < 0) {
			fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
			return 1;
		}
	}
	printf("%zu files\n", files);
	return files ? 0 : 1;
}
