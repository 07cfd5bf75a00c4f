/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hosts_rules: the lines of hosts.allow and hosts.deny, as libwrap reads them (hosts_access(5)). */
#ifndef HF_FACTS_LINUX_HOSTS_RULES_H
#define HF_FACTS_LINUX_HOSTS_RULES_H

#include "base/arena.h"
#include "base/str.h"

struct hosts_rule {
	struct str daemons, clients;
	int decision; /* 1: option ALLOW, -1: option DENY, 0: that of the file */
	unsigned line;
};

/* 1: a rule; 0: the end; -EINVAL: a line that libwrap skips with a warning; -ENOMEM. *line counts. */
[[nodiscard]] int hosts_rule_next(struct str *text, unsigned *line, struct arena *a,
				  struct hosts_rule *ret);

#endif
