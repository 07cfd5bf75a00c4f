/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk: whether two files die together. */
#ifndef HF_BACKUP_DISK_H
#define HF_BACKUP_DISK_H

#include <sys/types.h>

#include "base/base.h"

/* Of what is there of the paths; true where it cannot be told. */
bool disk_same(const char *a, const char *b);
/* The whole disk of a partition, the first disk below a mapped device; dev where there is none. */
dev_t disk_of(dev_t dev);

#endif
