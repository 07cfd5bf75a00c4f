/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ring: the reader's side of a ring of the kernel (BPF_MAP_TYPE_RINGBUF), by memory alone.
 * Specification: Documentation/bpf/ringbuf.rst of Linux.
 */
#ifndef HF_SENSOR_RING_H
#define HF_SENSOR_RING_H

#include "base/base.h"

struct ring {
	uint64_t *consumer; /* mapped */
	const uint64_t *producer;
	char *data; /* read only; twice in a row, so that no record is in pieces */
	size_t size;
};

/* Below 0: the record was read all the same, and ring_read() ends. */
typedef int ring_fn(void *user, const void *record, size_t n);

[[nodiscard]] int ring_open(int map, size_t size, struct ring *ret);
/* Accepts a zeroed one. */
void ring_release(struct ring *r);
/* All records that are complete; 0, or what fn returned. */
int ring_read(struct ring *r, ring_fn *fn, void *user);
/* Whether nothing is in it, nor about to be. */
bool ring_empty(const struct ring *r);

#endif
