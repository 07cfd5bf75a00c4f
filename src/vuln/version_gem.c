/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/version.h"

#define SEGMENTS_MAX 128U

struct segments {
	struct str list[SEGMENTS_MAX];
	size_t n;
};

static bool is_number(struct str s) { return s.len && version_is_digit(*s.ptr); }

static bool is_zero(struct str s) { return is_number(s) && !version_digits(s, STR("0")); }

/* Zeros at the end of the numbers and at the end of all count for nothing. */
static void canonical(struct segments *s)
{
	size_t first = 0, zeros;

	while (first < s->n && is_number(s->list[first]))
		first++;
	for (zeros = first; zeros && is_zero(s->list[zeros - 1]); zeros--)
		;
	memmove(s->list + zeros, s->list + first, (s->n - first) * sizeof *s->list);
	s->n -= first - zeros;
	while (s->n && is_zero(s->list[s->n - 1]))
		s->n--;
}

static void split(struct str s, struct segments *ret)
{
	ret->n = 0;
	while (s.len && ret->n + 1 < SEGMENTS_MAX) {
		size_t n = 0;

		if (version_is_digit(*s.ptr)) {
			ret->list[ret->n++] = version_run(&s, true);
			continue;
		}
		while (n < s.len && version_is_alpha(s.ptr[n]))
			n++;
		if (n)
			ret->list[ret->n++] = str_sub(s, 0, n);
		else if (*s.ptr == '-')
			ret->list[ret->n++] = STR("pre");
		s = str_sub(s, MAX(n, 1), s.len);
	}
	canonical(ret);
}

int version_gem(struct str a, struct str b)
{
	struct segments x, y;

	split(a, &x);
	split(b, &y);
	for (size_t i = 0; i < MAX(x.n, y.n); i++) {
		struct str s = i < x.n ? x.list[i] : STR("0"), t = i < y.n ? y.list[i] : STR("0");
		int r = is_number(s) != is_number(t) ? (is_number(s) ? 1 : -1)
			: is_number(s)               ? version_digits(s, t)
						     : str_cmp(s, t);

		if (r)
			return r;
	}
	return 0;
}
