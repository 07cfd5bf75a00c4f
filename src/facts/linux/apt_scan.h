/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt_scan: finds some packages in the index of a repository (deb822(5)), which may be 50 MB. */
#ifndef HF_FACTS_LINUX_APT_SCAN_H
#define HF_FACTS_LINUX_APT_SCAN_H

#include "base/map.h"
#include "facts/fact.h"

/* Slices of what is scanned: during the call only. */
struct apt_stanza {
	struct str name, version, arch;
	struct str source, source_version; /* never empty */
	unsigned phased;                   /* percentage of machines; 100: all */
};
typedef int apt_stanza_fn(const struct apt_stanza *s, void *user);

struct apt_scan {
	const struct map *names; /* that are wanted; of the value nothing is known here */
	apt_stanza_fn *fn;
	void *user;
	size_t stanzas, bad; /* seen; and of those wanted, what is no stanza of a package */
};

#define APT_VERSION_MAX 512

/*
 * Pure. Takes whole stanzas off the front of *text and calls fn for those that are wanted; what is
 * left is the beginning of another one, which with `last` counts as whole. Errors of fn.
 */
[[nodiscard]] int apt_scan_text(struct apt_scan *s, struct str *text, bool last);

/*
 * A whole index, packed or not; *ret_size: bytes of it once unpacked. -EBADMSG: damaged or cut off,
 * -EFBIG: it, or a stanza, is longer than any; what came before was handed to fn.
 */
[[nodiscard]] int apt_scan_file(struct apt_scan *s, int fd, uint64_t *ret_size);

#endif
