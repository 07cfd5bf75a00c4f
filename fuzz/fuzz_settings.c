/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration languages of daemons: the first byte chooses one, from 'A' on. */
#include "facts/linux/settings_parse.h"
#include "fuzz.h"

struct state {
	struct arena *arena;
	unsigned lines;
	size_t settings;
};

static int look(void *user, const struct setting *s)
{
	static const struct str services[] = { STR("redis"), STR("snmpd"), STR("proftpd"),
					       STR("mysql") };
	struct state *st = user;

	fuzz_assert(s->line <= st->lines + 1);
	for (size_t i = 0; i < COUNT(services); i++) {
		struct setting copy = *s;

		copy.value = str_sub(copy.value, 0, 512);
		if (setting_redact(services[i], st->arena, &copy) == 0 &&
		    setting_is_secret(s->name) && str_eq(services[i], STR("mysql")))
			fuzz_assert(str_eq(copy.value, STR("(set)")) ||
				    str_eq(copy.value, STR("(empty)")));
	}
	return ++st->settings > 20000 ? -E2BIG : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena arena = { .limit = (size_t)256 << 20 };
	struct state st = { .arena = &arena };
	struct str text;
	struct diag d = {};
	int r;

	if (!len)
		return 0;
	text = (struct str){ (const char *)data + 1, len - 1 };
	for (size_t i = 0; i < text.len; i++)
		st.lines += text.ptr[i] == '\n' || text.ptr[i] == '\r';
	r = settings_parse((enum settings_syntax)((uint8_t)(data[0] - 'A') % SETTINGS_SYNTAXES),
			   text, &arena, &d, look, &st);
	fuzz_assert(r == 0 || r == -EBADMSG || r == -ENOMEM || r == -E2BIG);
	fuzz_assert(r != -EBADMSG || d.reason[0]);
	return 0;
}
