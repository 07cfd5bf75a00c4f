/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/command_risk.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };

	fuzz_assert(command_risk(text));
	return 0;
}
