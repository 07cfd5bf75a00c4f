/* SPDX-License-Identifier: GPL-3.0-or-later */
/* github.com/rust-secure-code/cargo-auditable: a section of JSON, packed by zlib. */
#include <zlib.h>

#include "facts/inventory/manifest.h"
#include "facts/inventory/program.h"

#define PACKED_MAX ((uint64_t)4 << 20)
#define JSON_MAX ((size_t)8 << 20)

int program_rust(const struct elf *e, struct arena *a, component_fn *fn, void *user, struct diag *d)
{
	own(free_ptr) unsigned char *packed = NULL, *plain = NULL;
	struct elf_part part;
	uLongf n = JSON_MAX;
	int r = elf_section(e, ".dep-v0", &part), rc;

	if (r >= 0 && part.bytes > PACKED_MAX)
		r = diag_set(d, -EBADMSG, NULL, 0, "the list of crates is too long");
	if (r < 0)
		return r;
	packed = malloc((size_t)part.bytes + 1);
	plain = malloc(JSON_MAX);
	if (!packed || !plain)
		return -ENOMEM;
	r = stretch_read(&e->src, part.at, packed, (size_t)part.bytes);
	if (r < 0)
		return r;
	rc = uncompress(plain, &n, packed, (uLong)part.bytes);
	if (rc == Z_MEM_ERROR)
		return -ENOMEM;
	if (rc != Z_OK)
		return diag_set(d, -EBADMSG, NULL, 0, "the list of crates is damaged");
	return manifest_cargo((struct str){ (const char *)plain, n }, STR(""), a, fn, user, d);
}
