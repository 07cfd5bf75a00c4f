/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crontab_parse: crontab(5), anacrontab(5) and the spool of at(1). */
#ifndef HF_FACTS_LINUX_CRONTAB_PARSE_H
#define HF_FACTS_LINUX_CRONTAB_PARSE_H

#include "base/arena.h"

struct crontab_entry {
	struct str schedule, username, command; /* as written; username only with `system` */
	unsigned line;
};
/* Next job; comments, settings of the environment and what cron refuses are passed over. */
bool crontab_next(struct str *text, unsigned *line, bool system, struct crontab_entry *ret);
/* "period delay identifier command". */
bool anacrontab_next(struct str *text, unsigned *line, struct crontab_entry *ret);

/*
 * crontab(5): '%' ends the command, what follows is its standard input with '%' as newlines. Both
 * are shown, as cron passes them on. ret.ptr == NULL: out of memory.
 */
struct str crontab_command(struct str command, struct arena *a);
/* With one blank between fields; likewise. */
struct str crontab_schedule(struct str schedule, struct arena *a);

/* Due time (UNIX) and text of a job in at's spool: "a0002501a2b3c4"; false for other files. */
bool at_name(struct str name, int64_t *ret_due);
/* What the user wrote, without the environment that at(1) saves before it. */
struct str at_command(struct str text);
/* The account after "# mail ", "" where there is none. */
struct str at_user(struct str text);

#endif
