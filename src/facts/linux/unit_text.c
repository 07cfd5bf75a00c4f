/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of units: systemd.syntax(7), and drop-ins as in systemd.unit(5). */
#include "facts/linux/units.h"

enum { UNIT_FILE_MAX = 1 << 20 };

static bool is_comment(struct str line)
{
	line = str_trim(line);
	return line.len && (line.ptr[0] == '#' || line.ptr[0] == ';');
}

/* The logical line: a backslash at the end joins the next one, comments in between are left out. */
static int logical_line(struct arena *a, struct str *text, struct str *ret, unsigned *line)
{
	struct str part, whole;
	bool more = str_line(text, &part, line);

	if (!more)
		return 0;
	whole = part;
	if (is_comment(part) || !str_ends(part, STR("\\")))
		return *ret = whole, 1;
	whole.len--;
	while (str_line(text, &part, line)) {
		bool last;

		if (is_comment(part))
			continue;
		last = !str_ends(part, STR("\\"));
		whole = arena_cat(a, whole, STR(" "), str_sub(part, 0, part.len - !last));
		if (!whole.ptr)
			return -ENOMEM;
		if (last)
			break;
	}
	*ret = whole;
	return 1;
}

int unit_parse(struct arena *a, struct str text, struct str file, struct unit_settings *ret,
	       unsigned *ret_line)
{
	struct str section = {}, line, key;
	unsigned at = 0;
	int r;

	if (str_find(text, '\0') >= 0) {
		for (text.len = (size_t)str_find(text, '\0') + 1; str_line(&text, &line, &at);)
			*ret_line = at;
		return -EBADMSG;
	}
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.len);
	for (;;) {
		unsigned first = at + 1;

		r = logical_line(a, &text, &line, &at);
		if (r <= 0)
			return r;
		line = str_trim(line);
		if (!line.len || is_comment(line))
			continue;
		if (line.ptr[0] == '[') {
			bool good = line.ptr[line.len - 1] == ']';

			section = good ? str_sub(line, 1, line.len - 1) : (struct str){};
			continue;
		}
		key = str_cut(&line, '=');
		if (!line.ptr || !section.len || !str_trim(key).len)
			continue;
		if (ret->n >= UNIT_SETTINGS_MAX)
			return *ret_line = first, -E2BIG;
		r = arena_push(a, ret->list, ret->n, ret->cap,
			       ((struct unit_setting){ section, str_trim(key), str_trim(line), file,
						       first }));
		if (r < 0)
			return r;
	}
}

static int read_one(struct collect *c, struct str path, struct unit_settings *ret)
{
	struct stat st;
	struct str text;
	unsigned line = 0;
	int r = root_stat(c->root, path.ptr, &st);

	/* A drop-in that is a link to /dev/null takes the place of another and says nothing. */
	if (r == 0 && S_ISCHR(st.st_mode))
		return 0;
	if (r == 0 && st.st_size > UNIT_FILE_MAX) {
		collect_problem(c, EFBIG, path.ptr, "larger than a unit can be");
		return 0;
	}
	r = collect_read(c, path.ptr, &text, NULL);
	if (r != 1)
		return r;
	r = unit_parse(c->arena, text, path, ret, &line);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		collect_problem(c, r, path.ptr, "line %u: %s", line,
				r == -E2BIG ? "too many settings" : "not text");
	return 0;
}

struct dropins {
	struct str *paths;
	size_t n, cap;
};

static int add_dropin_dir(struct collect *c, const struct unit_dir *d, struct dropins *all)
{
	struct str dir = arena_fmt(c->arena, "%.*s/%.*s.d", STR_FMT(d->parent), STR_FMT(d->name));
	struct dir_list names;
	int r = dir.ptr ? collect_list(c, dir.ptr, &names) : -ENOMEM;

	for (size_t i = 0; r == 1 && i < names.n; i++) {
		struct str name = str_of(names.entries[i].name), path;
		bool hidden = !str_ends(name, STR(".conf")) || name.ptr[0] == '.';
		int pushed;

		for (size_t k = 0; !hidden && k < all->n; k++)
			hidden = str_eq(str_basename(all->paths[k]), name);
		if (hidden)
			continue;
		path = arena_cat(c->arena, dir, STR("/"), name);
		if (!path.ptr)
			return -ENOMEM;
		pushed = arena_push(c->arena, all->paths, all->n, all->cap, path);
		if (pushed < 0)
			return pushed;
	}
	return MIN(r, 0);
}

static int add_dropins(struct collect *c, const struct units *u, struct str name,
		       struct dropins *all)
{
	size_t lo = 0, hi = u->n_dropins;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (str_cmp(u->dropins[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < u->n_dropins && str_eq(u->dropins[lo].name, name); lo++) {
		int r = add_dropin_dir(c, &u->dropins[lo], all);

		if (r < 0)
			return r;
	}
	return 0;
}

/* "a-b@x.service": a-b@x.service.d, a-b@.service.d, a-.service.d; the type's own comes last. */
static int add_dropins_of(struct collect *c, const struct units *u, struct str name,
			  struct dropins *all)
{
	struct str type = unit_type(name), stem = str_sub(name, 0, name.len - type.len - 1);
	ssize_t at = str_find(stem, '@'), dash;
	int r = add_dropins(c, u, name, all);

	if (r == 0 && at >= 0 && (size_t)at + 1 < stem.len) {
		struct str t =
			arena_fmt(c->arena, "%.*s.%.*s", (int)at + 1, stem.ptr, STR_FMT(type));

		r = t.ptr ? add_dropins(c, u, t, all) : -ENOMEM;
	}
	if (at >= 0)
		stem = str_sub(stem, 0, (size_t)at);
	while (r == 0 && (dash = str_rfind(stem, '-')) > 0) {
		struct str t =
			arena_fmt(c->arena, "%.*s-.%.*s", (int)dash, stem.ptr, STR_FMT(type));

		r = t.ptr ? add_dropins(c, u, t, all) : -ENOMEM;
		stem = str_sub(stem, 0, (size_t)dash);
	}
	return r;
}

static int cmp_name(const void *x, const void *y)
{
	return str_cmp(str_basename(*(const struct str *)x), str_basename(*(const struct str *)y));
}

int units_read(struct collect *c, const struct units *u, const struct unit *unit,
	       struct unit_settings *ret)
{
	struct unit_settings s = {};
	struct dropins all = {};
	int r;

	if (unit->kind != UNIT_SYSTEMD || unit->masked) {
		*ret = s;
		return 0;
	}
	r = read_one(c, unit->path, &s);
	if (r == 0 && u->n_dropins) {
		r = add_dropins_of(c, u, unit->name, &all);
		for (size_t i = 0; r == 0 && i < u->n; i++)
			if (str_eq(u->list[i].alias_of, unit->name))
				r = add_dropins_of(c, u, u->list[i].name, &all);
		if (r == 0)
			r = add_dropins(c, u, unit_type(unit->name), &all);
	}
	if (r == 0 && all.n)
		qsort(all.paths, all.n, sizeof *all.paths, cmp_name);
	for (size_t i = 0; r == 0 && i < all.n; i++)
		r = read_one(c, all.paths[i], &s);
	if (r == 0)
		*ret = s;
	return r;
}

static bool is(const struct unit_setting *s, const char *section, const char *key)
{
	return str_eq(s->key, str_of(key)) && str_eq(s->section, str_of(section));
}

const struct unit_setting *unit_last(const struct unit_settings *s, const char *section,
				     const char *key)
{
	for (size_t i = s->n; i-- > 0;)
		if (is(&s->list[i], section, key))
			return s->list[i].value.len ? &s->list[i] : NULL;
	return NULL;
}

struct str unit_value(const struct unit_settings *s, const char *section, const char *key)
{
	const struct unit_setting *last = unit_last(s, section, key);

	return last ? last->value : STR("");
}

const struct unit_setting *unit_next(const struct unit_settings *s, const char *section,
				     const char *key, size_t *at)
{
	if (*at == 0)
		for (size_t i = 0; i < s->n; i++)
			if (is(&s->list[i], section, key) && !s->list[i].value.len)
				*at = i + 1;
	for (size_t i = *at; i < s->n; i++) {
		if (is(&s->list[i], section, key)) {
			*at = i + 1;
			return &s->list[i];
		}
	}
	*at = s->n;
	return NULL;
}
