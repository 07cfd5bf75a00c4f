/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hunt_disk: where the logs of a mounted disk are. */
#include "base/root.h"
#include "cli/hunt_setup.h"

/* Windows does not tell case apart, and the file system that it is read with may. */
static const struct {
	const char *path;
	bool any_case;
} places[] = {
	{"var/log",			    false},
	{ "Windows/System32/winevt/Logs",      true },
	{ "inetpub/logs/LogFiles",             true },
	{ "Windows/System32/LogFiles/HTTPERR", true },
	{ "ProgramData/ssh/logs",              true },
};

/* The entry of that name, ptr NULL where there is none; of two in different case the exact one. */
static struct str find_entry(const struct root *root, const char *folder, struct str name,
			     struct arena *a)
{
	struct dir_list list;
	const char *found = NULL;

	if (root_list(root, folder, a, &list) < 0)
		return (struct str){};
	for (size_t i = 0; i < list.n; i++)
		if (str_ieq(str_of(list.entries[i].name), name) &&
		    (!found || str_eq(str_of(list.entries[i].name), name)))
			found = list.entries[i].name;
	return found ? arena_fmt(a, "%s/%s", folder, found) : (struct str){};
}

/* The path as it is spelled on the disk; NULL: it is not there. */
static const char *find_any_case(const struct root *root, const char *path, struct arena *a)
{
	struct str rest = str_of(path), at = STR("");

	while (rest.len && at.ptr)
		at = find_entry(root, at.ptr, str_cut(&rest, '/'), a);
	return at.ptr;
}

static const char *find_place(const struct root *root, size_t i, struct arena *a)
{
	struct stat st;

	if (places[i].any_case)
		return find_any_case(root, places[i].path, a);
	return root_stat(root, places[i].path, &st) == 0 ? arena_fmt(a, "/%s", places[i].path).ptr
							 : NULL;
}

int hunt_add_disk(struct reader *r, const char *path)
{
	own(root_release) struct root root = ROOT_NONE;
	own(arena_release) struct arena a = {};
	int e = root_open(path, false, &root), code = EXIT_OK;
	bool any = false;

	if (e < 0) {
		cli_error("%s: %s", path, strerror(-e));
		return EXIT_FAILED;
	}
	for (size_t i = 0; code == EXIT_OK && i < COUNT(places); i++) {
		const char *place = find_place(&root, i, &a);

		any = any || place;
		if (place)
			code = hunt_add_input(r, path, place);
	}
	if (!any) {
		cli_error("%s: neither var/log nor Windows/System32/winevt/Logs is here", path);
		return EXIT_FAILED;
	}
	return code;
}
