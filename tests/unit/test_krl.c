/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of revoked keys: what ssh-keygen -k writes, read as ssh-keygen -Q reads it. */
#include <sodium.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "base/file.h"
#include "ssh/authorized.h"
#include "ssh/krl.h"
#include "ssh/wire.h"
#include "tap.h"

static char folder[] = "/tmp/holdfast-krl-XXXXXX";

static int run(const char *fmt, ...) PRINTF(1, 2);
static int run(const char *fmt, ...)
{
	char command[2048], all[2200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof command, fmt, ap);
	va_end(ap);
	snprintf(all, sizeof all, "cd %s && { %s; } >>log 2>&1", folder, command);
	return system(all); /* NOLINT(cert-env33-c): a test's own commands */
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static struct str slurp(struct arena *a, const char *name)
{
	struct str s = {};

	return file_read(path_of(name), 1 << 20, a, &s) ? (struct str){} : s;
}

static bool spill(const char *name, struct str s)
{
	FILE *f = fopen(path_of(name), "w");
	bool good = f && fwrite(s.ptr, 1, s.len, f) == s.len;

	return f && !fclose(f) && good;
}

static bool key_in(struct arena *a, const char *name, struct public_key *ret)
{
	struct str text = slurp(a, name), base64;
	char *room = arena_alloc(a, SSH_BLOB_MAX);
	size_t n = 0;

	(void)str_word(&text);
	base64 = str_word(&text);
	return room &&
	       !sodium_base642bin((unsigned char *)room, SSH_BLOB_MAX, base64.ptr, base64.len, NULL,
				  &n, NULL, sodium_base64_VARIANT_ORIGINAL) &&
	       !public_key_parse((struct str){ room, n }, ret);
}

/* ---- what there is ------------------------------------------------------------------------------ */

static const char *const keys[] = { "ed", "rsa", "p256", "p521", "spare", "ca", "ca2" };
/* name, authority, serial number, key id */
static const struct certificate {
	const char *name, *authority, *serial, *id;
} certificates[] = {
	{"none",  "ca",  "0",                    "ann"  },
        { "one",  "ca",  "1",                    "ann"  },
	{ "five", "ca",  "5",                    "bob"  },
        { "six",  "ca",  "6",                    "eve"  },
	{ "much", "ca",  "70",                   "zoe x"},
        { "most", "ca",  "18446744073709551615", "most" },
	{ "two5", "ca2", "5",                    "bob"  },
};

static void make(void)
{
	static const char *const kinds[] = { "ed25519",      "rsa -b 2048", "ecdsa -b 256",
					     "ecdsa -b 521", "ed25519",     "rsa -b 2048",
					     "ed25519" };

	for (size_t i = 0; i < COUNT(keys); i++)
		run("ssh-keygen -q -t %s -N '' -f %s", kinds[i], keys[i]);
	for (size_t i = 0; i < COUNT(certificates); i++) {
		const struct certificate *c = &certificates[i];

		run("cp spare.pub %s.pub; ssh-keygen -q -s %s -z %s -I '%s' -n ann %s.pub", c->name,
		    c->authority, c->serial, c->id, c->name);
	}
}

/* ssh-keygen -Q and we, of every key and certificate; how many are revoked. */
static unsigned compare(const char *list, const char *what)
{
	struct arena own(arena_release) a = {};
	struct str krl = slurp(&a, list);
	unsigned revoked = 0, differ = 0;

	for (size_t i = 0; i < COUNT(keys) + COUNT(certificates); i++) {
		char name[64];
		struct public_key k;
		int theirs, ours;

		if (i < COUNT(keys))
			snprintf(name, sizeof name, "%s.pub", keys[i]);
		else
			snprintf(name, sizeof name, "%s-cert.pub",
				 certificates[i - COUNT(keys)].name);
		theirs = run("ssh-keygen -Q -f %s %s", list, name) != 0;
		ours = key_in(&a, name, &k) ? krl_revokes(krl, &k) : -ENOENT;
		if (ours != theirs && differ++ < 5)
			printf("# %s: %s: ssh-keygen says %d, we %d\n", what, name, theirs, ours);
		revoked += ours == 1;
	}
	is_int(differ, 0, what);
	return revoked;
}

static const struct list {
	const char *what, *with, *specification;
	unsigned revoked;
} lists[] = {
	{"nothing",		     "",           "",				 0},
	{ "one key",                    "",           "key: @ed@\n",                      1},
	{ "by SHA-1",                   "",           "sha1: @rsa@\n",                    1},
	{ "by SHA-256",                 "",           "sha256: @p521@\nsha256: @p256@\n", 2},
 /* `spare` is certified seven times */
	{ "a key that is certified",    "",           "key: @spare@\n",                   8},
	{ "the same by SHA-1",          "",           "sha1: @spare@\n",                  8},
	{ "the same by SHA-256",        "",           "sha256: @spare@\n",                8},
	{ "an authority",               "",           "key: @ca2@\n",                     2},
	{ "an authority by SHA-256",    "",           "sha256: @ca@\n",                   7},
	{ "an authority by SHA-1",      "",           "sha1: @ca@\n",                     7},
	{ "a serial number",            "-s ca.pub",  "serial: 5\n",                      1},
	{ "the same, of any authority", "-s none",    "serial: 5\n",                      2},
	{ "a range",                    "-s ca.pub",  "serial: 5-100\n",                  3},
	{ "everything",                 "-s ca.pub",  "serial: 1-18446744073709551615\n", 5},
	{ "the last one",               "-s ca.pub",  "serial: 18446744073709551615\n",   1},
	{ "a bitmap",                   "-s ca.pub",
         "serial: 1\nserial: 3\nserial: 5\nserial: 7\nserial: 9\n"
	  "serial: 11\nserial: 70\n",						     3},
	{ "a bitmap that begins later", "-s ca.pub",
         "serial: 6\nserial: 8\nserial: 10\nserial: 12\n"
	  "serial: 14\nserial: 70\nserial: 72\n",					 2},
	{ "serial numbers far apart",   "-s ca.pub",
         "serial: 1\nserial: 1000000\nserial: 99999999999\n"
	  "serial: 18446744073709551615\n",					       2},
	{ "a key id",                   "-s ca.pub",  "id: ann\n",                        2},
	{ "a key id of any authority",  "-s none",    "id: bob\n",                        2},
	{ "one with a blank",           "-s ca.pub",  "id: zoe x\n",                      1},
	{ "a key id of nobody",         "-s ca.pub",  "id: an\nid: annn\nid: Ann\n",      0},
	{ "another authority's",        "-s ca2.pub", "serial: 5-6\n",                    1},
	{ "all kinds at once",          "-s ca.pub",
         "serial: 1\nserial: 5-6\nid: most\nkey: @ed@\n"
	  "sha1: @p256@\nsha256: @ca2@\n",						8},
};

/* @NAME@ stands for the public key. */
static void specify(struct arena *a, const char *text)
{
	struct buf own(buf_release) out = BUF(1 << 16);

	for (; *text; text++) {
		char name[32];
		const char *end = strchr(text + 1, '@');

		if (*text != '@' || !end) {
			buf_add(&out, text, 1);
			continue;
		}
		snprintf(name, sizeof name, "%.*s.pub", (int)(end - text - 1), text + 1);
		buf_str(&out, str_trim(slurp(a, name)));
		text = end;
	}
	spill("specification", buf_view(&out));
}

static void list_case(const struct list *l)
{
	struct arena own(arena_release) a = {};
	struct public_key k;

	specify(&a, l->specification);
	if (!is_int(run("rm -f krl; ssh-keygen -q -k -f krl %s specification", l->with), 0,
		    l->what))
		return;
	is_int(compare("krl", l->what), l->revoked, "so many");
	if (!key_in(&a, "one-cert.pub", &k))
		return;
	/* Whatever is cut off is not understood. */
	for (size_t n = 0; n < slurp(&a, "krl").len; n++) {
		struct str part = str_sub(slurp(&a, "krl"), 0, n);
		int r = krl_revokes(part, &k);

		/* Between two sections it ends as a list ends. */
		spill("part", part);
		if (r >= 0 && !run("ssh-keygen -Q -f part one-cert.pub") != !r)
			is_int(r, 1, "a list that is cut off");
	}
}

/* Certificates that one list names and another one adds to: as they are revoked in practice. */
static void updated(void)
{
	is_int(run("rm -f krl; ssh-keygen -q -k -f krl one-cert.pub && "
		   "ssh-keygen -q -k -u -f krl none-cert.pub two5-cert.pub ed.pub"),
	       0, "a list that grows");
	is_int(compare("krl", "certificates"), 4, "as ssh-keygen lists them");
}

/* Any byte may be another one: never less is revoked than ssh-keygen says. */
static void damaged(void)
{
	static const char *const names[] = { "ed.pub", "five-cert.pub" };
	struct arena own(arena_release) a = {};
	unsigned worse = 0, asked = 0;
	struct str krl;

	specify(&a, lists[COUNT(lists) - 1].specification);
	run("rm -f krl; ssh-keygen -q -k -f krl -s ca.pub specification");
	krl = slurp(&a, "krl");
	for (size_t i = 0; i < krl.len; i += 1 + i % 5) {
		char *copy = arena_alloc(&a, krl.len);
		struct public_key k;

		memcpy(copy, krl.ptr, krl.len);
		copy[i] ^= (char)(1 << i % 8);
		if (!key_in(&a, names[i % 2], &k) ||
		    krl_revokes((struct str){ copy, krl.len }, &k) != 0)
			continue;
		asked++;
		spill("damaged", (struct str){ copy, krl.len });
		if (run("ssh-keygen -Q -f damaged %s", names[i % 2]) && worse++ < 5)
			printf("# byte %zu of %zu\n", i, krl.len);
	}
	printf("# %u of them were put to ssh-keygen\n", asked);
	is_int(worse, 0, "what we let in, it does");
	ok(asked > 0, "some were");
}

/* ---- what ssh-keygen does not write --------------------------------------------------------------- */

static void put_head(struct buf *b, uint32_t version)
{
	buf_add(b, "SSHKRL\n", 8);
	wire_put_u32(b, version);
	wire_put_u64(b, 1);
	wire_put_u64(b, 1'790'000'000);
	wire_put_u64(b, 0);
	wire_put_string(b, STR(""));
	wire_put_string(b, STR("made by hand"));
}

static void put_section(struct buf *b, uint8_t kind, struct str bytes)
{
	wire_put_u8(b, kind);
	wire_put_string(b, bytes);
}

/* A list with certificates of any authority, revoked in one way. */
static int by_hand(uint8_t kind, struct str bytes, const struct public_key *k)
{
	struct buf own(buf_release) b = BUF(1 << 16), part = BUF(1 << 16);

	put_head(&b, 1);
	wire_put_string(&part, STR(""));
	wire_put_string(&part, STR(""));
	put_section(&part, kind, bytes);
	put_section(&b, 1, buf_view(&part));
	return krl_revokes(buf_view(&b), k);
}

static struct str numbers(struct buf *b, uint64_t x, uint64_t y)
{
	buf_reset(b);
	wire_put_u64(b, x);
	wire_put_u64(b, y);
	return buf_view(b);
}

static struct str bitmap(struct buf *b, uint64_t first, struct str bits)
{
	buf_reset(b);
	wire_put_u64(b, first);
	wire_put_string(b, bits);
	return buf_view(b);
}

static void hostile(void)
{
	struct arena own(arena_release) a = {};
	struct buf own(buf_release) b = BUF(1 << 16), section = BUF(1 << 16);
	struct public_key five, ed;
	char many[4096];

	if (!key_in(&a, "five-cert.pub", &five) || !key_in(&a, "ed.pub", &ed))
		return;
	memset(many, 0x7f, sizeof many);
	is_int(by_hand(0x20, numbers(&b, 5, 9), &five), 1, "by hand: serials");
	is_int(by_hand(0x20, numbers(&b, 0, 9), &five), -EBADMSG, "0 is none");
	is_int(by_hand(0x21, numbers(&b, 1, 9), &five), 1, "a range");
	is_int(by_hand(0x21, numbers(&b, 0, 9), &five), -EBADMSG, "from 0");
	is_int(by_hand(0x21, numbers(&b, 9, 1), &five), -EBADMSG, "backwards");
	is_int(by_hand(0x21, str_sub(numbers(&b, 1, 9), 0, 12), &five), -EBADMSG, "half of one");
	is_int(by_hand(0x22, bitmap(&b, 4, STR("\x02")), &five), 1, "a bitmap");
	is_int(by_hand(0x22, bitmap(&b, 4, STR("\x01")), &five), 0, "of another one");
	is_int(by_hand(0x22, bitmap(&b, 0, STR("\x21")), &five), -EBADMSG, "with number 0");
	is_int(by_hand(0x22, bitmap(&b, 0, STR("\x20")), &five), 1, "without");
	is_int(by_hand(0x22, bitmap(&b, UINT64_MAX - 3, STR("\x7f")), &five), -EBADMSG,
	       "over the end");
	is_int(by_hand(0x22, bitmap(&b, 1, STR("\x80")), &five), -EBADMSG, "negative");
	is_int(by_hand(0x22, bitmap(&b, 1, (struct str){ many, sizeof many }), &five), -EBADMSG,
	       "longer than sshd reads");
	is_int(by_hand(0x23, (struct str){ "\0\0\0\3bob", 7 }, &five), 1, "a key id");
	is_int(by_hand(0x23, (struct str){ "\0\0\0\4bob\0", 8 }, &five), 1, "with its end");
	is_int(by_hand(0x23, (struct str){ "\0\0\0\5bo\0b\0", 9 }, &five), -EBADMSG,
	       "with a zero inside");
	is_int(by_hand(0x39, STR(""), &five), -EBADMSG, "an extension");
	buf_reset(&b);
	put_head(&b, 2);
	is_int(krl_revokes(buf_view(&b), &ed), -EBADMSG, "another version");
	for (uint8_t kind = 0; kind < 8; kind++) {
		buf_reset(&b);
		put_head(&b, 1);
		put_section(&b, kind, STR(""));
		is_int(krl_revokes(buf_view(&b), &ed),
		       kind == 2 || kind == 3 || kind == 5 ? 0 : -EBADMSG, "an empty section");
	}
	buf_reset(&b);
	put_head(&b, 1);
	wire_put_string(&section, STR("short"));
	put_section(&b, 5, buf_view(&section));
	is_int(krl_revokes(buf_view(&b), &ed), -EBADMSG, "a fingerprint that is too short");
	is_int(krl_revokes((struct str){ "SSHKRL\n", 8 }, &ed), -EBADMSG, "its first bytes alone");
	is_int(authorized_revoked((struct str){ "SSHKRL\n", 8 }, &ed), -EBADMSG,
	       "RevokedKeys that are not understood");
}

int main(void)
{
	if (sodium_init() < 0 || !mkdtemp(folder))
		return 1;
	if (run("command -v ssh-keygen")) {
		skip("krl", "there is no ssh-keygen");
	} else {
		make();
		for (size_t i = 0; i < COUNT(lists); i++)
			list_case(&lists[i]);
		updated();
		damaged();
		hostile();
	}
	run("cd / && rm -rf %s", folder);
	return done();
}
