/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command_risk: shell commands of the kinds that intruders leave in cron jobs, units and start-up
 * files. It reads words and operators as a shell would, but no quotes: what stands in quotes after
 * "sh -c" is a command too.
 */
#ifndef HF_FACTS_LINUX_COMMAND_RISK_H
#define HF_FACTS_LINUX_COMMAND_RISK_H

#include "base/str.h"

/* Why a command or script is suspicious, for people; "" when nothing is seen. */
const char *command_risk(struct str text);

#endif
