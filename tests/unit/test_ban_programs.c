/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The back ends that run programs: ipset with iptables, and a user's own. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/stat.h>

#include "action/ban_command.h"
#include "ban_net.h"

static int add(struct ban *b, const char *text, uint32_t seconds)
{
	struct ban_item item = { prefix(text), seconds, 0 };
	int r = ban_add(b, &item, 1, NULL, NULL);

	return r < 0 ? r : item.error;
}

static int take_back(struct ban *b, const char *text)
{
	struct ban_item item = { prefix(text), 0, 0 };
	int r = ban_remove(b, &item, 1, NULL, NULL);

	return r < 0 ? r : item.error;
}

/* Whether a datagram from that address of this machine comes in. */
static bool comes_in(const char *from)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in self = { .sin_family = AF_INET };
	own(close_fd) int in = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	own(close_fd) int out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct pollfd wait = { .fd = in, .events = POLLIN };
	socklen_t len = sizeof to;

	if (inet_pton(AF_INET, from, &self.sin_addr) != 1 ||
	    bind(in, (struct sockaddr *)&to, sizeof to) < 0 ||
	    getsockname(in, (struct sockaddr *)&to, &len) < 0 ||
	    bind(out, (struct sockaddr *)&self, sizeof self) < 0)
		return false;
	(void)!sendto(out, "x", 1, 0, (struct sockaddr *)&to, sizeof to);
	return poll(&wait, 1, 300) == 1;
}

static unsigned ensure(struct ban *b)
{
	struct diag d = {};
	unsigned found = 99;

	if (!is_int(ban_ensure(b, &found, &d), 0, "ensure"))
		printf("# %s\n", d.reason);
	return found;
}

#define MANY 5000u

static void test_ipset_many(struct ban *b)
{
	own(free_ptr) struct ban_item *items = calloc(MANY, sizeof *items);
	size_t failed = 9;

	for (uint32_t i = 0; i < MANY; i++)
		items[i] = (struct ban_item){
			prefix_v4((uint8_t[]){ 20, 0, (uint8_t)(i >> 8), (uint8_t)i }, 32), 600, 0
		};
	items[17].prefix = prefix("8.0.0.0/7");
	items[18].prefix = prefix("2001:db8:9::/48");
	is_int(ban_add(b, items, MANY, &failed, NULL), 0, "many");
	is_int((int64_t)failed, 1, "all but one are taken");
	is_int(items[17].error, -E2BIG, "the one that is too big");
	is_int((int64_t)count_bans(b), MANY - 1, "listed");
	is_int(ban_remove(b, items, MANY, &failed, NULL), 0, "removed");
	is_int((int64_t)count_bans(b), 0, "gone");
}

static void test_ipset(void)
{
	struct ban *b = NULL;
	struct diag d = {};
	struct prefix allow[] = { prefix("127.0.0.2"), prefix("2001:db8::/32") };
	int r = ban_open(&(struct ban_config){ .kind = BAN_IPSET }, &b, &d);

	if (r == -ENOENT || !runs("ipset create probe hash:net timeout 1") ||
	    !runs("iptables -t raw -S")) {
		skip("ipset", "the programs or the kernel's sets are not there");
		ban_close(&b);
		return;
	}
	is_int(r, 0, "ipset");
	is_int(ensure(b), BAN_CREATED, "sets and rules are made");
	is_int(ensure(b), 0, "once");
	ok(comes_in("127.0.0.2"), "a packet");
	is_int(add(b, "127.0.0.2", 600), 0, "its host is banned");
	is_int(add(b, "127.0.0.2", 900), 0, "for longer");
	ok(!comes_in("127.0.0.2"), "and out");
	ok(comes_in("127.0.0.3"), "others are not");
	is_int(add(b, "127.0.3.0/24", 600), 0, "a network");
	ok(!comes_in("127.0.3.77"), "is out, too");
	is_int((int64_t)count_bans(b), 2, "two bans");
	ok(is_banned(b, "127.0.3.0/24"), "the network is listed");
	is_int(ban_allow(b, allow, COUNT(allow), NULL), 0, "an allow list");
	ok(comes_in("127.0.0.2"), "wins");
	is_int(ban_allow(b, NULL, 0, NULL), 0, "none");
	ok(!comes_in("127.0.0.2"), "does not");
	ok(runs("iptables -t raw -I PREROUTING 1 -j ACCEPT"), "a way around");
	is_int(ensure(b), BAN_REPAIRED, "is closed");
	ok(!comes_in("127.0.0.2"), "again");
	ok(runs("iptables -t raw -F HOLDFAST"), "no rules");
	is_int(ensure(b), BAN_REPAIRED, "are made again");
	ok(runs("iptables -t raw -A PREROUTING -j HOLDFAST"), "twice");
	is_int(ensure(b), BAN_REPAIRED, "is once");
	is_int(ensure(b), 0, "and right");
	ok(!comes_in("127.0.0.2"), "still out");
	is_int(take_back(b, "127.0.0.2"), 0, "unbanned");
	is_int(take_back(b, "127.0.0.2"), -ENOENT, "once");
	ok(comes_in("127.0.0.2"), "it comes in");
	is_int(take_back(b, "127.0.3.0/24"), 0, "the network, too");
	test_ipset_many(b);
	ok(runs("iptables -t raw -F") && runs("ip6tables -t raw -F") && runs("ipset destroy"),
	   "all of it removed");
	is_int(add(b, "127.0.0.2", 600), -ENOENT, "a ban says so");
	ban_close(&b);
}

static char folder[] = "/tmp/holdfast-ban-XXXXXX";

static const char *script(const char *name, const char *text)
{
	static char paths[8][64];
	static unsigned n;
	char *path = paths[n++ % COUNT(paths)];
	FILE *f;

	(void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	f = fopen(path, "we");
	if (!f)
		return "";
	(void)fprintf(f, "#!/bin/sh\n%s\n", text);
	(void)fclose(f);
	return chmod(path, 0700) == 0 ? path : "";
}

static int open_command(const struct ban_command_config *c, struct ban **ret, struct diag *d)
{
	return ban_open(&(struct ban_config){ .kind = BAN_COMMAND, .command = c }, ret, d);
}

static void test_fill(void)
{
	struct ban_item v4 = { prefix("192.0.2.0/24"), 60, 0 },
			v6 = { prefix("2001:db8::1"), 5, 0 };
	char out[BAN_COMMAND_ARG_MAX], big[2000] = "";

	is_int(ban_command_fill("{prefix}|{address}/{length} {family} {seconds} {{x}", &v4, out), 0,
	       "placeholders");
	is_str(str_of(out), STR("192.0.2.0/24|192.0.2.0/24 4 60 {x}"), "are filled in");
	is_int(ban_command_fill("{prefix} {length} {family}", &v6, out), 0, "IPv6");
	is_str(str_of(out), STR("2001:db8::1 128 6"), "too");
	is_int(ban_command_fill("{nonsense}", &v4, out), -EINVAL, "an unknown one");
	is_int(ban_command_fill("{prefix", &v4, out), -EINVAL, "an open one");
	memset(big, 'x', sizeof big - 1);
	is_int(ban_command_fill(big, &v4, out), -E2BIG, "too long");
}

static void test_command_faults(void)
{
	const char *const relative[] = { "true", NULL }, *const none[] = { "/nowhere", NULL };
	const char *const wrong[] = { "/bin/true", "{who}", NULL }, *const good[] = { "/bin/true",
										      NULL };
	const char *const slow[] = { "/bin/sleep", "30", NULL };
	const char *const loud[] = { "/usr/bin/yes", NULL }, *const bad[] = { "/bin/false", NULL };
	struct ban *b = NULL;
	struct diag d = {};

	is_int(open_command(&(struct ban_command_config){ .add = relative, .remove = good }, &b,
			    &d),
	       -EINVAL, "a relative path");
	is_int(open_command(&(struct ban_command_config){ .add = none, .remove = good }, &b, NULL),
	       -ENOENT, "no program");
	is_int(open_command(&(struct ban_command_config){ .add = wrong, .remove = good }, &b, NULL),
	       -EINVAL, "an unknown placeholder");
	is_int(open_command(&(struct ban_command_config){ .add = good }, &b, NULL), -EINVAL,
	       "none to unban");
	is_int(open_command(&(struct ban_command_config){ .add = slow,
							  .remove = loud,
							  .timeout_ms = 300 },
			    &b, NULL),
	       0, "bad programs");
	is_int(add(b, "192.0.2.1", 5), -ETIME, "one that hangs");
	is_int(take_back(b, "192.0.2.1"), -EFBIG, "one that writes for ever");
	ban_close(&b);
	is_int(open_command(&(struct ban_command_config){ .add = bad, .remove = good }, &b, NULL),
	       0, "one that fails");
	is_int(add(b, "192.0.2.1", 5), -EPROTO, "is told");
	is_int(ban_list(b, ban_text_add, NULL, NULL), -EOPNOTSUPP, "no list");
	ban_close(&b);
}

/* A program that keeps its bans in a file. */
static void test_command(void)
{
	const char *const add_argv[] = { script("add", "echo \"$1 $2\" >> \"$0.out\""), "{prefix}",
					 "{seconds}", NULL };
	const char *const remove_argv[] = {
		script("remove",
		       "f=${0%remove}add.out; grep -v \"^$1 \" $f > $f.new; mv $f.new $f"),
		"{prefix}", NULL
	};
	const char *const list_argv[] = { script("list", "cat ${0%list}add.out"), NULL };
	const char *const check_argv[] = { script("check", "test -s ${0%check}add.out"), NULL };
	const struct ban_command_config c = {
		.add = add_argv, .remove = remove_argv, .list = list_argv, .check = check_argv
	};
	struct prefix allow = prefix("10.0.0.0/8");
	struct ban *b = NULL;

	if (!is_int(open_command(&c, &b, NULL), 0, "programs"))
		return;
	is_int(ensure(b), BAN_EMPTIED, "none are banned");
	is_int(add(b, "192.0.2.1", 60), 0, "a ban");
	is_int(add(b, "2001:db8::/64", 60), 0, "another");
	is_int(ensure(b), 0, "some are");
	is_int((int64_t)count_bans(b), 2, "both are listed");
	ok(is_banned(b, "2001:db8::/64"), "as they were given");
	is_int(take_back(b, "192.0.2.1"), 0, "unban");
	ok(!is_banned(b, "192.0.2.1"), "is out of the list");
	is_int(ban_allow(b, &allow, 1, NULL), 0, "an allow list");
	is_int(add(b, "10.1.2.3", 60), -EACCES, "is checked here");
	ban_close(&b);
}

int main(void)
{
	test_fill();
	test_command_faults();
	if (mkdtemp(folder)) {
		char remove[64];

		test_command();
		(void)snprintf(remove, sizeof remove, "rm -r %s", folder);
		ok(runs(remove), "nothing is left");
	}
	if (enter_namespace("ipset"))
		test_ipset();
	return done();
}
