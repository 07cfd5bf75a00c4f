/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Semantic versioning and its relatives. */
#include "vuln/version.h"

#define NUMBERS_MAX 4U

struct semver {
	struct str numbers[NUMBERS_MAX];
	struct str pre, build;
};

static bool all_digits(struct str s) { return s.len && version_run(&s, true).len && !s.len; }

static struct semver split(struct str s, unsigned most)
{
	struct semver v = {};
	struct str rest = str_trim(s), core;
	ssize_t at;

	if (rest.len && (*rest.ptr == 'v' || *rest.ptr == 'V'))
		rest = str_sub(rest, 1, rest.len);
	at = str_find(rest, '+');
	if (at >= 0) {
		v.build = str_sub(rest, (size_t)at + 1, rest.len);
		rest = str_sub(rest, 0, (size_t)at);
	}
	at = str_find(rest, '-');
	if (at >= 0) {
		v.pre = str_sub(rest, (size_t)at + 1, rest.len);
		rest = str_sub(rest, 0, (size_t)at);
	}
	core = rest;
	for (unsigned i = 0; i < most && core.ptr; i++)
		v.numbers[i] = str_cut(&core, '.');
	return v;
}

static int compare_text(struct str a, struct str b, bool any_case)
{
	for (size_t i = 0; i < MIN(a.len, b.len); i++) {
		char x = a.ptr[i], y = b.ptr[i];

		if (any_case) {
			x = version_lower(x);
			y = version_lower(y);
		}
		if (x != y)
			return (unsigned char)x - (unsigned char)y;
	}
	return (a.len > b.len) - (a.len < b.len);
}

/* Clause 11.4: numbers are older than texts, fewer identifiers than more. */
static int compare_identifiers(struct str a, struct str b, bool any_case)
{
	while (a.ptr && b.ptr) {
		struct str x = str_cut(&a, '.'), y = str_cut(&b, '.');
		bool nx = all_digits(x), ny = all_digits(y);
		int r = nx && ny   ? version_digits(x, y)
			: nx != ny ? (nx ? -1 : 1)
				   : compare_text(x, y, any_case);

		if (r)
			return r;
	}
	return (a.ptr != NULL) - (b.ptr != NULL);
}

static int compare(struct str a, struct str b, unsigned numbers, bool any_case, bool build)
{
	struct semver x = split(a, numbers), y = split(b, numbers);
	int r = 0;

	for (unsigned i = 0; !r && i < numbers; i++) {
		struct str s = x.numbers[i], t = y.numbers[i];

		r = version_digits(version_run(&s, true), version_run(&t, true));
		if (!r)
			r = compare_text(s, t, any_case);
	}
	if (r)
		return r;
	if (!x.pre.ptr || !y.pre.ptr)
		r = (x.pre.ptr == NULL) - (y.pre.ptr == NULL);
	else
		r = compare_identifiers(x.pre, y.pre, any_case);
	if (r || !build)
		return r;
	if (!x.build.ptr || !y.build.ptr)
		return (x.build.ptr != NULL) - (y.build.ptr != NULL);
	return compare_identifiers(x.build, y.build, false);
}

int version_semver(struct str a, struct str b) { return compare(a, b, 3, false, false); }
int version_pub(struct str a, struct str b) { return compare(a, b, 3, false, true); }
int version_nuget(struct str a, struct str b) { return compare(a, b, 4, true, false); }

int version_dotted(struct str a, struct str b)
{
	a = str_trim(a);
	b = str_trim(b);
	while (a.len || b.len) {
		struct str x = version_run(&a, true), y = version_run(&b, true);
		int r = x.len && y.len ? version_digits(x, y) : (x.len != 0) - (y.len != 0);

		if (r)
			return r;
		(void)version_run(&a, false);
		(void)version_run(&b, false);
	}
	return 0;
}
