/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of notices share. */
#ifndef HF_GUARD_NOTICE_WORK_H
#define HF_GUARD_NOTICE_WORK_H

#include "guard/notice.h"

/* At most max bytes, not within a character. */
struct str notice_cut(struct str s, size_t max);
void notice_story(const struct notice *n, struct buf *b);
void notice_json(const struct notice *n, struct buf *b);
void notice_ocsf(const struct notice *n, struct buf *b);
void notice_cef(const struct notice *n, struct buf *b);
void notice_slack(const struct notice *n, struct buf *b);
void notice_teams(const struct notice *n, struct buf *b);

#endif
