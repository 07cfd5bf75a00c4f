/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logs in W3C's extended format. */
#include "events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_decoder(&decoder_w3c, data, len);
	return 0;
}
