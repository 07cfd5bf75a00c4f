/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/version.h"

static bool counts(char c)
{
	return version_is_digit(c) || version_is_alpha(c) || c == '~' || c == '^';
}

static void skip(struct str *s)
{
	while (s->len && !counts(*s->ptr))
		*s = str_sub(*s, 1, s->len);
}

static struct str letters(struct str *s)
{
	size_t n = 0;
	struct str head;

	while (n < s->len && version_is_alpha(s->ptr[n]))
		n++;
	head = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	return head;
}

/* '~' is older than the end, '^' newer than it but older than anything else: 2 where neither. */
static int compare_mark(struct str *a, struct str *b)
{
	char x = version_at(*a, 0), y = version_at(*b, 0);

	if (x == '~' || y == '~') {
		if (x != y)
			return x == '~' ? -1 : 1;
	} else if (x == '^' || y == '^') {
		if (x != y)
			return x == '^' ? (y ? -1 : 1) : (x ? 1 : -1);
	} else {
		return 2;
	}
	*a = str_sub(*a, 1, a->len);
	*b = str_sub(*b, 1, b->len);
	return 0;
}

static int compare_part(struct str a, struct str b)
{
	for (;;) {
		bool digits;
		int r;

		skip(&a);
		skip(&b);
		r = compare_mark(&a, &b);
		if (!r)
			continue;
		if (r != 2)
			return r;
		if (!a.len || !b.len)
			return (a.len != 0) - (b.len != 0);
		digits = version_is_digit(*a.ptr);
		/* A number is newer than letters. */
		if (digits != version_is_digit(*b.ptr))
			return digits ? 1 : -1;
		r = digits ? version_digits(version_run(&a, true), version_run(&b, true))
			   : str_cmp(letters(&a), letters(&b));
		if (r)
			return r;
	}
}

int version_rpm(struct str a, struct str b)
{
	struct str rest[2] = { str_trim(a), str_trim(b) }, release[2] = {};
	struct str epoch[2] = { STR("0"), STR("0") };
	int r;

	for (unsigned i = 0; i < 2; i++) {
		ssize_t at = str_find(rest[i], ':');

		if (at >= 0) {
			epoch[i] = str_sub(rest[i], 0, (size_t)at);
			rest[i] = str_sub(rest[i], (size_t)at + 1, rest[i].len);
		}
		at = str_rfind(rest[i], '-');
		if (at >= 0) {
			release[i] = str_sub(rest[i], (size_t)at + 1, rest[i].len);
			rest[i] = str_sub(rest[i], 0, (size_t)at);
		}
	}
	r = compare_part(epoch[0], epoch[1]);
	if (!r)
		r = compare_part(rest[0], rest[1]);
	if (!r)
		r = (release[0].ptr != NULL) - (release[1].ptr != NULL);
	return r ? r : compare_part(release[0], release[1]);
}
