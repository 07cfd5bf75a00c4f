/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sysctl_config.h"

char sysctl_swap(char c)
{
	if (c == '/')
		return '.';
	return (char)(c == '.' ? '/' : c);
}

struct str sysctl_name(struct arena *a, struct str s)
{
	ssize_t dot, slash;
	char *p;

	while (s.len && s.ptr[0] == '/')
		s = str_sub(s, 1, s.len);
	dot = str_find(s, '.');
	slash = str_find(s, '/');
	if (slash < 0 || (dot >= 0 && dot < slash))
		return s;
	p = arena_alloc(a, s.len + 1);
	for (size_t i = 0; p && i < s.len; i++)
		p[i] = sysctl_swap(s.ptr[i]);
	return (struct str){ p, p ? s.len : 0 };
}

bool sysctl_is_pattern(struct str name)
{
	return str_find(name, '*') >= 0 || str_find(name, '?') >= 0 || str_find(name, '[') >= 0;
}

static int parse_line(struct arena *a, struct str line, struct sysctl_setting *ret)
{
	struct sysctl_setting s = {};
	ssize_t equals = str_find(line, '=');
	bool dash;

	s.name = str_trim(str_sub(line, 0, equals < 0 ? line.len : (size_t)equals));
	dash = s.name.len && s.name.ptr[0] == '-';
	if (dash)
		s.name = str_sub(s.name, 1, s.name.len);
	if (!s.name.len || (equals < 0 && !dash))
		return -EBADMSG;
	if (equals >= 0) {
		s.value = str_trim(str_sub(line, (size_t)equals + 1, line.len));
		if (!s.value.ptr)
			s.value = STR("");
	}
	s.name = sysctl_name(a, s.name);
	if (!s.name.ptr)
		return -ENOMEM;
	if (!s.name.len)
		return -EBADMSG;
	*ret = s;
	return 0;
}

int sysctl_parse(struct arena *a, struct str text, struct str file, struct sysctl_config *ret,
		 unsigned *ret_bad)
{
	struct str l;
	unsigned line = 0, bad = 0;

	while (str_line(&text, &l, &line)) {
		struct sysctl_setting s;
		int r;

		l = str_trim(l);
		if (!l.len || l.ptr[0] == '#' || l.ptr[0] == ';')
			continue;
		r = parse_line(a, l, &s);
		if (r == -EBADMSG) {
			bad = bad ? bad : line;
			continue;
		}
		if (r >= 0 && ret->n >= SYSCTL_SETTINGS_MAX)
			r = -E2BIG;
		s.file = file;
		s.line = line;
		if (r >= 0)
			r = arena_push(a, ret->list, ret->n, ret->cap, s);
		if (r < 0)
			return r;
	}
	*ret_bad = bad;
	return 0;
}

static size_t dots(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == '.';
	return n;
}

const struct sysctl_setting *sysctl_find(const struct sysctl_config *s, struct str name)
{
	for (size_t i = s->n; i--;)
		if (str_eq(s->list[i].name, name))
			return s->list[i].value.ptr ? &s->list[i] : NULL;
	for (size_t i = s->n; i--;) {
		const struct sysctl_setting *p = &s->list[i];

		/* glob(7) on paths: a wildcard stays within a component. */
		if (p->value.ptr && sysctl_is_pattern(p->name) && dots(p->name) == dots(name) &&
		    str_glob(p->name, name))
			return p;
	}
	return NULL;
}
