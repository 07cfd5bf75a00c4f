/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of sysctl.d, and looking for what they set. */
#include "facts/linux/sysctl_config.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str text = { len ? (const char *)data : "", len };
	struct sysctl_config config = {};
	unsigned bad;
	int r = sysctl_parse(&a, text, STR("/etc/sysctl.d/x.conf"), &config, &bad);

	fuzz_assert(r == 0 || r == -E2BIG || r == -ENOMEM);
	for (size_t i = 0; i < config.n && i < 64; i++) {
		const struct sysctl_setting *s = &config.list[i];
		const struct sysctl_setting *found = sysctl_find(&config, s->name);

		fuzz_assert(s->name.len && s->line);
		/* The last one of a name counts, or its exclusion. */
		fuzz_assert(!found || found->value.ptr);
		if (found && str_eq(found->name, s->name))
			fuzz_assert(found >= s);
	}
	(void)sysctl_find(&config, STR("net.ipv4.conf.all.rp_filter"));
	return 0;
}
