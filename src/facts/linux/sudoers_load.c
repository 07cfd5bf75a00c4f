/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudoers_load: the files of a sudo policy, in the order in which sudo reads them. */
#include "facts/linux/sudoers.h"

#define DEPTH_MAX 128 /* sudo's MAX_SUDOERS_DEPTH */
#define FILES_MAX 1'000

struct load {
	struct sudoers *s;
	unsigned depth;
};

static int load_file(struct collect *c, struct load *l, const char *path);

static const char kind_letter[] = {
	[SUDO_USERS] = 'U',
	[SUDO_RUNAS] = 'R',
	[SUDO_HOSTS] = 'H',
	[SUDO_COMMANDS] = 'C',
};

static int add_aliases(struct collect *c, struct sudoers *s, const struct sudo_line *line)
{
	for (size_t i = 0; i < line->s.n; i++) {
		const struct sudo_alias *alias = &line->s.aliases[i];
		const char kind[] = { kind_letter[alias->kind], ':' };
		struct str key = arena_cat(c->arena, (struct str){ kind, 2 }, alias->name, STR(""));
		int r;

		if (!key.ptr)
			return -ENOMEM;
		if (map_get(&s->aliases, key)) {
			collect_problem(c, 0, line->file.ptr, "line %u: alias %.*s defined twice",
					line->line, (int)MIN(alias->name.len, 64), alias->name.ptr);
			continue;
		}
		r = map_put(&s->aliases, key, s->n_list);
		if (r >= 0)
			r = arena_push(c->arena, s->list, s->n_list, s->list_cap, alias);
		if (r < 0)
			return r;
	}
	return 0;
}

const struct sudo_alias *sudoers_alias(const struct sudoers *s, enum sudo_alias_kind kind,
				       struct str name)
{
	char key[258] = { kind_letter[kind], ':' };
	const uint64_t *found;

	if (name.len > sizeof key - 2)
		return NULL;
	memcpy(key + 2, name.ptr, name.len);
	found = map_get(&s->aliases, (struct str){ key, name.len + 2 });
	return found ? s->list[*found] : NULL;
}

/* %h is the short host name (sudoers(5), "Including other files"). */
static struct str expand_host(struct collect *c, struct str path)
{
	ssize_t at = str_find(path, '%');
	struct str name = {};

	if (at < 0 || (size_t)at + 1 >= path.len || path.ptr[at + 1] != 'h')
		return path;
	if (root_read(c->root, "/etc/hostname", 4096, c->arena, &name, NULL) < 0)
		return path;
	name = str_trim(name);
	name = str_cut(&name, '.');
	return arena_cat(c->arena, str_sub(path, 0, (size_t)at), name,
			 str_sub(path, (size_t)at + 2, path.len));
}

static const char *include_path(struct collect *c, struct str path, const char *includer)
{
	struct str dir = str_of(includer);

	path = expand_host(c, path);
	if (path.len && path.ptr[0] == '/')
		return arena_cstr(c->arena, path);
	dir.len = (size_t)(str_rfind(dir, '/') + 1);
	return arena_cat(c->arena, dir, path, STR("")).ptr;
}

/* sudoers(5): names with a '.' or a '~' at the end are passed over, and so is what is no file. */
static int load_dir(struct collect *c, struct load *l, const char *path)
{
	struct dir_list list;
	int r = collect_list(c, path, &list);

	for (size_t i = 0; r > 0 && i < list.n; i++) {
		struct str name = str_of(list.entries[i].name);
		struct str file = arena_fmt(c->arena, "%s/%s", path, list.entries[i].name);
		struct stat st;

		if (!file.ptr)
			return -ENOMEM;
		if (str_find(name, '.') >= 0 || str_ends(name, STR("~")) ||
		    (root_stat(c->root, file.ptr, &st) >= 0 && S_ISDIR(st.st_mode)))
			continue;
		if (load_file(c, l, file.ptr) < 0)
			return -ENOMEM;
	}
	return MIN(r, 0);
}

static int include(struct collect *c, struct load *l, const struct sudo_line *line)
{
	const char *path = include_path(c, line->s.path, line->file.ptr);
	struct stat st;
	int r;

	if (!path)
		return -ENOMEM;
	if (l->depth >= DEPTH_MAX) {
		collect_problem(c, ELOOP, line->file.ptr, "line %u: too many levels of includes",
				line->line);
		return 0;
	}
	l->depth++;
	if (line->s.kind == SUDO_INCLUDEDIR) {
		r = load_dir(c, l, path);
	} else {
		if (root_stat(c->root, path, &st) == -ENOENT)
			collect_problem(c, ENOENT, path, "included by %s line %u", line->file.ptr,
					line->line);
		r = load_file(c, l, path);
	}
	l->depth--;
	return r < 0 ? r : 0;
}

static int add_line(struct collect *c, struct load *l, const struct sudo_line *line)
{
	int r = 0;

	if (line->s.error)
		collect_problem(c, 0, line->file.ptr, "line %u: %s", line->line, line->s.error);
	switch (line->s.kind) {
	case SUDO_INCLUDE:
	case SUDO_INCLUDEDIR: return line->s.error ? 0 : include(c, l, line);
	case SUDO_ALIAS: return add_aliases(c, l->s, line);
	case SUDO_RULE:
	case SUDO_DEFAULTS: r = arena_push(c->arena, l->s->lines, l->s->n, l->s->cap, *line); break;
	}
	return r < 0 ? r : 0;
}

static int load_file(struct collect *c, struct load *l, const char *path)
{
	struct sudo_line line = { .file = str_of(path) };
	struct sudoers_reader reader = {};
	int r;

	if (l->s->files++ >= FILES_MAX) {
		if (l->s->files == FILES_MAX + 1)
			collect_problem(c, E2BIG, path, "more than %d files of sudoers", FILES_MAX);
		return 0;
	}
	r = collect_read(c, path, &reader.rest, NULL);
	if (r <= 0)
		return r;
	for (;;) {
		r = sudoers_next(&reader, c->arena, &line.text);
		if (r <= 0)
			return r;
		line.line = reader.line;
		r = sudo_parse(line.text, c->arena, &line.s);
		if (r < 0)
			return r;
		if (reader.too_long)
			line.s.error = "overlong line";
		r = add_line(c, l, &line);
		if (r < 0)
			return r;
	}
}

int sudoers_load(struct collect *c, struct sudoers *ret)
{
	struct load l = { .s = ret };
	struct stat st;

	*ret = (struct sudoers){};
	/* openSUSE ships the vendor's policy below /usr. */
	if (root_lstat(c->root, "/etc/sudoers", &st) == -ENOENT &&
	    root_stat(c->root, "/usr/etc/sudoers", &st) == 0)
		return load_file(c, &l, "/usr/etc/sudoers");
	return load_file(c, &l, "/etc/sudoers");
}

void sudoers_release(struct sudoers *s)
{
	map_release(&s->aliases);
	*s = (struct sudoers){};
}
