/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/mapped.h"

struct range {
	_Atomic(uintptr_t) start, end;
	atomic_bool torn;
};
static struct range ranges[MAPPED_MAX];
static size_t page_size;

static struct range *range_of(uintptr_t address)
{
	for (size_t i = 0; i < COUNT(ranges); i++)
		if (address >= atomic_load(&ranges[i].start) &&
		    address < atomic_load(&ranges[i].end))
			return &ranges[i];
	return NULL;
}

/* Puts a page of zeros where the file has none; any other fault ends the process as it would. */
static void on_bus_error(int signal_number, siginfo_t *info, void *context)
{
	uintptr_t address = (uintptr_t)info->si_addr;
	struct range *r = range_of(address);
	int saved = errno;
	void *page = (char *)info->si_addr - address % page_size;

	(void)context;
	if (!r || mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		       0) != page)
		signal(signal_number, SIG_DFL);
	else
		atomic_store(&r->torn, true);
	errno = saved;
}

static int catch_bus_errors(void)
{
	struct sigaction action = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO };

	if (page_size)
		return 0;
	if (sigaction(SIGBUS, &action, NULL) < 0)
		return -errno;
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	return 0;
}

static int map(int fd, struct mapped *ret)
{
	unsigned slot = 0;
	off_t size = lseek(fd, 0, SEEK_END);
	int r = catch_bus_errors();
	struct range *range;
	void *p;

	if (size < 0)
		return -errno;
	while (slot < COUNT(ranges) && atomic_load(&ranges[slot].end))
		slot++;
	if (r < 0 || slot == COUNT(ranges))
		return r < 0 ? r : -E2BIG;
	if (!size) {
		*ret = (struct mapped){ .bytes = STR("") };
		return 0;
	}
	p = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	range = &ranges[slot];
	atomic_store(&range->torn, false);
	atomic_store(&range->start, (uintptr_t)p);
	atomic_store(&range->end, (uintptr_t)p + (size_t)size);
	ret->bytes = (struct str){ p, (size_t)size };
	ret->map = p;
	ret->slot = slot + 1;
	return 0;
}

int mapped_open(const char *path, struct mapped *ret)
{
	own(close_fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return -EINVAL;
	return map(fd, ret);
}

void mapped_release(struct mapped *m)
{
	if (m->slot) {
		munmap(m->map, m->bytes.len);
		atomic_store(&ranges[m->slot - 1].end, 0);
	}
	*m = (struct mapped){};
}

void mapped_done(const struct mapped *m, size_t offset)
{
	size_t whole = page_size ? MIN(offset, m->bytes.len) / page_size * page_size : 0;

	/* Pages of zeros that stand for what was not there would be faulted in again: no harm. */
	if (m->slot && whole)
		(void)madvise(m->map, whole, MADV_DONTNEED);
}

bool mapped_torn(const struct mapped *m)
{
	return m->slot && atomic_load(&ranges[m->slot - 1].torn);
}
