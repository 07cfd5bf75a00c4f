/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doas: doas.conf(5) of OpenDoas, which stands in for sudo on Alpine. */
#ifndef HF_FACTS_LINUX_DOAS_H
#define HF_FACTS_LINUX_DOAS_H

#include "base/arena.h"

struct doas_rule {
	bool permit, nopass;
	struct str identity; /* user, or :group */
	struct str target;   /* of "as"; ptr == NULL: any user */
	struct str command;  /* with the words after "args", as sudoers has it; ptr == NULL: any */
	struct str text;
	unsigned line;
};
/* 1 and a rule, 0 at the end, -EBADMSG for a line that doas refuses (*line has it), -ENOMEM. */
[[nodiscard]] int doas_next(struct str *text, unsigned *line, struct arena *a,
			    struct doas_rule *ret);

#endif
