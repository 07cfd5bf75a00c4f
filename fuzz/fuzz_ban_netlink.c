/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of nftables and sock_diag, as datagrams and as the attributes within them. */
#include "action/ban_nft.h"
#include "action/cut.h"
#include "fuzz.h"

static int on_item(void *user, const struct ban_item *item)
{
	char text[PREFIX_TEXT];

	(void)user;
	fuzz_assert(item->prefix.bits <= PREFIX_HOST);
	fuzz_assert(prefix_format(&item->prefix, text).len < PREFIX_TEXT);
	return 0;
}

static int on_message(uint16_t type, struct str payload, void *user)
{
	struct str attrs = nft_attributes(type, payload);
	struct prefix peer;
	bool foreign;

	(void)user;
	if (cut_peer(payload, &peer))
		fuzz_assert(peer.bits == PREFIX_HOST);
	for (size_t i = 0; i < nft_layout.n_sets; i++) {
		fuzz_assert(ban_nft_elements(&nft_layout.sets[i], attrs, on_item, NULL) == 0);
		(void)nft_set_same(&nft_layout.sets[i], attrs);
	}
	for (size_t i = 0; i < nft_layout.n_chains; i++)
		(void)nft_chain_same(&nft_layout.chains[i], attrs);
	for (size_t i = 0; i < nft_layout.n_rules; i++)
		(void)nft_expressions_same(&nft_layout, &nft_layout.rules[i], nl_find(attrs, 4));
	(void)nft_table_same(attrs, &foreign);
	return 0;
}

static void on_verdict(uint32_t seq, int error, void *user)
{
	(void)seq;
	(void)user;
	fuzz_assert(error <= 0 && error > -4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { len ? (const char *)data : "", len };
	bool interrupted = false;
	int r = nl_parse(str_sub(text, 1, text.len), len ? data[0] & 3 : 0, on_message, NULL,
			 &interrupted);

	fuzz_assert(r <= 1);
	fuzz_assert(nl_verdicts(text, on_verdict, NULL) <= 0);
	(void)on_message(0x0a0c, text, NULL);
	return 0;
}
