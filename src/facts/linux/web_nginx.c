/* SPDX-License-Identifier: GPL-3.0-or-later */
/* web_nginx: the configuration of nginx with its includes. */
#include "facts/linux/settings.h"
#include "facts/linux/settings_syntax.h"
#include "facts/linux/web_config.h"

#define BLOCKS_MAX 32
#define INCLUDES_MAX 8
#define FILES_MAX 1000

enum block_kind { BLOCK_PLAIN, BLOCK_STREAM, BLOCK_DATA };

struct block {
	struct str context;
	int64_t number;       /* of the server around */
	enum block_kind kind; /* DATA: types, map and the like hold no directives */
};

struct nginx {
	struct collect *c;
	web_fn *fn;
	void *user;
	struct str file, prefix;
	struct str open[INCLUDES_MAX]; /* files being read, to see loops */
	struct block blocks[BLOCKS_MAX];
	unsigned depth, includes, files;
	int64_t servers;
};

static const struct block *innermost(const struct nginx *n)
{
	static const struct block outside = { .context = STR("") };

	return n->depth ? &n->blocks[n->depth - 1] : &outside;
}

static bool holds_data(struct str name)
{
	static const struct str names[] = {
		STR("types"),         STR("map"),         STR("geo"),
		STR("split_clients"), STR("charset_map"), STR("match")
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static int open_block(struct nginx *n, const struct nginx_statement *s)
{
	const struct block *outer = innermost(n);
	struct arena *a = n->c->arena;
	struct block b = { .number = outer->number, .kind = outer->kind };
	bool server = str_eq(s->name, STR("server")) && !s->value.len;

	if (n->depth == BLOCKS_MAX) {
		collect_problem(n->c, EBADMSG, n->file.ptr, "line %u: nested too deeply", s->line);
		return -EBADMSG;
	}
	if (server) {
		b.number = ++n->servers;
		b.context = arena_fmt(a, "%sserver %lld", b.kind == BLOCK_STREAM ? "stream " : "",
				      (long long)b.number);
	} else if (s->value.len) {
		b.context = arena_cat(a, s->name, STR(" "), s->value);
	} else {
		b.context = s->name;
	}
	if (str_eq(s->name, STR("stream")) || str_eq(s->name, STR("mail")))
		b.kind = BLOCK_STREAM;
	if (holds_data(s->name))
		b.kind = BLOCK_DATA;
	if (!b.context.ptr)
		return -ENOMEM;
	n->blocks[n->depth++] = b;
	return 0;
}

static int emit(struct nginx *n, const struct nginx_statement *s)
{
	const struct block *b = innermost(n);
	struct web_directive d = { .context = b->context,
				   .block = b->number,
				   .value = s->value,
				   .file = n->file,
				   .line = s->line };

	d.directive = settings_fold(n->c->arena, s->name);
	return d.directive.ptr ? n->fn(n->user, &d) : -ENOMEM;
}

static int read_file(struct nginx *n, struct str path);

static int include(struct nginx *n, const struct nginx_statement *s)
{
	struct str pattern = s->value, *paths;
	size_t count;
	int r;

	if (!str_starts(pattern, STR("/")))
		pattern = arena_cat(n->c->arena, n->prefix, STR("/"), pattern);
	else
		pattern = arena_str(n->c->arena, pattern);
	if (!pattern.ptr)
		return -ENOMEM;
	r = collect_glob(n->c, pattern.ptr, &paths, &count);
	if (r == 1 && !count && !strpbrk(pattern.ptr, "*?["))
		collect_problem(n->c, ENOENT, pattern.ptr, "included by %.*s:%u and missing",
				STR_FMT(n->file), s->line);
	for (size_t i = 0; r == 1 && i < count; i++) {
		int got = read_file(n, paths[i]);

		if (got)
			return got;
	}
	return MIN(r, 0);
}

static int take_statement(void *user, const struct nginx_statement *s)
{
	struct nginx *n = user;
	int r = 0;

	if (s->end == '}') {
		n->depth -= n->depth > 0;
		return 0;
	}
	if (s->end == ';' && str_eq(s->name, STR("include")))
		return include(n, s);
	if (innermost(n)->kind != BLOCK_DATA)
		r = emit(n, s);
	return r || s->end != '{' ? r : open_block(n, s);
}

static bool may_read(struct nginx *n, struct str path)
{
	for (unsigned i = 0; i < n->includes; i++) {
		if (str_eq(n->open[i], path)) {
			collect_problem(n->c, ELOOP, path.ptr, "includes itself");
			return false;
		}
	}
	if (n->includes == INCLUDES_MAX || n->files == FILES_MAX) {
		collect_problem(n->c, E2BIG, path.ptr, "too many or too deeply nested includes");
		return false;
	}
	return true;
}

static int read_file(struct nginx *n, struct str path)
{
	struct str outer = n->file, text;
	unsigned depth = n->depth;
	struct diag d = {};
	int r;

	if (!may_read(n, path))
		return 0;
	r = settings_read_text(n->c, path.ptr, &text);
	if (r != 1)
		return r;
	n->open[n->includes++] = n->file = path;
	n->files++;
	r = nginx_parse(text, n->c->arena, &d, take_statement, n);
	if (r == -EBADMSG && d.reason[0])
		collect_problem(n->c, EBADMSG, path.ptr, "line %u: %s", d.line, d.reason);
	else if (!r && n->depth != depth)
		collect_problem(n->c, EBADMSG, path.ptr, "a block is not closed, or closed twice");
	n->depth = MIN(n->depth, depth);
	n->includes--;
	n->file = outer;
	return r == -EBADMSG ? 0 : r;
}

int web_nginx(struct collect *c, web_fn *fn, void *user)
{
	static const char *const files[] = {
		"/etc/nginx/nginx.conf",
		"/usr/local/nginx/conf/nginx.conf",
		"/usr/local/etc/nginx/nginx.conf",
		"/opt/nginx/conf/nginx.conf",
		"/usr/local/openresty/nginx/conf/nginx.conf",
	};
	int found = -ENOENT;

	for (size_t i = 0; i < COUNT(files); i++) {
		struct nginx *n = arena_new(c->arena, struct nginx);
		struct str path = str_of(files[i]);
		struct stat st;
		int r;

		if (!n)
			return -ENOMEM;
		if (root_stat(c->root, files[i], &st) < 0)
			continue;
		*n = (struct nginx){ .c = c, .fn = fn, .user = user };
		n->prefix = str_sub(path, 0, (size_t)str_rfind(path, '/'));
		r = read_file(n, path);
		if (r)
			return r;
		found = 0;
	}
	return found;
}
