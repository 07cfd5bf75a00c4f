/* SPDX-License-Identifier: GPL-3.0-or-later */
/* elf: sections and segments of a program (elf(5)), of either width and byte order. */
#ifndef HF_FACTS_INVENTORY_ELF_H
#define HF_FACTS_INVENTORY_ELF_H

#include "base/buf.h"
#include "facts/inventory/stretch.h"

#define ELF_SECTIONS_MAX 1024
#define ELF_SEGMENTS_MAX 256

struct elf {
	struct stretch src;
	bool wide, big; /* 64 bits; most significant byte first */
	uint64_t sections_at, segments_at;
	unsigned section_bytes, n_sections, names, segment_bytes, n_segments;
};
/* A stretch of the file and the address that it is loaded at. */
struct elf_part {
	uint64_t at, bytes, address;
};

/* -ENOEXEC: no ELF file; -EBADMSG: cut off or damaged. */
[[nodiscard]] int elf_open(const struct stretch *s, struct elf *ret);
/* -ENOENT: there is none of that name, or it has no bytes in the file. */
[[nodiscard]] int elf_section(const struct elf *e, const char *name, struct elf_part *ret);
/* The first writable segment; -ENOENT. */
[[nodiscard]] int elf_data(const struct elf *e, struct elf_part *ret);
/* Where n bytes at an address lie in the file; -EBADMSG: nowhere. */
[[nodiscard]] int elf_address(const struct elf *e, uint64_t address, uint64_t n, uint64_t *ret);

#endif
