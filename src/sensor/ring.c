/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/ring.h"

#include <linux/bpf.h>
#include <sys/mman.h>

int ring_open(int map, size_t size, struct ring *ret)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *consumer, *rest;

	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	rest = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, map, (off_t)page);
	if (rest == MAP_FAILED) {
		int error = -errno;

		munmap(consumer, page);
		return error;
	}
	*ret = (struct ring){ .consumer = (uint64_t *)(void *)consumer,
			      .producer = (const uint64_t *)(const void *)rest,
			      .data = rest + page,
			      .size = size };
	return 0;
}

void ring_release(struct ring *r)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!r->consumer)
		return;
	munmap(r->consumer, page);
	munmap(r->data - page, page + 2 * r->size);
	*r = (struct ring){};
}

int ring_read(struct ring *r, ring_fn *fn, void *user)
{
	int result = 0;

	while (result >= 0 && r->consumer) {
		uint64_t at = *r->consumer;
		const uint32_t *head = (const void *)(r->data + (at & (r->size - 1)));
		uint32_t len, n;

		if (at == __atomic_load_n(r->producer, __ATOMIC_ACQUIRE))
			break;
		len = __atomic_load_n(head, __ATOMIC_ACQUIRE);
		if (len & BPF_RINGBUF_BUSY_BIT)
			break;
		n = len & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		if (!(len & BPF_RINGBUF_DISCARD_BIT))
			result = fn(user, (const char *)head + BPF_RINGBUF_HDR_SZ, n);
		at += (n + BPF_RINGBUF_HDR_SZ + 7) & ~(uint32_t)7;
		__atomic_store_n(r->consumer, at, __ATOMIC_RELEASE);
	}
	return MIN(result, 0);
}

bool ring_empty(const struct ring *r)
{
	return !r->consumer || *r->consumer == __atomic_load_n(r->producer, __ATOMIC_SEQ_CST);
}
