/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/rpm_db.h"
#include "fuzz.h"

static void walk(const struct rpm_header *h, enum rpm_tag tag)
{
	struct rpm_values v = rpm_header_get(h, tag);
	uint64_t number;
	struct str s;

	for (uint32_t i = 0; i < 4096 && rpm_number(&v, i, &number); i++)
		;
	while (rpm_next_text(&v, &s))
		fuzz_assert(s.ptr >= h->data.ptr && s.ptr + s.len < h->data.ptr + h->data.len + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum rpm_tag tags[] = { RPM_NAME,      RPM_FILEDIGESTS, RPM_DIRINDEXES,
					     RPM_BASENAMES, RPM_DIRNAMES,    RPM_FILEMODES };
	own(arena_release) struct arena a = {};
	struct rpm_header h;
	struct package p;

	if (rpm_header_open((struct str){ (const char *)data, size }, &h) < 0)
		return 0;
	for (size_t i = 0; i < COUNT(tags); i++)
		walk(&h, tags[i]);
	if (rpm_package(&h, &a, &p) == 0)
		fuzz_assert(p.name.len && p.version.len && p.source.len && p.source_version.len);
	return 0;
}
