/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nftables back end in a network namespace of its own; nft(8) says what the kernel has. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "ban_net.h"

static struct ban *open_nft(void)
{
	struct ban *b = NULL;
	struct diag d = {};

	if (!is_int(ban_open(&(struct ban_config){ .kind = BAN_NFT }, &b, &d), 0, "open"))
		printf("# %s\n", d.reason);
	return b;
}

static unsigned ensure(struct ban *b)
{
	struct diag d = {};
	unsigned found = 0;

	if (!is_int(ban_ensure(b, &found, &d), 0, "ensure"))
		printf("# %s\n", d.reason);
	return found;
}

static bool table_has(const char *part)
{
	own(buf_release) struct buf out = BUF(16 << 20);
	struct str text = run(&out, "nft -n list table inet holdfast");

	return str_contains(text, str_of(part));
}

static int add(struct ban *b, const char *text, uint32_t seconds)
{
	struct ban_item item = { prefix(text), seconds, 0 };
	size_t failed = 9;
	int r = ban_add(b, &item, 1, &failed, NULL);

	if (r == 0 && failed != (item.error != 0))
		return -EPROTO;
	return r < 0 ? r : item.error;
}

static int take_back(struct ban *b, const char *text)
{
	struct ban_item item = { prefix(text), 0, 0 };
	int r = ban_remove(b, &item, 1, NULL, NULL);

	return r < 0 ? r : item.error;
}

static void test_made(struct ban *b)
{
	is_int(ensure(b), BAN_CREATED, "the table is made");
	is_int(ensure(b), 0, "once");
	ok(table_has("type filter hook prerouting priority -310; policy accept;"),
	   "before the rest");
	ok(table_has("ip saddr & 255.255.255.0 == @banned4_24 goto banned"), "readable for nft");
	ok(table_has("comment \"layout 1; made and kept by holdfast guard"),
	   "with a word to owners");
}

static int seconds_of(void *user, const struct ban_item *item)
{
	*(uint32_t *)user = item->seconds;
	return 0;
}

static void test_elements(struct ban *b)
{
	uint32_t left = 0;

	is_int(add(b, "192.0.2.1", 1000), 0, "an address");
	is_int(ban_list(b, seconds_of, &left, NULL), 0, "listed");
	ok(left > 900 && left <= 1000, "with what is left");
	is_int(add(b, "192.0.2.1", 5000), 0, "longer");
	is_int(ban_list(b, seconds_of, &left, NULL), 0, "listed");
	ok(left > 4900 && left <= 5000, "a ban gets longer");
	is_int(add(b, "192.0.2.1", 100), 0, "shorter");
	is_int(ban_list(b, seconds_of, &left, NULL), 0, "listed");
	ok(left <= 100, "or shorter");
	is_int((int64_t)count_bans(b), 1, "and is one");
	is_int(add(b, "::ffff:192.0.2.1", 100), 0, "written as IPv6");
	is_int((int64_t)count_bans(b), 1, "is the same");
	is_int(add(b, "198.51.100.0/24", 100), 0, "a /24");
	is_int(add(b, "203.0.113.64/30", 100), 0, "a /30");
	ok(is_banned(b, "203.0.113.67") && !is_banned(b, "203.0.113.68"), "is four addresses");
	is_int(add(b, "11.16.16.0/20", 100), 0, "a /20");
	ok(is_banned(b, "11.16.31.0/24") && !is_banned(b, "11.16.32.0/24"), "is 16 networks");
	is_int(add(b, "2001:db8:1:2::/64", 100), 0, "IPv6");
	is_int(add(b, "2001:db8:1::/56", 100), 0, "a /56 around it");
	is_int((int64_t)count_bans(b), 1 + 1 + 4 + 16 + 256, "is 256 networks, one of them known");
	is_int(add(b, "192.0.2.1", 0), -EINVAL, "no time");
	is_int(add(b, "192.0.2.1", BAN_SECONDS_MAX + 1), -EINVAL, "too long");
	is_int(add(b, "8.0.0.0/15", 10), -E2BIG, "too much of the internet");
	is_int(add(b, "2001:db8::/65", 10), -E2BIG, "more addresses than a set holds");
	is_int(take_back(b, "2001:db8:1::/56"), 0, "removed");
	is_int(take_back(b, "203.0.113.66"), 0, "one of four");
	is_int(take_back(b, "203.0.113.64/30"), 0, "the other three");
	is_int(take_back(b, "203.0.113.64/30"), -ENOENT, "none");
	is_int(take_back(b, "198.51.100.1"), -ENOENT,
	       "who is banned with others cannot be taken out");
	is_int((int64_t)count_bans(b), 1 + 1 + 16, "the rest stays");
}

/* Good and bad ones in one call: each gets its own answer. */
static void test_batch(struct ban *b)
{
	/* clang-format off */
	struct ban_item items[] = {
		{ prefix("192.0.2.10"), 60, 0 },
		{ prefix("192.0.2.10"), 90, 0 },
		{ prefix("192.0.2.11"), 0, 0 },
		{ prefix("1.0.0.0/7"), 60, 0 },
		{ prefix("2001:db8:5::/48"), 60, 0 },
		{ prefix("192.0.2.1"), 60, 0 },
	};
	/* clang-format on */
	struct ban_item gone[] = {
		{prefix("192.0.2.10"),       0, 0},
		{ prefix("192.0.2.12"),      0, 0},
		{ prefix("2001:db8:5::/48"), 0, 0}
	};
	size_t failed = 0;

	is_int(ban_add(b, items, COUNT(items), &failed, NULL), 0, "a mixed batch");
	is_int((int64_t)failed, 2, "two of it fail");
	is_int(items[1].error, 0, "one that is there twice does not");
	is_int(items[2].error, -EINVAL, "one without time");
	is_int(items[3].error, -E2BIG, "one that is too big");
	ok(is_banned(b, "192.0.2.10") && is_banned(b, "2001:db8:5::/48"), "the others hold");
	is_int(ban_remove(b, gone, COUNT(gone), &failed, NULL), 0, "a batch to remove");
	is_int((int64_t)failed, 1, "one was not there");
	is_int(gone[1].error, -ENOENT, "that one");
	ok(!is_banned(b, "192.0.2.10") && !is_banned(b, "2001:db8:5::/48"), "the others are gone");
}

#define MANY 30000u

static void test_many(struct ban *b)
{
	own(free_ptr) struct ban_item *items = calloc(MANY, sizeof *items);
	own(buf_release) struct buf out = BUF(16 << 20);
	size_t failed = 9, before = count_bans(b), commas = 0;
	struct str text;

	for (uint32_t i = 0; i < MANY; i++) {
		uint8_t v4[] = { 20, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };

		items[i] = (struct ban_item){ prefix_v4(v4, 32), 1000 + i % 100, 0 };
		if (i % 3)
			continue;
		items[i].prefix.bits = 64;
		memset(items[i].prefix.addr, 0, 16);
		items[i].prefix.addr[0] = 0x20;
		items[i].prefix.addr[1] = 0x01;
		memcpy(items[i].prefix.addr + 4, v4, 4);
	}
	is_int(ban_add(b, items, MANY, &failed, NULL), 0, "many");
	is_int((int64_t)failed, 0, "all are taken");
	is_int((int64_t)(count_bans(b) - before), MANY, "all are listed");
	is_int(ban_add(b, items, MANY, &failed, NULL), 0, "many again");
	is_int((int64_t)(count_bans(b) - before), MANY, "change nothing");
	text = run(&out, "nft list set inet holdfast banned6_64");
	for (size_t i = 0; i < text.len; i++)
		commas += text.ptr[i] == ',';
	is_int((int64_t)commas + 1, MANY / 3, "nft lists as many");
	is_int(ensure(b), 0, "our own changes are none from outside");
	is_int(ban_remove(b, items, MANY, &failed, NULL), 0, "all of them removed");
	is_int((int64_t)count_bans(b), (int64_t)before, "and gone");
}

static void test_allow_list(struct ban *b)
{
	struct prefix list[] = { prefix("10.0.0.0/8"),       prefix("11.0.0.0/8"),
				 prefix("10.2.0.0/16"),      prefix("0.0.0.0/8"),
				 prefix("255.255.255.0/24"), prefix("2001:db8::/32") };
	struct prefix all = prefix("0.0.0.0/0");
	own(free_ptr) struct prefix *many = calloc(BAN_ALLOW_MAX + 1, sizeof *many);

	is_int(ban_allow(b, list, COUNT(list), NULL), 0, "an allow list");
	ok(table_has("elements = { 0.0.0.0/8, 10.0.0.0/7,\n\t\t\t     255.255.255.0/24 }"),
	   "as intervals");
	ok(table_has("2001:db8::/32"), "of both families");
	for (uint32_t i = 0; i <= BAN_ALLOW_MAX; i++)
		many[i] = prefix_v4((uint8_t[]){ 30, (uint8_t)(i >> 8), (uint8_t)i, 7 }, 32);
	is_int(ban_allow(b, many, BAN_ALLOW_MAX, NULL), 0, "as many as there may be");
	ok(table_has("30.15.255.7") && !table_has("10.0.0.0/7"), "replace the first");
	is_int(ban_allow(b, many, BAN_ALLOW_MAX + 1, NULL), -E2BIG, "one more");
	is_int(ban_allow(b, &all, 1, NULL), -EINVAL, "everybody");
	is_int(ban_allow(b, NULL, 0, NULL), 0, "none");
	ok(!table_has("30.15.255.7"), "is none");
	is_int(ensure(b), 0, "nothing was touched");
}

/* What somebody did, what ensure() says, and that the bans still hold. */
static void test_altered(struct ban *b)
{
	/* clang-format off */
	static const struct {
		const char *command, *name;
		unsigned found;
	} rows[] = {
		{ "nft add rule inet holdfast guard counter", "a rule more", BAN_REPAIRED },
		{ "nft insert rule inet holdfast guard accept", "a way around", BAN_REPAIRED },
		{ "nft insert rule inet holdfast banned accept", "another", BAN_REPAIRED },
		{ "nft flush chain inet holdfast guard", "no rules", BAN_REPAIRED },
		{ "nft flush table inet holdfast", "no rules at all", BAN_REPAIRED },
		{ "nft chain inet holdfast guard { policy drop ; }", "a policy", BAN_REPAIRED },
		{ "nft add table inet holdfast { flags dormant ; }", "asleep", BAN_REPAIRED },
		{ "nft flush table inet holdfast ; delete chain inet holdfast guard", "no chain",
		  BAN_REPAIRED },
		{ "nft delete chain inet holdfast guard ; add chain inet holdfast guard { type "
		  "filter hook input priority 5 ; }", "another hook", BAN_REPAIRED },
		{ "nft add chain inet holdfast x ; add rule inet holdfast x goto banned", "a way in",
		  0 },
		{ "nft flush chain inet holdfast banned ; delete set inet holdfast allowed6 ; add "
		  "set inet holdfast allowed6 { type ipv6_addr ; }", "another set",
		  BAN_REPAIRED | BAN_EMPTIED },
		{ "nft add table inet other", "somebody else's", 0 },
	};
	/* clang-format on */

	is_int(add(b, "192.0.2.1", 3000), 0, "a ban");
	for (size_t i = 0; i < COUNT(rows); i++) {
		ok(runs(rows[i].command), rows[i].name);
		is_int(ensure(b), rows[i].found | BAN_TOUCHED, "is found and repaired");
		is_int(ensure(b), 0, "once");
		ok(is_banned(b, "192.0.2.1"), "the ban stays");
		ok(table_has("priority -310; policy accept;\n\t\tip saddr @banned4 goto banned"),
		   "the rules are as made");
		ok(table_has("drop comment \"banned\""), "all of them");
	}
	ok(runs("nft flush set inet holdfast banned4"), "bans removed from outside");
	is_int(ensure(b), BAN_TOUCHED | BAN_EMPTIED, "is told");
	is_int(ensure(b), 0, "once");
	is_int(add(b, "192.0.2.1", 3000), 0, "a ban");
	is_int(add(b, "192.0.2.2", 3000), 0, "another");
	is_int(take_back(b, "192.0.2.2"), 0, "that is taken back");
	is_int(add(b, "192.0.2.3", 1), 0, "one that is over soon");
	is_int(add(b, "2001:db8:7::/48", 3000), 0, "IPv6");
	ok(runs("nft add table inet other2"), "somebody else's rules");
	is_int(ensure(b), BAN_TOUCHED, "touch no bans");
	ok(runs("nft flush set inet holdfast banned6_48"), "a set is emptied");
	is_int(ensure(b), BAN_TOUCHED | BAN_EMPTIED, "and found out");
}

static void test_gone(struct ban *b)
{
	ok(runs("nft delete table inet holdfast"), "the table is gone");
	is_int(add(b, "192.0.2.1", 10), -ENOENT, "a ban says so");
	is_int(ensure(b), BAN_CREATED | BAN_TOUCHED, "it is made again");
	is_int(add(b, "192.0.2.1", 1000), 0, "and bans");
	ok(runs("nft flush ruleset"), "all of it");
	is_int(ensure(b), BAN_CREATED | BAN_TOUCHED, "made again");
	ok(runs("nft flush ruleset ; add table inet holdfast ; add chain inet holdfast mine"),
	   "somebody else's table of that name");
	{
		struct diag d = {};
		unsigned found;

		is_int(ban_ensure(b, &found, &d), -EEXIST, "is not taken over");
		is_str(str_of(d.reason),
		       STR("the table inet holdfast was not made by holdfast and has other chains"),
		       "and told");
	}
	ok(runs("nft delete chain inet holdfast mine"), "when it is empty");
	is_int(ensure(b) & ~BAN_TOUCHED, BAN_REPAIRED | BAN_EMPTIED, "it is ours");
	ok(table_has("comment \"layout 1;"), "with our word");
	ok(runs("nft flush ruleset ; add table inet holdfast { comment \"layout 1\" ; } ; add set inet "
		"holdfast banned4 { type ipv4_addr ; flags interval ; } ; add chain inet holdfast x ; "
		"add rule inet holdfast x ip saddr @banned4 drop"),
	   "what must go is in use");
	is_int(ensure(b), BAN_REPAIRED | BAN_EMPTIED | BAN_TOUCHED, "all is made anew");
	is_int(add(b, "192.0.2.1", 1000), 0, "and bans");
}

/* The program is killed: bans stay, and end by themselves. */
static void test_left(void)
{
	struct timespec nap = { .tv_nsec = 50'000'000 };
	struct ban *b = open_nft();
	int status = 0, naps = 0;
	pid_t pid;

	(void)ensure(b);
	pid = fork();
	if (pid == 0) {
		struct ban *other = NULL;

		if (ban_open(&(struct ban_config){ .kind = BAN_NFT }, &other, NULL) == 0 &&
		    add(other, "192.0.2.77", 2) == 0 && add(other, "192.0.2.78", 300) == 0)
			raise(SIGKILL);
		_exit(1);
	}
	ok(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "one that is killed");
	ok(is_banned(b, "192.0.2.77") && is_banned(b, "192.0.2.78"), "its bans stay");
	is_int(ensure(b), BAN_TOUCHED, "the next one finds the table as it must be");
	while (is_banned(b, "192.0.2.77") && ++naps < 400)
		nanosleep(&nap, NULL);
	ok(naps < 400, "the kernel ends them");
	ok(is_banned(b, "192.0.2.78"), "each at its time");
	is_int(take_back(b, "192.0.2.77"), -ENOENT, "what is over cannot be taken back");
	is_int(add(b, "192.0.2.77", 300), 0, "nor does it hinder the next ban");
	ok(is_banned(b, "192.0.2.77"), "which holds");
	is_int((int64_t)count_bans(b), 3, "and is one");
	ban_close(&b);
}

int main(void)
{
	struct ban *b;

	if (!enter_namespace("nftables"))
		return done();
	b = open_nft();
	if (!b)
		return done();
	test_made(b);
	test_elements(b);
	test_batch(b);
	test_many(b);
	test_allow_list(b);
	test_altered(b);
	test_gone(b);
	ban_close(&b);
	test_left();
	return done();
}
