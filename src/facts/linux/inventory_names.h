/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inventory_names: what a file may be, by its name and place alone, for a walk that looks at all. */
#ifndef HF_FACTS_LINUX_INVENTORY_NAMES_H
#define HF_FACTS_LINUX_INVENTORY_NAMES_H

#include "base/str.h"

enum inventory_kind {
	INVENTORY_NONE,
	INVENTORY_DIST_INFO, /* folder */
	INVENTORY_EGG_INFO,  /* folder */
	INVENTORY_EGG_FILE,
	INVENTORY_NPM,
	INVENTORY_JAR,
	INVENTORY_GEM,
	INVENTORY_COMPOSER,
	INVENTORY_NUGET,
	INVENTORY_DRUPAL,
	INVENTORY_MARKER,  /* a file of app_markers of app_probe.h, or a header with a version */
	INVENTORY_NAMED,   /* file or folder whose name tells: app_names of app_probe.h */
	INVENTORY_MARKED,  /* a program or library with its version inside */
	INVENTORY_PROGRAM, /* perhaps: only where it is executable */
	INVENTORY_LAYER,   /* folder: the root of a container's layer */
};

/* What the place of a folder says of what lies in it. */
enum inventory_zone {
	INVENTORY_PLAIN,
	INVENTORY_MODULES, /* node_modules */
	INVENTORY_SCOPE,   /* node_modules/@scope */
	INVENTORY_MODULE,  /* a package of npm */
	INVENTORY_STORE,   /* of layers: overlay2 and the like */
	INVENTORY_STACK,   /* one of them: holds the layer and what is not of interest */
};

/* dir: path of the folder, with or without the first '/'. */
enum inventory_kind inventory_file(enum inventory_zone zone, struct str dir, struct str name);
/*
 * *ret_zone: of the folder dir/name; *ret_enter: is there anything to find in it beside what the
 * kind says?
 */
enum inventory_kind inventory_folder(enum inventory_zone zone, struct str dir, struct str name,
				     enum inventory_zone *ret_zone, bool *ret_enter);

/* The layer that a path is in and the path inside of it ("/usr/…"); false: it is in none. */
bool inventory_layer(struct str path, struct str *ret_layer, struct str *ret_inside);

/* Programs of which a header file tells the version: app_version() of app_probe.h. */
struct inventory_header {
	const char *name, *file, *keys;
};
const struct inventory_header *inventory_header(struct str name);

#endif
