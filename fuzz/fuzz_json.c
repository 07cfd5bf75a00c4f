/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON of any kind: nodes stay within the text, and building it again gives the same tree. */
#include "base/json.h"
#include "fuzz.h"

static void copy(const struct jdoc *d, struct arena *a, struct jbuild *b)
{
	uint32_t ends[JDOC_DEPTH_MAX];
	unsigned depth = 0;

	for (uint32_t v = 0; v < d->n; v++) {
		struct str text = jdoc_raw(d, v);
		enum jtype t = jdoc_type(d, v);

		fuzz_assert(text.len <= d->text.len && jdoc_after(d, v) <= d->n);
		while (depth && ends[depth - 1] == v) {
			jbuild_close(b);
			depth--;
		}
		if (t == J_STRING)
			fuzz_assert(jdoc_text(d, v, a, &text) == 0);
		if (t == J_ARRAY || t == J_OBJECT) {
			fuzz_assert(depth < COUNT(ends));
			ends[depth++] = jdoc_after(d, v);
			jbuild_open(b, t);
		} else {
			jbuild_value(b, t, text);
		}
	}
	while (depth--)
		jbuild_close(b);
}

static void check(struct jdoc *d, struct arena *a)
{
	own(jbuild_release) struct jbuild b = JBUILD((size_t)16 << 20, (size_t)1 << 22);
	own(jdoc_release) struct jdoc again = {};
	uint32_t repeated = 0;
	int64_t whole;

	copy(d, a, &b);
	fuzz_assert(jbuild_finish(&b, d->text, a, &again) == 0 && again.n == d->n);
	for (uint32_t v = 0; v < d->n; v++) {
		struct str x = {}, y = {};

		fuzz_assert(jdoc_type(d, v) == jdoc_type(&again, v));
		fuzz_assert(jdoc_after(d, v) == jdoc_after(&again, v));
		if (jdoc_is(d, v, J_STRING))
			fuzz_assert(!jdoc_text(d, v, a, &x) && !jdoc_text(&again, v, a, &y) &&
				    str_eq(x, y) && jdoc_ieq(d, v, x));
		(void)!jdoc_int(d, v, &whole);
	}
	fuzz_assert(jdoc_repeated(d, &repeated) == 0 && repeated < d->n);
	fuzz_assert(jdoc_line(d, (uint32_t)d->n - 1) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str text = { len ? (const char *)data : "", len };

	if (len > (size_t)1 << 18 || json_utf8(text, &a, &text) < 0)
		return 0;
	for (int strict = 0; strict < 2; strict++) {
		own(jdoc_release) struct jdoc d = {};
		struct joptions o = { .comments = !strict, .unique_keys = strict };
		struct diag diag = {};
		int r = jdoc_parse(text, &o, &d, &diag);

		fuzz_assert(r == 0 || r == -EBADMSG || r == -E2BIG);
		fuzz_assert(r == 0 || (diag.reason[0] && diag.line && diag.column));
		if (r == 0)
			check(&d, &a);
	}
	return 0;
}
