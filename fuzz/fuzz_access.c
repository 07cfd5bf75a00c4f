/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that web servers logged. */
#include "events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_decoder(&decoder_access, data, len);
	return 0;
}
