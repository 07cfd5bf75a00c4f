/* SPDX-License-Identifier: GPL-3.0-or-later */
/* startup_scripts: Lines of shell start-up files and rc.local that matter to security. */
#include "facts/fact.h"
#include "facts/linux/command_risk.h"
#include "facts/linux/shell.h"

#define FACT_ROW startup_scripts_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "umask, path (with ., empty, relative or open directories), alias (of sudo, ssh …), download (and run), history (switched off), tmout or exec (of rc.local, or suspicious)") \
	X(TEXT, value, "value or the line as written, cut at 1,024 bytes") \
	X(TEXT, file, "file") \
	X(INT, line, "line") \
	X(INT, file_mode, "permission bits") \
	X(INT, file_uid, "owner")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "startup_scripts",
	.doc = "Lines of shell start-up files and rc.local that matter to security.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define VALUE_MAX 1024

struct work {
	struct collect *c;
	struct startup_scripts_row row;
	struct str line; /* as written */
	bool is_rc;      /* runs as root when the machine starts */
	bool done;       /* the line was told as a whole */
};

static int emit(struct work *w, const char *kind, struct str value)
{
	w->row.kind = str_of(kind);
	w->row.value = str_sub(value, 0, VALUE_MAX);
	return collect_row(w->c, &w->row);
}

static int emit_line(struct work *w, const char *kind)
{
	w->done = true;
	return emit(w, kind, w->line);
}

/* A directory that others than root may write to. A home's owner may use his own. */
static bool is_open_directory(struct work *w, struct str dir)
{
	struct stat st;
	char name[1024];

	if (dir.len >= sizeof name || str_find(dir, '\0') >= 0)
		return false;
	memcpy(name, dir.ptr, dir.len);
	name[dir.len] = '\0';
	return root_stat(w->c->root, name, &st) >= 0 && S_ISDIR(st.st_mode) &&
	       (st.st_mode & S_IWOTH);
}

static bool is_bad_path(struct work *w, struct str path)
{
	while (path.ptr) {
		struct str dir = str_cut(&path, ':');

		/* Empty means the current directory. */
		if (!dir.len)
			return true;
		if (*dir.ptr == '$' || *dir.ptr == '~' || *dir.ptr == '`')
			continue;
		if (*dir.ptr != '/' || is_open_directory(w, dir))
			return true;
	}
	return false;
}

static bool is_zero(struct str s) { return str_eq(s, STR("0")); }

static int assignment(struct work *w, struct str name, struct str value)
{
	if (str_eq(name, STR("PATH")))
		return value.len && is_bad_path(w, value) ? emit(w, "path", value) : 0;
	if (str_eq(name, STR("TMOUT")))
		return emit(w, "tmout", value);
	if (str_eq(name, STR("HISTFILE")) &&
	    (!value.len || str_eq(value, STR("/dev/null")) || str_starts(value, STR("/tmp/"))))
		return emit_line(w, "history");
	if ((str_eq(name, STR("HISTSIZE")) || str_eq(name, STR("HISTFILESIZE")) ||
	     str_eq(name, STR("SAVEHIST"))) &&
	    is_zero(value))
		return emit_line(w, "history");
	return 0;
}

/* Commands whose replacement catches passwords. */
static bool is_sensitive(struct str name)
{
	static const struct str names[] = { STR("sudo"), STR("su"),    STR("ssh"),   STR("scp"),
					    STR("sftp"), STR("login"), STR("passwd") };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (str_eq(name, names[i]))
			return true;
	}
	return false;
}

/* alias sudo='sudo ' only makes aliases work after it; options to the same program are usual. */
static int alias(struct work *w, struct str word)
{
	struct str name = str_cut(&word, '='), first;

	if (!is_sensitive(name) || !word.ptr)
		return 0;
	first = str_word(&word);
	return str_eq(str_basename(first), name) && str_find(word, ';') < 0 &&
			       str_find(word, '|') < 0 && str_find(first, '/') < 0
		       ? 0
		       : emit_line(w, "alias");
}

static bool is_umask(struct str s)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '7')
		i++;
	return s.len && (i == s.len || str_find(s, '=') > 0);
}

static bool hides_history(struct str name, const struct shell_word *words, size_t n)
{
	if (str_eq(name, STR("unset")))
		return str_eq(words[0].text, STR("HISTFILE"));
	return str_eq(name, STR("set")) && n > 1 && str_eq(words[0].text, STR("+o")) &&
	       str_eq(words[1].text, STR("history"));
}

static int builtin(struct work *w, const struct shell_word *words, size_t n)
{
	struct str name = words[0].text;
	int r = 0;

	for (size_t i = 1; r >= 0 && i < n && !words[i].is_operator; i++) {
		if (str_eq(name, STR("umask")) && is_umask(words[i].text))
			r = emit(w, "umask", words[i].text);
		else if (str_eq(name, STR("alias")))
			r = alias(w, words[i].text);
		else if (hides_history(name, words + i, n - i))
			r = emit_line(w, "history");
	}
	return r;
}

static bool is_declaration(struct str s)
{
	return str_eq(s, STR("export")) || str_eq(s, STR("readonly")) ||
	       str_eq(s, STR("declare")) || str_eq(s, STR("typeset")) || str_eq(s, STR("local"));
}

static int command(struct work *w, const struct shell_word *words, size_t n)
{
	struct str name, value;
	bool declared = is_declaration(words[0].text);
	size_t i = declared ? 1 : 0;
	int r = 0;

	for (; r >= 0 && i < n; i++) {
		if (shell_assignment(words[i].text, &name, &value))
			r = assignment(w, name, value);
		else if (!declared || words[i].is_operator)
			break;
	}
	if (r < 0 || i >= n || declared)
		return r;
	return builtin(w, words + i, n - i);
}

/* sudo() { … } */
static bool is_function(const struct shell_words *w)
{
	size_t i = w->n && str_eq(w->words[0].text, STR("function"));

	return w->n > i + 1 && is_sensitive(w->words[i].text) &&
	       (i || (w->words[i + 1].is_operator && str_eq(w->words[i + 1].text, STR("("))));
}

static bool is_plain(const struct shell_words *words)
{
	return words->n && !(words->n <= 2 && str_eq(words->words[0].text, STR("exit")));
}

static int one_line(struct work *w, const struct shell_words *words)
{
	const char *risk = command_risk(w->line);
	size_t at = 0, first, n;
	int r = 0;

	if (is_function(words))
		return emit_line(w, "alias");
	if (*risk)
		return emit_line(w, strstr(risk, "download") ? "download" : "exec");
	while (r >= 0 && !w->done && shell_command(words, &at, &first, &n))
		r = command(w, words->words + first, n);
	if (r >= 0 && w->is_rc && !w->done && is_plain(words))
		r = emit_line(w, "exec");
	return r;
}

static int read_script(struct collect *c, const char *path, struct str username, struct str text,
		       const struct stat *st)
{
	struct work w = { .c = c,
			  .is_rc = str_contains(str_of(path), STR("/rc.local")) ||
				   str_starts(str_of(path), STR("/etc/local.d/")) };
	struct arena_mark mark = arena_mark(c->arena);
	struct shell_words words;
	struct str line;
	unsigned next = 0, number = 0;
	int r;

	(void)username;
	if (str_find(text, '\0') >= 0)
		collect_problem(c, 0, path, "binary data in a shell script");
	/* rc.local without the bit is not started. */
	if (w.is_rc && !(st->st_mode & 0111))
		return 0;
	while ((r = shell_line(&text, &next, &number, c->arena, &line)) > 0) {
		w.row = (struct startup_scripts_row){
			.file = str_of(path),
			.line = number,
			.file_mode = st->st_mode & 07777,
			.file_uid = st->st_uid,
		};
		w.line = str_trim(line);
		w.done = false;
		if (w.line.len && *w.line.ptr != '#') {
			r = shell_split(w.line, c->arena, &words);
			if (r >= 0)
				r = one_line(&w, &words);
		}
		arena_rewind(c->arena, mark);
		if (r < 0)
			break;
	}
	return r;
}

static int collect(struct collect *c) { return shell_files_each(c, read_script); }

const struct collector collector_startup_scripts = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
