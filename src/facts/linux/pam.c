/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/pam.h"

#define DEPTH_MAX 16 /* PAM_SUBSTACK_MAX_LEVEL */
#define RULES_MAX 50'000
#define LINE_MAX_ ((size_t)64 << 10)
#define CONTINUED_MAX 256

/* Where a service is looked for; the first one counts (pam.conf(5), libpam/pam_private.h). */
static const char *const directories[] = { "/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d" };

/* Joins lines that end in a backslash; '#' ends the whole of it. Advances *text. */
static int assemble(struct str *text, unsigned *line, struct arena *a, struct str *ret)
{
	struct str joined = {}, part;

	for (int i = 0; i < CONTINUED_MAX && str_line(text, &part, line); i++) {
		ssize_t comment = str_find(part, '#');
		bool more;

		if (comment >= 0)
			part.len = (size_t)comment;
		part = str_trim(part);
		more = comment < 0 && str_ends(part, STR("\\"));
		part.len -= more;
		joined = joined.len ? arena_cat(a, joined, STR(" "), part) : part;
		if (!joined.ptr)
			return -ENOMEM;
		if (!more || joined.len > LINE_MAX_)
			break;
	}
	*ret = joined;
	return 0;
}

/* A word, or "[...]" with blanks in it where "\]" does not end it. */
static struct str token(struct str *s)
{
	struct str rest = str_trim(*s), word;
	size_t i = 1;

	if (!rest.len || rest.ptr[0] != '[') {
		*s = rest;
		return str_word(s);
	}
	for (; i < rest.len && rest.ptr[i] != ']'; i++)
		i += rest.ptr[i] == '\\';
	word = str_sub(rest, 0, i + 1);
	*s = str_sub(rest, i + 1, rest.len);
	return word;
}

static struct str known(struct str word, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_ieq(word, words[i]))
			return words[i];
	}
	return (struct str){};
}

/* False: PAM installs a rule that always fails. */
static bool parse_line(struct str text, bool has_service, struct pam_line *ret)
{
	static const struct str types[] = { STR("auth"), STR("account"), STR("password"),
					    STR("session") };
	static const struct str controls[] = {
		STR("required"),   STR("requisite"), STR("optional"),
		STR("sufficient"), STR("include"),   STR("substack")
	};
	struct str word = token(&text), control;

	if (has_service) {
		ret->service = word;
		word = token(&text);
	}
	if (str_eq(word, STR("@include"))) {
		ret->control = STR("include");
		ret->module = token(&text);
		return ret->module.len;
	}
	if (str_starts(word, STR("-")))
		word = str_sub(word, 1, word.len);
	ret->type = known(word, types, COUNT(types));
	word = token(&text);
	control = known(word, controls, COUNT(controls));
	ret->control = control.ptr ? control : word;
	ret->module = token(&text);
	ret->arguments = str_trim(text);
	return ret->type.ptr && ret->module.len && (control.ptr || word.ptr[0] == '[');
}

int pam_parse(struct str text, bool has_service, struct arena *a, struct pam_file *ret)
{
	struct pam_file file = {};
	unsigned number = 0;

	while (text.ptr) {
		struct pam_line line = { .line = number + 1 };
		struct str s;
		int r = assemble(&text, &number, a, &s);

		if (r < 0)
			return r;
		if (!s.len)
			continue;
		if (s.len > LINE_MAX_ || !parse_line(s, has_service, &line)) {
			if (!file.bad_line)
				file.bad_line = line.line;
			continue;
		}
		r = arena_push(a, file.lines, file.n, file.cap, line);
		if (r < 0)
			return r;
	}
	*ret = file;
	return 0;
}

struct load {
	struct pam *pam;
	struct str service;
	unsigned depth, level;
	unsigned positions[4];
	bool full; /* nothing more is included: PAM gives up here, too */
};

static unsigned next_position(struct load *l, struct str type)
{
	return ++l->positions[type.ptr[0] == 's'   ? 0
			      : type.ptr[0] == 'p' ? 1
			      : type.ptr[1] == 'u' ? 2
						   : 3];
}

/* The parsed file, or NULL in *ret where there is none. */
static int get_file(struct collect *c, struct pam *pam, struct str path, bool has_service,
		    const struct pam_file **ret)
{
	const uint64_t *seen = map_get(&pam->files, path);
	struct pam_file *file = NULL;
	struct str text;
	int r;

	if (seen) {
		*ret = pam->parsed[*seen];
		return 0;
	}
	r = collect_read(c, path.ptr, &text, NULL);
	if (r < 0)
		return r;
	if (r) {
		file = arena_new(c->arena, struct pam_file);
		if (!file)
			return -ENOMEM;
		r = pam_parse(text, has_service, c->arena, file);
		if (r < 0)
			return r;
		if (file->bad_line)
			collect_problem(c, 0, path.ptr, "line %u: not a rule of PAM",
					file->bad_line);
	}
	*ret = file;
	r = map_put(&pam->files, path, pam->n_parsed);
	return r < 0 ? r : arena_push(c->arena, pam->parsed, pam->n_parsed, pam->parsed_cap, file);
}

/* Finds the file of a service or an include; *ret_path.ptr is NULL where there is none. */
static int find_file(struct collect *c, struct pam *pam, struct str name, struct str *ret_path,
		     const struct pam_file **ret)
{
	*ret_path = (struct str){};
	if (name.ptr[0] == '/') {
		struct str path = arena_str(c->arena, name);
		int r = path.ptr ? get_file(c, pam, path, false, ret) : -ENOMEM;

		if (r >= 0 && *ret)
			*ret_path = path;
		return r;
	}
	for (size_t i = 0; i < COUNT(directories); i++) {
		struct str path = arena_cat(c->arena, str_of(directories[i]), STR("/"), name);
		int r = path.ptr ? get_file(c, pam, path, false, ret) : -ENOMEM;

		if (r < 0)
			return r;
		if (*ret) {
			*ret_path = path;
			return 0;
		}
	}
	return 0;
}

static int add_file(struct collect *c, struct load *l, const struct pam_file *file, struct str path,
		    struct str type);

static int add_rule(struct collect *c, struct load *l, const struct pam_line *line, struct str path)
{
	struct pam_rule rule = {
		.service = l->service,
		.type = line->type,
		.control = line->control,
		.module_path = line->module,
		.arguments = line->arguments,
		.file = path,
		.line = line->line,
		.level = l->level,
	};

	if (!line->type.ptr)
		return 0;
	if (l->pam->n >= RULES_MAX) {
		if (!l->full)
			collect_problem(c, E2BIG, path.ptr, "more than %d rules", RULES_MAX);
		l->full = true;
		return 0;
	}
	rule.position = next_position(l, line->type);
	return arena_push(c->arena, l->pam->rules, l->pam->n, l->pam->cap, rule);
}

static int add_line(struct collect *c, struct load *l, const struct pam_line *line, struct str path)
{
	const struct pam_file *file = NULL;
	struct str found = {};
	int r = 0;

	if (!str_eq(line->control, STR("include")) && !str_eq(line->control, STR("substack")))
		return add_rule(c, l, line, path);
	if (l->full)
		return 0;
	if (l->depth >= DEPTH_MAX) {
		collect_problem(c, ELOOP, path.ptr, "line %u: too many levels of includes",
				line->line);
		l->full = true;
		return 0;
	}
	r = find_file(c, l->pam, line->module, &found, &file);
	if (r < 0)
		return r;
	/* PAM denies where the file is missing; the rule stays visible. */
	if (!file)
		return add_rule(c, l, line, path);
	l->depth++;
	l->level += str_eq(line->control, STR("substack"));
	r = add_file(c, l, file, found, line->type);
	l->level -= str_eq(line->control, STR("substack"));
	l->depth--;
	return r;
}

/* An include takes the rules of its own type alone, @include takes all. */
static int add_file(struct collect *c, struct load *l, const struct pam_file *file, struct str path,
		    struct str type)
{
	for (size_t i = 0; i < file->n; i++) {
		struct pam_line line = file->lines[i];
		int r;

		if (!line.type.ptr)
			line.type = type;
		if (type.ptr && !str_eq(type, line.type))
			continue;
		r = add_line(c, l, &line, path);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Left behind by package managers and editors: no program asks for such a service. */
static bool is_leftover(struct str name)
{
	static const struct str ends[] = {
		STR("~"),         STR(".rpmnew"),    STR(".rpmsave"),  STR(".rpmorig"),
		STR(".dpkg-old"), STR(".dpkg-dist"), STR(".dpkg-new"), STR(".dpkg-bak"),
		STR(".pam-new"),  STR(".pam-old"),   STR(".ucf-dist"), STR(".ucf-old"),
		STR(".apk-new"),  STR(".orig"),      STR(".bak"),      STR(".swp"),
	};

	for (size_t i = 0; i < COUNT(ends); i++) {
		if (str_ends(name, ends[i]))
			return true;
	}
	return str_starts(name, STR("."));
}

static int load_directory(struct collect *c, struct pam *pam, const char *dir, struct map *done)
{
	struct dir_list list = {};
	int r = collect_list(c, dir, &list);

	if (r <= 0)
		return r;
	pam->present = true;
	for (size_t i = 0; i < list.n; i++) {
		struct str name = str_of(list.entries[i].name), path;
		struct load l = { .pam = pam, .service = name };
		const struct pam_file *file;
		struct stat st;

		path = arena_fmt(c->arena, "%s/%s", dir, name.ptr);
		if (!path.ptr)
			return -ENOMEM;
		if (is_leftover(name) || map_get(done, name) ||
		    (root_stat(c->root, path.ptr, &st) >= 0 && S_ISDIR(st.st_mode)))
			continue;
		r = map_put(done, name, 1);
		if (r >= 0)
			r = get_file(c, pam, path, false, &file);
		if (r >= 0 && file)
			r = add_file(c, &l, file, path, (struct str){});
		if (r < 0)
			return r;
	}
	return 0;
}

/* pam.conf(5): it is ignored where the directory exists. */
static int load_conf(struct collect *c, struct pam *pam)
{
	const struct pam_file *file = NULL;
	struct load l = { .pam = pam };
	int r = get_file(c, pam, STR("/etc/pam.conf"), true, &file);

	if (r < 0 || !file)
		return r;
	pam->present = true;
	for (size_t i = 0; i < file->n; i++) {
		if (!str_eq(l.service, file->lines[i].service))
			l = (struct load){ .pam = pam, .service = file->lines[i].service };
		r = add_line(c, &l, &file->lines[i], STR("/etc/pam.conf"));
		if (r < 0)
			return r;
	}
	return 0;
}

int pam_load(struct collect *c, struct pam *ret)
{
	own(map_release) struct map done = {};
	int r = 0;

	*ret = (struct pam){};
	for (size_t i = 0; r >= 0 && i < COUNT(directories); i++)
		r = load_directory(c, ret, directories[i], &done);
	if (r >= 0 && !ret->present)
		r = load_conf(c, ret);
	return r;
}

void pam_release(struct pam *p)
{
	map_release(&p->files);
	*p = (struct pam){};
}

bool pam_argument(struct str arguments, struct str name, struct str *ret)
{
	bool found = false;
	struct str word;

	while ((word = token(&arguments)).ptr) {
		if (word.len > 2 && word.ptr[0] == '[')
			word = str_sub(word, 1, word.len - 1);
		if (!str_starts(word, name) || (word.len > name.len && word.ptr[name.len] != '='))
			continue;
		found = true;
		if (ret)
			*ret = str_sub(word, name.len + 1, word.len);
	}
	return found;
}

struct str pam_module(const struct pam_rule *rule) { return str_basename(rule->module_path); }

bool pam_setting(struct str *text, unsigned *line, struct str *ret_name, struct str *ret_value)
{
	struct str s;

	while (str_line(text, &s, line)) {
		ssize_t comment = str_find(s, '#');
		size_t n = 0;

		if (comment >= 0)
			s.len = (size_t)comment;
		s = str_trim(s);
		if (!s.len)
			continue;
		while (n < s.len && s.ptr[n] != '=' && s.ptr[n] != ' ' && s.ptr[n] != '\t')
			n++;
		*ret_name = str_sub(s, 0, n);
		s = str_trim(str_sub(s, n, s.len));
		if (str_starts(s, STR("=")))
			s = str_trim(str_sub(s, 1, s.len));
		*ret_value = s;
		return true;
	}
	return false;
}
