/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nftables back end, in a network namespace of its own; nft(8) says what the kernel has. */
#include <sched.h>
#include <sys/wait.h>

#include "action/ban.h"
#include "base/subprocess.h"
#include "tap.h"

static struct prefix prefix(const char *text)
{
	struct prefix p = {};

	if (prefix_parse(str_of(text), &p) < 0)
		printf("# %s is no prefix\n", text);
	return p;
}

/* Output of a program; empty where it fails. */
static struct str run(struct buf *out, const char *const argv[])
{
	int status = -1;

	buf_reset(out);
	if (subprocess_run(argv, 20000, out, &status) < 0 || status)
		buf_reset(out);
	return buf_view(out);
}

[[maybe_unused]] static int nft(const char *a, const char *b, const char *c, const char *d, const char *e,
	       const char *f)
{
	const char *argv[] = { "nft", a, b, c, d, e, f, NULL };
	own(buf_release) struct buf out = BUF(1 << 20);
	int status = -1;

	return subprocess_run(argv, 20000, &out, &status) < 0 ? -1 : status;
}

static struct str table(struct buf *out)
{
	return run(out, (const char *[]){ "nft", "-n", "list", "table", "inet", "holdfast", NULL });
}

[[maybe_unused]] static bool has(struct str text, const char *part)
{
	bool found = str_contains(text, str_of(part));

	if (!found)
		printf("# no \"%s\"\n", part);
	return found;
}

static void test_table(struct ban *b)
{
	own(buf_release) struct buf out = BUF(1 << 20);
	struct diag d = {};
	unsigned found = 0;
	struct str text;

	is_int(ban_ensure(b, &found, &d), 0, "a table");
	is_int(found, BAN_CREATED, "was made");
	printf("# %s\n", d.reason);
	text = table(&out);
	printf("%.*s\n", STR_FMT(text));
	is_int(ban_ensure(b, &found, &d), 0, "again");
	is_int(found, 0, "nothing to be done");
}

int main(void)
{
	struct ban *b = NULL;
	struct diag d = {};
	struct ban_item items[] = { { prefix("192.0.2.1"), 60, 0 }, { prefix("198.51.100.0/24"), 60, 0 }, {prefix("2001:db8:1::/64"), 100, 0}, {prefix("203.0.113.0/30"), 100,0} };
	struct prefix allow[] = { prefix("10.0.0.0/8"), prefix("11.0.0.0/8"), prefix("10.2.0.0/16"), prefix("2001:db8::/32"), prefix("255.255.255.0/24"), prefix("0.0.0.0/8") };
	own(buf_release) struct buf out = BUF(1 << 20);
	size_t failed = 99;
	struct str text;

	if (unshare(CLONE_NEWNET) < 0) {
		skip("nftables", "needs root and namespaces");
		return done();
	}
	if (!is_int(ban_open(&(struct ban_config){ .kind = BAN_NFT }, &b, &d), 0, "nftables"))
		return done();
	test_table(b);
	is_int(ban_add(b, items, COUNT(items), &failed, &d), 0, "add");
	is_int(failed, 0, "none");
	for (size_t i = 0; i < COUNT(items); i++) items[i].seconds = 1000;
	is_int(ban_add(b, items, COUNT(items), &failed, &d), 0, "add");
	is_int(failed, 0, "none");
	is_int(ban_allow(b, allow, COUNT(allow), &d), 0, "allow");
	text = table(&out);
	printf("%.*s\n", STR_FMT(text));
	ban_close(&b);
	return done();
}
