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

/* Whether the loader wrote into what nobody may write to: such pages are not what the file holds. */
static bool has_relocated_text(const struct dl_phdr_info *info)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const ElfW(Dyn) *d = pointer(info->dlpi_addr + p->p_vaddr);

		if (p->p_type != PT_DYNAMIC)
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

	(void)size;
	(void)user;
	if (!strncmp(info->dlpi_name, "linux-", 6) || has_relocated_text(info))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
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
