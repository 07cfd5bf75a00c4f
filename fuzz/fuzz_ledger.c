/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saved ledgers. The checksum is made good, so that what is behind it is reached; what was restored
 * goes on working, and is the same when it is saved and restored again.
 */
#include "base/buf.h"
#include "fuzz.h"
#include "guard/ledger_work.h"

#define NOW 1'700'000'000

static int save_to(void *user, struct str bytes) { return buf_add(user, bytes.ptr, bytes.len); }

static int on_ban(void *user, const struct ledger_decision *d)
{
	char text[PREFIX_TEXT];

	fuzz_assert(d->seconds && d->seconds <= LEDGER_SECONDS_MAX);
	fuzz_assert(prefix_format(&d->prefix, text).len > 0);
	++*(size_t *)user;
	return 0;
}

static int on_unban(void *user, const struct ledger_decision *d)
{
	(void)user;
	fuzz_assert(d->what == LEDGER_UNBAN);
	return 0;
}

static void use(struct ledger *l)
{
	static const struct prefix all = { .bits = 0 };
	struct ledger_counts c;
	struct ledger_verdict v;
	struct ledger_why why;
	uint16_t rule = 0;
	size_t n = 0;

	ledger_count(l, &c);
	fuzz_assert(c.tracked <= 100 + c.bans && c.bans <= 20 && c.groups <= c.bans);
	fuzz_assert(ledger_bans(l, NOW, on_ban, &n) == 0 && n <= c.bans);
	for (unsigned i = 0; i < 40 && ledger_rule(l, STR("a"), &rule) == 0; i++) {
		struct prefix p = prefix_v4((uint8_t[]){ 1, 2, 3, (uint8_t)(i / 2) }, 32);

		fuzz_assert(ledger_strike(l, &p, rule, 3, NOW + i, &v) == 0);
		ledger_why(l, &p, NOW + i, &why);
		fuzz_assert(why.known);
	}
	ledger_expire(l, NOW + 100'000);
	(void)!ledger_unban(l, &all, on_unban, NULL);
	ledger_count(l, &c);
	fuzz_assert(c.bans == 0 && c.groups == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct ledger_config config = {
		.hosts_v4 = 3, .hosts_v6 = 2, .max_tracked = 100, .max_bans = 20
	};
	own(buf_release) struct buf in = BUF(len + 64), out = BUF(1 << 20);
	struct ledger *l = NULL, *copy = NULL;
	uint64_t sum;

	if (buf_add(&in, data, len) < 0 || ledger_new(&config, &l, NULL) < 0)
		return 0;
	if (in.len >= 8) {
		sum = ledger_sum(str_sub(buf_view(&in), 0, in.len - 8));
		for (unsigned i = 0; i < 8; i++)
			in.ptr[in.len - 8 + i] = (char)(sum >> (8 * i));
	}
	if (ledger_restore(l, buf_view(&in), NOW, NULL) == 0) {
		fuzz_assert(ledger_save(l, NOW, save_to, &out) == 0);
		fuzz_assert(ledger_new(&config, &copy, NULL) == 0);
		fuzz_assert(ledger_restore(copy, buf_view(&out), NOW, NULL) == 0);
		use(l);
		use(copy);
	}
	ledger_free(&l);
	ledger_free(&copy);
	return 0;
}
