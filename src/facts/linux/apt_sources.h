/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt_sources: sources.list(5) in its two styles. */
#ifndef HF_FACTS_LINUX_APT_SOURCES_H
#define HF_FACTS_LINUX_APT_SOURCES_H

#include "facts/fact.h"

/* One repository as one line or one stanza states it; lists are blank separated. */
struct apt_source {
	struct str uris, suites, components, signed_by;
	struct str archs, archs_add, archs_remove; /* '' the machine's own; blank separated, too */
	bool enabled, trusted, insecure;           /* [trusted=yes], [allow-insecure=yes] */
	bool ignores_valid;                        /* [check-valid-until=no] */
	unsigned line;
};
typedef int apt_source_fn(const struct apt_source *s, void *user);

/*
 * Pure. Binary packages only (deb), and lines that were commented out (enabled is false then).
 * -EBADMSG and *ret_line where APT would give up: nothing behind it counts then.
 */
[[nodiscard]] int apt_sources_parse_list(struct arena *a, struct str text, apt_source_fn *fn,
					 void *user, unsigned *ret_line);
/* deb822 style (.sources). */
[[nodiscard]] int apt_sources_parse_deb822(struct arena *a, struct str text, apt_source_fn *fn,
					   void *user, unsigned *ret_line);

#endif
