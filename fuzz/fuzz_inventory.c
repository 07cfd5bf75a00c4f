/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and paths of files, and what /proc says of mounts. */
#include "facts/inventory/component.h"
#include "facts/linux/inventory_names.h"
#include "facts/linux/proc_code.h"
#include "fuzz.h"

static void check_path(struct str path, struct arena *a)
{
	struct str full = proc_absolute(a, STR("/srv/app"), path), layer = {}, inside = {}, folder;

	fuzz_assert(full.ptr && full.len && full.ptr[0] == '/');
	fuzz_assert(full.len == 1 || full.ptr[full.len - 1] != '/');
	fuzz_assert(!str_contains(full, STR("/../")) && !str_contains(full, STR("/./")) &&
		    !str_contains(full, STR("//")));
	if (inventory_layer(full, &layer, &inside))
		fuzz_assert(inside.len && inside.ptr[0] == '/');
	folder = proc_library_folder(full);
	fuzz_assert(folder.len <= full.len);
	(void)proc_language(full);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	struct str text = { (const char *)data, size }, rest = text, line;
	struct purl_package p = { .format = STR("rpm") };
	enum inventory_zone zone;
	bool enter;

	while (str_line(&rest, &line, NULL)) {
		struct str dir = line, name = str_basename(line);

		check_path(line, &a);
		dir.len -= MIN(name.len, dir.len);
		if (!name.len || memchr(line.ptr, 0, line.len))
			continue;
		for (unsigned z = INVENTORY_PLAIN; z <= INVENTORY_STACK; z++) {
			fuzz_assert(inventory_file(z, dir, name) < INVENTORY_LAYER);
			fuzz_assert(inventory_folder(z, dir, name, &zone, &enter) <=
				    INVENTORY_LAYER);
		}
	}
	(void)proc_overlay(&a, text);
	p.name = str_cut(&text, '\n');
	p.version = str_cut(&text, '\n');
	p.arch = p.distro = p.vendor = text;
	fuzz_assert(package_purl(&a, &p).ptr);
	return 0;
}
