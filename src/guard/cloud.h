/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cloud: the process that carries bans into a network security group of Azure (action/ban_azure.h).
 * It has inet sockets, names and certificates, and no other right; the parent tells it prefixes and
 * is told of problems.
 */
#ifndef HF_GUARD_CLOUD_H
#define HF_GUARD_CLOUD_H

#include "action/ban_azure.h"
#include "guard/child.h"

#define CLOUD_ITEMS ((size_t)4'096) /* prefixes of one message */

enum cloud_what { CLOUD_ADD, CLOUD_REMOVE, CLOUD_ALLOW, CLOUD_N };

/* A message BANS of at most CLOUD_ITEMS; seconds count for CLOUD_ADD alone. */
void cloud_put(struct message_out *o, enum cloud_what what, const struct ban_item *items, size_t n);

/* A child_main; data: struct ban_azure_config. */
int cloud_main(void *data, int fd);

#endif
