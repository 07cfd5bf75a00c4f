/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/version.h"

/* '~' before the end, letters before the rest. */
static int weight(struct str s, size_t i)
{
	char c = version_at(s, i);

	if (c == '~')
		return -1;
	if (!c || version_is_digit(c))
		return 0;
	return version_is_alpha(c) ? c : (unsigned char)c + 256;
}

static int compare_letters(struct str a, struct str b)
{
	for (size_t i = 0; i < MAX(a.len, b.len); i++) {
		int x = weight(a, i), y = weight(b, i);

		if (x != y)
			return x - y;
	}
	return 0;
}

static int compare_part(struct str a, struct str b)
{
	while (a.len || b.len) {
		int r = compare_letters(version_run(&a, false), version_run(&b, false));

		if (!r)
			r = version_digits(version_run(&a, true), version_run(&b, true));
		if (r)
			return r;
	}
	return 0;
}

struct parts {
	struct str epoch, upstream, revision;
};

static struct parts split(struct str s)
{
	ssize_t colon, dash;
	struct parts p = {};

	s = str_trim(s);
	colon = str_find(s, ':');
	if (colon >= 0) {
		p.epoch = str_sub(s, 0, (size_t)colon);
		s = str_sub(s, (size_t)colon + 1, s.len);
	}
	dash = str_rfind(s, '-');
	p.upstream = dash < 0 ? s : str_sub(s, 0, (size_t)dash);
	if (dash >= 0)
		p.revision = str_sub(s, (size_t)dash + 1, s.len);
	return p;
}

int version_deb(struct str a, struct str b)
{
	struct parts x = split(a), y = split(b);
	int r = version_digits(x.epoch, y.epoch);

	if (!r)
		r = compare_part(x.upstream, y.upstream);
	return r ? r : compare_part(x.revision, y.revision);
}
