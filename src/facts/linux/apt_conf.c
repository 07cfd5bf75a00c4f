/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/apt_conf.h"
#include "base/buf.h"

enum { DEPTH_MAX = 32, NAME_MAX_LEN = 4096, INCLUDES_MAX = 8 };

struct lexer {
	struct str rest;
	unsigned line;
};

enum token { END, WORD, SEMICOLON, OPEN, CLOSE, CLEAR, INCLUDE, BAD };

static void skip_to_eol(struct lexer *l)
{
	ssize_t eol = str_find(l->rest, '\n');

	l->rest = str_sub(l->rest, eol < 0 ? l->rest.len : (size_t)eol, l->rest.len);
}

/* A comment of C; false where it never ends. */
static bool skip_block(struct lexer *l)
{
	for (size_t i = 2; i < l->rest.len; i++) {
		l->line += l->rest.ptr[i] == '\n';
		if (l->rest.ptr[i] != '*' || i + 1 >= l->rest.len || l->rest.ptr[i + 1] != '/')
			continue;
		l->rest = str_sub(l->rest, i + 2, l->rest.len);
		return true;
	}
	return false;
}

static bool skip_blanks(struct lexer *l)
{
	for (;;) {
		struct str r = l->rest;

		if (!r.len)
			return true;
		if (r.ptr[0] == ' ' || (r.ptr[0] >= '\t' && r.ptr[0] <= '\r')) {
			l->line += r.ptr[0] == '\n';
			l->rest = str_sub(r, 1, r.len);
		} else if (str_starts(r, STR("/*"))) {
			if (!skip_block(l))
				return false;
		} else if (str_starts(r, STR("//")) ||
			   (r.ptr[0] == '#' && !str_istarts(r, STR("#clear")) &&
			    !str_istarts(r, STR("#include")))) {
			skip_to_eol(l);
		} else {
			return true;
		}
	}
}

static enum token quoted(struct lexer *l, struct str *ret)
{
	struct str tail = str_sub(l->rest, 1, l->rest.len);
	struct str s = str_cut(&tail, '"');

	if (!tail.ptr || (s.len && memchr(s.ptr, '\n', s.len)))
		return BAD;
	l->rest = tail;
	*ret = s;
	return WORD;
}

static enum token bare(struct lexer *l, struct str *ret)
{
	size_t n = 0;

	for (; n < l->rest.len; n++) {
		struct str at = str_sub(l->rest, n, l->rest.len);
		char c = at.ptr[0];

		if (c == ' ' || (c >= '\t' && c <= '\r') || c == ';' || c == '{' || c == '}' ||
		    c == '"' || str_starts(at, STR("//")) || str_starts(at, STR("/*")))
			break;
		if (c == '\0')
			return BAD;
	}
	*ret = str_sub(l->rest, 0, n);
	l->rest = str_sub(l->rest, n, l->rest.len);
	if (str_ieq(*ret, STR("#clear")))
		return CLEAR;
	return str_ieq(*ret, STR("#include")) ? INCLUDE : WORD;
}

static enum token next(struct lexer *l, struct str *ret)
{
	enum token t;

	if (!skip_blanks(l))
		return BAD;
	if (!l->rest.len)
		return END;
	switch (l->rest.ptr[0]) {
	case ';': t = SEMICOLON; break;
	case '{': t = OPEN; break;
	case '}': t = CLOSE; break;
	case '"': return quoted(l, ret);
	default: return bare(l, ret);
	}
	l->rest = str_sub(l->rest, 1, l->rest.len);
	return t;
}

struct parser {
	struct arena *a;
	apt_statement_fn *fn;
	void *user;
	struct str parents[DEPTH_MAX];
	size_t depth;
	/* The statement so far. */
	struct str name, value;
	enum token directive; /* CLEAR, INCLUDE or END */
	unsigned n, line;
};

static struct str qualified(struct parser *p, struct str name)
{
	if (!p->depth)
		return name;
	return arena_cat(p->a, p->parents[p->depth - 1], STR("::"), name);
}

static int add_word(struct parser *p, struct str word, unsigned line)
{
	if (p->n == 0) {
		p->name = word;
		p->line = line;
	} else if (p->n == 1) {
		p->value = word;
	} else {
		/* "a" "b" are one value. */
		p->value = arena_cat(p->a, p->value, STR(" "), word);
	}
	p->n++;
	return p->n > 2 && !p->value.ptr ? -ENOMEM : p->value.len > NAME_MAX_LEN ? -EBADMSG : 0;
}

static int end_statement(struct parser *p)
{
	struct str name = p->name, value = p->value;
	enum token directive = p->directive;
	unsigned n = p->n;

	p->n = 0;
	p->directive = END;
	p->value = (struct str){};
	if (!n)
		return 0;
	if (directive != END)
		return p->fn(directive == CLEAR ? (struct str){} : STR(""), name, p->line, p->user);
	/* A word alone is an item of the list around it. */
	if (n == 1 && p->depth) {
		value = name;
		name = STR("");
	}
	name = qualified(p, name);
	if (!name.ptr)
		return -ENOMEM;
	return p->fn(name, value, p->line, p->user);
}

static int open_block(struct parser *p)
{
	struct str parent;

	if (!p->n || p->depth == DEPTH_MAX || p->directive != END)
		return -EBADMSG;
	parent = qualified(p, p->name);
	if (!parent.ptr)
		return -ENOMEM;
	if (parent.len > NAME_MAX_LEN)
		return -EBADMSG;
	p->parents[p->depth++] = parent;
	p->n = 0;
	p->value = (struct str){};
	return 0;
}

static int step(struct parser *p, enum token t, struct str word, unsigned line)
{
	switch (t) {
	case WORD:
		/* #clear takes several names. */
		if (p->directive == CLEAR && p->n)
			return p->fn((struct str){}, word, line, p->user);
		return add_word(p, word, line);
	case SEMICOLON: return end_statement(p);
	case OPEN: return open_block(p);
	case CLEAR:
	case INCLUDE:
		if (p->n)
			return -EBADMSG;
		p->directive = t;
		return 0;
	case CLOSE:
		if (!p->depth || p->n)
			return -EBADMSG;
		p->depth--;
		return 0;
	default: return p->n || p->depth ? -EBADMSG : 0;
	}
}

int apt_conf_parse(struct arena *a, struct str text, apt_statement_fn *fn, void *user,
		   unsigned *ret_line)
{
	struct lexer l = { text, 1 };
	struct parser p = { .a = a, .fn = fn, .user = user };
	struct str word = {};
	enum token t;
	int r;

	do {
		t = next(&l, &word);
		r = t == BAD ? -EBADMSG : step(&p, t, word, l.line);
	} while (r == 0 && t != END);
	if (r == -EBADMSG)
		*ret_line = l.line;
	return r;
}

struct loader {
	struct collect *c;
	struct apt_conf conf;
	struct str file;
	unsigned includes;
};

static int load_file(struct loader *l, const char *path);

/* Takes out the name and all below it. */
static void clear(struct apt_conf *conf, struct str name)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n; i++) {
		struct str s = conf->list[i].name;
		bool gone = str_istarts(s, name) &&
			    (s.len == name.len || str_ends(name, STR("::")) ||
			     str_starts(str_sub(s, name.len, s.len), STR("::")));

		if (!gone)
			conf->list[n++] = conf->list[i];
	}
	conf->n = n;
}

static int statement(struct str name, struct str value, unsigned line, void *user)
{
	struct loader *l = user;
	struct apt_setting s = { name, value, l->file, line };

	if (!name.ptr) {
		clear(&l->conf, value);
		return 0;
	}
	if (!name.len) {
		struct str file = l->file;
		const char *path = arena_cstr(l->c->arena, value);
		int r = path ? load_file(l, path) : -ENOMEM;

		l->file = file;
		return r;
	}
	for (size_t i = 0; !str_ends(name, STR("::")) && i < l->conf.n; i++) {
		if (str_ieq(l->conf.list[i].name, name)) {
			l->conf.list[i] = s;
			return 0;
		}
	}
	if (l->conf.n >= APT_SETTINGS_MAX)
		return -E2BIG;
	return arena_push(l->c->arena, l->conf.list, l->conf.n, l->conf.cap, s);
}

static int load_file(struct loader *l, const char *path)
{
	unsigned line = 0;
	struct str text;
	int r;

	if (l->includes == INCLUDES_MAX) {
		collect_problem(l->c, ELOOP, path, "included too deeply");
		return 0;
	}
	l->includes++;
	r = collect_read(l->c, path, &text, NULL);
	l->file = str_of(path);
	if (r == 1)
		r = apt_conf_parse(l->c->arena, text, statement, l, &line);
	if (r == -EBADMSG)
		collect_problem(l->c, r, path, "line %u: not apt.conf(5)", line);
	else if (r == -E2BIG)
		collect_problem(l->c, r, path, "too many settings");
	l->includes--;
	return r == -ENOMEM ? r : 0;
}

bool apt_reads(struct str name, const char *const suffixes[], size_t n)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_-.";
	ssize_t dot = str_rfind(name, '.');
	struct str suffix = dot < 0 ? STR("") : str_sub(name, (size_t)dot, name.len);

	for (size_t i = 0; i < name.len; i++)
		if (!memchr(good, name.ptr[i], sizeof good - 1))
			return false;
	if (!name.len || name.ptr[0] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (str_eq(suffix, str_of(suffixes[i])))
			return true;
	return false;
}

int apt_conf_load(struct collect *c, struct apt_conf *ret)
{
	static const char *const suffixes[] = { "", ".conf" };
	struct loader l = { .c = c };
	struct dir_list parts;
	int r = collect_list(c, "/etc/apt/apt.conf.d", &parts);

	for (size_t i = 0; r == 1 && i < parts.n; i++) {
		struct str name = str_of(parts.entries[i].name), path;
		int e;

		if (!apt_reads(name, suffixes, COUNT(suffixes)))
			continue;
		path = arena_cat(c->arena, STR("/etc/apt/apt.conf.d/"), name, STR(""));
		e = path.ptr ? load_file(&l, path.ptr) : -ENOMEM;
		if (e < 0)
			return e;
	}
	r = r < 0 ? r : load_file(&l, "/etc/apt/apt.conf");
	if (r == 0)
		*ret = l.conf;
	return r;
}

const struct apt_setting *apt_conf_get(const struct apt_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n; i++)
		if (str_ieq(conf->list[i].name, str_of(name)))
			return &conf->list[i];
	return NULL;
}

/* StringToBool() of apt-pkg/contrib/strutl.cc. */
bool apt_conf_bool(const struct apt_conf *conf, const char *name, bool otherwise)
{
	static const struct str yes[] = { STR("yes"), STR("true"), STR("with"), STR("on"),
					  STR("enable") };
	static const struct str no[] = { STR("no"), STR("false"), STR("without"), STR("off"),
					 STR("disable") };
	const struct apt_setting *s = apt_conf_get(conf, name);
	int64_t n;

	if (!s)
		return otherwise;
	if (str_to_int64(s->value, &n) == 0)
		return n == 0 || n == 1 ? n == 1 : otherwise;
	for (size_t i = 0; i < COUNT(yes); i++)
		if (str_ieq(s->value, yes[i]) || str_ieq(s->value, no[i]))
			return str_ieq(s->value, yes[i]);
	return otherwise;
}
