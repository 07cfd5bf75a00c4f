/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embedded: the files of checks/. */
#ifndef HF_POSTURE_EMBEDDED_H
#define HF_POSTURE_EMBEDDED_H

#include "base/embedded.h"

extern const struct embedded_file embedded_checks[];
extern const size_t embedded_checks_n;

#endif
