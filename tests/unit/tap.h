/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tap: assertions that print the Test Anything Protocol; main() ends with `return done();`. */
#ifndef HF_TAP_H
#define HF_TAP_H

#include <inttypes.h>
#include <stdio.h>

#include "base/diag.h"

static unsigned tap_n, tap_bad;

static inline bool tap_result(bool good, const char *file, unsigned line, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++tap_n, name);
	if (!good) {
		tap_bad++;
		printf("# %s:%u\n", file, line);
	}
	fflush(stdout);
	return good;
}

static inline bool tap_int(int64_t got, int64_t want, const char *file, unsigned line,
			   const char *name)
{
	bool good = tap_result(got == want, file, line, name);

	if (!good)
		printf("# got %" PRId64 ", want %" PRId64 "\n", got, want);
	return good;
}

static inline bool tap_str(struct str got, struct str want, const char *file, unsigned line,
			   const char *name)
{
	bool good = tap_result(str_eq(got, want), file, line, name);
	char text[2][512];

	if (!good)
		printf("# got \"%s\", want \"%s\"\n", text_safe(got, text[0], sizeof text[0]),
		       text_safe(want, text[1], sizeof text[1]));
	return good;
}

/* Each is true when it holds, so that what depends on it can be left out. */
#define ok(cond, name) tap_result(cond, __FILE__, __LINE__, name)
#define is_int(got, want, name) tap_int(got, want, __FILE__, __LINE__, name)
#define is_str(got, want, name) tap_str(got, want, __FILE__, __LINE__, name)
/* Counts as passed, with the reason in the log. */
#define skip(name, why) (printf("ok %u - %s # SKIP %s\n", ++tap_n, name, why), fflush(stdout))

static inline int done(void)
{
	printf("1..%u\n", tap_n);
	return tap_bad ? 1 : 0;
}

#endif
