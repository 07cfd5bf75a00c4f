/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * manifest: what the package managers of languages leave beside what they install, and how sites'
 * extensions name themselves. Pure: one file's text in, components out.
 */
#ifndef HF_FACTS_INVENTORY_MANIFEST_H
#define HF_FACTS_INVENTORY_MANIFEST_H

#include "base/diag.h"
#include "facts/inventory/component.h"

/*
 * All: 0, -ENOMEM, the error of fn, or -EBADMSG where the text is not what it should be; *d then
 * says where and why, and what was good was handed on.
 */
typedef int manifest_fn(struct str text, struct str name, struct arena *a, component_fn *fn,
			void *user, struct diag *d);

/* METADATA of *.dist-info, PKG-INFO of *.egg-info (core metadata of PyPA). */
manifest_fn manifest_python;
/* package.json below node_modules; one without name or version is no package. */
manifest_fn manifest_npm;
/* NAME-VERSION.gemspec of specifications/. */
manifest_fn manifest_gem;
/* vendor/composer/installed.json, versions 1 and 2. */
manifest_fn manifest_composer;
/* APP.deps.json of .NET: packages and runtime packs. */
manifest_fn manifest_nuget;
/* .dep-v0 of cargo-auditable, unpacked. */
manifest_fn manifest_cargo;
/* A PHP file with WordPress' plugin header, style.css of a theme; name: that of the folder. */
manifest_fn manifest_wordpress_plugin, manifest_wordpress_theme;
/* NAME.info.yml and NAME.info of Drupal's modules and themes, as its packager writes them. */
manifest_fn manifest_drupal;
/* Manifests of Joomla's extensions, which are not its own. */
manifest_fn manifest_joomla;

/* PEP 503: lower case, runs of - _ . are one '-'. In the arena; ptr == NULL: no memory. */
struct str pypi_name(struct arena *a, struct str name);

#endif
