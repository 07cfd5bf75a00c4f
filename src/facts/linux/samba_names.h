/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * samba_names: which accounts have a password of Samba's own: smbpasswd(5), and passdb.tdb (a TDB 1
 * file) as tdbsam writes it. Passwords are not looked at.
 */
#ifndef HF_FACTS_LINUX_SAMBA_NAMES_H
#define HF_FACTS_LINUX_SAMBA_NAMES_H

#include "base/base.h"
#include "base/str.h"

struct samba_name {
	struct str name; /* borrowed from the text */
	bool disabled;
	bool no_password; /* none is asked for */
};
typedef int samba_name_fn(const struct samba_name *n, void *user);

/* fn for every account; its error ends it. -EBADMSG: no such file. */
[[nodiscard]] int samba_names_tdb(struct str text, samba_name_fn *fn, void *user);
[[nodiscard]] int samba_names_smbpasswd(struct str text, samba_name_fn *fn, void *user);

#endif
