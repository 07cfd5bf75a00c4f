/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * presence: is this daemon on the machine, and does it start by itself? Asked by tables that know
 * daemons by name: a package, a program in the tree or a unit is enough.
 */
#ifndef HF_FACTS_LINUX_PRESENCE_H
#define HF_FACTS_LINUX_PRESENCE_H

#include "facts/linux/package_db.h"
#include "facts/linux/units.h"

/* All lists are names separated by blanks; "" where there is nothing. */
struct daemon {
	const char *name;
	const char *packages; /* of any distribution; at most 8 are looked at */
	const char *programs; /* absolute paths or glob(7) patterns */
	const char *units;    /* names as units_enabled() takes them */
};

struct presence {
	struct str package; /* installed one, '' */
	struct str version; /* of the package, '' */
	struct str format;  /* of the package: "deb", "rpm", "apk", '' */
	struct str program; /* path in the tree, '' */
	const struct unit *unit;
	bool present;
	/* 1: starts at boot; 0: not. Where no unit is known at all, a daemon that is there counts
	 * as started, because something unknown (a container's entry point) may do it. */
	int64_t enabled;
};

/* Judges n daemons; package databases are read once. In c->arena. */
[[nodiscard]] int presence_find(struct collect *c, const struct units *units,
				const struct daemon daemons[], size_t n, struct presence ret[]);

#endif
