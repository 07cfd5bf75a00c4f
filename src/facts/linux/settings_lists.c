/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_lists: files that are lists of entries: pg_hba.conf, exports, limits.conf, options. */
#include "facts/linux/settings_syntax.h"

#include <arpa/inet.h>

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* A field of pg_hba.conf: quotes group, commas with blanks after them continue (hba.c). */
static struct str hba_field(struct str *s)
{
	struct str start;
	bool quoted = false, comma = false;
	size_t i = 0;

	*s = str_trim(*s);
	start = *s;
	for (; i < start.len; i++) {
		char c = start.ptr[i];

		if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '#' || (is_blank(c) && !comma)))
			break;
		if (!is_blank(c))
			comma = !quoted && c == ',';
	}
	*s = i < start.len && start.ptr[i] == '#' ? STR("") : str_sub(start, i, start.len);
	return str_trim(str_sub(start, 0, i));
}

/* "255.255.255.0" -> 24; -1 if it is not a mask. */
static int mask_bits(struct str s)
{
	char text[INET6_ADDRSTRLEN] = "";
	unsigned char mask[16];
	size_t n = str_find(s, ':') >= 0 ? 16 : 4;
	int bits = 0;

	if (!s.len || s.len >= sizeof text)
		return -1;
	memcpy(text, s.ptr, s.len);
	if (inet_pton(n == 16 ? AF_INET6 : AF_INET, text, mask) != 1)
		return -1;
	for (size_t i = 0; i < n; i++)
		bits += __builtin_popcount(mask[i]);
	return bits;
}

/*
 * The value is always "user address method [options]", where a line of type "local" has the
 * address "local" and an address with a separate mask becomes a prefix.
 */
static int hba_line(struct settings_parser *p, struct str line, unsigned at)
{
	struct str type = hba_field(&line), database = hba_field(&line), user = hba_field(&line);
	struct str address = STR("local"), method, value;
	int bits;

	if (str_starts(type, STR("include")))
		return settings_emit(p, STR(""), type, str_unquote(database), at);
	if (!str_eq(type, STR("local")))
		address = str_unquote(hba_field(&line));
	method = hba_field(&line);
	bits = str_find(address, '/') < 0 ? mask_bits(method) : -1;
	if (bits >= 0) {
		address = arena_fmt(p->arena, "%.*s/%d", STR_FMT(address), bits);
		method = hba_field(&line);
	}
	if (!method.len)
		return 0;
	line = settings_strip(line, '#', true);
	value = arena_fmt(p->arena, "%.*s %.*s %.*s%s%.*s", STR_FMT(str_unquote(user)),
			  STR_FMT(address), STR_FMT(method), line.len ? " " : "", STR_FMT(line));
	if (!value.ptr || !address.ptr)
		return -ENOMEM;
	return settings_emit(p, str_unquote(database), type, value, at);
}

int settings_parse_pg_hba(struct settings_parser *p)
{
	struct str line;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1) {
		r = hba_line(p, line, at);
		if (r)
			return r;
	}
	return r;
}

/* exports(5): "path client(options) client -defaults client"; no client means everybody. */
static int export_line(struct settings_parser *p, struct str line, unsigned at)
{
	struct str path = str_quoted_word(&line), defaults = {}, client, value;
	bool any = false;
	int r = 0;

	while (!r && (client = str_word(&line)).ptr) {
		ssize_t open = str_find(client, '(');

		if (client.ptr[0] == '-') {
			defaults = str_sub(client, 1, client.len);
			continue;
		}
		any = true;
		if (open == 0) /* "path (rw)": options without a client are for the world */
			value = arena_fmt(p->arena, "*%.*s", STR_FMT(client));
		else if (open < 0)
			value = arena_fmt(p->arena, "%.*s(%.*s)", STR_FMT(client),
					  STR_FMT(defaults));
		else
			value = client;
		r = value.ptr ? settings_emit(p, STR(""), path, value, at) : -ENOMEM;
	}
	if (any || r || !path.len)
		return r;
	value = arena_fmt(p->arena, "*(%.*s)", STR_FMT(defaults));
	return value.ptr ? settings_emit(p, STR(""), path, value, at) : -ENOMEM;
}

int settings_parse_exports(struct settings_parser *p)
{
	struct str line;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1) {
		r = export_line(p, settings_strip(line, '#', false), at);
		if (r)
			return r;
	}
	return r;
}

/* limits.conf(5): domain, type ("-" is both), item, value. */
int settings_parse_limits(struct settings_parser *p)
{
	struct str line;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1) {
		struct str domain, type, item, limit, value;

		line = str_trim(str_cut(&line, '#'));
		domain = str_word(&line);
		type = str_word(&line);
		item = settings_fold(p->arena, str_word(&line));
		limit = str_word(&line);
		if (!limit.len)
			continue;
		value = arena_fmt(p->arena, "%.*s %.*s", STR_FMT(type), STR_FMT(limit));
		if (!value.ptr || !item.ptr)
			return -ENOMEM;
		r = settings_emit(p, domain, item, value, at);
		if (r)
			return r;
	}
	return r;
}

/* Long options of memcached(1) that have a letter. */
static struct str option_letter(struct str name)
{
	static const struct {
		struct str name, letter;
	} table[] = {
		{STR("--listen"),       STR("-l")},
                { STR("--port"),        STR("-p")},
		{ STR("--udp-port"),    STR("-U")},
                { STR("--unix-socket"), STR("-s")},
		{ STR("--enable-sasl"), STR("-S")},
                { STR("--user"),        STR("-u")},
		{ STR("--enable-ssl"),  STR("-Z")},
                { STR("--auth-file"),   STR("-Y")},
	};

	for (size_t i = 0; i < COUNT(table); i++)
		if (str_eq(name, table[i].name))
			return table[i].letter;
	return name;
}

/* One command-line option with its argument: "-l 127.0.0.1", "-p11211", "--port=11211". */
static int option(struct settings_parser *p, struct str *words, unsigned at)
{
	struct str name = str_quoted_word(words), value = STR(""), next = *words, word;

	if (str_starts(name, STR("--"))) {
		struct str rest = name;

		name = str_cut(&rest, '=');
		if (rest.ptr)
			return settings_emit(p, STR(""), option_letter(name), rest, at);
	} else if (name.len > 2 && name.ptr[0] == '-') {
		return settings_emit(p, STR(""), str_sub(name, 0, 2), str_sub(name, 2, name.len),
				     at);
	}
	word = str_quoted_word(&next);
	if (word.len && word.ptr[0] != '-') {
		value = word;
		*words = next;
	}
	return settings_emit(p, STR(""), option_letter(name), value, at);
}

/*
 * /etc/memcached.conf of Debian (an option a line) and /etc/sysconfig/memcached of Red Hat and
 * /etc/conf.d/memcached of Alpine (shell variables) in one: PORT and LISTENON become -p and -l.
 */
static int option_line(struct settings_parser *p, struct str line, unsigned at)
{
	struct str value = line, name = str_trim(str_cut(&value, '='));
	int r = 0;

	if (line.ptr[0] == '-' || !value.ptr) {
		while (!r && str_trim(line).len)
			r = option(p, &line, at);
		return r;
	}
	value = str_unquote(str_trim(value));
	if (str_eq(name, STR("OPTIONS")) || str_eq(name, STR("MISC_ARGS"))) {
		while (!r && str_trim(value).len)
			r = option(p, &value, at);
		return r;
	}
	if (str_eq(name, STR("PORT")))
		name = STR("-p");
	else if (str_eq(name, STR("LISTENON")))
		name = STR("-l");
	return settings_emit(p, STR(""), name, value, at);
}

int settings_parse_options(struct settings_parser *p)
{
	struct str line;
	unsigned at;
	int r;

	while ((r = settings_line(p, &line, &at)) == 1) {
		line = settings_strip(line, '#', true);
		r = line.len ? option_line(p, line, at) : 0;
		if (r)
			return r;
	}
	return r;
}
