/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cursor of live sources; its sum is put right first, which no fuzzer would find. What is accepted
 * is saved again and must be accepted then, too.
 */
#include "base/map.h"
#include "events/live.h"
#include "fuzz.h"

static int no_file(void *user, uint32_t source, enum live_want want, uint32_t k,
		   struct live_opened *ret)
{
	(void)user;
	(void)source;
	(void)want;
	(void)k;
	*ret = (struct live_opened){ -1, -1, -1, -1 };
	return -ENOENT;
}

static int ignore(void *user, const struct event *e)
{
	(void)user;
	(void)e;
	return 0;
}

static struct live *make(struct names *names)
{
	struct live_options o = {
		.names = names, .inotify = -1, .since = INT64_MIN, .open = no_file
	};
	struct live_source file = { .kind = LIVE_FILE, .name = "/a", .fd = -1 };
	struct live_source journal = { .kind = LIVE_JOURNAL, .name = "/b", .fd = -1 };
	struct live *l = NULL;
	uint32_t i;

	if (live_new(&o, &l) < 0 || live_add(l, &file, &i) < 0 || live_add(l, &journal, &i) < 0)
		abort();
	return l;
}

static void try(struct names *names, struct str bytes)
{
	struct live *l = make(names), *again = make(names);
	struct buf b = BUF((size_t)1 << 20);
	struct diag d = {};

	if (live_restore(l, bytes, &d) == 0) {
		if (live_save(l, &b) < 0 || live_restore(again, buf_view(&b), &d) < 0 ||
		    live_run_once(l, ignore, NULL) < 0)
			abort();
	}
	buf_release(&b);
	live_release(&l);
	live_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t seed[2] = { 0x6c69766520637572, 0x736f7220737563ff };
	struct names *names = NULL;
	char *copy = malloc(size + 8);
	uint64_t sum;

	if (!copy || names_new(&names) < 0)
		abort();
	if (size)
		memcpy(copy, data, size);
	try(names, (struct str){ copy, size });
	if (size >= 12) {
		sum = siphash13(seed, copy, size - 8);
		memcpy(copy + size - 8, &sum, sizeof sum);
		try(names, (struct str){ copy, size });
	}
	free(copy);
	names_release(&names);
	return 0;
}
