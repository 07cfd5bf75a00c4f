/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DIGITS{.DIGITS}[LETTER]{_SUFFIX[DIGITS]}[-rDIGITS]. Both are read part by part; the first part that
 * differs in kind or value decides.
 */
#include "vuln/version.h"

/* In the order in which one that goes on with it is newer than one that goes on with the next. */
enum part { FIRST, MORE, LETTER, DOT_LETTER, SUFFIX, SUFFIX_NUMBER, REVISION, END, WRONG };

struct reading {
	struct str rest;
	enum part part; /* that comes next */
	int rank;       /* of a letter or suffix that was read */
	struct str digits;
	bool leading; /* digits that began with zeros: they count as a fraction's */
};

static bool starts_with_letter(struct str s) { return s.len && *s.ptr >= 'a' && *s.ptr <= 'z'; }

static enum part part_after(struct reading *r)
{
	enum part was = r->part;
	char c = version_at(r->rest, 0);

	if (!r->rest.len)
		return END;
	if ((was == FIRST || was == MORE) && starts_with_letter(r->rest))
		return LETTER;
	if ((was == LETTER || was == DOT_LETTER) && version_is_digit(c))
		return FIRST;
	if (was == SUFFIX && version_is_digit(c))
		return SUFFIX_NUMBER;
	r->rest = str_sub(r->rest, 1, r->rest.len);
	if (c == '.' && was <= MORE)
		return starts_with_letter(r->rest) ? DOT_LETTER : MORE;
	if (c == '_' && was <= SUFFIX_NUMBER)
		return SUFFIX;
	if (c == '-' && was < REVISION && r->rest.len && *r->rest.ptr == 'r') {
		r->rest = str_sub(r->rest, 1, r->rest.len);
		return starts_with_letter(r->rest) ? WRONG : REVISION;
	}
	return WRONG;
}

/* Before a release: below 0. */
static bool read_suffix(struct reading *r)
{
	static const char *const words[] = { "alpha", "beta", "pre", "rc", "cvs",
					     "svn",   "git",  "hg",  "p" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (str_starts(r->rest, str_of(words[i]))) {
			r->rank = (int)i - 4;
			r->rest = str_sub(r->rest, strlen(words[i]), r->rest.len);
			return true;
		}
	return false;
}

/* Reads the part that comes next. */
static void step(struct reading *r)
{
	r->digits = (struct str){};
	r->rank = 0;
	r->leading = false;
	if (r->part == SUFFIX) {
		if (!read_suffix(r)) {
			r->part = WRONG;
			r->rank = -5;
			return;
		}
	} else if (r->part == LETTER || r->part == DOT_LETTER) {
		r->rank = (unsigned char)*r->rest.ptr;
		r->rest = str_sub(r->rest, 1, r->rest.len);
	} else {
		r->digits = version_run(&r->rest, true);
		r->leading = r->part == MORE && r->digits.len > 1 && *r->digits.ptr == '0';
	}
	r->part = part_after(r);
}

/* "1.02" is older than "1.1": zeros in front make a fraction of what follows. */
static int compare_value(const struct reading *x, const struct reading *y)
{
	if (x->rank != y->rank)
		return x->rank - y->rank;
	if (x->leading || y->leading)
		return str_cmp(x->digits, y->digits);
	return version_digits(x->digits, y->digits);
}

static bool is_before_release(const struct reading *r)
{
	struct reading next = *r;

	return r->part == SUFFIX && (!read_suffix(&next) || next.rank < 0);
}

int version_apk(struct str a, struct str b)
{
	struct reading x = { .rest = str_trim(a) }, y = { .rest = str_trim(b) };

	while (x.part == y.part && x.part != END && x.part != WRONG) {
		int r;

		step(&x);
		step(&y);
		r = compare_value(&x, &y);
		if (r)
			return r;
	}
	if (x.part == y.part)
		return 0;
	if (is_before_release(&x))
		return -1;
	if (is_before_release(&y))
		return 1;
	return x.part > y.part ? -1 : 1;
}
