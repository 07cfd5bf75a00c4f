/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [floods] of guard.conf. */
#include "guard/config_work.h"

int config_set_flood(struct line *l, size_t offset)
{
	struct guard_config *c = l->c;
	uint64_t n;

	(void)offset;
	if (l->conf.n > 1 && str_eq(l->conf.words[1], STR("limit"))) {
		if (l->conf.n < 3 || str_to_u64(l->conf.words[2], 10, &n) < 0 || !n ||
		    n > 1'000'000)
			return conf_wrong(&l->conf, 2, "packets a second, from 1 to 1000000");
		c->flood = FLOOD_LIMIT;
		c->flood_pps = (unsigned)n;
		return conf_only(&l->conf, 3);
	}
	if (l->conf.n < 2 ||
	    (!str_eq(l->conf.words[1], STR("report")) && !str_eq(l->conf.words[1], STR("cut"))))
		return conf_wrong(&l->conf, 1, "report, limit PPS or cut");
	c->flood = str_eq(l->conf.words[1], STR("cut")) ? FLOOD_CUT : FLOOD_REPORT;
	return conf_only(&l->conf, 2);
}

int config_set_flood_time(struct line *l, size_t offset)
{
	unsigned seconds;

	(void)offset;
	if (l->conf.n < 2 || config_seconds(l->conf.words[1], &seconds) < 0 || seconds > 86'400)
		return conf_wrong(&l->conf, 1, "a time as 90s or 10m, at most 24h");
	l->c->flood_time = seconds;
	return conf_only(&l->conf, 2);
}
