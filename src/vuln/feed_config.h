/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * feed_config: feeds.conf, lines of base/conf.h:
 *
 *   feed NAME FORMAT URL [latest]   "latest": the URL's text is the name of the file beside it
 *   checksum NAME HEX|URL           SHA-256 of the file, or where it is told
 *   token NAME FILE                 what is sent as "Authorization: Bearer", by https alone
 *   keep ECOSYSTEM...               what of the feeds is kept; default: everything
 *   stale TIME                      after which what was imported is too old; default 7d
 */
#ifndef HF_VULN_FEED_CONFIG_H
#define HF_VULN_FEED_CONFIG_H

#include "base/arena.h"
#include "base/diag.h"

#define FEED_CONFIG_PATH "/etc/holdfast/feeds.conf"
#define FEED_CONFIG_FEEDS 256u
#define FEED_STALE (7u * 86'400)

struct feed_source {
	const char *name, *format, *url;
	const char *checksum, *token; /* NULL: none */
	bool latest;
};
struct feed_config {
	struct feed_source *feeds;
	size_t n, cap;
	struct str *keep;
	size_t n_keep, cap_keep;
	unsigned stale; /* seconds */
};

/* What the file in packaging/ says: what is read where there is no file. */
extern const char feed_config_default[];

[[nodiscard]] int feed_config_parse(struct str text, const char *file, struct arena *a,
				    struct feed_config *ret, struct diag *d);
const struct feed_source *feed_config_find(const struct feed_config *c, const char *name);

#endif
