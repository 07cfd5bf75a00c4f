/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program: what an executable says of itself: Go's build information, the list of crates that
 * cargo-auditable leaves, and the version that servers built by hand carry as text.
 */
#ifndef HF_FACTS_INVENTORY_PROGRAM_H
#define HF_FACTS_INVENTORY_PROGRAM_H

#include "base/diag.h"
#include "facts/inventory/component.h"
#include "facts/inventory/elf.h"

#define PROGRAM_BYTES_MAX ((uint64_t)1 << 30)

/*
 * Go, both forms (debug/buildinfo of Go): with pointers before 1.18, with the text behind it since.
 * The standard library is a component, too. -ENOENT: not a program of Go, -EBADMSG: damaged, -ENOMEM.
 */
[[nodiscard]] int program_go(const struct elf *e, struct arena *a, component_fn *fn, void *user);
/* Lines of a module's build information, without the 16 bytes around them. */
[[nodiscard]] int go_modules(struct str text, component_fn *fn, void *user);

/* Section .dep-v0. -ENOENT, -EBADMSG, -ENOMEM. */
[[nodiscard]] int program_rust(const struct elf *e, struct arena *a, component_fn *fn, void *user,
			       struct diag *d);

/* Whether the name of a file is that of a program whose version stands in it. */
bool program_is_marked(struct str name);
/* The version that stands behind its mark. 1: found; 0: nothing is there. */
[[nodiscard]] int program_marked(const struct stretch *s, struct str name, component_fn *fn,
				 void *user);

#endif
