/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/archive_lib.h"

#include <dlfcn.h>

static int load(struct archive_lib *ret, struct diag *d)
{
	struct archive_lib lib = {};
	void *handle = dlopen(ARCHIVE_LIB, RTLD_NOW | RTLD_LOCAL);
	const struct {
		const char *name;
		void *to;
	} functions[] = {
#define ARCHIVE_ROW_(name) { #name, &lib.name },
		ARCHIVE_FUNCTIONS(ARCHIVE_ROW_)
	};

	if (!handle)
		return diag_set(d, -ENOSYS, NULL, 0, "%s cannot be loaded: %s", ARCHIVE_LIB,
				dlerror());
	for (size_t i = 0; i < COUNT(functions); i++) {
		void *p = dlsym(handle, functions[i].name);

		if (!p)
			return diag_set(d, -ENOSYS, NULL, 0, "%s has no %s", ARCHIVE_LIB,
					functions[i].name);
		/* POSIX lets an object pointer be the address of a function, C does not. */
		memcpy(functions[i].to, &p, sizeof p);
	}
	*ret = lib;
	return 0;
}

const struct archive_lib *archive_lib(struct diag *d)
{
	static struct archive_lib lib;

	if (!lib.archive_read_new && load(&lib, d) < 0)
		return NULL;
	return &lib;
}
