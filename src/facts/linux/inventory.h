/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inventory: reads what the walk over all files has found, for the table components. */
#ifndef HF_FACTS_LINUX_INVENTORY_H
#define HF_FACTS_LINUX_INVENTORY_H

#include "facts/inventory/component.h"
#include "facts/linux/inventory_walk.h"

#define INVENTORY_TEXT_MAX ((size_t)4 << 20)

struct inventory_read {
	struct collect *c;
	component_fn *fn; /* path of the component: path and x->inside */
	void *user;
	struct str path; /* of what is read now: stays until fn returns */
	struct str told; /* the file that was a problem last */
};

/*
 * Hands on the components that a file or folder names. What cannot be read is a
 * collect_problem(), once a file. 0, -ENOMEM or the error of fn.
 */
[[nodiscard]] int inventory_read(struct inventory_read *x, const struct inventory_found *f);
/* A problem of the file that is read. */
void inventory_problem(struct inventory_read *x, int error, const char *what);
/* A text of at most INVENTORY_TEXT_MAX. 1: read; 0: not there, or a problem was told. */
[[nodiscard]] int inventory_text(struct inventory_read *x, const char *path, struct str *ret);

/* Extensions of a site, by the file that names the version of its core. */
[[nodiscard]] int inventory_wordpress(struct inventory_read *x, struct str version_file);
[[nodiscard]] int inventory_joomla(struct inventory_read *x, struct str manifest);

/* The file that a package manager would list: of a folder the one that names the component. */
struct str inventory_owned_path(struct arena *a, const struct inventory_found *f);

#endif
