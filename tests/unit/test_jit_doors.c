/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The daemon's side of just-in-time access, without a kernel: packets, messages, its file, keys. */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "guard/alert.h"
#include "guard/doors_work.h"
#include "guard/keys.h"
#include "guard/packet.h"
#include "tap.h"

/* ---- packets ----------------------------------------------------------------------------------- */

static char bytes[256];

static void put_at(size_t at, struct str s) { memcpy(bytes + at, s.ptr, s.len); }

/* A packet of IPv4 with so many bytes of payload; its length. */
static size_t packet4(unsigned options, unsigned payload)
{
	size_t head = 20 + options, n = head + 8 + payload;

	memset(bytes, 0, sizeof bytes);
	bytes[0] = (char)(0x40 | head / 4);
	bytes[3] = (char)n;
	bytes[9] = IPPROTO_UDP;
	put_at(12, STR("\x0a\x63\x00\x02\x0a\x63\x00\x01"));
	put_at(head, STR("\x0f\xa0\xf2\xf9\x00"));
	bytes[head + 5] = (char)(8 + payload);
	memset(bytes + head + 8, 'x', payload);
	return n;
}

static bool parse(size_t n, struct packet *ret)
{
	return packet_parse((struct str){ bytes, n }, 62'201, ret);
}

static void test_packets(void)
{
	struct packet p = {};
	size_t n = packet4(0, 50);

	ok(parse(n, &p) && p.payload.len == 50 && p.size == 50 && p.from == net_v4(0x0a630002),
	   "IPv4");
	ok(parse(n + 10, &p) && p.payload.len == 50, "with bytes behind it");
	n = packet4(8, 50);
	ok(parse(n, &p) && p.payload.len == 50 && *p.payload.ptr == 'x', "with options");
	for (size_t i = 0; i < n; i++)
		if (parse(i, &p) ? i < 36 || p.size != 50 || p.payload.len != i - 36 : i >= 36) {
			ok(false, "a part of it");
			return;
		}
	ok(true, "cut short it still says who sent it, and how long it was");
	packet4(0, 50);
	bytes[6] = 0x20;
	ok(!parse(78, &p), "a first fragment is none");
	bytes[6] = 0;
	bytes[7] = 1;
	ok(!parse(78, &p), "and neither is a later one");
	packet4(0, 50);
	bytes[6] = 0x40;
	ok(parse(78, &p), "one that must not be cut is");
	bytes[9] = IPPROTO_TCP;
	ok(!parse(78, &p), "another protocol");
	packet4(0, 50);
	bytes[23]++;
	ok(!parse(78, &p), "another port");
	packet4(0, 50);
	bytes[25] = 7;
	ok(!parse(78, &p), "a length shorter than its header");
	bytes[25] = 59;
	ok(!parse(78, &p), "a length past the end");
	packet4(0, 50);
	bytes[0] = 0x44;
	ok(!parse(78, &p), "a header that is too short");
	bytes[0] = 0x55;
	ok(!parse(78, &p), "another version");
}

static void test_packets6(void)
{
	struct packet p = {};

	memset(bytes, 0, sizeof bytes);
	bytes[0] = 0x60;
	bytes[5] = 58;
	bytes[6] = IPPROTO_UDP;
	bytes[8] = (char)0xfd;
	bytes[23] = 2;
	put_at(40, STR("\x0f\xa0\xf2\xf9\x00\x3a"));
	ok(parse(98, &p) && p.payload.len == 50 && p.from == ((net_addr)0xfd << 120 | 2), "IPv6");
	ok(parse(97, &p) && p.payload.len == 49 && p.size == 50, "cut short");
	ok(!parse(47, &p), "too short");
	bytes[6] = 44;
	ok(!parse(98, &p), "a fragment");
	bytes[6] = IPPROTO_UDP;
	memset(bytes + 8, 0, 10);
	bytes[18] = bytes[19] = (char)0xff;
	ok(!parse(98, &p), "from an address that stands for one of IPv4");
}

/* ---- messages ---------------------------------------------------------------------------------- */

static struct message_out out;

static struct message sent(void)
{
	return (struct message){
		.rest = {out.bytes + 4, out.n - 4}
	};
}

static struct knocks_grant a_grant(void)
{
	struct knocks_grant g = {
		.deed = KNOCKS_EXTEND,
		.id = {1,  2,                   3 },
		.source = knocks_prefix(net_v4(0x0a630000), 24),
		.seconds = 3'600,
		.ports = { { IPPROTO_TCP, 22 }, { IPPROTO_UDP, 51'820 }},
		.n_ports = 2,
		.account = STR("ann"),
		.reason = STR("größe"),
		.rule = STR("default"),
		.keys = { STR("SHA256:x"), STR("")     }
	};

	return g;
}

static void test_grant(void)
{
	struct knocks_grant g = a_grant(), back;
	struct message m;
	char text[PREFIX_TEXT];

	knocks_put(&out, &g);
	m = sent();
	ok(knocks_take(&m, &back) && back.deed == KNOCKS_EXTEND && back.seconds == 3'600 &&
		   back.n_ports == 2 && back.ports[1].port == 51'820 &&
		   str_eq(back.account, g.account) && str_eq(back.reason, g.reason) &&
		   str_eq(back.keys[0], g.keys[0]),
	   "a grant");
	is_str(prefix_format(&back.source, text), STR("10.99.0.0/24"), "  its network");
	for (size_t n = out.n; n > 4; n--) {
		out.n = n - 1;
		m = sent();
		if (knocks_take(&m, &back)) {
			ok(false, "a part of it is taken");
			return;
		}
	}
	ok(true, "cut short it is none");
	g.n_ports = 0;
	knocks_put(&out, &g);
	m = sent();
	ok(!knocks_take(&m, &back), "without a port");
	g = a_grant();
	g.ports[0].port = 0;
	knocks_put(&out, &g);
	m = sent();
	ok(!knocks_take(&m, &back), "for port 0");
	g = a_grant();
	g.ports[0].protocol = IPPROTO_ICMP;
	knocks_put(&out, &g);
	m = sent();
	ok(!knocks_take(&m, &back), "for another protocol");
	g = a_grant();
	g.account = STR("");
	knocks_put(&out, &g);
	m = sent();
	ok(!knocks_take(&m, &back), "for nobody");
}

static void test_record(void)
{
	struct chain_field f[KNOCKS_FIELDS_MAX];
	struct message m;
	int64_t now = 0;
	size_t n = 0;

	message_begin(&out, MESSAGE_RECORD);
	message_put_i64(&out, 77);
	message_put_u8(&out, 1);
	message_put_u8(&out, 1);
	message_put_bytes(&out, "\6\0\0\0event\0", 10);
	message_put_str(&out, STR("5"));
	m = sent();
	ok(knocks_take_record(&m, &now, f, &n) && now == 77 && n == 1 &&
		   !strcmp(f[0].name, "event") && f[0].plain && str_eq(f[0].text, STR("5")),
	   "a line for the log");
	out.bytes[4 + 9 + 1 + 4 + 5] = 'x';
	m = sent();
	ok(!knocks_take_record(&m, &now, f, &n), "a name without its end");
	out.bytes[4 + 9 + 1 + 4 + 5] = 0;
	out.bytes[4 + 9 + 1 + 4 + 2] = 0;
	m = sent();
	ok(!knocks_take_record(&m, &now, f, &n), "a name with an end in it");
	out.bytes[4 + 8] = KNOCKS_FIELDS_MAX + 1;
	m = sent();
	ok(!knocks_take_record(&m, &now, f, &n), "too many fields");
}

static void test_account(void)
{
	struct buf b own(buf_release) = BUF(4'096);
	struct judge_account a = { .may_log_in = true,
				   .command = true,
				   .n_keys = 2,
				   .keys = { STR("one"), STR("") },
				   .principals = STR("") },
			     back = {};

	ok(knocks_put_account(&b, 0, &a) == 0 && knocks_read_account(buf_view(&b), &back) == 0 &&
		   back.may_log_in && back.command && back.n_keys == 2 &&
		   str_eq(back.keys[0], STR("one")),
	   "an account");
	ok(back.principals.ptr && !back.authorities.ptr,
	   "  what is empty is not what is not there");
	for (size_t i = 0; i < b.len; i++)
		if (knocks_read_account(str_sub(buf_view(&b), 0, i), &back) != -EBADMSG) {
			ok(false, "a part of it is taken");
			return;
		}
	ok(true, "cut short it is none");
	buf_reset(&b);
	ok(knocks_put_account(&b, -EAGAIN, NULL) == 0 &&
		   knocks_read_account(buf_view(&b), &back) == -EAGAIN,
	   "an error");
}

/* ---- the file ---------------------------------------------------------------------------------- */

static void test_file(void)
{
	static struct doors x, y;
	struct buf b own(buf_release) = BUF(1 << 20), c own(buf_release) = BUF(1 << 20);
	char boot[KNOCKS_BOOT_MAX] = "";
	struct diag d = {};

	x = y = DOORS_NONE;
	x.n_ports = 1;
	x.ports[0] = (struct shut_port){
		{IPPROTO_TCP, 22},
                true
	};
	x.pending_until = 5;
	x.grants[0] = (struct grant){ .state = GRANT_OPEN,
				      .source = knocks_prefix(net_v4(0x0a630000), 24),
				      .ports = { { IPPROTO_TCP, 22 } },
				      .n_ports = 1,
				      .seconds = 60,
				      .account = "ann",
				      .reason = "a \"b\"\n\xff" };
	ok(doors_format(&x, &b) == 0 && doors_parse(buf_view(&b), &y, boot, &d) == 0 &&
		   !d.reason[0],
	   "it is written and read");
	ok(y.n_ports == 1 && y.ports[0].pending && y.pending_until == 5 &&
		   y.grants[0].seconds == 60 && !strcmp(y.grants[0].account, "ann"),
	   "  as it was");
	y = DOORS_NONE;
	is_int(doors_parse(STR("{\"port\":\"22/tcp\"}\nnonsense\n{\"grant\":\"0\"}\n"
			       "{\"grant\":\"00000000000000000000000000000001\",\"state\":2,"
			       "\"source\":\"0.0.0.0/0\",\"ports\":\"22/tcp\"}\n"
			       "{\"port\":\"443/tcp\",\"pending\":true}\n"),
			   &y, boot, &d),
	       0, "one that is damaged locks nobody out");
	ok(y.n_ports == 2 && !y.ports[0].pending && y.ports[1].pending &&
		   y.grants[0].state == GRANT_FREE && d.line == 2,
	   "  what is right of it counts, and the first fault is told");
	buf_release(&c);
}

static void test_fits(void)
{
	struct prefix p = knocks_prefix(net_v4(0x0a630002), 32);

	ok(door_fits(&p), "an address");
	p = knocks_prefix(net_v4(0x0a630000), 16);
	ok(door_fits(&p), "a /16");
	p = knocks_prefix(net_v4(0x0a620000), 15);
	ok(!door_fits(&p), "not a /15");
	p = knocks_prefix((net_addr)0xfd << 120, 64);
	ok(door_fits(&p), "a /64");
	p = knocks_prefix((net_addr)0xfd << 120, 96);
	ok(!door_fits(&p), "not a /96");
	p = knocks_prefix(0, 0);
	ok(!door_fits(&p), "not all");
}

/* ---- whose keys count -------------------------------------------------------------------------- */

static char top[64];

static void put(const char *path, mode_t mode, const char *fmt, ...) PRINTF(3, 4);
static void put(const char *path, mode_t mode, const char *fmt, ...)
{
	char full[256];
	va_list ap;
	FILE *f;

	(void)snprintf(full, sizeof full, "%s/%s", top, path);
	for (char *s = full + strlen(top) + 1; (s = strchr(s, '/')); *s++ = '/') {
		*s = '\0';
		(void)!mkdir(full, 0755);
	}
	f = fopen(full, "w");
	if (!f)
		abort();
	va_start(ap, fmt);
	(void)vfprintf(f, fmt, ap);
	va_end(ap);
	(void)fclose(f);
	(void)chmod(full, mode);
}

static struct keys *keys;
static struct arena arena;
static struct judge_account found;

static bool look(const char *account, const char *address)
{
	found = (struct judge_account){};
	return keys_look_up(keys, str_of(account), str_of(address), &arena, &found) == 0;
}

static void config(const char *text)
{
	static unsigned n;

	/* Another size each time: it may be the same moment for the file system. */
	put("etc/ssh/sshd_config", 0600, "%s#%0*d\n", text, (int)(++n), 0);
}

static void test_keys(void)
{
	const unsigned uid = getuid();

	put("bin/sh", 0755, "x");
	put("etc/passwd", 0644,
	    "root:x:0:0::/root:/bin/sh\nann:x:%u:7::/home/ann:/bin/sh\n"
	    "bob:x:9:9::/home/bob:/bin/missing\nold:x:%u:7::/home/ann:/bin/sh\n",
	    uid, uid);
	put("etc/shadow", 0600, "root:*:1::::::\nann:*:1::::::\nbob:*:1::::::\nold:*:1:::::9:\n");
	put("etc/group", 0644, "root:x:0:\nstaff:x:7:\n");
	put("home/ann/.ssh/authorized_keys", 0600, "ssh-ed25519 AAAA ann\n");
	config("UsePAM no\n");
	ok(look("ann", "10.0.0.1") && found.may_log_in && found.n_keys == 1 &&
		   str_contains(found.keys[0], STR("AAAA")) && !found.principals.ptr,
	   "an account with its keys");
	ok(look("mallory", "10.0.0.1") && !found.may_log_in && !found.n_keys,
	   "one that is not there");
	ok(look("bob", "10.0.0.1") && !found.may_log_in, "one whose shell is not there");
	ok(look("old", "10.0.0.1") && !found.may_log_in, "one that is over");
	config("UsePAM no\nMatch Address 10.0.0.0/24\nDenyUsers ann\n");
	ok(look("ann", "10.0.0.1") && !found.may_log_in, "denied from there");
	ok(look("ann", "10.0.1.1") && found.may_log_in, "  and not from elsewhere");
	config("UsePAM no\nPubkeyAuthentication no\n");
	ok(look("ann", "10.0.0.1") && !found.may_log_in, "keys do not count");
	config("UsePAM no\nAuthenticationMethods password\n");
	ok(look("ann", "10.0.0.1") && !found.may_log_in, "nor with other methods alone");
	config("UsePAM no\nNonsense yes\n");
	ok(look("ann", "10.0.0.1") && !found.may_log_in, "sshd would not start");
	config("UsePAM no\nTrustedUserCAKeys /etc/ssh/ca\nAuthorizedPrincipalsFile %h/principals\n");
	put("etc/ssh/ca", 0644, "ssh-ed25519 CA\n");
	put("home/ann/principals", 0644, "admins\n");
	ok(look("ann", "10.0.0.1") && str_contains(found.authorities, STR("CA")) &&
		   str_eq(found.principals, STR("admins\n")),
	   "authorities and principals");
	config("UsePAM no\nTrustedUserCAKeys /etc/ssh/ca\nAuthorizedPrincipalsCommand /bin/sh\n"
	       "AuthorizedPrincipalsCommandUser nobody\n");
	ok(look("ann", "10.0.0.1") && found.principals.ptr && !found.principals.len,
	   "what a program would say names nobody");
	config("UsePAM no\nAuthorizedKeysCommand /bin/sh %u\nAuthorizedKeysCommandUser nobody\n");
	ok(look("ann", "10.0.0.1") && found.command, "a program has a say");
	config("UsePAM no\nMatch User bob\nAuthorizedKeysCommand /bin/sh\n"
	       "AuthorizedKeysCommandUser nobody\n");
	ok(look("ann", "10.0.0.1") && !found.command, "not for others");
	config("UsePAM no\nRevokedKeys /etc/ssh/revoked\n");
	ok(!look("ann", "10.0.0.1"), "revoked keys that are missing: nobody is judged");
	put("etc/ssh/revoked", 0644, "SSHKRL\n%c", 0);
	ok(look("ann", "10.0.0.1") && found.revoked.len == 8, "those in ssh-keygen's form");
	put("etc/ssh/revoked", 0644, "ssh-ed25519 OLD\n");
	ok(look("ann", "10.0.0.1") && str_contains(found.revoked, STR("OLD")), "those that are");
	config("UsePAM no\n");
	put("home/ann/.ssh/authorized_keys", 0620, "ssh-ed25519 BBBB ann\n");
	ok(look("ann", "10.0.0.1") && !found.n_keys, "keys that others may write");
	put("home/ann/.ssh/authorized_keys", 0600, "ssh-ed25519 BBBB ann\n");
	ok(look("ann", "10.0.0.1") && found.n_keys == 1 && str_contains(found.keys[0], STR("BBBB")),
	   "what has changed is read anew");
	put("etc/nologin", 0644, "later\n");
	ok(look("ann", "10.0.0.1") && (!found.may_log_in || !uid), "nobody may log in now");
}

int main(void)
{
	struct root root own(root_release) = ROOT_NONE;
	char command[128];

	test_packets();
	test_packets6();
	test_grant();
	test_record();
	test_account();
	test_file();
	test_fits();
	(void)snprintf(top, sizeof top, "/tmp/holdfast-doors-XXXXXX");
	if (!mkdtemp(top))
		return 1;
	(void)chmod(top, 0755);
	if (root_open(top, false, &root) < 0 || keys_new(&root, NULL, &keys) < 0)
		return 1;
	test_keys();
	keys_free(&keys);
	arena_release(&arena);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", top);
	(void)!system(command); /* NOLINT(cert-env33-c): a name of our own */
	return done();
}
