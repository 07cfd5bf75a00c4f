/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ELF files, as on disk and as in memory, and notes alone. */
#include <sys/mman.h>
#include <unistd.h>

#include "facts/linux/elf_id.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(close_fd) int fd = memfd_create("elf", MFD_CLOEXEC);
	struct build_id id = {};

	if (elf_notes((struct str){ (const char *)data, len }, &id))
		fuzz_assert(id.len > 0 && id.len <= sizeof id.bytes);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		return 0;
	for (int loaded = 0; loaded < 2; loaded++) {
		id = (struct build_id){};
		if (elf_build_id(fd, 0, loaded, &id) == 0)
			fuzz_assert(id.len > 0 && id.len <= sizeof id.bytes);
		else
			fuzz_assert(id.len == 0);
	}
	(void)elf_build_id(fd, UINT64_MAX, true, &id);
	return 0;
}
