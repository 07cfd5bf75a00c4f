/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_blocks: line-oriented languages with nested blocks: logrotate, dovecot, proftpd. */
#include "facts/linux/settings_syntax.h"

#define DEPTH_MAX 16

/* The enclosing blocks, joined by '/'. */
struct blocks {
	struct str path[DEPTH_MAX];
	unsigned depth; /* may be more than DEPTH_MAX, whose blocks share the last path */
};

static struct str blocks_path(const struct blocks *b)
{
	return b->depth ? b->path[MIN(b->depth, DEPTH_MAX) - 1] : STR("");
}

static int blocks_open(struct arena *a, struct blocks *b, struct str name)
{
	struct str outer = blocks_path(b), path = name;

	if (b->depth >= DEPTH_MAX) {
		b->depth++;
		return 0;
	}
	if (outer.len)
		path = arena_cat(a, outer, STR("/"), name);
	if (!path.ptr)
		return -ENOMEM;
	b->path[b->depth++] = path;
	return 0;
}

static void blocks_close(struct blocks *b)
{
	if (b->depth)
		b->depth--;
}

static int unclosed(struct settings_parser *p, const struct blocks *b)
{
	if (!b->depth)
		return 0;
	return diag_set(p->diag, -EBADMSG, NULL, p->line, "the file ends within a block");
}

/* Skips "postrotate … endscript". */
static int skip_script(struct settings_parser *p)
{
	struct str line;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1)
		if (str_eq(str_trim(line), STR("endscript")))
			return 0;
	return r < 0 ? r : diag_set(p->diag, -EBADMSG, NULL, p->line, "script without endscript");
}

static bool is_script(struct str word)
{
	static const struct str names[] = { STR("postrotate"), STR("prerotate"), STR("firstaction"),
					    STR("lastaction"), STR("preremove") };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(word, names[i]))
			return true;
	return false;
}

/* logrotate(8): the paths of one stanza may stand on several lines before its '{'. */
static int logrotate_paths(struct settings_parser *p, struct str *paths, struct str line)
{
	if (!paths->len || !line.len) {
		*paths = paths->len ? *paths : line;
		return 0;
	}
	*paths = arena_cat(p->arena, *paths, STR(" "), line);
	return paths->ptr ? 0 : -ENOMEM;
}

static int logrotate_setting(struct settings_parser *p, struct str section, struct str line,
			     unsigned at)
{
	struct str name = str_word(&line);

	line = str_trim(line);
	if (str_starts(line, STR("=")))
		line = str_trim(str_sub(line, 1, line.len));
	return settings_emit(p, section, name, str_unquote(line), at);
}

int settings_parse_logrotate(struct settings_parser *p)
{
	struct str section = STR(""), paths = STR(""), line;
	bool inside = false;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1) {
		struct str rest = line, word;

		line = settings_strip(line, '#', false);
		rest = line;
		word = str_word(&rest);
		r = 0;
		if (!line.len)
			continue;
		if (str_eq(line, STR("}"))) {
			inside = false;
			section = paths = STR("");
		} else if (is_script(word)) {
			r = skip_script(p);
		} else if (line.ptr[line.len - 1] == '{') {
			r = logrotate_paths(p, &paths, str_trim(str_sub(line, 0, line.len - 1)));
			section = paths;
			inside = true;
		} else if (!inside && (line.ptr[0] == '/' || line.ptr[0] == '"')) {
			r = logrotate_paths(p, &paths, line);
		} else {
			r = logrotate_setting(p, section, line, at);
		}
		if (r)
			return r;
	}
	if (r < 0 || !inside)
		return r;
	return diag_set(p->diag, -EBADMSG, NULL, p->line, "the file ends within a block");
}

int settings_parse_dovecot(struct settings_parser *p)
{
	struct blocks blocks = {};
	struct str line;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1) {
		struct str value, name;

		line = settings_strip(line, '#', false);
		value = line;
		name = str_trim(str_cut(&value, '='));
		r = 0;
		if (!line.len)
			continue;
		if (line.ptr[0] == '!') {
			name = str_word(&line);
			r = settings_emit(p, STR(""), name, str_unquote(str_trim(line)), at);
		} else if (line.ptr[line.len - 1] == '{') {
			r = blocks_open(p->arena, &blocks,
					str_trim(str_sub(line, 0, line.len - 1)));
		} else if (line.ptr[0] == '}') {
			blocks_close(&blocks);
		} else if (value.ptr) {
			r = settings_emit(p, blocks_path(&blocks), name,
					  str_unquote(str_trim(value)), at);
		}
		if (r)
			return r;
	}
	return r < 0 ? r : unclosed(p, &blocks);
}

/* "<Anonymous ~ftp>" and "</Anonymous>"; <IfModule> and the like do not make a section. */
static int section_tag(struct settings_parser *p, struct blocks *b, struct str line)
{
	struct str tag = str_sub(line, 1, line.len);

	if (tag.len && tag.ptr[tag.len - 1] == '>')
		tag.len--;
	tag = str_trim(tag);
	if (str_istarts(tag, STR("/if")) || str_istarts(tag, STR("if")))
		return 0;
	if (str_starts(tag, STR("/"))) {
		blocks_close(b);
		return 0;
	}
	return blocks_open(p->arena, b, tag);
}

int settings_parse_sections(struct settings_parser *p)
{
	struct blocks blocks = {};
	struct str line;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1) {
		line = str_trim(line);
		r = 0;
		if (str_starts(line, STR("<"))) {
			r = section_tag(p, &blocks, line);
		} else if (line.len) {
			struct str name = settings_fold(p->arena, str_word(&line));

			r = name.ptr ? settings_emit(p, blocks_path(&blocks), name,
						     str_unquote(str_trim(line)), at)
				     : -ENOMEM;
		}
		if (r)
			return r;
	}
	return r < 0 ? r : unclosed(p, &blocks);
}
