/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/walk.h"

_Atomic uint64_t *walk_progress;
