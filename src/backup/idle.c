/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/idle.h"

#include <link.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>

#include "base/base.h"

static void *pointer(uintptr_t address)
{
	void *p;

	memcpy(&p, &address, sizeof p);
	return p;
}

#define HEADERS_MAX 32

/* Whether the loader wrote into what nobody may write to: such pages are not what the file holds. */
static bool has_relocated_text(ElfW(Addr) base, const ElfW(Phdr) * headers, int n)
{
	for (int i = 0; i < n; i++) {
		const ElfW(Dyn) *d = pointer(base + headers[i].p_vaddr);

		if (headers[i].p_type != PT_DYNAMIC)
			continue;
		for (; d->d_tag != DT_NULL; d++)
			if (d->d_tag == DT_TEXTREL ||
			    (d->d_tag == DT_FLAGS && (d->d_un.d_val & DF_TEXTREL)))
				return true;
	}
	return false;
}

static int give_back(struct dl_phdr_info *info, size_t size, void *user)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	ElfW(Phdr) headers[HEADERS_MAX];
	int n = info->dlpi_phnum;

	(void)size;
	(void)user;
	if (n > HEADERS_MAX || !strncmp(info->dlpi_name, "linux-", 6))
		return 0;
	/* They lie in the first of the pages that go: looking at them there would fetch it again. */
	memcpy(headers, info->dlpi_phdr, (size_t)n * sizeof *headers);
	if (has_relocated_text(info->dlpi_addr, headers, n))
		return 0;
	for (int i = 0; i < n; i++) {
		const ElfW(Phdr) *p = &headers[i];
		uintptr_t from = (info->dlpi_addr + p->p_vaddr) & ~(page - 1);
		uintptr_t to = (info->dlpi_addr + p->p_vaddr + p->p_memsz) & ~(page - 1);

		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W) && from < to)
			(void)madvise(pointer(from), to - from, MADV_DONTNEED);
	}
	return 0;
}

void idle_memory(void)
{
	(void)malloc_trim(0);
	(void)dl_iterate_phdr(give_back, NULL);
}
