/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * web_apache: the configuration of Apache httpd with its includes. <IfModule> is judged by the
 * LoadModule lines read so far, as httpd does; where there is none at all it is taken as true.
 */
#include "facts/linux/settings.h"
#include "facts/linux/settings_syntax.h"
#include "facts/linux/web_config.h"

#define SECTIONS_MAX 32
#define INCLUDES_MAX 10
#define FILES_MAX 2000
#define MODULES_MAX 256
#define DEFINES_MAX 256

struct section {
	struct str name;    /* "<virtualhost" */
	struct str context; /* inherited by sections that are conditions only */
	int64_t number;     /* of the virtual host around */
	bool skip;          /* within a condition that does not hold */
};

struct apache {
	struct collect *c;
	web_fn *fn;
	void *user;
	struct str file, server_root;
	struct str open[INCLUDES_MAX];
	struct section sections[SECTIONS_MAX];
	unsigned depth, too_deep, includes, files;
	struct str modules[MODULES_MAX]; /* "ssl": of ssl_module and mod_ssl.so */
	unsigned n_modules;
	struct str defines[DEFINES_MAX][2];
	unsigned n_defines;
	int64_t hosts;
};

static const struct section *innermost(const struct apache *p)
{
	static const struct section outside = { .context = STR("") };

	return p->depth ? &p->sections[p->depth - 1] : &outside;
}

/* "mod_ssl.c", "ssl_module" and "/usr/lib/apache2/modules/mod_ssl.so" -> "ssl" */
static struct str module_name(struct str s)
{
	s = str_basename(s);
	if (str_starts(s, STR("mod_")))
		s = str_sub(s, 4, s.len);
	if (str_ends(s, STR("_module")))
		return str_sub(s, 0, s.len - 7);
	if (str_ends(s, STR(".so")))
		return str_sub(s, 0, s.len - 3);
	return str_ends(s, STR(".c")) ? str_sub(s, 0, s.len - 2) : s;
}

static bool module_loaded(const struct apache *p, struct str name)
{
	/* Compiled in by the builds of Debian, Red Hat and Alpine. */
	static const struct str builtin[] = { STR("core"),    STR("http_core"),  STR("so"),
					      STR("http"),    STR("log_config"), STR("logio"),
					      STR("version"), STR("unixd"),      STR("watchdog") };

	name = module_name(name);
	for (size_t i = 0; i < COUNT(builtin); i++)
		if (str_eq(builtin[i], name))
			return true;
	for (unsigned i = 0; i < p->n_modules; i++)
		if (str_eq(p->modules[i], name))
			return true;
	return !p->n_modules;
}

static const struct str *define_find(const struct apache *p, struct str name)
{
	for (unsigned i = p->n_defines; i-- > 0;)
		if (str_eq(p->defines[i][0], name))
			return &p->defines[i][1];
	return NULL;
}

static void define_add(struct apache *p, struct str name, struct str value)
{
	if (name.len && p->n_defines < DEFINES_MAX) {
		p->defines[p->n_defines][0] = name;
		p->defines[p->n_defines++][1] = value;
	}
}

/* ${NAME} replaced once; what is not defined stays. */
static int expand(struct apache *p, struct str *value)
{
	struct str head = *value, name, tail;
	const struct str *found;
	ssize_t at, end;

	for (unsigned rounds = 0; rounds < 16; rounds++) {
		const char *var = head.len ? memmem(head.ptr, head.len, "${", 2) : NULL;

		if (!var)
			return 0;
		at = var - head.ptr;
		tail = str_sub(head, (size_t)at + 2, head.len);
		end = str_find(tail, '}');
		if (end < 0)
			return 0;
		name = str_sub(tail, 0, (size_t)end);
		found = define_find(p, name);
		if (!found || head.len + found->len > 8192)
			return 0;
		head = arena_cat(p->c->arena, str_sub(head, 0, (size_t)at), *found,
				 str_sub(tail, (size_t)end + 1, tail.len));
		if (!head.ptr)
			return -ENOMEM;
		*value = head;
	}
	return 0;
}

/* Whether the condition holds: <IfModule ssl_module>, <IfDefine !X>, <IfVersion >= 2.4>. */
static bool condition(const struct apache *p, struct str name, struct str value)
{
	bool negated = str_starts(value, STR("!")), holds = true;
	struct stat st;

	value = str_unquote(str_trim(str_sub(value, negated, value.len)));
	if (str_eq(name, STR("<ifmodule"))) {
		holds = module_loaded(p, value);
		if (!p->n_modules)
			negated = false;
	} else if (str_eq(name, STR("<ifdefine"))) {
		holds = define_find(p, value) != NULL;
	} else if (str_eq(name, STR("<ifversion"))) {
		holds = !str_starts(value, STR("<"));
	} else if (str_eq(name, STR("<iffile"))) {
		const char *path = arena_cstr(p->c->arena, value);

		holds = path && root_stat(p->c->root, path, &st) == 0;
	}
	return holds != negated;
}

static struct str section_title(struct str name)
{
	static const struct {
		struct str name, title;
	} table[] = {
		{STR("<virtualhost"),     STR("VirtualHost")   },
		{ STR("<directory"),      STR("Directory")     },
		{ STR("<directorymatch"), STR("DirectoryMatch")},
		{ STR("<location"),       STR("Location")      },
		{ STR("<locationmatch"),  STR("LocationMatch") },
		{ STR("<files"),          STR("Files")         },
		{ STR("<filesmatch"),     STR("FilesMatch")    },
		{ STR("<proxy"),          STR("Proxy")         },
		{ STR("<limit"),          STR("Limit")         },
		{ STR("<limitexcept"),    STR("LimitExcept")   },
	};

	for (size_t i = 0; i < COUNT(table); i++)
		if (str_eq(table[i].name, name))
			return table[i].title;
	return str_sub(name, 1, name.len);
}

static bool is_condition(struct str name)
{
	return str_starts(name, STR("<if")) || str_starts(name, STR("<require"));
}

static int emit(struct apache *p, struct str directive, struct str value, unsigned line)
{
	const struct section *s = innermost(p);
	struct web_directive d = { .context = s->context,
				   .block = s->number,
				   .directive = directive,
				   .value = value,
				   .file = p->file,
				   .line = line };

	return p->fn(p->user, &d);
}

static int open_section(struct apache *p, const struct apache_line *l, struct str value)
{
	const struct section *outer = innermost(p);
	struct section s = *outer;
	int r = 0;

	if (p->depth == SECTIONS_MAX) {
		if (!p->too_deep++)
			collect_problem(p->c, EBADMSG, p->file.ptr, "line %u: nested too deeply",
					l->line);
		return 0;
	}
	s.name = str_sub(l->name, 1, l->name.len);
	if (is_condition(l->name)) {
		s.skip = outer->skip || !condition(p, l->name, value);
	} else if (!outer->skip) {
		r = emit(p, s.name, value, l->line);
		if (str_eq(s.name, STR("virtualhost")))
			s.number = ++p->hosts;
		s.context = arena_fmt(p->c->arena, "%.*s%s%.*s", STR_FMT(section_title(l->name)),
				      value.len ? " " : "", STR_FMT(str_unquote(value)));
	}
	if (!s.context.ptr)
		return -ENOMEM;
	p->sections[p->depth++] = s;
	return r;
}

static void close_section(struct apache *p)
{
	if (p->too_deep)
		p->too_deep--;
	else if (p->depth)
		p->depth--;
}

static int read_file(struct apache *p, struct str path);

static int read_dir(struct apache *p, struct str dir)
{
	struct dir_list list;
	int r = collect_list(p->c, dir.ptr, &list);

	for (size_t i = 0; r == 1 && i < list.n; i++) {
		struct str path =
			arena_cat(p->c->arena, dir, STR("/"), str_of(list.entries[i].name));
		int got = path.ptr ? read_file(p, path) : -ENOMEM;

		if (got)
			return got;
	}
	return MIN(r, 0);
}

static int include(struct apache *p, struct str pattern, bool optional, unsigned line)
{
	struct str *paths;
	struct stat st;
	size_t count;
	int r;

	pattern = str_unquote(pattern);
	if (!str_starts(pattern, STR("/")))
		pattern = arena_cat(p->c->arena, p->server_root, STR("/"), pattern);
	else
		pattern = arena_str(p->c->arena, pattern);
	if (!pattern.ptr)
		return -ENOMEM;
	r = collect_glob(p->c, pattern.ptr, &paths, &count);
	if (r == 1 && !count && !optional && !strpbrk(pattern.ptr, "*?["))
		collect_problem(p->c, ENOENT, pattern.ptr, "included by %.*s:%u and missing",
				STR_FMT(p->file), line);
	for (size_t i = 0; r == 1 && i < count; i++) {
		bool dir = root_stat(p->c->root, paths[i].ptr, &st) == 0 && S_ISDIR(st.st_mode);
		int got = dir ? read_dir(p, paths[i]) : read_file(p, paths[i]);

		if (got)
			return got;
	}
	return MIN(r, 0);
}

static int take_line(void *user, const struct apache_line *l)
{
	struct apache *p = user;
	struct str value = l->value, rest, word;
	int r;

	if (str_starts(l->name, STR("</"))) {
		close_section(p);
		return 0;
	}
	r = expand(p, &value);
	if (r < 0)
		return r;
	if (str_starts(l->name, STR("<")))
		return open_section(p, l, value);
	if (innermost(p)->skip || p->too_deep)
		return 0;
	rest = value;
	if (str_eq(l->name, STR("include")) || str_eq(l->name, STR("includeoptional")))
		return include(p, value, l->name.len > 7, l->line);
	if (str_eq(l->name, STR("serverroot")))
		p->server_root = str_unquote(value);
	if (str_eq(l->name, STR("define"))) {
		word = str_quoted_word(&rest);
		define_add(p, word, str_unquote(str_trim(rest)));
	}
	if (str_eq(l->name, STR("loadmodule")) && p->n_modules < MODULES_MAX)
		p->modules[p->n_modules++] = module_name(str_word(&rest));
	return emit(p, l->name, str_unquote(value), l->line);
}

static bool may_read(struct apache *p, struct str path)
{
	for (unsigned i = 0; i < p->includes; i++) {
		if (str_eq(p->open[i], path)) {
			collect_problem(p->c, ELOOP, path.ptr, "includes itself");
			return false;
		}
	}
	if (p->includes == INCLUDES_MAX || p->files == FILES_MAX) {
		collect_problem(p->c, E2BIG, path.ptr, "too many or too deeply nested includes");
		return false;
	}
	return true;
}

static int read_file(struct apache *p, struct str path)
{
	struct str outer = p->file, text;
	unsigned depth = p->depth;
	int r;

	if (!may_read(p, path))
		return 0;
	r = settings_read_text(p->c, path.ptr, &text);
	if (r != 1)
		return r;
	p->open[p->includes++] = p->file = path;
	p->files++;
	r = apache_parse(text, p->c->arena, take_line, p);
	if (!r && (p->depth != depth || p->too_deep))
		collect_problem(p->c, EBADMSG, path.ptr,
				"a section is not closed, or closed twice");
	p->depth = MIN(p->depth, depth);
	p->too_deep = 0;
	p->includes--;
	p->file = outer;
	return r;
}

static int take_variable(void *user, const struct setting *s)
{
	define_add(user, s->name, s->value);
	return 0;
}

/* "export APACHE_LOG_DIR=/var/log/apache2$SUFFIX": SUFFIX is empty for the first instance. */
static int read_envvars(struct apache *p)
{
	struct str text;
	int r = settings_read_text(p->c, "/etc/apache2/envvars", &text);

	if (r != 1)
		return r;
	return settings_parse(SETTINGS_SHELL, text, p->c->arena, NULL, take_variable, p);
}

int web_apache(struct collect *c, web_fn *fn, void *user)
{
	static const struct {
		const char *file, *server_root;
	} mains[] = {
		{"/etc/apache2/apache2.conf",           "/etc/apache2"      },
		{ "/etc/httpd/conf/httpd.conf",         "/etc/httpd"        },
		{ "/etc/apache2/httpd.conf",            "/etc/apache2"      },
		{ "/usr/local/apache2/conf/httpd.conf", "/usr/local/apache2"},
		{ "/opt/apache2/conf/httpd.conf",       "/opt/apache2"      },
	};
	int found = -ENOENT;

	for (size_t i = 0; i < COUNT(mains); i++) {
		struct apache *p = arena_new(c->arena, struct apache);
		struct stat st;
		int r;

		if (!p)
			return -ENOMEM;
		if (root_stat(c->root, mains[i].file, &st) < 0)
			continue;
		*p = (struct apache){ .c = c, .fn = fn, .user = user };
		p->server_root = str_of(mains[i].server_root);
		r = i == 0 ? read_envvars(p) : 0;
		if (!r)
			r = read_file(p, str_of(mains[i].file));
		if (r)
			return r;
		found = 0;
	}
	return found;
}
