/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * framework: a statement of what a standard asks, by its controls: which checks speak of it, with
 * what evidence, in what state. It says what was looked at, not that the standard is met.
 */
#ifndef HF_REPORT_FRAMEWORK_H
#define HF_REPORT_FRAMEWORK_H

#include "report/report.h"

struct framework {
	const char *key;  /* of the checks' maps: "iso27001" */
	const char *name; /* "ISO/IEC 27001:2022, Annex A" */
};
extern const struct framework frameworks[];
extern const size_t n_frameworks;
const struct framework *framework_find(const char *key); /* NULL: there is none */

enum control_state {
	CONTROL_MISSED,  /* a finding is unhealthy */
	CONTROL_UNKNOWN, /* nothing is unhealthy, something is not known */
	CONTROL_EXEMPT,  /* somebody answers for what is not met */
	CONTROL_MET,     /* as far as the checks look */
	CONTROL_IDLE,    /* no check applies to this machine */
};
const char *control_state_name(enum control_state s);

struct framework_control {
	struct str id;
	const char *title; /* "" where it is not known */
	enum control_state state;
	const struct finding **list; /* those that speak of it: worst first */
	size_t n, cap;
};

/* In the order of their numbers, from `a`. */
[[nodiscard]] int framework_controls(const struct report *r, struct arena *a,
				     struct framework_control **ret, size_t *ret_n);

/* The statement as a page and as a table of one row a finding. */
[[nodiscard]] int statement_html(const struct report *r, struct buf *out);
[[nodiscard]] int statement_csv(const struct report *r, struct buf *out);

#endif
