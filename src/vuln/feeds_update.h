/* SPDX-License-Identifier: GPL-3.0-or-later */
/* feeds_update: from a feed of feeds.conf to its part. */
#ifndef HF_VULN_FEEDS_UPDATE_H
#define HF_VULN_FEEDS_UPDATE_H

#include "vuln/feed_config.h"
#include "vuln/feeds.h"
#include "vuln/fetch.h"

struct feed_update {
	const struct feed_source *source;
	const struct feed_config *config;
	bool force; /* get it in any case, and take it in any case */
	int64_t now;
	fetch_progress_fn *fetching; /* both may be NULL */
	feed_progress_fn *reading;
	void *user;
};
struct feed_updated {
	bool same; /* as it was: nothing was read */
	uint64_t size, resumed_at, records, left_out;
};
/* -errno as of fetch_file() and feeds_import(); *d says why, and the part stays as it was. */
[[nodiscard]] int feeds_update(struct feeds *f, const struct feed_update *u,
			       struct feed_updated *ret, struct diag *d);

#endif
