/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard.conf: taken, or refused with line, column and reason. */
#include "fuzz.h"
#include "guard/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { len ? (const char *)data : "", len };
	struct guard_config c = {};
	struct diag d = {};
	int r = guard_config_parse(text, "guard.conf", &c, &d);

	fuzz_assert(r <= 0);
	fuzz_assert(r != -EINVAL || (d.reason[0] && d.line > 0));
	if (r == 0) {
		fuzz_assert(c.n_sources <= CONFIG_LIST_MAX && c.n_allow <= CONFIG_LIST_MAX);
		fuzz_assert(c.ban_time <= 366u * 86'400 && c.state.ptr[0] == '/');
	}
	guard_config_release(&c);
	return 0;
}
