/* SPDX-License-Identifier: GPL-3.0-or-later */
/* elf_id: the build-id of an ELF file, or of one that a process has in its memory (elf(5)). */
#ifndef HF_FACTS_LINUX_ELF_ID_H
#define HF_FACTS_LINUX_ELF_ID_H

#include "base/str.h"

struct build_id {
	unsigned char bytes[32];
	unsigned len; /* 0: none */
};

/*
 * Reads a file, or (loaded) the memory of a process through /proc/PID/mem, where the file's first
 * byte is at `at`. -ENOENT: it has none, -EBADMSG: no ELF, errors of pread(2).
 */
[[nodiscard]] int elf_build_id(int fd, uint64_t at, bool loaded, struct build_id *ret);

static inline bool build_id_eq(const struct build_id *a, const struct build_id *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

/* Pure: the notes of one segment. */
bool elf_notes(struct str notes, struct build_id *ret);

#endif
