/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of checks.d: what is accepted is whole, plain text; what is not says where and why. */
#include "fuzz.h"
#include "posture/check.h"

static void inside(struct str part, struct str whole)
{
	fuzz_assert(!part.len ||
		    (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
	for (struct str rest = part; rest.len;)
		fuzz_assert(str_rune(&rest) >= 0);
	fuzz_assert(memchr(part.ptr ? part.ptr : "", '\033', part.len) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { len ? (const char *)data : "", len };
	struct check c = {};
	struct diag d = {};
	int r = check_parse(text, "fuzz.sql", &c, &d);

	fuzz_assert(r <= 0);
	fuzz_assert(r == 0 || d.reason[0]);
	if (r < 0)
		return 0;
	fuzz_assert(c.id.len && c.title.len && c.why.len && c.fix.len && c.sql.len);
	fuzz_assert(c.practice < COUNT(practices) && c.control < n_controls);
	fuzz_assert(c.severity < SEVERITY_N);
	inside(c.id, text);
	inside(c.title, text);
	inside(c.why, text);
	inside(c.fix, text);
	inside(c.maps, text);
	inside(c.sql, text);
	fuzz_assert(check_map(&c, STR("")).ptr == NULL);
	return 0;
}
