/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern: ssh_config(5), "PATTERNS": * and ? alone; brackets are ordinary characters. */
#ifndef HF_SSH_PATTERN_H
#define HF_SSH_PATTERN_H

#include "base/str.h"

/* At most |pattern| * |s| steps. */
bool pattern_match(struct str pattern, struct str s);

#endif
