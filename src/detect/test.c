/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test: one test against one value, without an index. */
#include "detect/compiled.h"

bool test_value(const struct test *t, const struct folded *value)
{
	struct str s = t->cased ? value->text : value->fold;

	if (value->ascii && !t->ascii)
		return false;
	switch (t->kind) {
	case TEST_EQUAL: return str_eq(s, t->text);
	case TEST_PREFIX: return str_starts(s, t->text);
	case TEST_SUFFIX: return str_ends(s, t->text);
	case TEST_CONTAINS: return str_contains(s, t->text);
	case TEST_GLOB: return glob_match(&t->glob, s);
	case TEST_REGEX: return regex_match(t->regex, value->text);
	case TEST_CIDR: return atom_cidr(t->atom, value->text);
	case TEST_COMPARE: return atom_compare(t->atom, value->text);
	default: return true; /* it is there */
	}
}
