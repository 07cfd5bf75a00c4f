/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/settings.h"
#include "base/map.h"

#define TEXT_MAX ((size_t)4 << 20)
#define VALUE_MAX 2048
#define NAME_MAX_LEN 512
#define SETTINGS_MAX 20000
#define DEPTH_MAX 8
#define FILES_MAX 1000
#define SEEN_MAX 64

/* Directives that read other files. The path may be a pattern or a directory. */
static const struct {
	struct str service, name;
	const char *suffix; /* of the files of a directory */
} includes[] = {
	{STR("redis"),       STR("include"),           ".conf"   },
	{ STR("mysql"),      STR("!include"),          ".cnf"    },
	{ STR("mysql"),      STR("!includedir"),       ".cnf"    },
	{ STR("postgresql"), STR("include"),           ".conf"   },
	{ STR("postgresql"), STR("include_if_exists"), ".conf"   },
	{ STR("postgresql"), STR("include_dir"),       ".conf"   },
	{ STR("pg_hba"),     STR("include"),           ".conf"   },
	{ STR("pg_hba"),     STR("include_if_exists"), ".conf"   },
	{ STR("pg_hba"),     STR("include_dir"),       ".conf"   },
	{ STR("samba"),      STR("include"),           ".conf"   },
	{ STR("chrony"),     STR("include"),           ".conf"   },
	{ STR("chrony"),     STR("confdir"),           ".conf"   },
	{ STR("chrony"),     STR("sourcedir"),         ".sources"},
	{ STR("ntp"),        STR("includefile"),       ".conf"   },
	{ STR("rsyncd"),     STR("&include"),          ".conf"   },
	{ STR("rsyncd"),     STR("&merge"),            ".inc"    },
	{ STR("snmpd"),      STR("includefile"),       ".conf"   },
	{ STR("snmpd"),      STR("includedir"),        ".conf"   },
	{ STR("squid"),      STR("include"),           ".conf"   },
	{ STR("proftpd"),    STR("include"),           ".conf"   },
	{ STR("dovecot"),    STR("!include"),          ".conf"   },
	{ STR("dovecot"),    STR("!include_try"),      ".conf"   },
	{ STR("bind"),       STR("include"),           ""        },
	{ STR("rsyslog"),    STR("include"),           ".conf"   },
	{ STR("logrotate"),  STR("include"),           ""        },
	{ STR("mosquitto"),  STR("include_dir"),       ".conf"   },
};

struct loader {
	struct collect *c;
	const struct settings_source *source;
	struct settings *out;
	struct str file, instance, section;
	struct str stack[DEPTH_MAX]; /* files being read, to see loops */
	unsigned depth, files;
	struct str seen[SEEN_MAX]; /* main files, links resolved */
	unsigned n_seen;
	bool full;
};

int settings_read_text(struct collect *c, const char *path, struct str *ret)
{
	struct str text;
	int r = collect_read(c, path, &text, NULL);

	if (r != 1)
		return r;
	if (text.len > TEXT_MAX) {
		collect_problem(c, EFBIG, path, "larger than %zu bytes", TEXT_MAX);
		return 0;
	}
	if (text.len && memchr(text.ptr, 0, text.len)) {
		collect_problem(c, EBADMSG, path, "not a text file");
		return 0;
	}
	*ret = text;
	return 1;
}

static const char *include_suffix(const struct loader *l, struct str name)
{
	for (size_t i = 0; i < COUNT(includes); i++)
		if (str_eq(includes[i].name, name) &&
		    str_eq(includes[i].service, str_of(l->source->service)))
			return includes[i].suffix;
	return NULL;
}

/* Left behind by editors and package managers; logrotate(8) and run-parts skip them, too. */
static bool is_leftover(struct str name)
{
	static const struct str endings[] = {
		STR("~"),         STR(".bak"),      STR(".swp"),       STR(".orig"),
		STR(".dpkg-old"), STR(".dpkg-new"), STR(".dpkg-dist"), STR(".dpkg-bak"),
		STR(".rpmsave"),  STR(".rpmnew"),   STR(".rpmorig"),   STR(".disabled"),
		STR(".apk-new"),
	};

	for (size_t i = 0; i < COUNT(endings); i++)
		if (str_ends(name, endings[i]))
			return true;
	return str_starts(name, STR("."));
}

static int load_file(struct loader *l, struct str path);

static int load_dir(struct loader *l, struct str dir, const char *suffix)
{
	const char *path = arena_cstr(l->c->arena, dir);
	struct dir_list list;
	int r = path ? collect_list(l->c, path, &list) : -ENOMEM;

	for (size_t i = 0; r == 1 && i < list.n; i++) {
		struct str name = str_of(list.entries[i].name), file;
		int got;

		if (is_leftover(name) || !str_ends(name, str_of(suffix)))
			continue;
		file = arena_cat(l->c->arena, dir, str_ends(dir, STR("/")) ? STR("") : STR("/"),
				 name);
		got = file.ptr ? load_file(l, file) : -ENOMEM;
		if (got < 0)
			return got;
	}
	return MIN(r, 0);
}

static int load_pattern(struct loader *l, struct str pattern, const char *suffix)
{
	struct str *paths;
	size_t n;
	const char *text;
	struct stat st;
	int r;

	if (!pattern.len || str_find(pattern, '%') >= 0) /* smb.conf: %m and the like */
		return 0;
	if (pattern.ptr[0] != '/')
		pattern = arena_cat(l->c->arena,
				    str_sub(l->file, 0, (size_t)(str_rfind(l->file, '/') + 1)),
				    pattern, STR(""));
	text = arena_cstr(l->c->arena, pattern);
	if (!text)
		return -ENOMEM;
	r = collect_glob(l->c, text, &paths, &n);
	for (size_t i = 0; r == 1 && i < n; i++) {
		int got = root_stat(l->c->root, paths[i].ptr, &st);

		if (suffix && got == 0 && S_ISDIR(st.st_mode))
			got = load_dir(l, paths[i], suffix);
		else
			got = load_file(l, paths[i]);
		if (got < 0)
			return got;
	}
	return MIN(r, 0);
}

static int load_include(struct loader *l, const struct setting *s, const char *suffix)
{
	struct str rest = s->value, word;
	int r = 0;

	while (!r && (word = str_quoted_word(&rest)).ptr)
		r = load_pattern(l, word, suffix);
	return r;
}

static int take_setting(void *user, const struct setting *found)
{
	struct loader *l = user;
	const char *suffix = include_suffix(l, found->name);
	struct setting s = *found;
	int r;

	if (suffix)
		return load_include(l, found, suffix);
	if (l->out->n >= SETTINGS_MAX) {
		if (!l->full)
			collect_problem(l->c, E2BIG, l->file.ptr, "more than %d settings of %s",
					SETTINGS_MAX, l->source->service);
		l->full = true;
		return -E2BIG;
	}
	s.value = str_sub(s.value, 0, VALUE_MAX);
	s.name = str_sub(s.name, 0, NAME_MAX_LEN);
	s.section = str_sub(s.section, 0, NAME_MAX_LEN);
	if (l->source->flags & SETTINGS_PATH_SECTION)
		s.section = l->section;
	s.file = l->file;
	s.instance = l->instance;
	r = setting_redact(str_of(l->source->service), l->c->arena, &s);
	return r ? r : arena_push(l->c->arena, l->out->list, l->out->n, l->out->cap, s);
}

/* False (and a problem) where reading on would not end. */
static bool may_read(struct loader *l, struct str path)
{
	for (unsigned i = 0; i < l->depth; i++) {
		if (str_eq(l->stack[i], path)) {
			collect_problem(l->c, ELOOP, path.ptr, "includes itself");
			return false;
		}
	}
	if (l->depth == DEPTH_MAX || l->files == FILES_MAX) {
		collect_problem(l->c, E2BIG, path.ptr, "too many or too deeply nested includes");
		return false;
	}
	return true;
}

static int load_file(struct loader *l, struct str path)
{
	struct str outer = l->file, text;
	struct diag d = {};
	int r;

	if (!may_read(l, path))
		return 0;
	r = settings_read_text(l->c, path.ptr, &text);
	if (r != 1)
		return r;
	l->stack[l->depth++] = l->file = path;
	l->files++;
	r = settings_parse(l->source->syntax, text, l->c->arena, &d, take_setting, l);
	l->depth--;
	l->file = outer;
	if (r == -EBADMSG) {
		collect_problem(l->c, EBADMSG, path.ptr, "line %u: %s", d.line, d.reason);
		return 0;
	}
	return r;
}

static bool adds_up(const struct settings_source *s, struct str name)
{
	struct str rest = str_of(s->lists), word;

	while ((word = str_word(&rest)).ptr)
		if (str_eq(word, name) || str_eq(word, STR("*")))
			return true;
	return false;
}

/* Drops what a later setting of the same name overrides, from index `from` on. */
static int keep_last(struct loader *l, size_t from)
{
	own(map_release) struct map last = {};
	struct settings *out = l->out;
	size_t kept = from;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = from; i < out->n; i++) {
			struct setting s = out->list[i];
			struct str key;
			int r;

			if (adds_up(l->source, s.name)) {
				if (pass)
					out->list[kept++] = s;
				continue;
			}
			key = arena_cat(l->c->arena, s.section, STR("\x1f"), s.name);
			r = key.ptr ? 0 : -ENOMEM;
			if (!r && !pass)
				r = map_put(&last, key, i);
			if (r)
				return r;
			if (pass && *map_get(&last, key) == i)
				out->list[kept++] = s;
		}
	}
	out->n = kept;
	return 0;
}

/* ALTER SYSTEM writes postgresql.auto.conf, which is read after everything else. */
static int load_postgres_auto(struct loader *l)
{
	const struct setting *dir = settings_find(l->out, l->instance.ptr, NULL, "data_directory");
	struct str base = str_sub(l->instance, 0, (size_t)MAX(str_rfind(l->instance, '/'), 0));
	struct str path;

	if (strcmp(l->source->service, "postgresql") != 0)
		return 0;
	path = arena_cat(l->c->arena, dir ? dir->value : base, STR("/postgresql.auto.conf"),
			 STR(""));
	return path.ptr ? load_file(l, path) : -ENOMEM;
}

/* "/etc/php/8.2/fpm/php.ini" and "/etc/php/8.2/fpm/conf.d/x.ini" -> "fpm"; else ''. */
static struct str path_section(struct str path)
{
	struct str dir = str_sub(path, 0, (size_t)MAX(str_rfind(path, '/'), 0)), name;

	if (str_ends(dir, STR("/conf.d")))
		dir = str_sub(dir, 0, dir.len - STR("/conf.d").len);
	name = str_basename(dir);
	return str_starts(dir, STR("/etc/php/")) ? name : STR("");
}

/* Two names of one file (/etc/redis.conf -> redis/redis.conf) are one instance. */
static int seen_before(struct loader *l, struct str path, bool *ret)
{
	struct str real;
	int r = root_realpath(l->c->root, path.ptr, l->c->arena, &real);

	*ret = false;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (unsigned i = 0; i < l->n_seen && !*ret; i++)
		*ret = str_eq(l->seen[i], real);
	if (!*ret && l->n_seen < SEEN_MAX)
		l->seen[l->n_seen++] = real;
	return 0;
}

/* One file that the table of sources names, with what belongs to it. */
static int load_main(struct loader *l, struct str path)
{
	size_t from = l->out->n;
	bool seen;
	int r = seen_before(l, path, &seen);

	if (r < 0 || seen)
		return r;
	if (l->source->flags & SETTINGS_PER_FILE)
		l->instance = path;
	l->section = path_section(path);
	r = load_file(l, path);
	if (!(l->source->flags & SETTINGS_PER_FILE))
		return r;
	if (r >= 0)
		r = load_postgres_auto(l);
	return r < 0 ? r : keep_last(l, from);
}

struct paths {
	struct str *list;
	size_t n, cap;
};

/* Adds path to the list sorted by file name unless one of that name is there. */
static int add_dropin(struct arena *a, struct paths *p, struct str path)
{
	struct str name = str_basename(path);
	size_t at = 0;

	while (at < p->n && str_cmp(str_basename(p->list[at]), name) < 0)
		at++;
	if (at < p->n && str_eq(str_basename(p->list[at]), name))
		return 0;
	if (arena_push(a, p->list, p->n, p->cap, path) < 0)
		return -ENOMEM;
	memmove(p->list + at + 1, p->list + at, (p->n - 1 - at) * sizeof *p->list);
	p->list[at] = path;
	return 0;
}

/*
 * systemd's order: the main file of the first directory that has one, then *.conf of all
 * name.d directories sorted by file name, where a name in an earlier directory hides later ones.
 */
static int load_conf_dirs(struct loader *l, const char *name)
{
	static const char *const dirs[] = { "/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib" };
	struct arena *a = l->c->arena;
	struct paths files = {};
	struct str *got = NULL;
	size_t n_got;
	bool main_read = false;
	struct stat st;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(dirs); i++) {
		struct str path = arena_fmt(a, "%s/systemd/%s", dirs[i], name);
		struct str pattern = arena_fmt(a, "%s/systemd/%s.d/*.conf", dirs[i], name);

		if (!path.ptr || !pattern.ptr)
			return -ENOMEM;
		if (!main_read && root_stat(l->c->root, path.ptr, &st) == 0) {
			main_read = true;
			r = load_file(l, path);
		}
		n_got = 0;
		if (r >= 0)
			r = collect_glob(l->c, pattern.ptr, &got, &n_got);
		for (size_t j = 0; r >= 0 && j < n_got; j++)
			r = add_dropin(a, &files, got[j]);
	}
	for (size_t i = 0; r >= 0 && i < files.n; i++)
		r = load_file(l, files.list[i]);
	return r;
}

static int load_patterns(struct loader *l)
{
	struct str rest = str_of(l->source->paths), word;
	int r = 0;

	while (r >= 0 && (word = str_word(&rest)).ptr) {
		const char *pattern = arena_cstr(l->c->arena, word);
		struct str *paths = NULL;
		size_t n = 0;

		r = pattern ? collect_glob(l->c, pattern, &paths, &n) : -ENOMEM;
		for (size_t i = 0; r >= 0 && i < n; i++)
			if (!is_leftover(str_basename(paths[i])))
				r = load_main(l, paths[i]);
	}
	return r;
}

int settings_load_source(struct collect *c, const struct settings_source *s, struct settings *ret)
{
	struct loader l = { .c = c, .source = s, .out = ret };
	size_t from = ret->n;
	int r = s->flags & SETTINGS_CONF_DIRS ? load_conf_dirs(&l, s->paths) : load_patterns(&l);

	if (r == -E2BIG)
		r = 0;
	if (r < 0 || (s->flags & SETTINGS_PER_FILE))
		return MIN(r, 0);
	return keep_last(&l, from);
}

int settings_load(struct collect *c, const char *service, struct settings *ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n_settings_sources; i++)
		if (!strcmp(settings_sources[i].service, service))
			r = settings_load_source(c, &settings_sources[i], ret);
	return MIN(r, 0);
}

const struct setting *settings_find(const struct settings *s, const char *instance,
				    const char *section, const char *name)
{
	struct str n = str_of(name);

	for (size_t i = s->n; i-- > 0;) {
		const struct setting *e = &s->list[i];

		if (str_eq(e->name, n) && (!section || str_ieq(e->section, str_of(section))) &&
		    (!instance || str_eq(e->instance, str_of(instance))))
			return e;
	}
	return NULL;
}
