/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>

#include "sensor/integrity_config.h"

#define OWN_PATTERNS_MAX ((size_t)10'000)

struct parse {
	struct arena *arena;
	struct fim_config config;
	struct fim_pattern *list;
	size_t n, cap;
	bool defaults;
	const char *file;
	unsigned line;
	struct diag *diag;
};

static int bad(struct parse *p, const char *why, struct str what)
{
	return diag_set(p->diag, -EINVAL, p->file, p->line, "%s: '%.*s'", why,
			(int)MIN(what.len, 80), what.ptr ? what.ptr : "");
}

static bool is_clean(struct str path)
{
	if (!path.len || path.ptr[0] != '/' || path.len >= PATH_MAX)
		return false;
	for (size_t i = 0; i < path.len; i++)
		if ((unsigned char)path.ptr[i] < ' ')
			return false;
	return !str_contains(path, STR("//")) && !str_contains(path, STR("/../")) &&
	       !str_ends(path, STR("/.."));
}

/* A trailing '/' is everything below. */
static int add(struct parse *p, struct fim_pattern one, struct str path)
{
	if (!is_clean(path))
		return bad(p, "not an absolute path without '..' and control characters", path);
	if (p->n >= OWN_PATTERNS_MAX)
		return diag_set(p->diag, -EINVAL, p->file, p->line, "more than %zu patterns",
				OWN_PATTERNS_MAX);
	one.path = str_ends(path, STR("/")) ? arena_cat(p->arena, path, STR("**"), STR(""))
					    : arena_str(p->arena, path);
	if (!one.path.ptr)
		return -ENOMEM;
	return arena_push(p->arena, p->list, p->n, p->cap, one);
}

static int watch(struct parse *p, struct str *rest)
{
	struct fim_pattern one = { .severity = -1 };
	struct str name = str_word(rest), path = str_quoted_word(rest), severity = str_word(rest);
	int class = fim_class_find(name);
	int64_t number;

	if (class < 0)
		return bad(p, "there is no such class", name);
	one.class = (uint8_t) class;
	if (severity.ptr) {
		if (str_to_int64(severity, &number) < 0 || number < 0 || number > 4)
			return bad(p, "a severity is 0 to 4", severity);
		one.severity = (int8_t)number;
	}
	return add(p, one, path);
}

static int number(struct parse *p, struct str *rest, uint64_t low, uint64_t high, uint64_t *ret)
{
	struct str word = str_word(rest);
	uint64_t n;

	if (str_to_u64(word, 10, &n) < 0 || n < low || n > high)
		return bad(p, "not a number that makes sense here", word);
	*ret = n;
	return 0;
}

static int yes(struct parse *p, struct str *rest, bool *ret)
{
	struct str word = str_word(rest);

	return str_to_bool(word, ret) < 0 ? bad(p, "yes or no is needed", word) : 0;
}

static int directive(struct parse *p, struct str word, struct str *rest)
{
	uint64_t n;
	int r;

	if (str_eq(word, STR("watch")))
		return watch(p, rest);
	if (str_eq(word, STR("ignore")))
		return add(p, (struct fim_pattern){ .ignore = true, .severity = -1 },
			   str_quoted_word(rest));
	if (str_eq(word, STR("webroot"))) {
		struct str path = str_quoted_word(rest);

		if (path.len && !str_ends(path, STR("/")))
			path = arena_cat(p->arena, path, STR("/"), STR(""));
		return add(p, (struct fim_pattern){ .class = FIM_WEB, .severity = -1 }, path);
	}
	if (str_eq(word, STR("suid")))
		return yes(p, rest, &p->config.suid);
	if (str_eq(word, STR("defaults")))
		return yes(p, rest, &p->defaults);
	if (str_eq(word, STR("hash-max")))
		return number(p, rest, 1 << 20, (uint64_t)1 << 40, &p->config.hash_max);
	if (!str_eq(word, STR("files-max")))
		return bad(p, "there is no such directive", word);
	r = number(p, rest, 100, 10'000'000, &n);
	if (r == 0)
		p->config.files_max = (size_t)n;
	return r;
}

static int finish(struct parse *p)
{
	for (size_t i = 0; p->defaults && i < fim_config_default.n; i++)
		if (arena_push(p->arena, p->list, p->n, p->cap, fim_config_default.list[i]) < 0)
			return -ENOMEM;
	p->config.list = p->list;
	p->config.n = p->n;
	return 0;
}

int fim_config_parse(struct str text, const char *file, struct arena *a, struct fim_config *ret,
		     struct diag *d)
{
	struct parse p = {
		.arena = a, .config = fim_config_default, .defaults = true, .file = file, .diag = d
	};
	struct str line;
	int r = 0;

	while (r == 0 && str_line(&text, &line, &p.line)) {
		struct str word = str_word(&line);

		if (!word.ptr || word.ptr[0] == '#')
			continue;
		r = directive(&p, word, &line);
		line = str_trim(line);
		if (r == 0 && line.len && line.ptr[0] != '#')
			r = bad(&p, "more than the directive takes", line);
	}
	if (r == 0)
		r = finish(&p);
	if (r == 0)
		*ret = p.config;
	return r;
}
