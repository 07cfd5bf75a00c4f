/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects, one a line. */
#include "events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_decoder(&decoder_json, data, len);
	return 0;
}
