/* SPDX-License-Identifier: GPL-3.0-or-later */
/* markup: text of others as text of HTML and XML 1.0. */
#ifndef HF_REPORT_MARKUP_H
#define HF_REPORT_MARKUP_H

#include "base/buf.h"
#include "report/report.h"

/*
 * Characters that a reader does not see or that XML forbids (controls, directional marks, what is no
 * UTF-8) are written as text_safe() does, but for line feeds; fits attributes in either quotes, too.
 */
void markup_text(struct buf *out, struct str s);

/* The parts of the HTML page: page_head() to page_foot(), in any order between. */
void page_head(struct buf *out, struct str title);
void page_foot(struct buf *out);
/* "<th>" cells of a table's first row; names end with NULL, those that begin with '#' are numbers. */
void page_table(struct buf *out, const char *caption, const char *const *names);
void page_cell(struct buf *out, struct str s);
/* With so many digits behind the point. */
void page_number(struct buf *out, int digits, double v);
/* A share from 0 to 100 as a bar; the text beside it says the same. */
void page_bar(struct buf *out, double percent);

/* A picture that shrinks with the page, of units that are pixels of a desk; the table beside it says the same. */
void page_chart(struct buf *out, const char *name, double width, double height);
void page_chart_end(struct buf *out);

/* html_charts.c: pictures of a section's table. */
[[nodiscard]] int chart_exposure(const struct report *r, struct buf *out);
[[nodiscard]] int chart_alerts(const struct report *r, struct buf *out);

/* html_*.c: sections of the report, each with its heading; nothing where there is nothing to say. */
[[nodiscard]] int html_paths(const struct report *r, struct buf *out);
[[nodiscard]] int html_facts(const struct report *r, struct buf *out);
void html_findings(const struct report *r, struct buf *out);
void html_patches(const struct report *r, struct buf *out);
void html_trend(const struct report *r, struct buf *out);

#endif
