/* SPDX-License-Identifier: GPL-3.0-or-later */
/* login_defs: login.defs(5). */
#ifndef HF_FACTS_LINUX_LOGIN_DEFS_H
#define HF_FACTS_LINUX_LOGIN_DEFS_H

#include "facts/fact.h"

/* Next keyword and value, as getdef.c of shadow-utils cuts them; false at the end. */
bool login_defs_next(struct str *text, unsigned *line, struct str *ret_name, struct str *ret_value);
/* 1 and the text of login.defs, wherever the distribution keeps it; 0 where there is none. */
[[nodiscard]] int login_defs_read(struct collect *c, struct str *ret, const char **ret_path);

#endif
