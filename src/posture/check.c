/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <stdio.h>

#include "base/file.h"
#include "base/root.h"
#include "posture/check.h"
#include "posture/embedded.h"

#define CHECK_FILE_MAX ((size_t)64 << 10)

enum key {
	KEY_ID,
	KEY_TITLE,
	KEY_PRACTICE,
	KEY_CONTROL,
	KEY_SEVERITY,
	KEY_APPLIES,
	KEY_MAPS,
	KEY_FIX,
	KEY_WHY,
	KEY_ACTION,
	KEY_LIVE,
	KEY_PASS,
	KEY_FAIL,
	KEY_N,
};

static const struct {
	const char *name;
	bool required;
} keys[KEY_N] = {
	[KEY_ID] = {"id",        true },
	[KEY_TITLE] = { "title",    true },
	[KEY_PRACTICE] = { "practice", true },
	[KEY_CONTROL] = { "control",  true },
	[KEY_SEVERITY] = { "severity", true },
	[KEY_APPLIES] = { "applies",  false},
	[KEY_MAPS] = { "maps",     false},
	[KEY_FIX] = { "fix",      true },
	[KEY_WHY] = { "why",      true },
	[KEY_ACTION] = { "action",   false},
	[KEY_LIVE] = { "live",     false},
	[KEY_PASS] = { "pass",     false},
	[KEY_FAIL] = { "fail",     false},
};

struct front_matter {
	struct str value[KEY_N]; /* from the first line of the value to the last */
	unsigned line[KEY_N];
};

static int find_key(struct str name)
{
	for (int i = 0; i < KEY_N; i++)
		if (str_eq(name, str_of(keys[i].name)))
			return i;
	return -1;
}

/* A "-- key: value" line opens a value; "--   text" lines go on with it. */
static int front_line(struct front_matter *fm, struct str line, unsigned at, int *key,
		      const char *file, struct diag *d)
{
	struct str body = str_sub(line, 2, line.len), name;
	int k;

	if (str_starts(body, STR("   ")) || !str_trim(body).len) {
		if (*key >= 0 && str_trim(body).len)
			fm->value[*key].len = (size_t)(line.ptr + line.len - fm->value[*key].ptr);
		return 0;
	}
	if (str_starts(str_trim(body), STR("SPDX-")))
		return 0;
	if (str_find(body, ':') < 0)
		return diag_set(d, -EBADMSG, file, at,
				"expected '-- key: value', or '--   ' to go on with a value");
	name = str_trim(str_cut(&body, ':'));
	k = find_key(name);
	if (k < 0)
		return diag_set(d, -EBADMSG, file, at, "unknown key '%.*s'", STR_FMT(name));
	if (fm->value[k].ptr)
		return diag_set(d, -EBADMSG, file, at, "key '%s' stands twice", keys[k].name);
	fm->value[k] = str_trim(body);
	if (!fm->value[k].len)
		fm->value[k] = (struct str){ line.ptr + line.len, 0 };
	fm->line[k] = at;
	*key = k;
	return 0;
}

static int parse_front(struct str *text, struct front_matter *fm, unsigned *ret_line,
		       const char *file, struct diag *d)
{
	unsigned line = 0;
	int key = -1;

	for (;;) {
		struct str rest = *text, s;
		int r;

		if (!str_line(&rest, &s, &line))
			break;
		if (!str_starts(s, STR("--")) && (str_trim(s).len || key >= 0))
			break;
		*text = rest;
		if (!str_starts(s, STR("--")))
			continue;
		r = front_line(fm, s, line, &key, file, d);
		if (r < 0)
			return r;
	}
	*ret_line = line;
	for (int k = 0; k < KEY_N; k++)
		if (keys[k].required && !fm->value[k].len)
			return diag_set(d, -EBADMSG, file, 1, "key '%s' is missing", keys[k].name);
	return 0;
}

static int lookup(int found, const struct front_matter *fm, enum key k, const char *file,
		  struct diag *d)
{
	if (found >= 0)
		return found;
	return diag_set(d, -EBADMSG, file, fm->line[k], "unknown %s '%.*s'", keys[k].name,
			STR_FMT(fm->value[k]));
}

static bool id_is_valid(struct str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!(id.ptr[i] >= 'a' && id.ptr[i] <= 'z') &&
		    !(id.ptr[i] >= '0' && id.ptr[i] <= '9') && id.ptr[i] != '-')
			return false;
	return id.len > 0 && id.len <= 64;
}

static int interpret(const struct front_matter *fm, const char *file, struct check *ret,
		     struct diag *d)
{
	int practice = lookup(practice_find(fm->value[KEY_PRACTICE]), fm, KEY_PRACTICE, file, d);
	int control = lookup(control_find(fm->value[KEY_CONTROL]), fm, KEY_CONTROL, file, d);
	int severity = lookup(severity_find(fm->value[KEY_SEVERITY]), fm, KEY_SEVERITY, file, d);

	if (practice < 0 || control < 0 || severity < 0)
		return -EBADMSG;
	if (!id_is_valid(fm->value[KEY_ID]))
		return diag_set(d, -EBADMSG, file, fm->line[KEY_ID],
				"an id is made of a-z, 0-9 and '-'");
	if (fm->value[KEY_LIVE].len && str_to_bool(fm->value[KEY_LIVE], &ret->live) < 0)
		return diag_set(d, -EBADMSG, file, fm->line[KEY_LIVE], "live is yes or no");
	ret->azure = str_eq(fm->value[KEY_APPLIES], STR("azure"));
	if (fm->value[KEY_APPLIES].len && !ret->azure &&
	    !str_eq(fm->value[KEY_APPLIES], STR("linux")))
		return diag_set(d, -EBADMSG, file, fm->line[KEY_APPLIES],
				"applies is linux or azure");
	ret->practice = (unsigned)practice;
	ret->control = (unsigned)control;
	ret->severity = (enum severity)severity;
	ret->id = fm->value[KEY_ID];
	ret->title = fm->value[KEY_TITLE];
	ret->why = fm->value[KEY_WHY];
	ret->fix = fm->value[KEY_FIX];
	ret->action = fm->value[KEY_ACTION];
	ret->maps = fm->value[KEY_MAPS];
	ret->pass = fm->value[KEY_PASS];
	ret->fail = fm->value[KEY_FAIL];
	return 0;
}

/* UTF-8 without control characters: what it says goes to terminals and into JSON. */
static int check_text(struct str text, const char *file, struct diag *d)
{
	unsigned line = 1;

	while (text.len) {
		int32_t rune = str_rune(&text);

		line += rune == '\n';
		if (rune < 0 || (rune < 0x20 && rune != '\n' && rune != '\t' && rune != '\r') ||
		    (rune >= 0x7f && rune < 0xa0))
			return diag_set(d, -EBADMSG, file, line, "%s",
					rune < 0 ? "is not UTF-8" : "has a control character");
	}
	return 0;
}

/* "key=value[,value] key=…" with plain keys. */
static int check_maps(const struct front_matter *fm, const char *file, struct diag *d)
{
	struct str rest = fm->value[KEY_MAPS], line;

	while (str_line(&rest, &line, NULL)) {
		line = str_starts(line, STR("--")) ? str_sub(line, 2, line.len) : line;
		for (struct str word = str_word(&line); word.ptr; word = str_word(&line))
			if (!id_is_valid(str_cut(&word, '=')) || !word.len)
				return diag_set(d, -EBADMSG, file, fm->line[KEY_MAPS],
						"maps is a list of key=value[,value]");
	}
	return 0;
}

int check_parse(struct str text, const char *file, struct check *ret, struct diag *d)
{
	struct front_matter fm = {};
	struct check c = { .file = file };
	int r = check_text(text, file, d);

	if (r >= 0)
		r = parse_front(&text, &fm, &c.sql_line, file, d);
	if (r >= 0)
		r = check_maps(&fm, file, d);
	if (r >= 0)
		r = interpret(&fm, file, &c, d);
	if (r < 0)
		return r;
	c.sql = str_trim(text);
	if (!c.sql.len)
		return diag_set(d, -EBADMSG, file, c.sql_line, "there is no SELECT");
	*ret = c;
	return 0;
}

/* Joins a value that goes over several lines: "text\n--   more" becomes "text\nmore". */
static struct str unfold(struct arena *a, struct str value, char joint)
{
	struct str line;
	char *out, *p;
	bool first = true;

	if (!value.ptr)
		return STR("");
	out = p = arena_alloc(a, value.len + 2);
	while (out && str_line(&value, &line, NULL)) {
		if (str_starts(line, STR("--")))
			line = str_sub(line, str_starts(line, STR("--   ")) ? 5 : 2, line.len);
		if (joint == ' ')
			line = str_trim(line);
		if (!first)
			*p++ = joint;
		memcpy(p, line.ptr, line.len);
		p += line.len;
		first = first && !line.len;
	}
	return out ? str_trim((struct str){ out, (size_t)(p - out) }) : (struct str){};
}

static int own_texts(struct check *c, struct arena *a)
{
	c->id = arena_str(a, c->id);
	c->title = unfold(a, c->title, ' ');
	c->why = unfold(a, c->why, ' ');
	c->fix = unfold(a, c->fix, '\n');
	c->action = unfold(a, c->action, ' ');
	c->maps = unfold(a, c->maps, ' ');
	c->sql = arena_str(a, c->sql);
	c->file = arena_cstr(a, str_of(c->file));
	return c->id.ptr && c->title.ptr && c->why.ptr && c->fix.ptr && c->action.ptr &&
			       c->maps.ptr && c->sql.ptr && c->file
		       ? 0
		       : -ENOMEM;
}

static int add_check(struct checks *list, struct check *c, struct arena *a)
{
	int r = own_texts(c, a);

	for (size_t i = 0; r >= 0 && i < list->n; i++)
		if (str_eq(list->list[i].id, c->id)) {
			c->replaces = !list->list[i].own || list->list[i].replaces;
			list->list[i] = *c;
			return 0;
		}
	return r < 0 ? r : arena_push(a, list->list, list->n, list->cap, *c);
}

static int add_text(struct checks *list, struct str text, const char *file, bool user,
		    struct arena *a)
{
	struct check c = {};
	struct diag d = {};
	int r = check_parse(text, file, &c, &d);

	c.own = user;
	if (r >= 0)
		return add_check(list, &c, a);
	return arena_push(a, list->errors, list->n_errors, list->errors_cap, d);
}

int checks_builtin(struct checks *c, struct arena *a)
{
	for (size_t i = 0; i < embedded_checks_n; i++) {
		int r = add_text(c, str_of(embedded_checks[i].text), embedded_checks[i].path, false,
				 a);

		if (r < 0)
			return r;
	}
	return 0;
}

int checks_load(struct checks *c, const char *dir, struct arena *a)
{
	own(root_release) struct root root = ROOT_NONE;
	struct dir_list list;
	int r = root_open(dir, true, &root);

	if (r >= 0)
		r = root_list(&root, ".", a, &list);
	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct str path = arena_fmt(a, "%s/%s", dir, list.entries[i].name), text;
		struct diag d = {};

		if (!path.ptr)
			return -ENOMEM;
		if (!str_ends(path, STR(".sql")) || list.entries[i].name[0] == '.')
			continue;
		r = file_read(path.ptr, CHECK_FILE_MAX, a, &text);
		if (r >= 0) {
			r = add_text(c, text, path.ptr, true, a);
			continue;
		}
		if (r == -ENOMEM)
			break;
		diag_set(&d, r, path.ptr, 0, "cannot read: %s", file_error(r));
		r = arena_push(a, c->errors, c->n_errors, c->errors_cap, d);
	}
	return MIN(r, 0);
}

const struct check *checks_find(const struct checks *c, struct str id)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->list[i].id, id))
			return &c->list[i];
	return NULL;
}

struct str check_map(const struct check *c, struct str key)
{
	struct str maps = c->maps;

	for (struct str word = str_word(&maps); word.ptr; word = str_word(&maps)) {
		struct str name = str_cut(&word, '=');

		if (str_eq(name, key))
			return word;
	}
	return (struct str){};
}
