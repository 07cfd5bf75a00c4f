/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Version Order Specification" of Maven's POM reference: tokens with the sign before them; a change
 * between digits and letters is a hyphen; what means nothing at the end, or before a hyphen, goes.
 */
#include "vuln/version.h"

#define TOKENS_MAX 128U

struct token {
	char sign; /* '.' or '-' */
	struct str text;
	bool number;
	bool short_of; /* "a", "b", "m" before a digit */
};

struct tokens {
	struct token list[TOKENS_MAX];
	size_t n;
};

/* Where a word stands beside the others; the rest is ordered by its letters, behind "sp". */
static int rank(const struct token *t)
{
	static const struct {
		const char *word;
		int rank;
	} words[] = {
		{"alpha",      1},
                { "beta",      2},
                { "milestone", 3},
                { "rc",        4},
		{ "cr",        4},
                { "snapshot",  5},
                { "",          6},
                { "final",     6},
		{ "ga",        6},
                { "release",   6},
                { "sp",        7}
	};

	if (t->short_of && t->text.len == 1) {
		char c = version_lower(*t->text.ptr);

		if (c == 'a' || c == 'b' || c == 'm')
			return c == 'a' ? 1 : c == 'b' ? 2 : 3;
	}
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_ieq(t->text, str_of(words[i].word)))
			return words[i].rank;
	return 8;
}

static bool is_null(const struct token *t)
{
	return t->number ? !version_digits(t->text, STR("0")) : rank(t) == 6;
}

/* From the end, and from each hyphen, backwards. */
static void trim(struct tokens *v)
{
	for (size_t end = v->n; end > 0;) {
		size_t from = end;

		while (from > 1 && is_null(&v->list[from - 1]))
			from--;
		if (from < end) {
			memmove(&v->list[from], &v->list[end], (v->n - end) * sizeof *v->list);
			v->n -= end - from;
		}
		end = from - 1;
		while (end > 0 && v->list[end].sign != '-')
			end--;
	}
}

static void split(struct str s, struct tokens *ret)
{
	char sign = '.';

	ret->n = 0;
	s = str_trim(s);
	for (;;) {
		struct token t = { .sign = sign };
		size_t n = 0;

		t.number = s.len && version_is_digit(*s.ptr);
		while (n < s.len && s.ptr[n] != '.' && s.ptr[n] != '-' &&
		       version_is_digit(s.ptr[n]) == t.number)
			n++;
		t.text = str_sub(s, 0, n);
		s = str_sub(s, n, s.len);
		t.short_of = !t.number && s.len && version_is_digit(*s.ptr);
		if (!n) {
			t.text = STR("0");
			t.number = true;
		}
		if (ret->n < TOKENS_MAX)
			ret->list[ret->n++] = t;
		if (!s.len)
			break;
		sign = '-';
		if (!version_is_digit(*s.ptr) && (*s.ptr == '.' || *s.ptr == '-')) {
			sign = *s.ptr == '.' ? '.' : '-';
			s = str_sub(s, 1, s.len);
		}
	}
	trim(ret);
}

static int compare_words(const struct token *x, const struct token *y)
{
	int r = rank(x) - rank(y);

	for (size_t i = 0; !r && rank(x) == 8 && i < MIN(x->text.len, y->text.len); i++)
		r = version_lower(x->text.ptr[i]) - version_lower(y->text.ptr[i]);
	if (!r && rank(x) == 8)
		r = (x->text.len > y->text.len) - (x->text.len < y->text.len);
	return r;
}

/* Words behind a dot, words behind a hyphen, numbers behind a hyphen, numbers behind a dot. */
static int kind(const struct token *t)
{
	return t->number ? (t->sign == '-' ? 2 : 3) : t->sign == '-';
}

static int compare_token(const struct token *x, const struct token *y)
{
	if (kind(x) != kind(y))
		return kind(x) - kind(y);
	return x->number ? version_digits(x->text, y->text) : compare_words(x, y);
}

/* What stands for a token that one of them lacks. */
static struct token filler(const struct token *other)
{
	return other->number
		       ? (struct token){ .sign = other->sign, .text = STR("0"), .number = true }
		       : (struct token){ .sign = other->sign, .text = STR("") };
}

int version_maven(struct str a, struct str b)
{
	struct tokens x, y;

	split(a, &x);
	split(b, &y);
	for (size_t i = 0; i < MAX(x.n, y.n); i++) {
		struct token s = i < x.n ? x.list[i] : filler(&y.list[i]);
		struct token t = i < y.n ? y.list[i] : filler(&x.list[i]);
		int r = compare_token(&s, &t);

		if (r)
			return r;
	}
	return 0;
}
