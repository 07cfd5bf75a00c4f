/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of authorized_keys, heads of private keys, and rules of hosts.allow in the same bytes. */
#include "facts/linux/hosts_rules.h"
#include "facts/linux/ssh_key.h"
#include "fuzz.h"

static void keys(struct str text, struct arena *a)
{
	struct str line;

	while (str_line(&text, &line, NULL)) {
		struct ssh_key key;

		if (ssh_authorized_key(line, a, &key) != 0)
			continue;
		fuzz_assert(strlen(key.fingerprint) == 7 + 43);
		fuzz_assert(key.type.len && key.bits <= 8 << 16);
	}
}

static void rules(struct str text, struct arena *a)
{
	struct hosts_rule rule;
	unsigned number = 0;
	int r;

	while ((r = hosts_rule_next(&text, &number, a, &rule)) != 0 && r != -ENOMEM)
		fuzz_assert(r < 0 || (rule.daemons.len && rule.clients.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = { .limit = (size_t)16 << 20 };
	struct str text = { (const char *)data, len };
	bool encrypted;

	if (len > 1 << 16)
		return 0;
	(void)ssh_private_key(text, &encrypted);
	keys(text, &a);
	rules(text, &a);
	return 0;
}
