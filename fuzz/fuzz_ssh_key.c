/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of authorized_keys, heads of private keys, and rules of hosts.allow in the same bytes. */
#include "facts/linux/hosts_rules.h"
#include "facts/linux/ssh_key.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = { .limit = (size_t)16 << 20 };
	struct str text = { (const char *)data, len }, line;
	struct hosts_rule rule;
	unsigned number = 0;
	bool encrypted;

	if (len > 1 << 16)
		return 0;
	(void)ssh_private_key(text, &encrypted);
	for (struct str rest = text; str_line(&rest, &line, NULL);) {
		struct ssh_key key;

		if (ssh_authorized_key(line, &a, &key) == 0) {
			fuzz_assert(strlen(key.fingerprint) == 7 + 43);
			fuzz_assert(key.type.len && key.bits <= 8 << 16);
		}
	}
	for (struct str rest = text; rest.ptr;) {
		int r = hosts_rule_next(&rest, &number, &a, &rule);

		if (r == 0 || r == -ENOMEM)
			break;
		fuzz_assert(r < 0 || (rule.daemons.len && rule.clients.len));
	}
	return 0;
}
