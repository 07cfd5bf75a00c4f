/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/crontab_parse.h"
#include "fuzz.h"

static void schedule(struct str s, struct arena *a)
{
	struct str one = crontab_schedule(s, a);

	fuzz_assert(!one.ptr || one.len <= s.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, rest;
	own(arena_release) struct arena a = {};
	struct crontab_entry e;
	unsigned line = 0;
	int64_t due;

	for (int system = 0; system < 2; system++) {
		rest = text;
		while (crontab_next(&rest, &line, system, &e)) {
			fuzz_assert(e.command.len && e.schedule.len);
			schedule(e.schedule, &a);
			(void)crontab_command(e.command, &a);
		}
	}
	rest = text;
	while (anacrontab_next(&rest, &line, &e))
		fuzz_assert(e.command.len);
	fuzz_assert(at_command(text).len <= size && at_user(text).len <= size);
	if (at_name(text, &due))
		fuzz_assert(due >= 0);
	return 0;
}
