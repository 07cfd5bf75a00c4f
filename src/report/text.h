/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text: the parts of the text format. */
#ifndef HF_REPORT_TEXT_H
#define HF_REPORT_TEXT_H

#include "report/report.h"

void text_bar(const struct report *r, struct buf *out, double percent, unsigned width);
[[nodiscard]] int text_findings(const struct report *r, struct buf *out);

/*
 * Adds text wrapped to the terminal's width, every line indented; the first line starts at column
 * `at`. Line feeds of the text are kept.
 */
void text_wrap(const struct report *r, struct buf *out, struct str text, unsigned indent,
	       unsigned at);

#endif
