/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <stdio.h>

#include "base/file.h"
#include "base/root.h"
#include "cli/hunt_setup.h"
#include "detect/embedded.h"
#include "events/zone.h"

#define RULE_MAX ((size_t)4 << 20)
#define RULES_MEMORY ((size_t)512 << 20)
#define RULES_MAX 100'000U
#define DEPTH_MAX 12U

void rule_files_release(struct rule_files *f)
{
	arena_release(&f->arena);
	*f = (struct rule_files){};
}

static int add_text(struct rule_files *f, struct str text, struct str name)
{
	if (f->n >= RULES_MAX)
		return -E2BIG;
	f->arena.limit = RULES_MEMORY;
	return arena_push(&f->arena, f->list, f->n, f->cap, ((struct rule_text){ text, name }));
}

int rule_files_add_builtin(struct rule_files *f)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < embedded_rules_n; i++)
		r = add_text(f, str_of(embedded_rules[i].text), str_of(embedded_rules[i].path));
	if (r < 0)
		cli_error("hunt: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

int hunt_read_file(struct rule_files *f, const char *path, struct str *ret)
{
	int r;

	f->arena.limit = RULES_MEMORY;
	r = file_read(path, RULE_MAX, &f->arena, ret);
	if (r < 0)
		cli_error("%s: %s", path, file_error(r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int add_file(struct rule_files *f, const char *path)
{
	struct str text, name;
	int r;

	if (hunt_read_file(f, path, &text) != EXIT_OK)
		return EXIT_FAILED;
	name = arena_str(&f->arena, str_of(path));
	r = name.ptr ? add_text(f, text, name) : -ENOMEM;
	if (r < 0)
		cli_error("%s: %s", path, r == -E2BIG ? "too many rules" : strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static bool is_rule_file(struct str name)
{
	return str_ends(name, STR(".yml")) || str_ends(name, STR(".yaml"));
}

/* What the folder says of it is asked first: there are thousands. 0: neither file nor folder. */
static mode_t kind_of(const struct root *dir, const char *path, unsigned char type)
{
	struct stat st;

	if (type == DT_REG || type == DT_DIR)
		return DTTOIF(type);
	return root_stat(dir, path, &st) < 0 ? 0 : st.st_mode & S_IFMT;
}

/* A folder of rules belongs to the user: links are followed. */
static int add_folder(struct rule_files *f, const struct root *dir, const char *base,
		      const char *path, unsigned depth)
{
	own(arena_release) struct arena a = {};
	struct dir_list list;
	int r = root_list(dir, path, &a, &list), code = EXIT_OK;

	if (r < 0) {
		cli_error("%s/%s: %s", base, path, strerror(-r));
		return EXIT_FAILED;
	}
	for (size_t i = 0; code == EXIT_OK && i < list.n; i++) {
		const char *name = list.entries[i].name;
		struct str below = arena_fmt(&a, "%s/%s", path, name);
		struct str full = arena_fmt(&a, "%s%s", base, below.ptr ? below.ptr : "");
		mode_t kind;

		if (!below.ptr || !full.ptr)
			return EXIT_FAILED;
		if (name[0] == '.')
			continue;
		kind = kind_of(dir, below.ptr, list.entries[i].type);
		if (S_ISDIR(kind) && depth < DEPTH_MAX)
			code = add_folder(f, dir, base, below.ptr, depth + 1);
		else if (S_ISREG(kind) && is_rule_file(str_of(name)))
			code = add_file(f, full.ptr);
	}
	return code;
}

int rule_files_add(struct rule_files *f, const char *path)
{
	own(root_release) struct root dir = ROOT_NONE;
	size_t before = f->n;
	struct stat st;
	int code;

	if (stat(path, &st) < 0) {
		cli_error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	if (!S_ISDIR(st.st_mode))
		return add_file(f, path);
	if (root_open(path, true, &dir) < 0) {
		cli_error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	code = add_folder(f, &dir, path, "", 0);
	if (code == EXIT_OK && f->n == before) {
		cli_error("%s: there are no rules (*.yml) here", path);
		code = EXIT_USAGE;
	}
	return code;
}

/* Digits with one character between them; the rest stays. */
static bool number(struct str *s, size_t digits, unsigned *ret)
{
	uint64_t n;

	if (s->len < digits || str_to_u64(str_sub(*s, 0, digits), 10, &n) < 0)
		return false;
	*ret = (unsigned)n;
	*s = str_sub(*s, digits, s->len);
	return true;
}

static bool eat(struct str *s, char c)
{
	if (!s->len || *s->ptr != c)
		return false;
	*s = str_sub(*s, 1, s->len);
	return true;
}

static int parse_date(struct str s, bool end, int64_t *ret)
{
	unsigned year, month, day, hour = 0, minute = 0, second = 0;
	int64_t step = INT64_C(86'400'000'000), days;

	if (!number(&s, 4, &year) || !eat(&s, '-') || !number(&s, 2, &month) || !eat(&s, '-') ||
	    !number(&s, 2, &day) || month < 1 || month > 12 || day < 1 || day > 31)
		return -EINVAL;
	if (s.len > 1) {
		if ((!eat(&s, 'T') && !eat(&s, ' ')) || !number(&s, 2, &hour) || !eat(&s, ':') ||
		    !number(&s, 2, &minute))
			return -EINVAL;
		step = INT64_C(60'000'000);
		if (eat(&s, ':')) {
			if (!number(&s, 2, &second))
				return -EINVAL;
			step = 1'000'000;
		}
		eat(&s, 'Z');
	}
	if (s.len || hour > 23 || minute > 59 || second > 60)
		return -EINVAL;
	days = days_of((int)year, month, day);
	*ret = ((days * 24 + hour) * 60 + minute) * 60'000'000 + (int64_t)second * 1'000'000 +
	       (end ? step - 1 : 0);
	return 0;
}

int hunt_parse_time(const char *text, int64_t now, bool end, int64_t *ret)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {
		{'s',  1    },
                { 'm', 60   },
                { 'h', 3600 },
                { 'd', 86400}
	};
	struct str s = str_of(text);
	int64_t n;

	for (size_t i = 0; s.len && i < COUNT(units); i++)
		if (s.ptr[s.len - 1] == units[i].letter) {
			if (str_to_int64(str_sub(s, 0, s.len - 1), &n) < 0 || n < 0 ||
			    n > 1'000'000'000)
				return -EINVAL;
			*ret = now - n * units[i].seconds * 1'000'000;
			return 0;
		}
	return parse_date(s, end, ret);
}

static int say(const struct diag *d, const char *path, int error)
{
	char text[600];

	if (!*path)
		cli_error("'' is no path");
	else if (d->reason[0])
		cli_error("%s", diag_text(d, text, sizeof text));
	else
		cli_error("%s: %s", path, strerror(-error));
	return EXIT_FAILED;
}

static int add_below(struct reader *r, const struct root *root, const char *path, unsigned depth);

static int add_listed(struct reader *r, const struct root *root, const char *path, unsigned depth)
{
	own(arena_release) struct arena a = {};
	struct dir_list list;
	int e = root_list(root, path, &a, &list), code = EXIT_OK;

	if (e < 0 || depth > READER_DEPTH_MAX) {
		cli_error("%s%s: %s", root->path, path,
			  e < 0 ? strerror(-e) : "directories too deep");
		return EXIT_FAILED;
	}
	for (size_t i = 0; code == EXIT_OK && i < list.n; i++) {
		struct str below = arena_fmt(&a, "%s/%s", path, list.entries[i].name);
		struct stat st;

		if (!below.ptr)
			return EXIT_FAILED;
		if (root_lstat(root, below.ptr, &st) == 0 &&
		    (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
			code = add_below(r, root, below.ptr, depth + 1);
	}
	return code;
}

static int add_below(struct reader *r, const struct root *root, const char *path, unsigned depth)
{
	struct diag d = {};
	struct stat st;
	int fd, e = root_stat(root, path, &st);

	if (e == 0 && S_ISDIR(st.st_mode))
		return add_listed(r, root, path, depth);
	if (e == 0)
		e = root_open_file(root, path, &st, &fd);
	if (e == 0)
		e = reader_add_fd(r, fd, path, &d);
	if (e < 0 && !depth)
		return say(&d, path, e);
	if (e < 0)
		cli_error("%s%s: %s", root->path, path, strerror(-e));
	return EXIT_OK;
}

int hunt_add_input(struct reader *r, const char *root, const char *path)
{
	own(root_release) struct root dir = ROOT_NONE;
	own(arena_release) struct arena a = {};
	struct str *matches;
	struct diag d = {};
	size_t n;
	int e, code = EXIT_OK;

	if (!root || !strcmp(path, "-")) {
		e = reader_add(r, path, &d);
		return e < 0 ? say(&d, path, e) : EXIT_OK;
	}
	e = root_open(root, false, &dir);
	if (e < 0)
		return say(&d, root, e);
	if (!strpbrk(path, "*?["))
		return add_below(r, &dir, path, 0);
	e = root_glob(&dir, path, &a, &matches, &n);
	if (e < 0)
		return say(&d, path, e);
	if (!n)
		return say(&d, path, -ENOENT);
	for (size_t i = 0; code == EXIT_OK && i < n; i++)
		code = add_below(r, &dir, arena_cstr(&a, matches[i]), 0);
	return code;
}
