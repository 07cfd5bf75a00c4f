/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jar: what is in a Java archive and in the archives in it (fat jars, war, ear): the
 * pom.properties that Maven leaves, also in what was shaded into another jar; else the manifest and
 * the name of the file. Log4j is known by its class, too, where nothing else names it.
 */
#ifndef HF_FACTS_INVENTORY_JAR_H
#define HF_FACTS_INVENTORY_JAR_H

#include "facts/inventory/component.h"
#include "facts/inventory/zip.h"

#define JAR_DEPTH_MAX 8
#define JAR_INSIDE_MAX ((size_t)256 << 20) /* of one packed archive in another */
#define JAR_HELD_MAX ((size_t)384 << 20)   /* of all that are open at one time */
#define JAR_WORK_MAX ((uint64_t)1 << 30)   /* bytes unpacked and listed, of one file */
#define JAR_ARCHIVES_MAX 10000             /* in one file */
#define JAR_COMPONENTS_MAX 20000

struct jar_run {
	component_fn *fn;
	void *user;
	/* What could not be read, a text for people; path: "!/a.jar", '' for the file itself. */
	void (*problem)(void *user, int error, struct str inside, const char *what);
	uint64_t work;
	size_t held;
	unsigned archives, components, depth;
	bool spent; /* JAR_WORK_MAX is: nothing more is looked at */
};

/*
 * name: the file's, by which it is called where nothing inside tells. Problems are told, what can
 * be read is handed on. 0, -ENOMEM or the error of fn.
 */
[[nodiscard]] int jar_read(const struct stretch *s, struct str name, struct jar_run *run);

/* Pure parsers of what is in it. */
struct pom {
	struct str group, artifact, version;
};
void pom_parse(struct str text, struct pom *ret);

struct manifest {
	struct str title, version, vendor_id, symbolic_name, bundle_version, spec_version,
		main_class;
};
/* Continued lines are joined in the arena. -ENOMEM. */
[[nodiscard]] int manifest_parse(struct str text, struct arena *a, struct manifest *ret);

/* "log4j-core-2.14.1.jar" -> "log4j-core", "2.14.1"; '' where there is no version. */
void jar_name(struct str file, struct str *ret_artifact, struct str *ret_version);
/* Who makes an artifact that says nothing of it; '' where it is not known. */
struct str jar_group(struct str artifact);
/* Whether a file is an archive of Java by its name. */
bool jar_is(struct str name);

#endif
