/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * component: a piece of software beside the package manager, as its own files name it. Readers of
 * formats are pure: bytes in, components out.
 */
#ifndef HF_FACTS_INVENTORY_COMPONENT_H
#define HF_FACTS_INVENTORY_COMPONENT_H

#include "base/arena.h"

struct component {
	/* As OSV names it: PyPI, npm, Maven, Go, RubyGems, Packagist, NuGet, crates.io,
	 * WordPress:core, :plugin and :theme; Drupal (7), Joomla; '' for programs. */
	struct str ecosystem;
	struct str kind; /* library, application, runtime, plugin, theme */
	/* As the ecosystem writes it: Maven "group:artifact", npm "@scope/name"; PyPI normalised. */
	struct str name;
	struct str version;  /* '' where it is not told */
	struct str inside;   /* where in an archive, "!/a.jar!/b.jar"; '' */
	struct str evidence; /* what says so: "pom.properties", "go.buildinfo" … */
};

/* The texts live during the call. 0 or an error that ends the reader. */
typedef int component_fn(void *user, const struct component *x);

/*
 * A name or version that can be one: 1 to 256 printable characters of ASCII without blanks,
 * quotes, '<', '>' and backslash.
 */
bool component_text(struct str s);

/* The name by which app_eol.h and known_flaws.h know it; NULL: they do not. */
const char *component_app(const struct component *x);

/*
 * The package URL (github.com/package-url/purl-spec), in the arena; ptr == NULL: no memory.
 * version may be ''.
 */
struct str component_purl(struct arena *a, const struct component *x);
/* The same for a package of dpkg, rpm or apk; distro: "debian-12", '' where it is not known. */
struct purl_package {
	struct str format, vendor; /* "deb", "rpm", "apk"; "debian" */
	struct str name, version, arch, distro;
};
struct str package_purl(struct arena *a, const struct purl_package *p);

#endif
