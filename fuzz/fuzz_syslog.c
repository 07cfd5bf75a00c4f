/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the system log: envelopes and what programs say. */
#include "events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_decoder(&decoder_syslog, data, len);
	return 0;
}
