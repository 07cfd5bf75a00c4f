/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/audit_parse.h"

bool audit_parse(struct str line, struct audit_rule *ret)
{
	struct audit_rule rule = { .kind = AUDIT_CONTROL, .key = STR("") };
	struct str rest, word, before = STR("");

	rule.rule = rest = str_trim(line);
	if (!rest.len || rest.ptr[0] == '#')
		return false;
	while ((word = str_word(&rest)).ptr) {
		if (str_eq(word, STR("-w")))
			rule.kind = AUDIT_WATCH;
		else if (str_eq(word, STR("-a")) || str_eq(word, STR("-A")))
			rule.kind = AUDIT_SYSCALL;
		else if (str_eq(before, STR("-k")) && !rule.key.len)
			rule.key = word;
		else if (str_eq(before, STR("-F")) && str_starts(word, STR("key=")) &&
			 !rule.key.len)
			rule.key = str_sub(word, 4, word.len);
		before = word;
	}
	*ret = rule;
	return true;
}
