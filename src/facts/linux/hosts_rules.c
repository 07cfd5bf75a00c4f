/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/hosts_rules.h"

/* libwrap has room for that much of a line. */
#define LINE_MAX_LIBWRAP 2047

/* Joins lines that end in a backslash. false at the end. */
static bool next_line(struct str *text, unsigned *line, struct arena *a, struct str *ret,
		      unsigned *ret_first)
{
	struct str s;

	if (!str_line(text, &s, line))
		return false;
	*ret_first = *line;
	while (str_ends(s, STR("\\")) && s.len <= LINE_MAX_LIBWRAP) {
		struct str more;

		s.len--;
		if (!str_line(text, &more, line))
			break;
		s = arena_cat(a, s, more, STR(""));
	}
	*ret = s;
	return true;
}

/* Cuts at the next ':' that is neither escaped nor inside of [brackets]. */
static struct str cut_field(struct str *s)
{
	struct str head = *s;
	bool bracket = false;

	for (size_t i = 0; i < s->len; i++) {
		char c = s->ptr[i];

		if (c == '[' || c == ']')
			bracket = c == '[';
		if (c == '\\' && i + 1 < s->len && s->ptr[i + 1] == ':')
			i++;
		else if (c == ':' && !bracket) {
			head.len = i;
			*s = str_sub(*s, i + 1, s->len);
			return head;
		}
	}
	*s = (struct str){};
	return head;
}

int hosts_rule_next(struct str *text, unsigned *line, struct arena *a, struct hosts_rule *ret)
{
	struct hosts_rule rule = {};
	struct str s;

	do {
		if (!next_line(text, line, a, &s, &rule.line))
			return 0;
		if (!s.ptr)
			return -ENOMEM;
		s = str_trim(s);
	} while (!s.len || s.ptr[0] == '#');
	if (s.len > LINE_MAX_LIBWRAP)
		return -EINVAL;
	rule.daemons = str_trim(cut_field(&s));
	if (!s.ptr || !rule.daemons.len)
		return -EINVAL;
	rule.clients = str_trim(cut_field(&s));
	if (!rule.clients.len)
		return -EINVAL;
	while (s.ptr) {
		struct str option = str_trim(cut_field(&s));

		if (str_ieq(option, STR("allow")))
			rule.decision = 1;
		else if (str_ieq(option, STR("deny")))
			rule.decision = -1;
	}
	*ret = rule;
	return 1;
}
