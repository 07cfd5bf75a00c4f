/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package: the package manager of a root: apt, dnf or apk. Packages change on running machines alone. */
#ifndef HF_ACTION_PACKAGE_H
#define HF_ACTION_PACKAGE_H

#include "action/draft.h"

/* Names of one package, separated by blanks where it takes several; NULL: there is none. */
struct package_names {
	const char *apt, *dnf, *apk;
};

enum package_manager {
	PACKAGE_NONE,
	PACKAGE_APT,
	PACKAGE_DNF,
	PACKAGE_APK,
};
enum package_manager package_manager_of(const struct remedy_input *in);
/* The name that the manager of the root knows. */
const char *package_name(const struct remedy_input *in, const struct package_names *names);
/* Installed, by the facts. */
[[nodiscard]] int package_is_there(const struct remedy_input *in, const char *name, bool *ret);

/* Installs it, which is undone by removing it. Not on a tree that does not run: p->cannot. */
[[nodiscard]] int package_install(const struct remedy_input *in, struct plan *p,
				  const struct package_names *names);
/* Removes one with its configuration kept, which is undone by installing the same version. */
[[nodiscard]] int package_remove(const struct remedy_input *in, struct plan *p, const char *name);

/* Whether the root has a unit of systemd ("chrony.service") or a script of OpenRC ("chrony"). */
bool package_has_unit(const struct remedy_input *in, const char *unit);

#endif
