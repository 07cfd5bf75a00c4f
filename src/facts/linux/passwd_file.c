/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/passwd_file.h"

/* glibc nss/nss_files/files-parse.c: fields end at ':' or at the end of the line. */
struct fields {
	struct str rest;
	bool bad;
};

static struct str text_field(struct fields *f)
{
	ssize_t at = str_find(f->rest, ':');
	size_t len = at < 0 ? f->rest.len : (size_t)at;
	struct str field = str_sub(f->rest, 0, len);

	f->rest = str_sub(f->rest, at < 0 ? len : len + 1, f->rest.len);
	return field;
}

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/*
 * strtou32() of glibc: strtoul(3) clamped to 32 bits, so blanks, a sign and leading zeros are
 * fine. False where there is no number; *ret_used counts what was eaten.
 */
static bool scan_u32(struct str s, size_t *ret_used, int64_t *ret)
{
	uint64_t value = 0;
	bool negative = false, huge = false;
	size_t i = 0, digits;

	while (i < s.len && is_blank(s.ptr[i]))
		i++;
	if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
		negative = s.ptr[i++] == '-';
	for (digits = i; i < s.len && is_digit(s.ptr[i]); i++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(s.ptr[i] - '0'), &value))
			huge = true;
	}
	if (i == digits)
		return false;
	if (negative && !huge)
		value = -value;
	*ret = huge || value > UINT32_MAX ? (int64_t)UINT32_MAX : (int64_t)value;
	*ret_used = i;
	return true;
}

static void end_number(struct fields *f, size_t used)
{
	if (used < f->rest.len && f->rest.ptr[used] != ':')
		f->bad = true;
	f->rest = str_sub(f->rest, used < f->rest.len ? used + 1 : used, f->rest.len);
}

static int64_t number_field(struct fields *f)
{
	int64_t value = 0;
	size_t used = 0;

	if (!scan_u32(f->rest, &used, &value))
		f->bad = true;
	end_number(f, used);
	return value;
}

/* INT_FIELD_MAYBE_NULL: empty is "unknown", but the line must not end before the field. */
static int64_t optional_field(struct fields *f)
{
	int64_t value = FACT_UNKNOWN;
	size_t used = 0;

	if (!f->rest.len)
		f->bad = true;
	else if (!scan_u32(f->rest, &used, &value))
		used = 0;
	else
		value = (int32_t)value == -1 ? FACT_UNKNOWN : (int32_t)value;
	end_number(f, used);
	return value;
}

/* The lines of a database; comments and empty lines are passed over, as nss_files does. */
struct lines {
	struct str rest;
	unsigned line;
	struct passwd_skipped *skipped;
	size_t max; /* bytes of a line; 0: PASSWD_LINE_MAX */
};

static void skip(struct lines *l, const char *why)
{
	if (!l->skipped->n++) {
		l->skipped->line = l->line;
		l->skipped->why = why;
	}
}

static bool next_line(struct lines *l, struct str *ret)
{
	while (l->rest.ptr) {
		struct str line = str_cut(&l->rest, '\n');
		ssize_t nul = str_find(line, '\0');
		size_t start = 0;

		l->line++;
		if (nul >= 0) {
			line.len = (size_t)nul;
			skip(l, "NUL byte");
		}
		while (start < line.len && is_blank(line.ptr[start]))
			start++;
		line = str_sub(line, start, line.len);
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (line.len > (l->max ? l->max : PASSWD_LINE_MAX)) {
			skip(l, "overlong line");
			continue;
		}
		*ret = line;
		return true;
	}
	return false;
}

/* Room for every entry at once: the texts are far larger than what doubling would waste. */
static void *reserve(struct str text, struct arena *a, size_t size, size_t *ret_cap)
{
	size_t n = 1;

	for (const char *p = text.ptr, *end = p + text.len; p < end; p++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			break;
		n += end - p > 1 && p[1] != '\n';
	}
	*ret_cap = MIN(n, PASSWD_ENTRIES_MAX);
	return arena_array(a, *ret_cap, size);
}

static bool is_full(struct passwd_skipped *skipped, size_t n, size_t cap)
{
	if (n < cap)
		return false;
	skipped->cut = true;
	return true;
}

bool passwd_is_compat(struct str name)
{
	return name.len && (name.ptr[0] == '+' || name.ptr[0] == '-');
}

static bool parse_passwd_line(struct str line, struct passwd_entry *ret)
{
	struct fields f = { .rest = line };

	ret->name = text_field(&f);
	ret->password = text_field(&f);
	if (passwd_is_compat(ret->name)) {
		ret->uid = ret->gid = -1;
		text_field(&f);
		text_field(&f);
	} else {
		ret->uid = number_field(&f);
		ret->gid = number_field(&f);
	}
	ret->gecos = text_field(&f);
	ret->home = text_field(&f);
	ret->shell = f.rest;
	return !f.bad && ret->name.len;
}

int passwd_parse(struct str text, struct arena *a, struct passwd_file *ret)
{
	struct passwd_file file = { .present = true };
	struct lines l = { .rest = text, .skipped = &file.skipped };
	struct str line;
	size_t cap;

	file.entries = reserve(text, a, sizeof *file.entries, &cap);
	if (!file.entries)
		return -ENOMEM;
	while (next_line(&l, &line) && !is_full(&file.skipped, file.n, cap)) {
		struct passwd_entry e = { .line = l.line };

		if (parse_passwd_line(line, &e))
			file.entries[file.n++] = e;
		else
			skip(&l, "malformed line");
	}
	*ret = file;
	return 0;
}

static bool parse_shadow_line(struct str line, struct shadow_entry *ret)
{
	struct fields f = { .rest = line };

	ret->name = text_field(&f);
	ret->hash = text_field(&f);
	ret->last_change = optional_field(&f);
	ret->min_age = optional_field(&f);
	ret->max_age = optional_field(&f);
	ret->warn = ret->inactive = ret->expires = FACT_UNKNOWN;
	if (f.bad || !str_trim(f.rest).len)
		return !f.bad && ret->name.len;
	ret->warn = optional_field(&f);
	ret->inactive = optional_field(&f);
	ret->expires = optional_field(&f);
	return !f.bad && ret->name.len;
}

int shadow_parse(struct str text, struct arena *a, struct shadow_file *ret)
{
	struct shadow_file file = { .present = true };
	struct lines l = { .rest = text, .skipped = &file.skipped };
	struct str line;
	size_t cap;

	file.entries = reserve(text, a, sizeof *file.entries, &cap);
	if (!file.entries)
		return -ENOMEM;
	while (next_line(&l, &line) && !is_full(&file.skipped, file.n, cap)) {
		struct shadow_entry e = { .line = l.line };

		if (parse_shadow_line(line, &e))
			file.entries[file.n++] = e;
		else
			skip(&l, "malformed line");
	}
	*ret = file;
	return 0;
}

static bool parse_group_line(struct str line, struct group_entry *ret)
{
	struct fields f = { .rest = line };

	ret->name = text_field(&f);
	ret->password = text_field(&f);
	if (passwd_is_compat(ret->name)) {
		ret->gid = -1;
		text_field(&f);
	} else {
		ret->gid = number_field(&f);
	}
	ret->members = f.rest;
	return !f.bad && ret->name.len;
}

int group_parse(struct str text, struct arena *a, struct group_file *ret)
{
	struct group_file file = { .present = true };
	struct lines l = { .rest = text, .max = GROUP_LINE_MAX, .skipped = &file.skipped };
	struct str line;
	size_t cap;

	file.entries = reserve(text, a, sizeof *file.entries, &cap);
	if (!file.entries)
		return -ENOMEM;
	while (next_line(&l, &line) && !is_full(&file.skipped, file.n, cap)) {
		struct group_entry e = { .line = l.line };

		if (parse_group_line(line, &e))
			file.entries[file.n++] = e;
		else
			skip(&l, "malformed line");
	}
	*ret = file;
	return 0;
}

int gshadow_parse(struct str text, struct arena *a, struct gshadow_file *ret)
{
	struct gshadow_file file = { .present = true };
	struct lines l = { .rest = text, .skipped = &file.skipped };
	struct str line;
	size_t cap;

	file.entries = reserve(text, a, sizeof *file.entries, &cap);
	if (!file.entries)
		return -ENOMEM;
	while (next_line(&l, &line) && !is_full(&file.skipped, file.n, cap)) {
		struct fields f = { .rest = line };
		struct gshadow_entry e = { .line = l.line };

		e.name = text_field(&f);
		e.password = text_field(&f);
		e.admins = text_field(&f);
		e.members = f.rest;
		if (e.name.len)
			file.entries[file.n++] = e;
		else
			skip(&l, "malformed line");
	}
	*ret = file;
	return 0;
}

static void report(struct collect *c, const char *path, const struct passwd_skipped *s)
{
	if (s->n)
		collect_problem(c, 0, path, "line %u: %s (%zu lines left out)", s->line, s->why,
				s->n);
	if (s->cut)
		collect_problem(c, EFBIG, path, "more than %zu entries", PASSWD_ENTRIES_MAX);
}

/* 1: read, 0: not there or not readable (then reported), -ENOMEM. */
static int read_text(struct collect *c, const char *path, bool required, struct str *ret)
{
	struct stat st;
	int r = collect_read(c, path, ret, NULL);

	if (r == 0 && required && root_stat(c->root, path, &st) == -ENOENT)
		collect_problem(c, ENOENT, path, "there is none");
	return r;
}

int passwd_read(struct collect *c, struct passwd_file *ret)
{
	struct str text;
	int r = read_text(c, "/etc/passwd", true, &text);

	if (r <= 0)
		return *ret = (struct passwd_file){}, r;
	r = passwd_parse(text, c->arena, ret);
	if (r >= 0)
		report(c, "/etc/passwd", &ret->skipped);
	return r;
}

int shadow_read(struct collect *c, struct shadow_file *ret)
{
	struct str text;
	int r = read_text(c, "/etc/shadow", false, &text);

	if (r <= 0)
		return *ret = (struct shadow_file){}, r;
	r = shadow_parse(text, c->arena, ret);
	if (r >= 0)
		report(c, "/etc/shadow", &ret->skipped);
	return r;
}

int group_read(struct collect *c, struct group_file *ret)
{
	struct str text;
	int r = read_text(c, "/etc/group", true, &text);

	if (r <= 0)
		return *ret = (struct group_file){}, r;
	r = group_parse(text, c->arena, ret);
	if (r >= 0)
		report(c, "/etc/group", &ret->skipped);
	return r;
}

int gshadow_read(struct collect *c, struct gshadow_file *ret)
{
	struct str text;
	int r = read_text(c, "/etc/gshadow", false, &text);

	if (r <= 0)
		return *ret = (struct gshadow_file){}, r;
	r = gshadow_parse(text, c->arena, ret);
	if (r >= 0)
		report(c, "/etc/gshadow", &ret->skipped);
	return r;
}

static int put_first(struct map *m, struct str name, size_t index)
{
	return map_get(m, name) ? 0 : map_put(m, name, index);
}

int passwd_by_name(const struct passwd_file *f, struct map *ret)
{
	own(map_release) struct map m = {};

	for (size_t i = 0; i < f->n; i++) {
		int r = put_first(&m, f->entries[i].name, i);

		if (r < 0)
			return r;
	}
	*ret = m;
	m = (struct map){};
	return 0;
}

int shadow_by_name(const struct shadow_file *f, struct map *ret)
{
	own(map_release) struct map m = {};

	for (size_t i = 0; i < f->n; i++) {
		int r = put_first(&m, f->entries[i].name, i);

		if (r < 0)
			return r;
	}
	*ret = m;
	m = (struct map){};
	return 0;
}

void shadow_require(struct collect *c, const struct passwd_file *users,
		    const struct shadow_file *shadow)
{
	struct stat st;

	for (size_t i = 0; !shadow->present && i < users->n; i++) {
		if (!passwd_is_shadowed(&users->entries[i]))
			continue;
		if (root_stat(c->root, "/etc/shadow", &st) == -ENOENT)
			collect_problem(c, ENOENT, "/etc/shadow",
					"there is none, but passwd refers to it");
		return;
	}
}
