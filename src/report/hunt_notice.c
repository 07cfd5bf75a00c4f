/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What logs cannot show: rules tagged holdfast.notice are told once, beside the alerts. */
#include "report/hunt.h"

static bool is_notice(const struct rule *r)
{
	for (size_t i = 0; i < r->n_tags; i++)
		if (str_eq(r->tags[i], STR("holdfast.notice")))
			return true;
	return false;
}

void hunt_notice(struct hunt_report *r, const struct alert *a)
{
	struct hunt_notice *n = r->notices;

	if (!is_notice(a->rule))
		return;
	while (n < r->notices + r->n_notices && n->rule != a->rule)
		n++;
	if (n == r->notices + HUNT_NOTICES_MAX)
		return;
	if (n == r->notices + r->n_notices) {
		*n = (struct hunt_notice){ .rule = a->rule, .first = hunt_file(r, a->event) };
		r->n_notices++;
	} else if (n->last == a->event->file) {
		return;
	}
	n->files++;
	n->last = a->event->file;
}
