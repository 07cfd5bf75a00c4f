/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sshd_parse.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/map.h"
#include "facts/linux/sshd_criteria.h"

struct sshd_parser {
	struct sshd_config *cfg;
	const struct sshd_source *source;
	struct arena *arena;  /* what stays */
	struct arena scratch; /* one line's words */
	struct map seen;      /* path -> index into texts */
	struct str *texts;
	size_t n_texts, cap_texts;
	size_t bytes, includes;
	unsigned n_ports, n_subsystems;
	bool methods_set, ports_from_option;
	bool option; /* a line of the command line */
};

/* Where the parser stands. */
struct place {
	const char *file;
	unsigned line;
	unsigned block;
	unsigned depth;
};

static int refuse(struct sshd_parser *p, const struct place *at, const char *fmt, ...) PRINTF(3, 4);
static int refuse(struct sshd_parser *p, const struct place *at, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return sshd_config_refuse(p->cfg, p->arena, at->file, at->line, text);
}

int sshd_config_refuse(struct sshd_config *c, struct arena *a, const char *file, unsigned line,
		       const char *why)
{
	struct str text;

	/* A file may be included more than once. */
	for (size_t i = 0; i < c->n_errors; i++)
		if (c->errors[i].line == line && !strcmp(c->errors[i].file, file))
			return 0;
	if (c->n_errors == SSHD_ERRORS_MAX)
		return 0;
	text = arena_str(a, str_of(why));
	if (!text.ptr)
		return -ENOMEM;
	c->errors[c->n_errors++] = (struct sshd_error){ file, line, text };
	return 0;
}

static void limit(struct sshd_parser *p, const char *what)
{
	if (!p->cfg->limit)
		p->cfg->limit = what;
}

static int keep_values(struct sshd_parser *p, const struct str *in, size_t n,
		       const struct str **ret)
{
	struct str *out = n ? arena_array(p->arena, n, sizeof *out) : NULL;
	size_t total = 0;
	char *room;

	for (size_t i = 0; i < n; i++)
		total += in[i].len;
	room = arena_alloc(p->arena, total + 1);
	if ((n && !out) || !room)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (in[i].len)
			memcpy(room, in[i].ptr, in[i].len);
		out[i] = (struct str){ room, in[i].len };
		room += in[i].len;
	}
	*ret = out;
	return 0;
}

static int add_line(struct sshd_parser *p, const struct place *at,
		    const struct sshd_keyword *keyword, const struct str *values, size_t n,
		    bool force)
{
	struct sshd_config *c = p->cfg;
	struct sshd_line l = { .keyword = keyword,
			       .n = (unsigned)n,
			       .line = at->line,
			       .file = at->file,
			       .block = at->block,
			       .force = force };
	int r;

	if (c->n_lines == SSHD_LINES_MAX)
		return limit(p, "more than 150,000 lines with a value"), 0;
	r = keep_values(p, values, n, &l.values);
	if (r < 0)
		return r;
	return arena_push(p->arena, c->lines, c->n_lines, c->cap_lines, l);
}

/* Rules that depend on what came before. */
static const char *out_of_place(struct sshd_parser *p, const struct sshd_value *v,
				const struct place *at)
{
	unsigned version = sshd_version(&p->cfg->build);
	bool active = p->cfg->blocks[at->block].first_pass;

	switch (v->keyword->id) {
	case SSHD_KW_PORT: return ++p->n_ports > 256 ? "too many ports" : NULL;
	case SSHD_KW_SUBSYSTEM: {
		const struct sshd_config *c = p->cfg;

		if (version >= 905)
			return NULL;
		for (size_t i = 0; i < c->n_lines; i++)
			if (c->lines[i].keyword == v->keyword &&
			    str_eq(c->lines[i].values[0], v->out[0]))
				return "Subsystem is already defined";
		return ++p->n_subsystems > 256 ? "too many subsystems" : NULL;
	}
	case SSHD_KW_AUTHENTICATIONMETHODS:
		/* An oddity of 8.7 to 9.4, whichever block the line stands in. */
		if (p->methods_set && version >= 807 && version < 905 &&
		    str_eq(v->out[0], STR("any")))
			return "\"any\" must appear alone in AuthenticationMethods";
		p->methods_set |= active;
		return NULL;
	default: return NULL;
	}
}

static int parse_value(struct sshd_parser *p, const struct place *at,
		       const struct sshd_keyword *keyword, struct str raw, const struct str *words,
		       size_t n)
{
	struct sshd_value v = { .build = &p->cfg->build,
				.keyword = keyword,
				.arena = &p->scratch,
				.raw = raw,
				.in = words,
				.n_in = n };
	const char *why;
	int r = sshd_value_parse(&v);

	if (r == -EINVAL)
		return refuse(p, at, "%s: %s", keyword->name, v.why);
	if (r < 0 || keyword->kind == SSHD_IGNORED || !v.n_out)
		return r;
	if (keyword->id == SSHD_KW_PORT && p->ports_from_option && !p->option)
		return 0; /* -p replaces the ports of the files */
	why = out_of_place(p, &v, at);
	if (why)
		return refuse(p, at, "%s", why);
	r = add_line(p, at, keyword, v.out, v.n_out,
		     v.force || sshd_last_wins(v.build, keyword->id));
	if (r >= 0 && v.interval.ptr)
		r = add_line(p, at, &sshd_keywords[SSHD_KW_REKEYINTERVAL], &v.interval, 1, false);
	return r;
}

static bool holds_without_connection(const struct sshd_parser *p, const struct sshd_block *b)
{
	char release[64];

	snprintf(release, sizeof release, "OpenSSH_%.*s", STR_FMT(p->cfg->build.release));
	for (size_t i = 0; i < b->n; i++)
		if (!sshd_criterion_holds(&b->criteria[i], NULL, str_of(release)))
			return false;
	return true;
}

/* Opens a block inside `outer`; at->block becomes its index. */
static int parse_match(struct sshd_parser *p, struct place *at, unsigned outer, struct str raw,
		       const struct str *words, size_t n)
{
	struct sshd_config *c = p->cfg;
	struct sshd_block b = { .parent = outer, .file = at->file, .line = at->line };
	struct sshd_reason why;
	int r = sshd_criteria_parse(&c->build, raw, words, n, p->arena, &b.criteria, &b.n, &why);

	if (r == -EINVAL) {
		b.never = true;
		b.text = STR("(malformed)");
		r = refuse(p, at, "%s", why.text);
	} else if (r == 0) {
		for (size_t i = 0; i < b.n; i++) {
			struct str *arg = &b.criteria[i].arg;

			if (arg->ptr && !(*arg = arena_str(p->arena, *arg)).ptr)
				return -ENOMEM;
		}
		b.text = sshd_criteria_text(c->blocks[outer].text, b.criteria, b.n, p->arena);
		b.first_pass = c->blocks[outer].first_pass && holds_without_connection(p, &b);
	}
	if (r < 0)
		return r;
	if (!b.text.ptr)
		return -ENOMEM;
	if (c->n_blocks == SSHD_BLOCKS_MAX)
		return limit(p, "more than 50,000 Match blocks"), 0;
	at->block = (unsigned)c->n_blocks;
	return arena_push(p->arena, c->blocks, c->n_blocks, c->cap_blocks, b);
}

static int parse_text(struct sshd_parser *p, const char *path, struct str text, unsigned block,
		      unsigned depth);

static int include_file(struct sshd_parser *p, const struct place *at, struct str path)
{
	uint64_t *known = map_get(&p->seen, path);
	struct str text, kept;
	int r;

	if (p->includes++ >= SSHD_INCLUDES_MAX)
		return limit(p, "more than 2,000 included files"), 0;
	kept = arena_str(p->arena, path);
	if (!kept.ptr)
		return -ENOMEM;
	if (known) {
		text = p->texts[*known];
	} else {
		/* What cannot be read is remembered, too: it is to be reported once. */
		r = p->source->read(p->source->user, kept.ptr, &text);
		if (r == 0)
			text = (struct str){};
		if (r >= 0)
			r = map_put(&p->seen, kept, p->n_texts);
		if (r >= 0)
			r = arena_push(p->arena, p->texts, p->n_texts, p->cap_texts, text);
		if (r < 0)
			return r;
	}
	if (!text.ptr)
		return 0;
	return parse_text(p, kept.ptr, text, at->block, at->depth + 1);
}

static int parse_include(struct sshd_parser *p, const struct place *at, const struct str *words,
			 size_t n)
{
	int r = 0;

	if (!n)
		return refuse(p, at, "Include: missing filename argument");
	if (at->depth >= SSHD_DEPTH_MAX)
		return refuse(p, at, "too many recursive configuration includes");
	for (size_t i = 0; r >= 0 && i < n && p->cfg->n_errors < SSHD_ERRORS_MAX; i++) {
		struct str pattern, *paths;
		size_t n_paths;

		if (!words[i].len)
			return refuse(p, at, "Include: empty argument");
		pattern = words[i].ptr[0] == '/' || words[i].ptr[0] == '~'
				  ? arena_str(p->arena, words[i])
				  : arena_cat(p->arena, STR("/etc/ssh/"), words[i], STR(""));
		if (!pattern.ptr)
			return -ENOMEM;
		r = p->source->glob(p->source->user, pattern.ptr, &paths, &n_paths);
		if (r <= 0)
			continue;
		for (size_t j = 0; r >= 0 && j < n_paths && !p->cfg->limit; j++)
			r = include_file(p, at, paths[j]);
	}
	return MIN(r, 0);
}

/* 1: the words of the line are in *ret; 0: nothing to do. */
static int split_line(struct sshd_parser *p, const struct place *at, struct str line,
		      struct str *ret_keyword, struct str *ret_raw, struct str **ret, size_t *ret_n)
{
	unsigned version = sshd_version(&p->cfg->build);
	struct str raw = line, keyword;
	char name[48];
	int r;

	if (!raw.ptr)
		return 0;
	while (raw.len > 1 && strchr(" \t\r\n\f", raw.ptr[raw.len - 1]))
		raw.len--;
	keyword = sshd_delimited(&raw, true, &p->scratch);
	if (keyword.ptr && !keyword.len)
		keyword = sshd_delimited(&raw, true, &p->scratch);
	if (!keyword.ptr || !keyword.len || keyword.ptr[0] == '#')
		return 0;
	if (!raw.len)
		return refuse(p, at, "no argument after keyword \"%s\"",
			      text_safe(keyword, name, sizeof name));
	r = sshd_split(raw, version, str_ieq(keyword, STR("setenv")), &p->scratch, ret, ret_n);
	if (r == -EINVAL)
		return refuse(p, at, "invalid quotes");
	*ret_keyword = keyword;
	*ret_raw = raw;
	return r < 0 ? r : 1;
}

/* outer: the block that an unfinished Match of this file lies in. */
static int parse_line(struct sshd_parser *p, struct place *at, unsigned outer, struct str line)
{
	const struct sshd_keyword *k;
	struct str keyword = {}, raw = {}, *words = NULL;
	enum sshd_known known;
	char name[64];
	bool in_match;
	size_t n = 0;
	int r = split_line(p, at, line, &keyword, &raw, &words, &n);

	if (r <= 0)
		return r;
	known = sshd_keyword_find(&p->cfg->build, keyword, &k, &in_match);
	if (known == SSHD_UNKNOWN && sshd_version(&p->cfg->build) <= SSHD_VERSION_NEWEST &&
	    !sshd_image_has(&p->cfg->build, keyword))
		return refuse(p, at, "bad configuration option: %s",
			      text_safe(keyword, name, sizeof name));
	if (known == SSHD_UNKNOWN)
		return 0; /* newer than what is known here */
	if (!in_match && !p->cfg->blocks[at->block].first_pass)
		return refuse(p, at, "directive '%s' is not allowed within a Match block",
			      k->id == SSHD_KW_DEPRECATED ? "(deprecated)" : k->name);
	if (known == SSHD_UNSUPPORTED)
		return 0;
	if (k->kind == SSHD_MATCH_KIND)
		return parse_match(p, at, outer, raw, words, n);
	if (k->kind == SSHD_INCLUDE)
		return parse_include(p, at, words, n);
	return parse_value(p, at, k, raw, words, n);
}

static size_t comment_start(struct str line)
{
	ssize_t at = str_find(line, '#');

	return at < 0 ? line.len : (size_t)at;
}

/* sshd cuts a line at a NUL and glues the next one to it. */
static struct str without_nul(struct sshd_parser *p, struct str text)
{
	char *out;
	size_t n = 0;

	if (!text.len || !memchr(text.ptr, 0, text.len))
		return text;
	out = arena_alloc(p->arena, text.len + 1);
	if (!out)
		return (struct str){};
	while (text.len) {
		const char *end = memchr(text.ptr, '\n', text.len);
		size_t len = end ? (size_t)(end - text.ptr) + 1 : text.len;
		size_t cut = strnlen(text.ptr, len);

		memcpy(out + n, text.ptr, cut);
		n += cut;
		text = str_sub(text, len, text.len);
	}
	return (struct str){ out, n };
}

static int parse_text(struct sshd_parser *p, const char *path, struct str text, unsigned block,
		      unsigned depth)
{
	struct place at = { .file = path, .block = block, .depth = depth };
	int r = 0;

	p->bytes += text.len;
	if (p->bytes > SSHD_BYTES_MAX)
		return limit(p, "more than 16 MiB"), 0;
	text = without_nul(p, text);
	if (!text.ptr)
		return -ENOMEM;
	while (r >= 0 && text.len && !p->cfg->limit) {
		struct str line = str_cut(&text, '\n');
		struct arena_mark mark = arena_mark(&p->scratch);

		at.line++;
		/* Before 8.7 a comment may begin anywhere, quoted or not. */
		if (sshd_version(&p->cfg->build) < 807)
			line = (struct str){ line.ptr, MIN(line.len, comment_start(line)) };
		while (line.len && strchr(" \t\r", line.ptr[0]))
			line = str_sub(line, 1, line.len);
		if (!line.len || line.ptr[0] == '#')
			continue;
		r = parse_line(p, &at, block, line);
		arena_rewind(&p->scratch, mark);
	}
	return r;
}

int sshd_parser_new(struct sshd_config *cfg, const struct sshd_source *source, struct arena *a,
		    struct sshd_parser **ret)
{
	struct sshd_parser *p = arena_new(a, struct sshd_parser);
	int r;

	if (!p)
		return -ENOMEM;
	*p = (struct sshd_parser){ .cfg = cfg, .source = source, .arena = a };
	for (enum sshd_id id = 0; id < SSHD_N_KEYWORDS; id++) {
		r = sshd_keywords[id].kind != SSHD_ALGORITHMS
			    ? 0
			    : sshd_algorithms_assemble(&cfg->build, id, STR(""), a,
						       &cfg->algorithms[id]);
		if (r < 0)
			return r;
	}
	r = arena_push(a, cfg->blocks, cfg->n_blocks, cfg->cap_blocks,
		       ((struct sshd_block){ .first_pass = true, .text = STR("") }));
	if (r < 0)
		return r;
	*ret = p;
	return 0;
}

int sshd_parse_option(struct sshd_parser *p, const char *file, unsigned line, struct str text)
{
	struct place at = { .file = file, .line = line };
	int r;

	p->option = true;
	r = parse_line(p, &at, 0, text);
	p->option = false;
	p->ports_from_option |= p->n_ports > 0;
	return r;
}

int sshd_parse_file(struct sshd_parser *p, const char *path, struct str text)
{
	return parse_text(p, path, text, 0, 0);
}

void sshd_parser_release(struct sshd_parser **p)
{
	if (!*p)
		return;
	map_release(&(*p)->seen);
	arena_release(&(*p)->scratch);
	*p = NULL;
}
