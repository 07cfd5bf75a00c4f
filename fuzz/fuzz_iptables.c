/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output of iptables-save(8), zones of firewalld, settings of ufw. */
#include "facts/linux/firewall_files.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str text = { len ? (const char *)data : "", len }, value;
	struct fw_chains chains = {};
	struct firewalld_zone zone;
	unsigned line;
	int r = iptables_parse(text, false, &a, &chains, &line);

	fuzz_assert(r == 0 || r == -EBADMSG || r == -E2BIG || r == -ENOMEM);
	for (size_t i = 0; i < chains.n; i++)
		fuzz_assert(chains.list[i].hook.len && chains.list[i].policy.len);
	if (firewalld_parse_zone(text, &zone) == 0)
		fuzz_assert(zone.target.len && zone.rules >= 0);
	value = shell_setting(text, STR("ENABLED"));
	fuzz_assert(value.len <= text.len);
	return 0;
}
