/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preloads: Ways to load a library into every program. */
#include "facts/fact.h"
#include "facts/linux/shell.h"

#define FACT_ROW preloads_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "ld.so.preload, environment, unit or profile") \
	X(TEXT, value, "library; NAME=value for LD_AUDIT and LD_LIBRARY_PATH") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "preloads",
	.doc = "Ways to load a library into every program.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static const struct str variables[] = { STR("LD_PRELOAD"), STR("LD_AUDIT"), STR("LD_LIBRARY_PATH"),
					STR("LD_PRELOAD_64") };

struct work {
	struct collect *c;
	struct preloads_row row;
};

static int emit_variable(struct work *w, struct str name, struct str value)
{
	if (!value.len)
		return 0;
	w->row.value = value;
	/* Only the first one names a library. */
	if (!str_eq(name, variables[0]))
		w->row.value = arena_cat(w->c->arena, name, STR("="), value);
	return w->row.value.ptr ? collect_row(w->c, &w->row) : -ENOMEM;
}

static bool is_variable(struct str name)
{
	for (size_t i = 0; i < COUNT(variables); i++) {
		if (str_eq(name, variables[i]))
			return true;
	}
	return false;
}

/* Every NAME=value of a line, whatever command it belongs to. */
static int assignments(struct work *w, struct str line)
{
	struct shell_words words;
	struct str name, value;
	int r = shell_split(line, w->c->arena, &words);

	for (size_t i = 0; r >= 0 && i < words.n; i++) {
		if (!words.words[i].is_operator &&
		    shell_assignment(words.words[i].text, &name, &value) && is_variable(name))
			r = emit_variable(w, name, value);
	}
	return r;
}

static bool mentions(struct str line)
{
	return str_contains(line, STR("LD_PRELOAD")) || str_contains(line, STR("LD_AUDIT")) ||
	       str_contains(line, STR("LD_LIBRARY_PATH"));
}

/* "NAME DEFAULT=value OVERRIDE=value" of pam_env.conf(5). */
static int pam_env(struct work *w, struct str line)
{
	struct str name = str_word(&line), word;
	int r = 0;

	if (!is_variable(name))
		return 0;
	while (r >= 0 && (word = str_quoted_word(&line)).ptr) {
		struct str key = str_cut(&word, '=');

		if (str_eq(key, STR("DEFAULT")) || str_eq(key, STR("OVERRIDE")))
			r = emit_variable(w, name, str_unquote(word));
	}
	return r;
}

/* systemd.exec(5): Environment=, and DefaultEnvironment= of system.conf. */
static struct str unit_setting(struct str line)
{
	struct str key = str_trim(str_cut(&line, '='));

	if (str_eq(key, STR("Environment")) || str_eq(key, STR("DefaultEnvironment")) ||
	    str_eq(key, STR("ManagerEnvironment")) || str_starts(key, STR("Exec")))
		return line;
	return (struct str){};
}

static int one_line(struct work *w, struct str line)
{
	if (str_eq(w->row.kind, STR("unit")))
		return assignments(w, unit_setting(line));
	if (str_ends(w->row.file, STR("/pam_env.conf")))
		return pam_env(w, line);
	return assignments(w, line);
}

static int read_text(struct collect *c, const char *path, struct str text, const char *kind)
{
	struct work w = {
		.c = c, .row = {.kind = str_of(kind), .file = str_of(path)}
	};
	struct arena_mark mark = arena_mark(c->arena);
	struct str line;
	unsigned next = 0, number = 0;
	int r;

	if (!mentions(text))
		return 0;
	while ((r = shell_line(&text, &next, &number, c->arena, &line)) > 0) {
		line = str_trim(line);
		w.row.line = number;
		if (line.len && *line.ptr != '#' && *line.ptr != ';' && mentions(line))
			r = one_line(&w, line);
		arena_rewind(c->arena, mark);
		if (r < 0)
			break;
	}
	return r;
}

static int read_file(struct collect *c, const char *path, const char *kind)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str text;
	int r = collect_read(c, path, &text, NULL);

	if (r > 0)
		r = read_text(c, path, text, kind);
	arena_rewind(c->arena, mark);
	return r;
}

static int script(struct collect *c, const char *path, struct str username, struct str text,
		  const struct stat *st)
{
	(void)username;
	(void)st;
	return read_text(c, path, text, "profile");
}

/* ld.so(8): names separated by blanks or colons, '#' begins a comment. */
static int ld_so_preload(struct collect *c)
{
	static const char path[] = "/etc/ld.so.preload";
	struct str text, line;
	unsigned number = 0;
	int r = collect_read(c, path, &text, NULL);

	if (r <= 0)
		return r;
	while (r >= 0 && str_line(&text, &line, &number)) {
		struct str rest = str_cut(&line, '#'), word;

		while (r >= 0 && rest.ptr) {
			struct str part = str_cut(&rest, ':');

			while (r >= 0 && (word = str_word(&part)).ptr) {
				struct preloads_row row = {
					.kind = STR("ld.so.preload"),
					.value = word,
					.file = str_of(path),
					.line = number,
				};

				r = collect_row(c, &row);
			}
		}
	}
	return r;
}

struct place {
	const char *pattern, *kind;
};

static const struct place places[] = {
	{"/etc/environment",                   "environment"},
	{ "/etc/environment.d/*.conf",         "environment"},
	{ "/usr/lib/environment.d/*.conf",     "environment"},
	{ "/etc/security/pam_env.conf",        "environment"},
	{ "/etc/default/*",                    "environment"},
	{ "/etc/sysconfig/*",                  "environment"},
	{ "/etc/conf.d/*",                     "environment"},
	{ "/etc/crontab",                      "environment"},
	{ "/etc/cron.d/*",                     "environment"},
	{ "/etc/systemd/*.conf",               "unit"       },
	{ "/etc/systemd/system.conf.d/*.conf", "unit"       },
};

static const char *const unit_dirs[] = {
	"/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
	"/lib/systemd/system", "/run/systemd/system",
};

static int one_place(struct collect *c, const struct place *p)
{
	struct str *paths = NULL;
	size_t n = 0;
	int r;

	if (!strchr(p->pattern, '*'))
		return read_file(c, p->pattern, p->kind);
	r = collect_glob(c, p->pattern, &paths, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct stat st;

		if (root_stat(c->root, paths[i].ptr, &st) >= 0 && !S_ISDIR(st.st_mode))
			r = read_file(c, paths[i].ptr, p->kind);
	}
	return r;
}

/* A link to a unit that lies in none of the directories; the others are read where they are. */
static bool leads_outside(struct collect *c, const char *path)
{
	struct str real;

	if (root_realpath(c->root, path, c->arena, &real) < 0)
		return false;
	for (size_t i = 0; i < COUNT(unit_dirs); i++) {
		if (str_starts(real, str_of(unit_dirs[i])))
			return false;
	}
	return !str_eq(real, STR("/dev/null"));
}

/* Units and their drop-in directories. */
static int unit_dir(struct collect *c, const char *dir, unsigned depth)
{
	struct dir_list list;
	int r = collect_list(c, dir, &list);

	for (size_t i = 0; r > 0 && i < list.n; i++) {
		struct arena_mark mark = arena_mark(c->arena);
		struct str path = arena_fmt(c->arena, "%s/%s", dir, list.entries[i].name);
		struct stat st;
		int got = 0;

		if (!path.ptr)
			return -ENOMEM;
		if (root_lstat(c->root, path.ptr, &st) < 0)
			continue;
		if (S_ISREG(st.st_mode) || (S_ISLNK(st.st_mode) && leads_outside(c, path.ptr)))
			got = read_file(c, path.ptr, "unit");
		else if (S_ISDIR(st.st_mode) && !depth && str_ends(path, STR(".d")))
			got = unit_dir(c, path.ptr, depth + 1);
		arena_rewind(c->arena, mark);
		if (got < 0)
			return got;
	}
	return MIN(r, 0);
}

static int units(struct collect *c)
{
	struct stat seen[COUNT(unit_dirs)] = {};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(unit_dirs); i++) {
		bool again = false;

		if (root_stat(c->root, unit_dirs[i], &seen[i]) < 0)
			continue;
		for (size_t j = 0; j < i; j++)
			again |= seen[j].st_ino == seen[i].st_ino &&
				 seen[j].st_dev == seen[i].st_dev;
		if (!again)
			r = unit_dir(c, unit_dirs[i], 0);
	}
	return r;
}

static int collect(struct collect *c)
{
	int r = ld_so_preload(c);

	for (size_t i = 0; r >= 0 && i < COUNT(places); i++)
		r = one_place(c, &places[i]);
	if (r >= 0)
		r = shell_files_each(c, script);
	return r < 0 ? r : units(c);
}

const struct collector collector_preloads = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
