/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/addr.h"

bool net_ranges_has(const struct net_ranges *s, net_addr at)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (at < s->list[middle].first)
			high = middle;
		else if (at > s->list[middle].last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}
