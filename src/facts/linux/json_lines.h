/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_lines: logs of Holdfast's own, one JSON object a line, that others may have written to. */
#ifndef HF_FACTS_LINUX_JSON_LINES_H
#define HF_FACTS_LINUX_JSON_LINES_H

#include "base/json.h"
#include "facts/fact.h"

/* number: of the line, from 1; 0 where only the end of the file was read. */
typedef int json_line_fn(struct collect *c, const struct jdoc *line, unsigned number, void *user);

/*
 * Calls fn for each line that is an object, of at most the last 16 MiB. A line that is none, or
 * longer than 64 KiB, is a problem of the collector, and so is one for which fn returns -EBADMSG. A
 * missing file has no lines. Returns another error of fn, or -ENOMEM.
 */
[[nodiscard]] int json_lines(struct collect *c, const char *path, json_line_fn *fn, void *user);

/* A member that is a text; else "". In the collector's arena until fn has returned. */
struct str json_line_text(struct collect *c, const struct jdoc *line, const char *name);
/* A member that is a whole number; else FACT_UNKNOWN. */
int64_t json_line_int(const struct jdoc *line, const char *name);
/* "2026-11-22T10:00:00.123456Z" in UNIX time; else FACT_UNKNOWN. */
int64_t json_line_time(struct collect *c, const struct jdoc *line, const char *name);

#endif
