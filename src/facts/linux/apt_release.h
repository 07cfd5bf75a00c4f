/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt_release: Release files of APT's repositories, signed inline or not (repository format). */
#ifndef HF_FACTS_LINUX_APT_RELEASE_H
#define HF_FACTS_LINUX_APT_RELEASE_H

#include "facts/fact.h"

/* Slices of the text; '' where not stated. */
struct apt_release {
	struct str origin, label, archive, codename, version; /* archive: the field Suite */
	int64_t date, valid_until;                            /* UNIX time, FACT_UNKNOWN */
	bool not_automatic, but_automatic_upgrades;
	bool with_all; /* packages of architecture "all" have an index of their own */
};

/* Pure; fields that are not there keep their defaults. -EBADMSG: no field at all. */
[[nodiscard]] int apt_release_parse(struct str text, struct apt_release *ret);
/* Bytes of a file by its name below the release ("main/binary-amd64/Packages"); -1: not listed. */
int64_t apt_release_size(struct str text, struct str name);
/* "Sat, 11 Jul 2026 10:16:37 UTC" as UNIX time; FACT_UNKNOWN. */
int64_t apt_release_time(struct str value);

#endif
