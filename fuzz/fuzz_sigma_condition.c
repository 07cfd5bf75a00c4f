/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions over some selections; what is understood can be evaluated, what is not has a place. */
#include "../tests/unit/sigma_brute.h"
#include "fuzz.h"

static const char selections[] = "{a: {A: 1}, b: {B: 1}, sel_1: {C: 1}, sel_2: {D: 1}, "
				 "_hidden: {E: 1}, words: [x, y], condition: a}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	own(arena_release) struct arena kept = {};
	own(names_release) struct names *names = NULL;
	struct diag d = {};
	struct sigma s = { &a, &kept, NULL, STR(""), &d, 0 };
	struct tree condition = { .plain = true, .line = 7, .column = 3 };
	struct event_value v = { .field = 1, .type = VALUE_NUMBER, .number = 1 };
	struct event e = { .values = &v, .n = 1 };
	struct tree_list trees = {};
	struct expr *x = NULL;

	fuzz_assert(names_new(&names) == 0);
	s.names = names;
	fuzz_assert(tree_parse(str_of(selections), &a, &trees, NULL) == 0);
	condition.text = (struct str){ (const char *)data, size };
	if (sigma_condition(&s, trees.list[0], &condition, &x) == 0)
		fuzz_assert(brute_expr(x, &e) != brute_expr(sigma_not(&s, x), &e));
	else
		fuzz_assert(d.reason[0] && d.line == 7 && d.column >= 3);
	return 0;
}
