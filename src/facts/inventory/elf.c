/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>

#include "facts/inventory/elf.h"

static uint64_t number(const struct elf *e, const void *p, size_t bytes)
{
	return e->big ? read_big(p, (unsigned)bytes) : read_little(p, (unsigned)bytes);
}

int elf_open(const struct stretch *s, struct elf *ret)
{
	struct elf e = { .src = *s };
	unsigned char p[64];
	int r;

	/* What is shorter is none. */
	if (s->bytes < sizeof(Elf32_Ehdr))
		return -ENOEXEC;
	r = stretch_read(s, 0, p, (size_t)MIN(s->bytes, (uint64_t)sizeof p));
	if (r < 0)
		return r;
	if (memcmp(p, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	e.wide = p[EI_CLASS] == ELFCLASS64;
	e.big = p[EI_DATA] == ELFDATA2MSB;
	if ((e.wide && s->bytes < sizeof p) || (!e.wide && p[EI_CLASS] != ELFCLASS32) ||
	    (!e.big && p[EI_DATA] != ELFDATA2LSB))
		return -EBADMSG;
	/* e_phoff, e_shoff; then e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx. */
	e.segments_at = number(&e, p + (e.wide ? 32 : 28), e.wide ? 8 : 4);
	e.sections_at = number(&e, p + (e.wide ? 40 : 32), e.wide ? 8 : 4);
	const unsigned char *counts = p + (e.wide ? 54 : 42);
	e.segment_bytes = (unsigned)number(&e, counts, 2);
	e.n_segments = (unsigned)number(&e, counts + 2, 2);
	e.section_bytes = (unsigned)number(&e, counts + 4, 2);
	e.n_sections = (unsigned)number(&e, counts + 6, 2);
	e.names = (unsigned)number(&e, counts + 8, 2);
	if ((e.n_segments &&
	     e.segment_bytes < (e.wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr))) ||
	    (e.n_sections && e.section_bytes < (e.wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr))))
		return -EBADMSG;
	*ret = e;
	return 0;
}

struct section {
	uint32_t name, type;
	struct elf_part part;
};

/* Tables are read a page at a time, not entry by entry. */
struct window {
	const struct stretch *src;
	uint64_t at;
	size_t n;
	unsigned char bytes[4096];
};

static int window_read(struct window *w, uint64_t at, void *ret, size_t n)
{
	int r;

	if (n > sizeof w->bytes || at > w->src->bytes || n > w->src->bytes - at)
		return -EBADMSG;
	if (at < w->at || at - w->at > w->n || n > w->n - (at - w->at)) {
		size_t size = (size_t)MIN(w->src->bytes - at, (uint64_t)sizeof w->bytes);

		w->n = 0;
		r = stretch_read(w->src, at, w->bytes, size);
		if (r < 0)
			return r;
		w->at = at;
		w->n = size;
	}
	memcpy(ret, w->bytes + (at - w->at), n);
	return 0;
}

static int read_section(const struct elf *e, unsigned i, struct window *w, struct section *ret)
{
	size_t word = e->wide ? 8 : 4;
	unsigned char p[sizeof(Elf64_Shdr)];
	uint64_t at;
	int r;

	if (__builtin_add_overflow(e->sections_at, (uint64_t)i * e->section_bytes, &at))
		return -EBADMSG;
	r = window_read(w, at, p, e->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
	if (r < 0)
		return r;
	*ret = (struct section){
		.name = (uint32_t)number(e, p, 4),
		.type = (uint32_t)number(e, p + 4, 4),
		.part = {.address = number(e, p + 8 + word, word),
                         .at = number(e, p + 8 + 2 * word, word),
                         .bytes = number(e, p + 8 + 3 * word, word)},
	};
	return 0;
}

int elf_section(const struct elf *e, const char *name, struct elf_part *ret)
{
	struct window headers = { .src = &e->src }, texts = { .src = &e->src };
	struct section names, s;
	char text[64];
	size_t n = strlen(name) + 1;
	int r;

	if (!e->n_sections || e->names >= e->n_sections || n > sizeof text)
		return -ENOENT;
	r = read_section(e, e->names, &headers, &names);
	for (unsigned i = 0; r >= 0 && i < MIN(e->n_sections, (unsigned)ELF_SECTIONS_MAX); i++) {
		r = read_section(e, i, &headers, &s);
		if (r < 0 || s.type == SHT_NOBITS || s.name >= names.part.bytes ||
		    n > names.part.bytes - s.name)
			continue;
		if (names.part.at > e->src.bytes ||
		    window_read(&texts, names.part.at + s.name, text, n) < 0)
			return -EBADMSG;
		if (memcmp(text, name, n) != 0)
			continue;
		if (s.part.at > e->src.bytes || s.part.bytes > e->src.bytes - s.part.at)
			return -EBADMSG;
		*ret = s.part;
		return 0;
	}
	return r < 0 ? r : -ENOENT;
}

struct segment {
	uint32_t type, flags;
	struct elf_part part;
};

static int read_segment(const struct elf *e, unsigned i, struct segment *ret)
{
	size_t w = e->wide ? 8 : 4;
	unsigned char p[sizeof(Elf64_Phdr)];
	/* p_flags stands second in the wide form and seventh in the other. */
	const unsigned char *first = p + (e->wide ? 8 : 4);
	uint64_t at;
	int r;

	if (__builtin_add_overflow(e->segments_at, (uint64_t)i * e->segment_bytes, &at))
		return -EBADMSG;
	r = stretch_read(&e->src, at, p, e->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
	if (r < 0)
		return r;
	*ret = (struct segment){
		.type = (uint32_t)number(e, p, 4),
		.flags = (uint32_t)number(e, p + (e->wide ? 4 : 24), 4),
		.part = {.at = number(e, first, w),
                         .address = number(e, first + w, w),
                         .bytes = number(e, first + 3 * w, w)},
	};
	if (ret->part.at > e->src.bytes)
		return -EBADMSG;
	ret->part.bytes = MIN(ret->part.bytes, e->src.bytes - ret->part.at);
	return 0;
}

int elf_data(const struct elf *e, struct elf_part *ret)
{
	struct segment s;

	for (unsigned i = 0; i < MIN(e->n_segments, (unsigned)ELF_SEGMENTS_MAX); i++) {
		int r = read_segment(e, i, &s);

		if (r < 0)
			return r;
		if (s.type == PT_LOAD && (s.flags & (PF_W | PF_X)) == PF_W) {
			*ret = s.part;
			return 0;
		}
	}
	return -ENOENT;
}

int elf_address(const struct elf *e, uint64_t address, uint64_t n, uint64_t *ret)
{
	struct segment s;

	for (unsigned i = 0; i < MIN(e->n_segments, (unsigned)ELF_SEGMENTS_MAX); i++) {
		if (read_segment(e, i, &s) < 0)
			return -EBADMSG;
		if (s.type != PT_LOAD || address < s.part.address)
			continue;
		address -= s.part.address;
		if (address <= s.part.bytes && n <= s.part.bytes - address) {
			*ret = s.part.at + address;
			return 0;
		}
		address += s.part.address;
	}
	return -EBADMSG;
}
