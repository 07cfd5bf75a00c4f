/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evtx_crc: the CRC-32 of chunks (IEEE 802.3, reflected) at more than a byte a cycle. */
#ifndef HF_EVENTS_EVTX_CRC_H
#define HF_EVENTS_EVTX_CRC_H

#include "base/base.h"

/* Of `data` after what `crc` is the sum of (0: nothing), as zlib's crc32(). */
uint32_t evtx_crc32(uint32_t crc, const void *data, size_t n);

#endif
