/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sink: the collecting side of the pipe; buffers frames (frame.h) and writes them out. */
#ifndef HF_FACTS_SINK_H
#define HF_FACTS_SINK_H

#include "base/buf.h"
#include "facts/frame.h"

#define SINK_PROBLEMS_MAX 64

struct sink {
	int fd;
	struct buf out;
	unsigned table; /* index into collectors[] */
	unsigned rows, row_limit;
	unsigned problems, suppressed;
	bool over_budget;
	bool not_applicable;
	char why[600];
};

/* Start and end of one collector's run. sink_end() takes the collector's return value and flushes. */
[[nodiscard]] int sink_begin(struct sink *s, unsigned table, unsigned row_limit);
[[nodiscard]] int sink_end(struct sink *s, int result, uint64_t micros);
void sink_release(struct sink *s);

#endif
