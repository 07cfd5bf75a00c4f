/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embedded: the files of rules/. */
#ifndef HF_DETECT_EMBEDDED_H
#define HF_DETECT_EMBEDDED_H

#include "base/embedded.h"

extern const struct embedded_file embedded_rules[];
extern const size_t embedded_rules_n;

#endif
