/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of a user, a NUL, and lines that they are held against. */
#include "fuzz.h"
#include "secrets/line.h"
#include "secrets/rules.h"

static void note(void *user, unsigned line, const char *reason)
{
	(void)user;
	fuzz_assert(line && reason && *reason);
}

static int check(void *user, const struct secret_hit *hit)
{
	const struct str *line = user;

	fuzz_assert(hit->rule && hit->len && (size_t)hit->at + hit->len <= line->len);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, rest, line;
	own(arena_release) struct arena a = { .limit = (size_t)64 << 20 };
	ssize_t end = str_find(text, '\0');
	struct user_rules *rules = NULL;
	struct diag d = {};
	unsigned n = 0;

	rest = end < 0 ? STR("") : str_sub(text, (size_t)end + 1, size);
	text = end < 0 ? text : str_sub(text, 0, (size_t)end);
	if (user_rules_parse(text, &a, note, NULL, &rules, &d) < 0)
		return 0;
	while (n < 20 && str_line(&rest, &line, &n)) {
		struct secret_line l = { .text = line, .arena = &a, .fn = check, .user = &line };
		struct arena_mark mark = arena_mark(&a);

		(void)user_rules_line(rules, STR("/home/a/x.env"), &l);
		arena_rewind(&a, mark);
	}
	return 0;
}
