/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/version.h"

/* Where a word stands; NUMBER is where every number does. */
enum { UNKNOWN, DEV, ALPHA, BETA, CANDIDATE, NUMBER, PATCH };

static int rank(struct str s)
{
	/* The first that the word begins with; only RC may be written both ways. */
	static const struct {
		const char *word;
		int rank;
	} words[] = {
		{"dev", DEV      },
                { "a",  ALPHA    },
                { "b",  BETA     },
                { "RC", CANDIDATE},
		{ "rc", CANDIDATE},
                { "#",  NUMBER   },
                { "p",  PATCH    }
	};

	if (s.len && version_is_digit(*s.ptr))
		return NUMBER;
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_starts(s, str_of(words[i].word)))
			return words[i].rank;
	return UNKNOWN;
}

/* Next number or word; dots, dashes, underscores and plus signs part them. */
static struct str next(struct str *s)
{
	size_t n = 0;
	struct str head;

	while (s->len && strchr("._-+", *s->ptr) && *s->ptr)
		*s = str_sub(*s, 1, s->len);
	if (!s->len)
		return (struct str){};
	if (version_is_digit(*s->ptr))
		return version_run(s, true);
	while (n < s->len && !version_is_digit(s->ptr[n]) && !strchr("._-+", s->ptr[n]))
		n++;
	n = MAX(n, 1);
	head = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	return head;
}

/* What one has more: a number makes it newer, a word what the word is beside a number. */
static int tail(struct str s)
{
	struct str word;

	while ((word = next(&s)).len) {
		int r;

		if (version_is_digit(*word.ptr))
			return 1;
		r = rank(word) - NUMBER;
		if (r)
			return r;
	}
	return 0;
}

static struct str bare(struct str s)
{
	s = str_trim(s);
	return s.len && (*s.ptr == 'v' || *s.ptr == 'V') ? str_sub(s, 1, s.len) : s;
}

int version_composer(struct str a, struct str b)
{
	a = bare(a);
	b = bare(b);
	for (;;) {
		struct str before[2] = { a, b }, x = next(&a), y = next(&b);
		int r;

		if (!x.len || !y.len)
			return x.len ? tail(before[0]) : y.len ? -tail(before[1]) : 0;
		r = version_is_digit(*x.ptr) && version_is_digit(*y.ptr) ? version_digits(x, y)
									 : rank(x) - rank(y);
		if (r)
			return r;
	}
}
