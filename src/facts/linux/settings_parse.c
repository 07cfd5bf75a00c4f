/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_parse: the line-oriented languages; the others are in settings_*.c. */
#include "facts/linux/settings_syntax.h"

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int settings_emit(struct settings_parser *p, struct str section, struct str name, struct str value,
		  unsigned line)
{
	struct setting s = { .section = section, .name = name, .value = value, .line = line };

	return p->fn(p->user, &s);
}

static bool is_comment(const struct settings_parser *p, struct str line)
{
	struct str s = str_trim(line);

	return !s.len || strchr(p->style->comments, s.ptr[0]);
}

/* Length of the logical line at the start of p->text, and the number of its physical lines. */
static size_t line_extent(const struct settings_parser *p, unsigned *ret_lines)
{
	struct str rest = p->text, part;
	unsigned lines = 0;
	bool more = true;

	while (more && str_line(&rest, &part, &lines)) {
		more = p->style->continues && str_ends(part, STR("\\"));
		if (p->style->indented && rest.len && is_blank(rest.ptr[0]))
			more = true;
	}
	*ret_lines = lines;
	return rest.ptr ? (size_t)(rest.ptr - p->text.ptr) : p->text.len;
}

static int join(struct settings_parser *p, struct str whole, struct str *ret)
{
	char *out = arena_alloc(p->arena, whole.len + 1);
	struct str part;
	size_t n = 0;

	if (!out)
		return -ENOMEM;
	while (str_line(&whole, &part, NULL)) {
		if (p->style->indented && is_comment(p, part))
			continue;
		if (p->style->continues && str_ends(part, STR("\\")))
			part.len--;
		if (p->style->indented) {
			part = str_trim(part);
			if (n)
				out[n++] = ' ';
		}
		if (part.len)
			memcpy(out + n, part.ptr, part.len);
		n += part.len;
	}
	*ret = (struct str){ out, n };
	return 0;
}

int settings_line(struct settings_parser *p, struct str *ret, unsigned *ret_line)
{
	while (p->text.len) {
		struct str whole, first = p->text;
		unsigned lines = 0;
		bool comment;
		size_t len;

		first = str_cut(&first, '\n');
		comment = is_comment(p, first);
		len = comment ? MIN(first.len + 1, p->text.len) : line_extent(p, &lines);
		whole = str_sub(p->text, 0, len);
		p->text = str_sub(p->text, len, p->text.len);
		*ret_line = p->line + 1;
		p->line += comment ? 1 : lines;
		if (comment)
			continue;
		if (lines > 1)
			return join(p, whole, ret) < 0 ? -ENOMEM : 1;
		*ret = str_trim(whole);
		return 1;
	}
	return 0;
}

struct str settings_strip(struct str s, char c, bool glued)
{
	char quote = 0;

	for (size_t i = 0; i < s.len; i++) {
		char at = s.ptr[i];

		if (quote) {
			if (at == '\\')
				i++;
			else if (at == quote)
				quote = 0;
		} else if (at == '"' || at == '\'') {
			quote = at;
		} else if (at == c && (glued || !i || is_blank(s.ptr[i - 1]))) {
			return str_trim(str_sub(s, 0, i));
		}
	}
	return str_trim(s);
}

/* The name as it is looked up: folded, collapsed, with dashes, as the style says. */
static struct str name_of(struct settings_parser *p, struct str raw)
{
	const struct line_style *st = p->style;
	char *out;
	size_t n = 0;

	if (!st->fold && !st->collapse && !st->dashes)
		return raw;
	out = arena_alloc(p->arena, raw.len + 1);
	if (!out)
		return (struct str){};
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.ptr[i];

		if (st->fold && c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (st->dashes && c == '_')
			c = '-';
		if (st->collapse && is_blank(c)) {
			if (n && out[n - 1] == ' ')
				continue;
			c = ' ';
		}
		out[n++] = c;
	}
	return (struct str){ out, n };
}

struct str settings_fold(struct arena *a, struct str s)
{
	static const struct line_style fold = { .fold = true };
	struct settings_parser p = { .arena = a, .style = &fold };

	return s.len ? name_of(&p, s) : STR("");
}

/* "!include x", "&include x" */
static int parse_directive(struct settings_parser *p, struct str section, struct str line,
			   unsigned at)
{
	struct str name = str_word(&line);

	return settings_emit(p, section, name, str_unquote(str_trim(line)), at);
}

static int parse_assignment(struct settings_parser *p, struct str section, struct str line,
			    unsigned at)
{
	const struct line_style *st = p->style;
	struct str name, value = line;

	if (st->separator == '=') {
		name = str_trim(str_cut(&value, '='));
		if (!value.ptr && !st->bare)
			return 0;
	} else {
		name = str_word(&value);
	}
	value = str_trim(value);
	if (st->exported && str_starts(name, STR("export ")))
		name = str_trim(str_sub(name, 7, name.len));
	name = name_of(p, st->bare && !value.ptr ? str_trim(line) : name);
	if (!name.ptr)
		return -ENOMEM;
	if (!name.len)
		return 0;
	return settings_emit(p, section, name, st->unquote ? str_unquote(value) : value, at);
}

static int parse_lines(struct settings_parser *p)
{
	const struct line_style *st = p->style;
	struct str section = STR(""), line;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1) {
		if (st->trailing)
			line = settings_strip(line, st->trailing, st->glued);
		line = str_trim(line);
		if (!line.len)
			continue;
		if (st->sections && line.ptr[0] == '[') {
			ssize_t end = str_find(line, ']');

			if (end > 0)
				section = str_trim(str_sub(line, 1, (size_t)end));
			continue;
		}
		if (line.ptr[0] == '!' || line.ptr[0] == '&')
			r = parse_directive(p, section, line, at);
		else
			r = parse_assignment(p, section, line, at);
		if (r)
			return r;
	}
	return r;
}

/* postgresql.conf: the value may be in quotes, where '' and \' are a quote (guc-file.l). */
static int postgres_value(struct arena *a, struct str s, struct str *ret)
{
	char *out;
	size_t n = 0;

	if (!s.len || s.ptr[0] != '\'') {
		*ret = str_trim(str_cut(&s, '#'));
		return 0;
	}
	out = arena_alloc(a, s.len + 1);
	if (!out)
		return -ENOMEM;
	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == '\'' && (i + 1 == s.len || s.ptr[i + 1] != '\''))
			break;
		if ((s.ptr[i] == '\'' || s.ptr[i] == '\\') && i + 1 < s.len)
			i++;
		out[n++] = s.ptr[i];
	}
	*ret = (struct str){ out, n };
	return 0;
}

static int parse_postgres(struct settings_parser *p)
{
	struct str line, name, value;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1) {
		size_t n = 0;

		while (n < line.len && !is_blank(line.ptr[n]) && line.ptr[n] != '=')
			n++;
		name = settings_fold(p->arena, str_sub(line, 0, n));
		line = str_trim(str_sub(line, n, line.len));
		if (str_starts(line, STR("=")))
			line = str_trim(str_sub(line, 1, line.len));
		r = name.ptr ? postgres_value(p->arena, line, &value) : -ENOMEM;
		if (!r && name.len)
			r = settings_emit(p, STR(""), name, value, at);
		if (r)
			return r;
	}
	return r;
}

typedef int parse_fn(struct settings_parser *p);

struct syntax {
	parse_fn *parse;
	struct line_style style;
};

/* clang-format off */
static const struct syntax syntaxes[SETTINGS_SYNTAXES] = {
	[SETTINGS_WORDS] = { parse_lines,
		{ .comments = "#", .separator = ' ', .fold = true, .unquote = true } },
	[SETTINGS_CHRONY] = { parse_lines, { .comments = "#!;%", .separator = ' ', .fold = true } },
	[SETTINGS_NTP] = { parse_lines,
		{ .comments = "#", .trailing = '#', .separator = ' ', .fold = true } },
	[SETTINGS_EQUALS] = { parse_lines, { .comments = "#", .separator = '=', .fold = true } },
	[SETTINGS_INI] = { parse_lines,
		{ .comments = "#;", .separator = '=', .sections = true, .fold = true } },
	[SETTINGS_TOML] = { parse_lines, { .comments = "#", .trailing = '#', .separator = '=',
		.sections = true, .fold = true, .unquote = true } },
	[SETTINGS_MYSQL] = { parse_lines, { .comments = "#;", .trailing = '#', .glued = true,
		.separator = '=', .sections = true, .fold = true, .dashes = true, .unquote = true,
		.bare = true } },
	[SETTINGS_PHP] = { parse_lines, { .comments = ";#", .trailing = ';', .glued = true,
		.separator = '=', .sections = true, .unquote = true } },
	[SETTINGS_SAMBA] = { parse_lines, { .comments = "#;", .separator = '=', .sections = true,
		.fold = true, .collapse = true, .unquote = true, .continues = true } },
	[SETTINGS_SYSTEMD] = { parse_lines,
		{ .comments = "#;", .separator = '=', .sections = true, .continues = true } },
	[SETTINGS_SHELL] = { parse_lines, { .comments = "#", .trailing = '#', .separator = '=',
		.unquote = true, .continues = true, .exported = true } },
	[SETTINGS_POSTFIX] = { parse_lines,
		{ .comments = "#", .separator = '=', .indented = true } },
	[SETTINGS_POSTGRES] = { parse_postgres, { .comments = "#" } },
	[SETTINGS_PG_HBA] = { settings_parse_pg_hba, { .comments = "#", .continues = true } },
	[SETTINGS_EXPORTS] = { settings_parse_exports, { .comments = "#", .continues = true } },
	[SETTINGS_LIMITS] = { settings_parse_limits, { .comments = "#" } },
	[SETTINGS_OPTIONS] = { settings_parse_options, { .comments = "#" } },
	[SETTINGS_LOGROTATE] = { settings_parse_logrotate, { .comments = "#" } },
	[SETTINGS_DOVECOT] = { settings_parse_dovecot, { .comments = "#", .continues = true } },
	[SETTINGS_NAMED] = { settings_parse_named, { .comments = "" } },
	[SETTINGS_SECTIONS] = { settings_parse_sections, { .comments = "#", .continues = true } },
	[SETTINGS_RSYSLOG] = { settings_parse_rsyslog, { .comments = "" } },
	[SETTINGS_YAML] = { settings_parse_yaml, { .comments = "" } },
	[SETTINGS_JSON] = { settings_parse_json, { .comments = "" } },
};
/* clang-format on */

int settings_parse(enum settings_syntax syntax, struct str text, struct arena *a, struct diag *d,
		   setting_fn *fn, void *user)
{
	const struct syntax *s = &syntaxes[syntax];
	struct settings_parser p = {
		.text = text, .arena = a, .diag = d, .fn = fn, .user = user, .style = &s->style
	};

	/* Editors on Windows leave a byte-order mark that every daemon here ignores or rejects. */
	if (str_starts(text, STR("\xef\xbb\xbf")))
		p.text = str_sub(text, 3, text.len);
	return s->parse(&p);
}
