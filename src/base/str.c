/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/str.h"

#ifndef _GNU_SOURCE
/* Everywhere, though POSIX does not have it. */
void *memmem(const void *s, size_t n, const void *needle, size_t m);
#endif

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); /* \t \n \v \f \r */ }

static unsigned char lower(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? u | 0x20 : u;
}

bool str_ieq(struct str a, struct str b) { return a.len == b.len && str_istarts(a, b); }

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq((struct str){ s.ptr, prefix.len }, prefix);
}

bool str_istarts(struct str s, struct str prefix)
{
	if (s.len < prefix.len)
		return false;
	for (size_t i = 0; i < prefix.len; i++)
		if (lower(s.ptr[i]) != lower(prefix.ptr[i]))
			return false;
	return true;
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, s.len), suffix);
}

bool str_contains(struct str s, struct str needle)
{
	return !needle.len || (s.len && memmem(s.ptr, s.len, needle.ptr, needle.len));
}

int str_cmp(struct str a, struct str b)
{
	size_t n = MIN(a.len, b.len);
	int r = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return r ? r : (a.len > b.len) - (a.len < b.len);
}

ssize_t str_find(struct str s, char c)
{
	const char *p = s.len ? memchr(s.ptr, c, s.len) : NULL;

	return p ? p - s.ptr : -1;
}

ssize_t str_rfind(struct str s, char c)
{
	/* memrchr() is not everywhere. */
	for (size_t i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == c)
			return (ssize_t)(i - 1);
	return -1;
}

struct str str_sub(struct str s, size_t from, size_t to)
{
	to = MIN(to, s.len);
	from = MIN(from, to);
	return (struct str){ from ? s.ptr + from : s.ptr, to - from };
}

struct str str_trim(struct str s)
{
	size_t from = 0, to = s.len;

	while (from < to && is_blank(s.ptr[from]))
		from++;
	while (to > from && is_blank(s.ptr[to - 1]))
		to--;
	return str_sub(s, from, to);
}

struct str str_unquote(struct str s)
{
	if (s.len < 2 || (s.ptr[0] != '"' && s.ptr[0] != '\'') || s.ptr[s.len - 1] != s.ptr[0])
		return s;
	return str_sub(s, 1, s.len - 1);
}

struct str str_basename(struct str path)
{
	return str_sub(path, (size_t)(str_rfind(path, '/') + 1), path.len);
}

struct str str_cut(struct str *s, char sep)
{
	struct str head = *s;
	ssize_t at = str_find(head, sep);

	if (at < 0) {
		*s = (struct str){};
		return head;
	}
	*s = str_sub(head, (size_t)at + 1, head.len);
	return str_sub(head, 0, (size_t)at);
}

bool str_line(struct str *s, struct str *ret, unsigned *line)
{
	struct str l;

	if (!s->len) {
		*s = (struct str){};
		return false;
	}
	l = str_cut(s, '\n');
	if (l.len && l.ptr[l.len - 1] == '\r')
		l.len--;
	if (line)
		++*line;
	*ret = l;
	return true;
}

struct str str_word(struct str *s)
{
	size_t from = 0, to;
	struct str word;

	while (from < s->len && is_blank(s->ptr[from]))
		from++;
	if (from == s->len) {
		*s = (struct str){};
		return *s;
	}
	to = from;
	while (to < s->len && !is_blank(s->ptr[to]))
		to++;
	word = str_sub(*s, from, to);
	*s = str_sub(*s, to, s->len);
	return word;
}

struct str str_quoted_word(struct str *s)
{
	struct str rest = *s, word;
	char quote;

	while (rest.len && is_blank(rest.ptr[0]))
		rest = str_sub(rest, 1, rest.len);
	if (!rest.len || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
		return str_word(s);
	quote = rest.ptr[0];
	rest = str_sub(rest, 1, rest.len);
	word = str_cut(&rest, quote);
	*s = rest;
	return word;
}

int str_to_int64(struct str s, int64_t *ret)
{
	bool neg = s.len && s.ptr[0] == '-';
	uint64_t v;
	int r = str_to_u64(str_sub(s, neg, s.len), 10, &v);

	if (r < 0)
		return r;
	if (v > (uint64_t)INT64_MAX + neg)
		return -ERANGE;
	*ret = neg ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = (char)lower(c);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : UINT8_MAX;
}

int str_to_u64(struct str s, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;
	int r = s.len ? 0 : -EINVAL;

	/* Garbage after an overflow is still garbage: -EINVAL wins. */
	for (size_t i = 0; i < s.len; i++) {
		unsigned d = digit(s.ptr[i]);

		if (d >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			r = -ERANGE;
	}
	if (r == 0)
		*ret = v;
	return r;
}

int str_to_bool(struct str s, bool *ret)
{
	static const struct str yes[] = { STR("yes"), STR("true"), STR("on"), STR("1"),
					  STR("enabled") };
	static const struct str no[] = { STR("no"), STR("false"), STR("off"), STR("0"),
					 STR("disabled") };

	for (size_t i = 0; i < COUNT(yes); i++) {
		bool is = str_ieq(s, yes[i]);

		if (is || str_ieq(s, no[i])) {
			*ret = is;
			return 0;
		}
	}
	return -EINVAL;
}

int32_t str_rune(struct str *s)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s->ptr[0];
	size_t more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	uint32_t rune = more ? c & (0x3fu >> more) : c;
	bool good = (c < 0x80 || c >= 0xc2) && c < 0xf5 && more < s->len;

	for (size_t i = 1; good && i <= more; i++) {
		unsigned char next = (unsigned char)s->ptr[i];

		good = (next & 0xc0) == 0x80;
		rune = rune << 6 | (next & 0x3f);
	}
	good = good && rune >= least[more] && rune <= 0x10ffff && (rune & ~0x7ffu) != 0xd800;
	*s = str_sub(*s, good ? more + 1 : 1, s->len);
	return good ? (int32_t)rune : -1;
}

/*
 * One element of a pattern against c. *at moves behind the element. glob(7): a '[' that nothing
 * closes is itself, and so is a backslash between brackets. `last` is the last ']' of the pattern,
 * which keeps many open brackets from costing quadratic time.
 */
static bool glob_one(struct str p, size_t *at, ssize_t last, char c)
{
	unsigned char u = (unsigned char)c;
	size_t i = *at;
	bool negate, found = false;

	if (p.ptr[i] == '\\' && i + 1 < p.len)
		i++;
	else if (p.ptr[i] == '?')
		return *at = i + 1, true;
	if (p.ptr[i] != '[' || i != *at || last < (ssize_t)i + 2)
		return *at = i + 1, p.ptr[i] == c;
	negate = p.ptr[i + 1] == '!' || p.ptr[i + 1] == '^';
	if (negate && last < (ssize_t)i + 3)
		return *at = i + 1, c == '[';
	i += 1u + negate;
	for (size_t first = i; i == first || p.ptr[i] != ']'; i++) {
		unsigned char lo = (unsigned char)p.ptr[i], hi = lo;

		if (p.ptr[i + 1] == '-' && p.ptr[i + 2] != ']') {
			hi = (unsigned char)p.ptr[i + 2];
			i += 2;
		}
		found |= lo <= u && u <= hi;
	}
	*at = i + 1;
	return found != negate;
}

bool str_glob(struct str pattern, struct str s)
{
	ssize_t last = str_rfind(pattern, ']');
	size_t p = 0, i = 0, star_i = 0;
	ssize_t star_p = -1;

	/* Going back to the last star alone is enough: an earlier one can only eat more. */
	while (i < s.len) {
		size_t next = p;

		if (p < pattern.len && pattern.ptr[p] == '*') {
			star_p = (ssize_t)++p;
			star_i = i;
		} else if (p < pattern.len && glob_one(pattern, &next, last, s.ptr[i])) {
			p = next;
			i++;
		} else if (star_p >= 0) {
			p = (size_t)star_p;
			i = ++star_i;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}
