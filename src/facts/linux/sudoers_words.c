/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudoers_words: logical lines of sudoers and the words of its lists. */
#include "facts/linux/sudoers_words.h"

/* Length of "\ \n" at s[i] and the blanks after it, 0 where there is none. */
static size_t continuation(struct str s, size_t i)
{
	size_t j = i + 1;

	while (is_blank(at(s, j)))
		j++;
	if (j >= s.len || s.ptr[j] != '\n')
		return 0;
	for (j++; is_blank(at(s, j));)
		j++;
	return j - i;
}

/* toke.l: '#' begins a comment unless it is an id ("#0", "%#100") or an old-style include. */
static bool is_comment(struct str s, size_t i, size_t out)
{
	struct str rest = from(s, i);
	char next = at(rest, 1);

	if (!out &&
	    (str_starts(rest, STR("#include ")) || str_starts(rest, STR("#include\t")) ||
	     str_starts(rest, STR("#includedir ")) || str_starts(rest, STR("#includedir\t"))))
		return false;
	return !is_digit(next) && !(next == '-' && is_digit(at(rest, 2)));
}

/* Joins one logical line into out (room for s.len bytes); returns how much of s it took. */
static size_t join(struct str s, char *out, size_t *ret_len, unsigned *lines)
{
	size_t i = 0, n = 0;
	bool quoted = false;

	while (i < s.len && s.ptr[i] != '\n') {
		char c = s.ptr[i];
		size_t more = c == '\\' ? continuation(s, i) : 0;

		if (more) {
			out[n++] = ' ';
			i += more;
			++*lines;
			continue;
		}
		if (c == '\\' && i + 1 < s.len) {
			out[n++] = c;
			out[n++] = s.ptr[i + 1];
			i += 2;
			continue;
		}
		if (c == '"')
			quoted = !quoted;
		if (c == '#' && !quoted && is_comment(s, i, n)) {
			while (i < s.len && s.ptr[i] != '\n')
				i++;
			break;
		}
		if (n || !is_blank(c))
			out[n++] = c;
		i++;
	}
	++*lines;
	*ret_len = n;
	return i < s.len ? i + 1 : i;
}

int sudoers_next(struct sudoers_reader *r, struct arena *a, struct str *ret)
{
	while (r->rest.len) {
		struct str window = str_sub(r->rest, 0, SUDOERS_LINE_MAX);
		struct arena_mark mark = arena_mark(a);
		size_t end = 0, len = 0, used;
		char *out;

		/* The line ends at the first newline that no backslash comes before. */
		while (end < window.len && window.ptr[end] != '\n')
			end += window.ptr[end] == '\\' && continuation(window, end)
				       ? continuation(window, end)
				       : 1;
		window = str_sub(window, 0, end + 1);
		out = arena_alloc(a, window.len + 1);
		if (!out)
			return -ENOMEM;
		r->line = r->next + 1;
		used = join(window, out, &len, &r->next);
		r->too_long = used == SUDOERS_LINE_MAX;
		r->rest = from(r->rest, used);
		*ret = str_trim((struct str){ out, len });
		if (ret->len)
			return 1;
		arena_rewind(a, mark);
	}
	return 0;
}

bool sudo_is_alias_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_upper(s.ptr[i]) && (!i || (!is_digit(s.ptr[i]) && s.ptr[i] != '_')))
			return false;
	}
	return s.len && !str_eq(s, STR("ALL"));
}

size_t sudo_word_length(struct str s, const char *stop)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '\\' && i + 1 < s.len)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (is_blank(c) || strchr(stop, c)))
			break;
	}
	return i;
}

int sudo_unescape(struct str s, struct arena *a, const char *escaped, struct str *ret)
{
	char *out;
	size_t n = 0;

	if (str_find(s, '\\') < 0 && str_find(s, '"') < 0) {
		*ret = s;
		return 0;
	}
	out = arena_alloc(a, s.len + 1);
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\' && i + 1 < s.len &&
		    (!escaped || (s.ptr[i + 1] && strchr(escaped, s.ptr[i + 1]))))
			out[n++] = s.ptr[++i];
		else if (s.ptr[i] != '"' || escaped)
			out[n++] = s.ptr[i];
	}
	*ret = (struct str){ out, n };
	return 0;
}

/* "sha256:digest, sha512:digest /path": returns what follows. */
static struct str skip_digests(struct str s)
{
	for (;;) {
		struct str rest;

		if (!str_starts(s, STR("sha")) || !is_digit(at(s, 3)) || !is_digit(at(s, 4)) ||
		    !is_digit(at(s, 5)))
			return s;
		rest = skip_blanks(from(s, 6));
		if (at(rest, 0) != ':')
			return s;
		rest = skip_blanks(from(rest, 1));
		rest = skip_blanks(from(rest, sudo_word_length(rest, ",")));
		if (at(rest, 0) == ',' && str_starts(skip_blanks(from(rest, 1)), STR("sha")))
			rest = skip_blanks(from(rest, 1));
		s = rest;
	}
}

/* Arguments run to an unescaped ',', ':' or '='; those between ^ and $ are a regex, any text. */
static size_t arguments_length(struct str s)
{
	size_t i = 0;

	if (at(s, 0) == '^') {
		for (i = 1; i < s.len; i++) {
			if (s.ptr[i] == '\\')
				i++;
			else if (s.ptr[i] == '$' && (i + 1 == s.len || is_blank(s.ptr[i + 1]) ||
						     strchr(",:", s.ptr[i + 1])))
				return i + 1;
		}
		return s.len;
	}
	for (; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == ',' || s.ptr[i] == ':' || s.ptr[i] == '=')
			break;
	}
	return MIN(i, s.len);
}

static bool takes_arguments(struct str word)
{
	if (str_eq(word, STR("sudoedit")))
		return true;
	return word.len && (word.ptr[0] == '/' || word.ptr[0] == '^') &&
	       word.ptr[word.len - 1] != '/';
}

int sudo_take_command(struct str *list, struct arena *a, struct sudo_item *ret)
{
	struct str s = skip_digests(*list), word, arguments;
	struct str digests = str_trim(str_sub(*list, 0, (size_t)(s.ptr - list->ptr)));
	size_t n = at(s, 0) == '^' ? arguments_length(s) : sudo_word_length(s, ",:=");

	word = str_sub(s, 0, n);
	s = skip_blanks(from(s, n));
	*list = s;
	ret->digests = digests;
	ret->alias = sudo_is_alias_name(word);
	ret->text = word;
	if (!word.len)
		return -EBADMSG;
	if (ret->alias || str_eq(word, STR("ALL")) || str_eq(word, STR("list")))
		return 1;
	if (word.ptr[0] != '/' && word.ptr[0] != '^' && !str_eq(word, STR("sudoedit")))
		return -EBADMSG;
	if (takes_arguments(word) && s.len) {
		n = arguments_length(s);
		arguments = str_trim(str_sub(s, 0, n));
		if (arguments.len)
			ret->text = (struct str){ word.ptr, (size_t)(arguments.ptr + arguments.len -
								     word.ptr) };
		*list = from(s, n);
	}
	/* Escapes of glob characters mean something to fnmatch(3) and stay. */
	return sudo_unescape(ret->text, a, ":\\,= \t#", &ret->text) < 0 ? -ENOMEM : 1;
}

static int next_word(struct str *list, enum sudo_alias_kind kind, struct arena *a,
		     struct sudo_item *ret)
{
	/* Addresses of hosts have colons. */
	const char *stop = kind == SUDO_HOSTS ? ",=()>!" : ",:=()>!";
	size_t prefix = at(*list, 0) == '%' ? (at(*list, 1) == ':' ? 2 : 1) : 0;
	size_t n = prefix + sudo_word_length(from(*list, prefix), stop);
	struct str word = str_sub(*list, 0, n);

	*list = from(*list, n);
	if (word.len <= prefix)
		return -EBADMSG;
	ret->alias = sudo_is_alias_name(word);
	return sudo_unescape(word, a, NULL, &ret->text) < 0 ? -ENOMEM : 1;
}

int sudo_next_item(struct str *list, enum sudo_alias_kind kind, struct arena *a,
		   struct sudo_item *ret)
{
	struct sudo_item item = {};
	struct str s = skip_blanks(*list);
	int r;

	if (!s.len)
		return 0;
	while (at(s, 0) == '!') {
		item.negated = !item.negated;
		s = skip_blanks(from(s, 1));
	}
	r = kind == SUDO_COMMANDS ? sudo_take_command(&s, a, &item) : next_word(&s, kind, a, &item);
	if (r < 0)
		return r;
	s = skip_blanks(s);
	if (at(s, 0) == ',') {
		s = skip_blanks(from(s, 1));
		if (!s.len)
			return -EBADMSG;
	} else if (s.len) {
		return -EBADMSG;
	}
	*list = s;
	*ret = item;
	return 1;
}
