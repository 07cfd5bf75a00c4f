/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two texts in every order: the answer does not depend on which comes first. */
#include "fuzz.h"
#include "vuln/version.h"

static int sign(int v) { return (v > 0) - (v < 0); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "Debian",   "Red Hat",   "Alpine", "npm",
					     "Pub",      "NuGet",     "PyPI",   "Maven",
					     "RubyGems", "Packagist", "CRAN" };
	struct str rest = { (const char *)data, size }, a = str_cut(&rest, '\n');

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct version_order *o = version_order_find(str_of(names[i]));

		fuzz_assert(sign(o->compare(a, rest)) == -sign(o->compare(rest, a)));
		fuzz_assert(!o->compare(a, a) && !o->compare(rest, rest));
	}
	return 0;
}
