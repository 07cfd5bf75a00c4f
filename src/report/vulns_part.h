/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vulns_part: pieces that several texts of `vulns` are made of. */
#ifndef HF_REPORT_VULNS_PART_H
#define HF_REPORT_VULNS_PART_H

#include "report/vulns.h"

/* Text from outside, safe for a terminal. */
void vulns_add_text(struct buf *b, struct str s);
/* "tcp/443 nginx and 2 more": those of that reach. */
void vulns_add_users(struct buf *b, const struct vuln_process *p, size_t n, enum internet reach);
/* How bad it is, and what is to be had against it. */
void vulns_add_threat(struct buf *b, const struct vuln_flaw *f);
void vulns_add_fix(struct buf *b, const struct vuln_flaw *f);
/* A name that a shell reads as one word: letters, digits, "+-._:@~" and the characters of more. */
bool vulns_is_plain(struct str s, const char *more);
/* A line of shell that brings a component at that place to the version without its flaws, or a
 * comment where no command does. */
void vulns_add_mend(const struct vuln_component *c, const struct vuln_place *p, struct buf *out);
/* A table of those that no update mends. */
[[nodiscard]] int vulns_open_flaws(const struct vulns *v, const struct vulns_view *view,
				   struct buf *out);

#endif
