/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hunt: what a hunt has to say, and one file a format that says it. */
#ifndef HF_REPORT_HUNT_H
#define HF_REPORT_HUNT_H

#include "base/buf.h"
#include "base/map.h"
#include "base/term.h"
#include "detect/hunt.h"

/* Alerts of one rule about the same group or source, for people. */
struct hunt_row {
	const struct rule *rule;
	struct str who;    /* group, or source and account; for people */
	struct str file;   /* where the first one was completed */
	struct str sample; /* of its line */
	uint64_t record;
	int64_t time, first, last; /* of the first alert; of all that they are about */
	uint64_t count, alerts;
};
#define HUNT_ROWS_MAX 20'000U

/* Something that logs do not show, in so many files. */
struct hunt_notice {
	const struct rule *rule;
	struct str first; /* file */
	size_t files;
	uint32_t last; /* number of the latest of them */
};
#define HUNT_NOTICES_MAX 16

struct hunt_report {
	struct hunt *hunt;
	struct reader *reader;
	bool interrupted;
	struct term term;           /* of the text format */
	unsigned top;               /* rows of its tables; 0: all */
	const struct diag *refused; /* rules that were not compiled, the first ones */
	size_t n_refused, all_refused;
	/* Filled in by hunt_note(). */
	uint64_t by_level[LEVEL_N];
	struct arena arena;
	struct hunt_row *rows;
	size_t n_rows, cap_rows;
	struct map index;
	uint64_t unshown; /* alerts beyond HUNT_ROWS_MAX rows */
	/* Filled in by hunt_notice(). */
	struct hunt_notice notices[HUNT_NOTICES_MAX];
	size_t n_notices;
};

/* Each appends to out; 0 or -errno. begin and alert may be NULL. */
struct hunt_format {
	const char *name, *summary;
	bool rows; /* wants rows of all alerts, at the end */
	int (*begin)(const struct hunt_report *r, struct buf *out);
	int (*alert)(const struct hunt_report *r, const struct alert *a, uint64_t number,
		     struct buf *out);
	int (*end)(const struct hunt_report *r, struct buf *out);
};
extern const struct hunt_format hunt_formats[];
extern const size_t n_hunt_formats;
const struct hunt_format *hunt_format_find(const char *name);

void hunt_report_release(struct hunt_report *r);
/* Counts an alert and, where the format wants them, adds it to the rows. -ENOMEM. */
[[nodiscard]] int hunt_note(struct hunt_report *r, const struct hunt_format *f,
			    const struct alert *a);
/* Whatever the level of the alert: remembers it if it is a notice. */
void hunt_notice(struct hunt_report *r, const struct alert *a);
/* Rows by time, or the worst first. */
void hunt_sort_rows(struct hunt_row *rows, size_t n, bool worst);

/* "2026-11-22T09:00:00Z", with microseconds where there are some; "" where unknown. */
#define HUNT_TIME 40
const char *hunt_time(int64_t us, char ret[static HUNT_TIME]);
struct str hunt_file(const struct hunt_report *r, const struct event *e);
/* The line of an event; "" where it is no text. */
struct str hunt_line(const struct hunt_report *r, const struct event *e);

/* Parts of the formats. */
int hunt_text_end(const struct hunt_report *r, struct buf *out);
int hunt_json_begin(const struct hunt_report *r, struct buf *out);
int hunt_json_alert(const struct hunt_report *r, const struct alert *a, uint64_t number,
		    struct buf *out);
int hunt_json_end(const struct hunt_report *r, struct buf *out);
int hunt_jsonl_alert(const struct hunt_report *r, const struct alert *a, uint64_t number,
		     struct buf *out);
int hunt_csv_begin(const struct hunt_report *r, struct buf *out);
int hunt_csv_alert(const struct hunt_report *r, const struct alert *a, uint64_t number,
		   struct buf *out);
int hunt_html_end(const struct hunt_report *r, struct buf *out);

/* As a JSON string, ASCII only; what is no UTF-8 becomes \xNN. */
void hunt_quote(struct buf *out, struct str s);

#endif
