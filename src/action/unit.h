/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unit: services, by systemctl(1) or OpenRC, on this machine or (what lasts, by `systemctl --root` and
 * the folders of runlevels) in a tree.
 */
#ifndef HF_ACTION_UNIT_H
#define HF_ACTION_UNIT_H

#include "action/change.h"

/* Fills unit_enabled and unit_active. -ENOENT: there is no such unit; -EOPNOTSUPP: nobody to ask. */
[[nodiscard]] int unit_look(const struct root *root, struct change *c, struct arena *a,
			    struct diag *d);
[[nodiscard]] int unit_change(const struct root *root, const struct change *c, struct diag *d);
/* As unit_look() found it. */
[[nodiscard]] int unit_restore(const struct root *root, const struct change *c, struct diag *d);
/* Whether systemd runs here. */
bool unit_has_systemd(void);
/* Whether OpenRC starts the services of a root: their names have no ".service" there. */
bool unit_of_openrc(const struct root *root);

#endif
