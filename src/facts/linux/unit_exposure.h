/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit_exposure: how much a service could do if it were taken over. */
#ifndef HF_FACTS_LINUX_UNIT_EXPOSURE_H
#define HF_FACTS_LINUX_UNIT_EXPOSURE_H

#include "facts/linux/units.h"

/*
 * 0 (confined) to 100 (not confined), ten times the figure of systemd-analyze security(1): the
 * weights and steps are those of security_assessor_table in systemd 252, src/analyze/
 * analyze-security.c. Filters of system calls are judged by their sets, not call by call.
 */
int64_t unit_exposure(const struct unit_settings *s);

#endif
