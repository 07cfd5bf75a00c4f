/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/ssh_keyring.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	own(arena_release) struct arena a = { .limit = (size_t)4 << 20 };
	struct ssh_key_options o = { .expires = -1 };

	if (size > 65'536)
		return 0;
	if (ssh_key_options_parse(text, &a, &o) < 0) {
		fuzz_assert(o.expires == -1);
		return 0;
	}
	fuzz_assert(o.expires >= 0);
	(void)ssh_key_from(&o, STR("host.example.org"), STR("203.0.113.1"));
	(void)ssh_key_from(&o, STR("2001:db8::1"), STR("2001:db8::1"));
	return 0;
}
