/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ledger decides, by examples. test_ledger_model.c compares it with a plain one. */
#include "base/buf.h"
#include "guard/ledger.h"
#include "tap.h"

#define START 1'700'000'000

static struct prefix prefix(const char *text)
{
	struct prefix p = {};

	if (prefix_parse(str_of(text), &p) < 0)
		printf("# %s is no prefix\n", text);
	return p;
}

static struct ledger *ledger(const struct ledger_config *c)
{
	struct ledger *l = NULL;
	uint16_t rule = 9;

	if (ledger_new(c, &l, NULL) < 0 || ledger_rule(l, STR("ssh-failed-login"), &rule) < 0 ||
	    rule != 0)
		abort();
	return l;
}

/* What was decided, as "ban 192.0.2.1 600 strikes 1; unban …". */
static const char *text_of(const struct ledger_decision *d, char *ret, size_t size)
{
	static const char *const what[] = { "nothing", "ban", "unban", "refuse" };
	static const char *const why[] = { "strikes", "many",  "hand", "allowed",
					   "session", "local", "full" };
	char name[PREFIX_TEXT];

	(void)prefix_format(&d->prefix, name);
	if (d->what == LEDGER_BAN)
		(void)snprintf(ret, size, "%s %s %us %s %u", what[d->what], name, d->seconds,
			       why[d->reason], d->times);
	else
		(void)snprintf(ret, size, "%s %s %s", what[d->what], name, why[d->reason]);
	return ret;
}

static char said[1 << 17];

static const char *verdict(const struct ledger_verdict *v)
{
	said[0] = 0;
	for (unsigned i = 0; i < v->n; i++) {
		size_t n = strlen(said);
		char one[160];

		(void)snprintf(said + n, sizeof said - n, "%s%s", i ? "; " : "",
			       text_of(&v->list[i], one, sizeof one));
	}
	return said;
}

static const char *strike(struct ledger *l, const char *address, unsigned weight, int64_t now)
{
	struct prefix p = prefix(address);
	struct ledger_verdict v = {};
	int r = ledger_strike(l, &p, 0, weight, START + now, &v);

	if (r < 0)
		(void)snprintf(said, sizeof said, "error %d", r);
	else
		(void)verdict(&v);
	return said;
}

static int collect(void *user, const struct ledger_decision *d)
{
	char *text = user, one[160];
	size_t n = strlen(text);

	(void)snprintf(text + n, sizeof said - n, "%s%s", n ? "; " : "",
		       text_of(d, one, sizeof one));
	return 0;
}

static const char *bans(struct ledger *l, int64_t now)
{
	said[0] = 0;
	(void)ledger_bans(l, START + now, collect, said);
	return said;
}

#define says(got, want, name) is_str(str_of(got), STR(want), name)

static void test_threshold(void)
{
	struct ledger *l = ledger(&(struct ledger_config){});
	const char *last = "";

	for (int64_t i = 0; i < 4; i++)
		last = strike(l, "192.0.2.1", 1, i * 10);
	says(last, "", "four strikes");
	says(strike(l, "::ffff:192.0.2.1", 1, 40), "ban 192.0.2.1 600s strikes 1",
	     "the fifth bans, however the address is written");
	says(strike(l, "192.0.2.1", 1, 41), "", "who is banned is not banned again");
	says(strike(l, "192.0.2.2", 5, 42), "ban 192.0.2.2 600s strikes 1", "one of full weight");
	says(strike(l, "192.0.2.3", 4, 42), "", "one that is lighter");
	says(strike(l, "192.0.2.3", 1, 42 + 590), "ban 192.0.2.3 600s strikes 1",
	     "within the window");
	says(strike(l, "192.0.2.4", 4, 1000), "", "one that is lighter");
	says(strike(l, "192.0.2.4", 1, 1000 + 700), "", "after the window");
	says(strike(l, "2001:db8:1:2:3::4", 4, 2000), "", "IPv6");
	says(strike(l, "2001:db8:1:2:ffff::", 4, 2000), "ban 2001:db8:1:2::/64 600s strikes 1",
	     "another address of the same /64");
	says(strike(l, "192.0.2.9", 0, 2000), "error -22", "no weight");
	says(strike(l, "192.0.2.9", 256, 2000), "error -22", "too much");
	says(strike(l, "192.0.2.0/24", 5, 2000), "error -22", "a network does nothing");
	ledger_free(&l);
}

static void test_growth(void)
{
	struct ledger *l = ledger(&(struct ledger_config){ .ban_max = 9600 });

	says(strike(l, "192.0.2.1", 5, 0), "ban 192.0.2.1 600s strikes 1", "first");
	says(bans(l, 599), "ban 192.0.2.1 1s strikes 1", "up to the last second");
	says(bans(l, 600), "", "is over");
	says(strike(l, "192.0.2.1", 4, 600), "", "strikes count anew");
	says(strike(l, "192.0.2.1", 1, 601), "ban 192.0.2.1 2400s strikes 2", "four times as long");
	says(strike(l, "192.0.2.1", 5, 3100), "ban 192.0.2.1 9600s strikes 3", "and again");
	says(strike(l, "192.0.2.1", 5, 13000), "ban 192.0.2.1 9600s strikes 4", "to the most");
	says(strike(l, "192.0.2.1", 5, 22600 + 3 * INT64_C(86400)), "ban 192.0.2.1 2400s strikes 2",
	     "three days later three are forgotten");
	says(strike(l, "192.0.2.1", 5, 30 * INT64_C(86400)), "ban 192.0.2.1 600s strikes 1", "all");
	ledger_free(&l);
}

static void test_networks(void)
{
	struct ledger *l = ledger(&(struct ledger_config){ .hosts_v4 = 3, .hosts_v6 = 2 });
	struct prefix admin = prefix("198.51.100.77");

	says(strike(l, "203.0.113.1", 5, 0), "ban 203.0.113.1 600s strikes 1", "one of a /24");
	says(strike(l, "203.0.113.2", 5, 0), "ban 203.0.113.2 600s strikes 1", "two");
	says(strike(l, "203.0.113.2", 5, 1), "", "the same is no third");
	says(strike(l, "203.0.113.3", 5, 1),
	     "ban 203.0.113.3 600s strikes 1; ban 203.0.113.0/24 600s many 1", "three ban it");
	says(strike(l, "203.0.113.4", 5, 1), "", "who is in it is banned");
	says(strike(l, "203.0.113.4", 5, 601), "ban 203.0.113.4 600s strikes 1", "and over");
	says(strike(l, "203.0.113.5", 5, 601), "ban 203.0.113.5 600s strikes 1", "two");
	says(strike(l, "203.0.113.6", 5, 601),
	     "ban 203.0.113.6 600s strikes 1; ban 203.0.113.0/24 2400s many 2", "longer");
	(void)strike(l, "10.1.1.1", 5, 700);
	(void)strike(l, "10.1.1.2", 5, 700);
	says(strike(l, "10.1.1.3", 5, 700), "ban 10.1.1.3 600s strikes 1",
	     "a network of one's own never");
	is_int(ledger_sessions(l, &admin, 1, collect, said), 0, "an admin");
	(void)strike(l, "198.51.100.1", 5, 700);
	(void)strike(l, "198.51.100.2", 5, 700);
	says(strike(l, "198.51.100.3", 5, 700),
	     "ban 198.51.100.3 600s strikes 1; refuse 198.51.100.0/24 session",
	     "nor the network of a session");
	says(strike(l, "198.51.100.4", 5, 700), "ban 198.51.100.4 600s strikes 1", "told once");
	(void)strike(l, "2a00:1:2:3::1", 5, 800);
	says(strike(l, "2a00:1:2:4::1", 5, 800),
	     "ban 2a00:1:2:4::/64 600s strikes 1; ban 2a00:1:2::/48 600s many 1", "IPv6");
	ledger_free(&l);
}

/* Who stays below the threshold with each address of a /48. */
static void test_site(void)
{
	struct ledger *l = ledger(&(struct ledger_config){});
	const char *last = "";
	int n = 0;

	for (; n < 100 && !*last; n++) {
		char address[64];

		(void)snprintf(address, sizeof address, "2a00:1:2:%x::1", (unsigned)n);
		last = strike(l, address, 1, n);
	}
	says(last, "ban 2a00:1:2::/48 600s many 1", "is banned as a whole");
	is_int(n, 80, "for what sixteen hosts may do");
	says(strike(l, "2a00:1:3::1", 255, 100), "ban 2a00:1:3::/64 600s strikes 1",
	     "one host alone is not its network");
	ledger_free(&l);
}

static void test_allow(void)
{
	struct ledger *l = ledger(&(struct ledger_config){});
	struct prefix list[] = { prefix("192.0.2.0/24"), prefix("2001:db8::7") };
	struct ledger_verdict v = {};

	says(strike(l, "192.0.2.1", 5, 0), "ban 192.0.2.1 600s strikes 1", "a ban");
	said[0] = 0;
	is_int(ledger_allow(l, list, COUNT(list), collect, said), 0, "an allow list");
	says(said, "unban 192.0.2.1 allowed", "ends it");
	says(strike(l, "192.0.2.1", 5, 1), "refuse 192.0.2.1 allowed", "and prevents the next");
	says(strike(l, "192.0.2.1", 4, 2), "", "told again only");
	says(strike(l, "192.0.2.1", 1, 3), "refuse 192.0.2.1 allowed", "when it is due again");
	says(strike(l, "2001:db8::8", 5, 3), "refuse 2001:db8::/64 allowed",
	     "an address allows its /64");
	is_int(ledger_ban(l, &list[0], 60, START + 4, &v), 0, "by hand");
	says(verdict(&v), "refuse 192.0.2.0/24 allowed", "neither");
	says(strike(l, "127.0.0.1", 5, 4), "refuse 127.0.0.1 local", "this machine");
	says(strike(l, "::1", 5, 4), "refuse ::/64 local", "this machine");
	says(strike(l, "fe80::1:2", 5, 4), "refuse fe80::/64 local", "a neighbour");
	says(strike(l, "168.63.129.16", 5, 4), "refuse 168.63.129.16 local", "Azure's platform");
	says(strike(l, "192.0.3.1", 5, 4), "ban 192.0.3.1 600s strikes 1", "others are banned");
	said[0] = 0;
	list[0] = prefix("192.0.3.1");
	is_int(ledger_sessions(l, list, 1, collect, said), 0, "who logs in from there");
	says(said, "unban 192.0.3.1 session", "is let in");
	is_int(ledger_sessions(l, NULL, 0, collect, said), 0, "and out");
	is_int(ledger_allow(l, (struct prefix[]){ prefix("0.0.0.0/0") }, 1, collect, said), -EINVAL,
	       "everybody cannot be allowed");
	says(strike(l, "192.0.3.1", 5, 5), "ban 192.0.3.1 2400s strikes 2", "is like others");
	list[0] = prefix("10.0.0.0/8");
	is_int(ledger_sessions(l, list, 1, collect, said), -EINVAL, "a session has one address");
	ledger_free(&l);
}

static void test_hand(void)
{
	struct ledger *l = ledger(&(struct ledger_config){});
	struct prefix p = prefix("203.0.113.0/24"), one = prefix("203.0.113.9");
	struct ledger_verdict v = {};

	is_int(ledger_ban(l, &p, 60, START, &v), 0, "a /24 by hand");
	says(verdict(&v), "ban 203.0.113.0/24 60s hand 0", "is banned");
	says(strike(l, "203.0.113.9", 5, 1), "", "with who is in it");
	is_int(ledger_ban(l, &p, 600, START + 10, &v), 0, "again");
	says(bans(l, 11), "ban 203.0.113.0/24 599s hand 0", "for longer");
	said[0] = 0;
	is_int(ledger_unban(l, &one, collect, said), 0, "unban one of it");
	says(said, "unban 203.0.113.0/24 hand", "ends what holds it");
	is_int(ledger_unban(l, &one, collect, said), -ENOENT, "there is none left");
	says(strike(l, "203.0.113.9", 4, 20), "", "its strikes are forgotten");
	p = prefix("203.0.112.0/20");
	is_int(ledger_ban(l, &p, 60, START, &v), -EINVAL, "a length that has no kind");
	p = prefix("2001:db8::1");
	is_int(ledger_ban(l, &p, 60, START + 30, &v), 0, "IPv6");
	says(verdict(&v), "ban 2001:db8::/64 60s hand 0", "by its /64");
	ledger_free(&l);
}

static void test_bounds(void)
{
	struct ledger *l = ledger(&(struct ledger_config){ .max_bans = 2, .max_tracked = 10 });
	struct ledger_counts c;

	(void)strike(l, "192.0.2.1", 5, 0);
	(void)strike(l, "198.51.100.1", 5, 1);
	says(strike(l, "203.0.113.1", 5, 2), "ban 203.0.113.1 600s strikes 1; unban 192.0.2.1 full",
	     "the oldest goes");
	for (int i = 0; i < 100; i++) {
		char address[32];

		(void)snprintf(address, sizeof address, "11.0.%d.1", i);
		(void)strike(l, address, 1, 3);
	}
	ledger_count(l, &c);
	is_int((int64_t)c.tracked, 10, "no more than so many are tracked");
	is_int((int64_t)c.bans, 2, "bans stay");
	is_int((int64_t)c.pushed_out, 1, "what was pushed out is counted");
	ok(c.forgotten > 80, "what was forgotten, too");
	ledger_free(&l);
	is_int(ledger_new(&(struct ledger_config){ .threshold = 256 }, &l, NULL), -EINVAL,
	       "a bad configuration");
}

static void test_why(void)
{
	struct ledger *l = ledger(&(struct ledger_config){ .hosts_v4 = 2 });
	struct prefix p = prefix("203.0.113.1"), other = prefix("203.0.113.200");
	struct ledger_why why;
	uint16_t rule;

	is_int(ledger_rule(l, STR("web-scan"), &rule), 0, "another rule");
	is_int(rule, 1, "has a number");
	is_int(ledger_rule(l, STR("ssh-failed-login"), &rule), 0, "a known one");
	is_int(rule, 0, "keeps it");
	is_int(ledger_rule(l, STR(""), &rule), -EINVAL, "no name");
	(void)strike(l, "203.0.113.1", 3, 5);
	ledger_why(l, &p, START + 6, &why);
	ok(why.known && !why.banned, "known");
	is_int(why.score, 3, "its weight");
	is_int(why.first, START + 5, "since");
	is_str(why.rules[0], STR("ssh-failed-login"), "by which rule");
	is_str(why.rules[1], STR(""), "and no other");
	(void)strike(l, "203.0.113.1", 3, 10);
	(void)strike(l, "203.0.113.2", 5, 20);
	ledger_why(l, &other, START + 21, &why);
	ok(!why.known && why.banned, "another of the network");
	is_int(why.group_hosts, 2, "because of two");
	is_int(why.by.bits, 120, "is banned by the network");
	ledger_why(l, &p, START + 21, &why);
	is_int(why.by.bits, 128, "its own ban is told");
	is_int(why.until, START + 610, "until");
	is_int(why.times, 1, "the first");
	is_int((int64_t)why.strikes, 2, "two strikes");
	ledger_why(l, &p, START + 700, &why);
	ok(!why.banned && why.known, "after its end");
	ledger_free(&l);
}

static int save_to(void *user, struct str bytes)
{
	return bytes.len > 65536 ? -E2BIG : buf_add(user, bytes.ptr, bytes.len);
}

static const struct ledger_config file_config = { .hosts_v4 = 2, .max_tracked = 5000 };

static struct ledger *filled(void)
{
	struct ledger *l = ledger(&file_config);
	struct ledger_verdict v;
	struct prefix p = prefix("2001:db8:7::/48");
	uint16_t rule;

	if (ledger_rule(l, STR("web-scan"), &rule) < 0 ||
	    ledger_ban(l, &p, 5000, START + 1, &v) < 0)
		abort();
	for (int i = 0; i < 3000; i++) {
		char address[32];

		(void)snprintf(address, sizeof address, "11.%d.%d.1", i / 250, i % 250);
		(void)strike(l, address, 1 + (unsigned)i % 5, i / 100);
	}
	(void)strike(l, "203.0.113.1", 5, 40);
	(void)strike(l, "203.0.113.2", 5, 41);
	return l;
}

static struct ledger *reread(struct str bytes, const struct ledger_config *c, int64_t now,
			     struct diag *d)
{
	struct ledger *l = NULL;

	if (ledger_new(c, &l, NULL) < 0)
		abort();
	if (ledger_restore(l, bytes, START + now, d) < 0)
		ledger_free(&l);
	return l;
}

static bool same_bans(struct ledger *x, struct ledger *y, int64_t now)
{
	static char first[1 << 17], second[1 << 17];

	first[0] = second[0] = 0;
	(void)snprintf(first, sizeof first, "%s", bans(x, now));
	(void)snprintf(second, sizeof second, "%s", bans(y, now));
	return !strcmp(first, second);
}

static void test_file(void)
{
	own(buf_release) struct buf file = BUF(1 << 20), again = BUF(1 << 20);
	struct ledger *l = filled(), *copy, *small;
	struct ledger_counts c, d;
	struct prefix p = prefix("203.0.113.2");
	struct ledger_why why;
	struct diag diag = {};

	is_int(ledger_save(l, START + 50, save_to, &file), 0, "saved");
	copy = reread(buf_view(&file), &file_config, 50, &diag);
	if (!ok(copy, "restored"))
		printf("# %s\n", diag.reason);
	ledger_count(l, &c);
	ledger_count(copy, &d);
	is_int((int64_t)d.tracked, (int64_t)c.tracked, "with all it knew");
	is_int((int64_t)d.bans, (int64_t)c.bans, "and all bans");
	is_int((int64_t)d.groups, (int64_t)c.groups, "and networks");
	is_int((int64_t)d.strikes, (int64_t)c.strikes, "and counts");
	ok(same_bans(l, copy, 50), "the same bans in the same order");
	is_int(ledger_save(copy, START + 50, save_to, &again), 0, "saved again");
	ok(str_eq(buf_view(&file), buf_view(&again)), "the same bytes");
	ledger_why(copy, &p, START + 50, &why);
	is_int(why.group_hosts, 2, "hosts of a network are counted anew");
	is_str(why.rules[0], STR("ssh-failed-login"), "rules have their names");
	says(strike(copy, "11.0.3.1", 1, 60), "ban 11.0.3.1 600s strikes 1",
	     "weight goes on counting");
	ledger_free(&copy);
	copy = reread(buf_view(&file), &file_config, 640, &diag);
	ledger_count(copy, &d);
	is_int((int64_t)d.bans, 3, "bans that ended meanwhile are over");
	ledger_free(&copy);
	copy = reread(buf_view(&file), &file_config, -1000000, &diag);
	says(bans(copy, -1000000 + 600), "ban 2001:db8:7::/48 4351s hand 0",
	     "a clock that is behind: what was left is left");
	ledger_free(&copy);
	small = reread(buf_view(&file),
		       &(struct ledger_config){ .max_bans = 2, .max_tracked = 100 }, 50, &diag);
	says(bans(small, 50), "ban 203.0.113.2 591s strikes 1; ban 203.0.113.0/24 591s many 1",
	     "smaller limits keep the latest");
	is_int(ledger_restore(small, buf_view(&file), START + 50, &diag), -EINVAL,
	       "not into one that is in use");
	ledger_free(&small);
	ledger_free(&l);
}

/* Any byte that changes and any byte that is missing is found out. */
static void test_damage(void)
{
	own(buf_release) struct buf file = BUF(1 << 20);
	struct ledger *l = ledger(&file_config);
	unsigned taken = 0;
	struct diag d = {};
	struct ledger *bad;

	(void)strike(l, "203.0.113.1", 5, 40);
	is_int(ledger_save(l, START + 50, save_to, &file), 0, "a small one");
	for (size_t i = 0; i < file.len; i++) {
		file.ptr[i] ^= 1;
		bad = reread(buf_view(&file), &file_config, 50, NULL);
		taken += bad != NULL;
		ledger_free(&bad);
		file.ptr[i] ^= 1;
		bad = reread((struct str){ file.ptr, i }, &file_config, 50, NULL);
		taken += bad != NULL;
		ledger_free(&bad);
	}
	is_int(taken, 0, "no damage is overlooked");
	bad = reread(STR("PK\3\4"), &file_config, 50, &d);
	is_str(str_of(d.reason), STR("the saved ledger cannot be used: it is none"),
	       "another file");
	ledger_free(&bad);
	ledger_free(&l);
}

int main(void)
{
	test_file();
	test_damage();
	test_threshold();
	test_growth();
	test_networks();
	test_site();
	test_allow();
	test_hand();
	test_bounds();
	test_why();
	return done();
}
