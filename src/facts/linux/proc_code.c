/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>

#include "facts/linux/proc_code.h"

enum proc_language proc_language(struct str exe)
{
	static const struct {
		struct str prefix;
		enum proc_language language;
	} names[] = {
		{STR("java"),    PROC_JAVA  },
                { STR("python"), PROC_PYTHON},
		{ STR("pypy"),   PROC_PYTHON},
                { STR("uwsgi"),  PROC_PYTHON},
		{ STR("node"),   PROC_NODE  },
                { STR("ruby"),   PROC_RUBY  },
		{ STR("dotnet"), PROC_DOTNET},
                { STR("php"),    PROC_PHP   },
	};
	struct str name = str_basename(exe);

	for (size_t i = 0; i < COUNT(names); i++) {
		size_t n = names[i].prefix.len;
		char next = (char)(name.len > n ? name.ptr[n] : 0);

		if (str_starts(name, names[i].prefix) && !(next >= 'a' && next <= 'z') &&
		    !(next >= 'A' && next <= 'Z'))
			return names[i].language;
	}
	return PROC_NATIVE;
}

struct str proc_absolute(struct arena *a, struct str cwd, struct str path)
{
	bool absolute = path.len && path.ptr[0] == '/';
	struct str parts[] = { absolute ? STR("") : cwd, path };
	char *p = arena_alloc(a, cwd.len + path.len + 3);
	size_t n = 0;

	if (!p)
		return (struct str){};
	for (size_t i = 0; i < COUNT(parts); i++) {
		struct str rest = parts[i];

		while (rest.ptr && rest.len) {
			struct str part = str_cut(&rest, '/');

			if (!part.len || str_eq(part, STR(".")))
				continue;
			if (str_eq(part, STR(".."))) {
				while (n && p[--n] != '/')
					;
				continue;
			}
			p[n++] = '/';
			memcpy(p + n, part.ptr, part.len);
			n += part.len;
		}
	}
	if (!n)
		p[n++] = '/';
	p[n] = '\0';
	return (struct str){ p, n };
}

struct str proc_library_folder(struct str path)
{
	static const struct str folders[] = { STR("/site-packages/"), STR("/dist-packages/"),
					      STR("/node_modules/"), STR("/gems/") };

	for (size_t i = 0; i < COUNT(folders); i++) {
		const char *p = path.len
					? memmem(path.ptr, path.len, folders[i].ptr, folders[i].len)
					: NULL;

		if (p)
			return str_sub(path, 0, (size_t)(p - path.ptr) + folders[i].len - 1);
	}
	return STR("");
}

/* "\040" and the like. */
static struct str unescape(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; p && i < s.len; i++) {
		uint64_t v;

		if (s.ptr[i] == '\\' && i + 3 < s.len &&
		    str_to_u64(str_sub(s, i + 1, i + 4), 8, &v) == 0 && v < 256) {
			p[n++] = (char)v;
			i += 3;
		} else {
			p[n++] = s.ptr[i];
		}
	}
	return (struct str){ p, n };
}

static struct str option(struct str options, struct str name)
{
	while (options.ptr) {
		struct str o = str_cut(&options, ',');

		if (str_starts(o, name))
			return str_sub(o, name.len, o.len);
	}
	return STR("");
}

struct str proc_overlay(struct arena *a, struct str mountinfo)
{
	struct str line, found = STR("");

	while (str_line(&mountinfo, &line, NULL)) {
		struct str words[5] = {}, type, lower, upper;

		for (size_t i = 0; i < COUNT(words); i++)
			words[i] = str_word(&line);
		if (!str_eq(words[4], STR("/")))
			continue;
		while (line.len && !str_eq(str_word(&line), STR("-")))
			;
		type = str_word(&line);
		if (!str_eq(type, STR("overlay"))) {
			found = STR("");
			continue;
		}
		(void)str_word(&line);
		line = str_trim(line);
		lower = option(line, STR("lowerdir="));
		upper = option(line, STR("upperdir="));
		found = arena_cat(a, upper, STR(":"), lower);
	}
	return found.len ? unescape(a, found) : found;
}
