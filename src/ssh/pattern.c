/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ssh/pattern.h"

bool pattern_match(struct str pattern, struct str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, again = 0;

	while (i < s.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			again = i;
		} else if (p < pattern.len &&
			   (pattern.ptr[p] == '?' || pattern.ptr[p] == s.ptr[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++again;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}
