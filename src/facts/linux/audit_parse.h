/* SPDX-License-Identifier: GPL-3.0-or-later */
/* audit_parse: one line of auditctl(8) rules. Pure. */
#ifndef HF_FACTS_LINUX_AUDIT_PARSE_H
#define HF_FACTS_LINUX_AUDIT_PARSE_H

#include "base/str.h"

enum audit_kind { AUDIT_WATCH, AUDIT_SYSCALL, AUDIT_CONTROL };

struct audit_rule {
	enum audit_kind kind;
	struct str rule, key;
};

/* False: an empty line or a comment. */
bool audit_parse(struct str line, struct audit_rule *ret);

#endif
