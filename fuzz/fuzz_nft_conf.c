/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of nft(8). */
#include "facts/linux/firewall.h"
#include "fuzz.h"

/* Whatever a file includes is the file itself. */
static int include(struct nft_conf *conf, struct str pattern, unsigned line, void *user)
{
	unsigned *left = user;

	fuzz_assert(pattern.len && line && conf->depth);
	return (*left)-- ? nft_conf_parse(conf, STR("define x = drop\ntable y {")) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str text = { len ? (const char *)data : "", len };
	struct fw_chains chains = {};
	unsigned left = 8;
	struct nft_conf conf = { .arena = &a,
				 .chains = &chains,
				 .include = include,
				 .user = &left,
				 .file = STR("/etc/nftables.conf") };
	int r = nft_conf_parse(&conf, text);

	fuzz_assert(r == 0 || r == -EBADMSG || r == -ELOOP || r == -E2BIG || r == -ENOMEM);
	for (size_t i = 0; i < chains.n; i++) {
		fuzz_assert(chains.list[i].rules >= 0 && chains.list[i].line);
		fuzz_assert(!chains.list[i].final_drop || chains.list[i].rules);
	}
	return 0;
}
