/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output of iptables-save and ip6tables-save as filters, which are then evaluated. */
#include "fuzz.h"
#include "fuzz_reader.h"
#include "net/iptables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { len ? (const char *)data : "", len };

	for (unsigned v6 = 0; v6 < 2; v6++) {
		own(fuzz_filter_release) struct fuzz_filter x = {};
		struct iptables_text one = { .text = text, .file = STR("fuzz") };
		struct match_facts facts = {};
		struct diag d = {};
		int r = fuzz_filter_init(&x);

		if (r >= 0)
			r = iptables_read(&one, 1, v6, &facts, &x.filter, &d);
		fuzz_filter_check(&x, r);
	}
	return 0;
}
