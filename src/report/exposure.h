/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exposure: the formats of `holdfast exposure`. */
#ifndef HF_REPORT_EXPOSURE_H
#define HF_REPORT_EXPOSURE_H

#include "base/buf.h"
#include "base/term.h"
#include "net/exposure.h"

/* An array of objects, see docs/exposure.schema.json. -ENOMEM, -EFBIG. */
[[nodiscard]] int exposure_json(const struct exposures *e, struct buf *out);
/* A table; what nobody outside reaches is counted, and listed with all. */
[[nodiscard]] int exposure_text(const struct exposures *e, bool all, const struct term *term,
				struct buf *out);

/* The way of a packet to each of these ports: rules in order, with what each of them does. */
[[nodiscard]] int exposure_why_text(const struct exposures *e, const struct term *term,
				    struct buf *out);
[[nodiscard]] int exposure_why_json(const struct exposures *e, struct buf *out);

/* What opened, what shut, and for whom. */
struct exposure_change {
	const struct exposure *before, *after; /* NULL: not there */
	struct net_ranges opened, closed;      /* sources that reach it now; that did */
};
struct exposure_changes {
	struct exposure_change *list;
	size_t n, cap;
};
[[nodiscard]] int exposure_diff(const struct exposures *before, const struct exposures *after,
				struct arena *a, struct exposure_changes *ret);
[[nodiscard]] int exposure_diff_text(const struct exposure_changes *c, const struct term *term,
				     struct buf *out);
[[nodiscard]] int exposure_diff_json(const struct exposure_changes *c, struct buf *out);

#endif
