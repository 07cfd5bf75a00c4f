/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams of nftables, as rules of iptables; the first byte chooses the sequence number. */
#include "facts/linux/netlink.h"
#include "facts/linux/xt_rules.h"
#include "fuzz.h"
#include "fuzz_reader.h"
#include "net/iptables.h"

/* Whatever the names and comments are, each line is of the kind that it was written as. */
static void check_lines(struct str text)
{
	struct str line;

	while (str_line(&text, &line, NULL))
		fuzz_assert(str_starts(line, STR("*")) || str_starts(line, STR(":")) ||
			    str_starts(line, STR("-A ")) || str_eq(line, STR("COMMIT")));
}

static void read_text(const struct xt_tables *t, bool v6)
{
	own(arena_release) struct arena a = {};
	own(fuzz_filter_release) struct fuzz_filter x = {};
	struct iptables_text one = { .file = STR("") };
	int r = xt_rules_text(t, v6, &a, &one.text);

	if (r < 0 || !one.text.len)
		return;
	check_lines(one.text);
	r = fuzz_filter_init(&x);
	if (r >= 0)
		r = iptables_read(&one, 1, v6, NULL, &x.filter, NULL);
	fuzz_filter_check(&x, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(xt_tables_release) struct xt_tables t = {};
	struct str text = { len ? (const char *)data : "", len };

	(void)netlink_parse(str_sub(text, 1, text.len), len ? data[0] & 3 : 0, xt_rules_message,
			    &t);
	/* The same bytes as one message of each kind. */
	(void)xt_rules_message(0x0a00, text, &t);
	(void)xt_rules_message(0x0a03, text, &t);
	(void)xt_rules_message(0x0a06, text, &t);
	read_text(&t, false);
	read_text(&t, true);
	return 0;
}
