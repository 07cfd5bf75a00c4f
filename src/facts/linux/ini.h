/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ini: "[section]" and "key = value" as yum and dnf write them (ConfigParser of Python). */
#ifndef HF_FACTS_LINUX_INI_H
#define HF_FACTS_LINUX_INI_H

#include "facts/fact.h"

struct ini {
	struct str text, section;
	unsigned line;
};

/*
 * The next setting: 1; a new section with key.ptr == NULL: 1; 0 at the end; -EBADMSG for a NUL
 * byte, at ini->line. Values keep their first line only; what follows is indented.
 */
[[nodiscard]] int ini_next(struct ini *ini, struct str *ret_key, struct str *ret_value);

#endif
