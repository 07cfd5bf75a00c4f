/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>

#include "facts/linux/elf_id.h"

#define HEADERS_MAX 64
#define NOTES_MAX 4096

struct segment {
	uint32_t type;
	uint64_t offset, address, size;
};

bool elf_notes(struct str notes, struct build_id *ret)
{
	while (notes.len >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr h; /* the same in both classes */
		size_t name, desc;

		memcpy(&h, notes.ptr, sizeof h);
		notes = str_sub(notes, sizeof h, notes.len);
		if (h.n_namesz > notes.len)
			return false;
		name = ((size_t)h.n_namesz + 3) & ~(size_t)3;
		if (name > notes.len || h.n_descsz > notes.len - name)
			return false;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 &&
		    !memcmp(notes.ptr, "GNU", 4) && h.n_descsz && h.n_descsz <= sizeof ret->bytes) {
			*ret = (struct build_id){ .len = h.n_descsz };
			memcpy(ret->bytes, notes.ptr + name, h.n_descsz);
			return true;
		}
		desc = ((size_t)h.n_descsz + 3) & ~(size_t)3;
		notes = str_sub(notes, name + desc, notes.len);
	}
	return false;
}

static int read_all(int fd, uint64_t at, void *to, size_t n)
{
	ssize_t got;

	if (at > INT64_MAX - n)
		return -EBADMSG;
	got = pread(fd, to, n, (off_t)at);
	if (got < 0)
		return -errno;
	return (size_t)got == n ? 0 : -EBADMSG;
}

static int read_header(int fd, uint64_t at, bool wide, size_t i, const unsigned char *head,
		       struct segment *ret)
{
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;
	Elf64_Phdr p64;
	Elf32_Phdr p32;
	int r;

	memcpy(&e64, head, sizeof e64);
	memcpy(&e32, head, sizeof e32);
	if (i >= (wide ? e64.e_phnum : e32.e_phnum))
		return -ENOENT;
	if ((wide ? e64.e_phentsize : e32.e_phentsize) != (wide ? sizeof p64 : sizeof p32))
		return -EBADMSG;
	/* Headers and notes lie in the first pages of every file that a linker made. */
	if ((wide ? e64.e_phoff : e32.e_phoff) > UINT32_MAX)
		return -EBADMSG;
	at += wide ? e64.e_phoff + i * sizeof p64 : e32.e_phoff + i * sizeof p32;
	r = wide ? read_all(fd, at, &p64, sizeof p64) : read_all(fd, at, &p32, sizeof p32);
	if (r < 0)
		return r;
	if (wide)
		*ret = (struct segment){ p64.p_type, p64.p_offset, p64.p_vaddr, p64.p_filesz };
	else
		*ret = (struct segment){ p32.p_type, p32.p_offset, p32.p_vaddr, p32.p_filesz };
	return 0;
}

static int read_notes(int fd, uint64_t at, const struct segment *s, struct build_id *ret)
{
	char notes[NOTES_MAX];
	size_t n = MIN(s->size, sizeof notes);
	int r = read_all(fd, at, notes, n);

	if (r < 0)
		return r;
	return elf_notes((struct str){ notes, n }, ret) ? 0 : -ENOENT;
}

int elf_build_id(int fd, uint64_t at, bool loaded, struct build_id *ret)
{
	unsigned char head[sizeof(Elf64_Ehdr)];
	uint64_t base = 0;
	bool wide;
	int r = read_all(fd, at, head, sizeof head);

	if (r < 0)
		return r;
	if (memcmp(head, ELFMAG, SELFMAG) != 0)
		return -EBADMSG;
	wide = head[EI_CLASS] == ELFCLASS64;
	for (size_t i = 0; i < HEADERS_MAX; i++) {
		struct segment s;

		r = read_header(fd, at, wide, i, head, &s);
		if (r < 0)
			return r;
		if (s.type == PT_LOAD && s.offset == 0)
			base = s.address;
		if (s.type != PT_NOTE)
			continue;
		r = read_notes(fd, at + (loaded ? s.address - base : s.offset), &s, ret);
		if (r != -ENOENT)
			return r;
	}
	return -ENOENT;
}
