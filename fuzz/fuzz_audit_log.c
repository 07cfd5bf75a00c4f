/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of the audit system. */
#include "events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_decoder(&decoder_audit, data, len);
	return 0;
}
