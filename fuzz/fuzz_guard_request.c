/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of whoever reaches the local socket. */
#include "fuzz.h"
#include "guard/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { len ? (const char *)data : "", len };
	struct control_request q = {};
	const char *why = NULL;
	int r = control_parse(text, &q, &why);

	fuzz_assert(r == 0 || (r == -EINVAL && why));
	if (r == 0)
		fuzz_assert(q.verb < CONTROL_N && q.n <= COUNT(q.words));
	return 0;
}
