/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sbom: a bill of materials of one machine: what the package manager has installed, and what else
 * is on the disk (the table components), each once, with the places where it is.
 */
#ifndef HF_REPORT_SBOM_H
#define HF_REPORT_SBOM_H

#include "facts/store.h"

struct sbom_place {
	struct str path, evidence, layer, package;
};
struct sbom_item {
	struct str ref;  /* no two items have the same */
	struct str purl; /* the same, but for packages in containers' layers */
	struct str ecosystem, kind, name, version;
	struct str source, source_version; /* of packages; '' */
	struct str eol_date;               /* '' */
	const struct sbom_place *places;   /* none: a package of the system */
	size_t n_places;
	struct str processes; /* names of what runs it, with ", " between; '' */
};
/* Packages of the system, then those in layers of containers, then components. The texts live during the call. */
typedef int sbom_fn(const struct sbom_item *item, void *user);
[[nodiscard]] int sbom_each(struct store *s, sbom_fn *fn, void *user);

/* Tables and views that it reads, as SQL for source_tables(). */
extern const char *const sbom_queries[];
extern const size_t n_sbom_queries;

struct sbom_options {
	/* SOURCE_DATE_EPOCH: the time that is stated, and the serial number follows from the
	 * content; below 0: the time of the facts and a random number. */
	int64_t epoch;
};

/* -EFBIG: longer than the buffer's limit; -EIO: SQLite failed, s->error says why. */
typedef int sbom_writer(struct store *s, const struct sbom_options *o, struct buf *out);
sbom_writer sbom_cyclonedx; /* CycloneDX 1.6, JSON */
sbom_writer sbom_json;

struct sbom_about {
	struct str hostname, os_id, os_version, os_name, root;
	int64_t collected_at;
	bool live, complete; /* complete: every table that it needs is */
};
[[nodiscard]] int sbom_about(struct store *s, struct arena *a, struct sbom_about *ret);

#endif
