/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SSH's formats against ssh-keygen and ssh-agent: what OpenSSH makes we read, and the other way. */
#include <sodium.h>
#include <stdarg.h>

#include "base/file.h"
#include "ssh/agent.h"
#include "ssh/authorized.h"
#include "ssh/host_key.h"
#include "ssh/signature.h"
#include "ssh/wire.h"
#include "tap.h"

static char folder[] = "/tmp/holdfast-ssh-XXXXXX";

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

static struct str slurp(struct arena *a, const char *name)
{
	char path[256];
	struct str s = {};

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (file_read(path, 1 << 20, a, &s))
		return (struct str){};
	return s;
}

static bool spill(const char *name, struct str s)
{
	char path[256];
	FILE *f;
	bool good;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f)
		return false;
	good = fwrite(s.ptr, 1, s.len, f) == s.len;
	return !fclose(f) && good;
}

/* The blob of a .pub file. */
static struct str blob_of(struct arena *a, const char *name)
{
	struct str text = slurp(a, name), base64;
	char *room = arena_alloc(a, SSH_BLOB_MAX);
	size_t n = 0;

	(void)str_word(&text);
	base64 = str_word(&text);
	if (sodium_base642bin((unsigned char *)room, SSH_BLOB_MAX, base64.ptr, base64.len, NULL, &n,
			      NULL, sodium_base64_VARIANT_ORIGINAL))
		return (struct str){};
	return (struct str){ room, n };
}

static struct str binary_signature(struct arena *a, const char *name)
{
	char *room = arena_alloc(a, SSH_BLOB_MAX);
	size_t n = 0;

	if (signature_unarmor(slurp(a, name), room, SSH_BLOB_MAX, &n))
		return (struct str){};
	return (struct str){ room, n };
}

static const struct kind {
	const char *name, *args;
} kinds[] = {
	{"ed25519",  "-t ed25519"     },
        { "p256",    "-t ecdsa -b 256"},
	{ "p384",    "-t ecdsa -b 384"},
        { "p521",    "-t ecdsa -b 521"},
	{ "rsa2048", "-t rsa -b 2048" },
        { "rsa3072", "-t rsa -b 3072" },
};

static bool bits_count(struct str good, struct str message)
{
	char copy[SSH_BLOB_MAX];
	struct ssh_signature s;
	unsigned flags;

	for (size_t bit = 0; bit<good.len * 8; bit += good.len> 400 ? 11 : 3) {
		memcpy(copy, good.ptr, good.len);
		copy[bit / 8] ^= (char)(1 << bit % 8);
		/* The reserved string, if it grew, would shift what follows: all of it is read. */
		if (!signature_parse((struct str){ copy, good.len }, &s) &&
		    !signature_verify(&s, STR("test"), message, &flags))
			return false;
	}
	return true;
}

static void signature_case(const struct kind *k)
{
	struct arena own(arena_release) a = {};
	struct public_key key;
	struct ssh_signature s;
	struct str message = STR("a message\nof two lines"), blob, sig;
	char path[64], finger[SSH_FINGERPRINT_LEN], listed[128];
	unsigned flags = 9;

	run("ssh-keygen -q %s -N '' -C comment -f %s", k->args, k->name);
	spill("message", message);
	run("rm -f message.sig; ssh-keygen -Y sign -n test -f %s message; mv message.sig %s.sig",
	    k->name, k->name);
	run("ssh-keygen -lf %s.pub | cut -d' ' -f2 | tr -d '\\n' >%s.print", k->name, k->name);
	snprintf(path, sizeof path, "%s.pub", k->name);
	blob = blob_of(&a, path);
	is_int(public_key_parse(blob, &key), 0, k->name);
	snprintf(path, sizeof path, "%s.print", k->name);
	snprintf(listed, sizeof listed, "%.*s", STR_FMT(slurp(&a, path)));
	is_int(public_key_fingerprint(&key, finger), 0, "fingerprint");
	is_str(str_of(finger), str_of(listed), "as ssh-keygen -l prints it");
	snprintf(path, sizeof path, "%s.sig", k->name);
	sig = binary_signature(&a, path);
	if (!is_int(signature_parse(sig, &s), 0, "signature is read"))
		return;
	ok(str_eq(s.key.blob, blob), "key of the signature");
	is_int(signature_verify(&s, STR("test"), message, &flags), 0, "signature holds");
	is_int(flags, 0, "no flags of hardware");
	is_int(signature_verify(&s, STR("tesT"), message, &flags), -EKEYREJECTED, "name space");
	is_int(signature_verify(&s, STR("test"), str_sub(message, 0, 5), &flags), -EKEYREJECTED,
	       "message");
	ok(bits_count(sig, message), "no bit may be turned");
	for (size_t n = 0; n < sig.len; n++)
		if (!signature_parse(str_sub(sig, 0, n), &s))
			ok(false, "a part of a signature is none");
}

/* An authenticator of our own: what it signs, ssh-keygen takes. */
static void hardware(void)
{
	struct buf own(buf_release) blob = BUF(4096), subject = BUF(4096), sig = BUF(4096),
				    whole = BUF(8192), said = BUF(4096);
	unsigned char pk[32], sk[64], made[64], hashed[crypto_hash_sha256_BYTES];
	struct str message = STR("touch me");
	struct public_key key;
	struct ssh_signature s;
	char text[8192];
	unsigned flags;

	crypto_sign_seed_keypair(pk, sk, (const unsigned char *)"0123456789abcdef0123456789abcdef");
	wire_put_string(&blob, STR("sk-ssh-ed25519@openssh.com"));
	wire_put_string(&blob, (struct str){ (char *)pk, sizeof pk });
	wire_put_string(&blob, STR("ssh:"));
	is_int(public_key_parse(buf_view(&blob), &key), 0, "sk key");
	ok(key.hardware && str_eq(key.application, STR("ssh:")), "hardware");
	is_int(signature_subject(STR("test"), message, &said), 0, "what is signed");
	crypto_hash_sha256(hashed, (const unsigned char *)"ssh:", 4);
	buf_add(&subject, hashed, sizeof hashed);
	wire_put_u8(&subject, SIGNED_TOUCHED);
	wire_put_u32(&subject, 7);
	crypto_hash_sha256(hashed, (unsigned char *)said.ptr, said.len);
	buf_add(&subject, hashed, sizeof hashed);
	crypto_sign_detached(made, NULL, (unsigned char *)subject.ptr, subject.len, sk);
	wire_put_string(&sig, STR("sk-ssh-ed25519@openssh.com"));
	wire_put_string(&sig, (struct str){ (char *)made, sizeof made });
	wire_put_u8(&sig, SIGNED_TOUCHED);
	wire_put_u32(&sig, 7);
	is_int(signature_build(buf_view(&blob), STR("test"), buf_view(&sig), &whole), 0,
	       "envelope");
	is_int(signature_parse(buf_view(&whole), &s), 0, "parsed");
	is_int(signature_verify(&s, STR("test"), message, &flags), 0, "holds");
	is_int(flags, SIGNED_TOUCHED, "touched");
	sig.ptr[sig.len - 5] = 0;
	buf_reset(&whole);
	(void)!signature_build(buf_view(&blob), STR("test"), buf_view(&sig), &whole);
	is_int(signature_parse(buf_view(&whole), &s), 0, "parsed with other flags");
	is_int(signature_verify(&s, STR("test"), message, &flags), -EKEYREJECTED,
	       "flags are signed, too");
	sig.ptr[sig.len - 5] = SIGNED_TOUCHED;
	buf_reset(&whole);
	(void)!signature_build(buf_view(&blob), STR("test"), buf_view(&sig), &whole);
	sodium_bin2base64(text, sizeof text, (unsigned char *)whole.ptr, whole.len,
			  sodium_base64_VARIANT_ORIGINAL);
	spill("sk.sig64", str_of(text));
	sodium_bin2base64(text, sizeof text, (unsigned char *)blob.ptr, blob.len,
			  sodium_base64_VARIANT_ORIGINAL);
	spill("sk.blob64", str_of(text));
	spill("sk.message", message);
	is_int(run("{ echo -----BEGIN SSH SIGNATURE-----; fold -w 70 sk.sig64; echo; "
		   "echo -----END SSH SIGNATURE-----; } >sk.sig; "
		   "echo \"me sk-ssh-ed25519@openssh.com $(cat sk.blob64)\" >allowed; "
		   "ssh-keygen -Y verify -n test -f allowed -I me -s sk.sig <sk.message"),
	       0, "ssh-keygen takes it as well");
}

static void agent(void)
{
	struct arena own(arena_release) a = {};
	int fd own(close_fd) = -1;
	struct agent_key *keys;
	size_t n = 0;
	char path[256];

	run("rm -f agent.sock; ssh-agent -a agent.sock >agent.env; . ./agent.env; "
	    "ssh-add -q ed25519 p256 p384 p521 rsa2048 rsa3072");
	snprintf(path, sizeof path, "%s/agent.sock", folder);
	is_int(agent_open("/nowhere/agent", &fd), -ENOENT, "no agent");
	if (!is_int(agent_open(path, &fd), 0, "agent"))
		return;
	is_int(agent_list(fd, &a, &keys, &n), 0, "list");
	is_int((int64_t)n, COUNT(kinds), "all keys");
	for (size_t i = 0; i < n; i++) {
		struct buf own(buf_release) said = BUF(4096), whole = BUF(SSH_BLOB_MAX);
		struct ssh_signature s;
		struct str sig;
		unsigned flags;

		(void)!signature_subject(STR("test"), STR("hello"), &said);
		is_int(agent_sign(fd, keys[i].blob, buf_view(&said), &a, &sig), 0, "signs");
		(void)!signature_build(keys[i].blob, STR("test"), sig, &whole);
		is_int(signature_parse(buf_view(&whole), &s), 0, "envelope");
		is_int(signature_verify(&s, STR("test"), STR("hello"), &flags), 0, "holds");
	}
	{
		struct str sig;

		is_int(agent_sign(fd, STR("nonsense"), STR("x"), &a, &sig), -EACCES, "refused");
	}
	run(". ./agent.env; ssh-agent -k");
}

static enum authorized ask(const char *lines, const struct public_key *k, const char *account,
			   const char *from, int64_t now, unsigned flags)
{
	struct applicant who = { .account = str_of(account), .now = now, .signed_flags = flags };
	enum authorized ret = AUTHORIZED_N;
	unsigned line;

	if (net_addr_parse(str_of(from), &who.address) ||
	    authorized_keys_ask(str_of(lines), k, &who, &ret, &line))
		return AUTHORIZED_N;
	return ret;
}

static void authorized_lines(void)
{
	struct arena own(arena_release) a = {};
	struct public_key k, other;
	char key[1024], lines[4096];
	static const struct {
		const char *options;
		enum authorized want;
	} cases[] = {
		{"",					    AUTHORIZED_YES    },
		{ "no-pty,command=\"echo \\\"hi, there\\\"\" ", AUTHORIZED_YES    },
		{ "restrict,port-forwarding ",                  AUTHORIZED_YES    },
		{ "from=\"203.0.113.0/24\" ",                   AUTHORIZED_YES    },
		{ "from=\"203.0.113.*\" ",                      AUTHORIZED_YES    },
		{ "from=\"203.0.113.0/24,!203.0.113.5\" ",      AUTHORIZED_FROM   },
		{ "from=\"!203.0.113.5,203.0.113.0/24\" ",      AUTHORIZED_FROM   },
		{ "from=\"10.0.0.0/8,2001:db8::/32\" ",         AUTHORIZED_FROM   },
		{ "from=\"*.example.com\" ",                    AUTHORIZED_FROM   },
		{ "from=\"\" ",				 AUTHORIZED_FROM   },
		{ "from=\"*\",from=\"203.0.113.5\" ",           AUTHORIZED_LINE   },
		{ "expiry-time=\"20300101Z\" ",                 AUTHORIZED_YES    },
		{ "expiry-time=\"20200101\" ",                  AUTHORIZED_EXPIRED},
		{ "expiry-time=\"202601010000Z\" ",             AUTHORIZED_EXPIRED},
		{ "expiry-time=\"tomorrow\" ",                  AUTHORIZED_EXPIRED},
		{ "verify-required ",                           AUTHORIZED_TOUCH  },
		{ "cert-authority ",                            AUTHORIZED_UNKNOWN},
		{ "brand-new-option ",                          AUTHORIZED_LINE   },
		{ "from=203.0.113.5 ",                          AUTHORIZED_LINE   },
		{ "# ",					 AUTHORIZED_UNKNOWN},
	};

	snprintf(key, sizeof key, "%.*s", STR_FMT(str_trim(slurp(&a, "ed25519.pub"))));
	if (public_key_parse(blob_of(&a, "ed25519.pub"), &k) ||
	    public_key_parse(blob_of(&a, "p256.pub"), &other)) {
		ok(false, "keys");
		return;
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(lines, sizeof lines, "# comment\n\n%s%s\n", cases[i].options, key);
		is_int(ask(lines, &k, "ann", "203.0.113.5", 1'790'000'000, 0), cases[i].want,
		       *cases[i].options ? cases[i].options : "a bare key");
		is_int(ask(lines, &other, "ann", "203.0.113.5", 1'790'000'000, 0),
		       AUTHORIZED_UNKNOWN, "another key");
	}
	snprintf(lines, sizeof lines, "from=\"10.0.0.1\" %s\n%s\n", key, key);
	is_int(ask(lines, &k, "ann", "203.0.113.5", 0, 0), AUTHORIZED_YES,
	       "a later line may say yes");
	ok(authorized_revoked(str_of(key), &k), "revoked");
	ok(!authorized_revoked(str_of(key), &other), "not revoked");
}

static void certificate_case(const char *options, const char *account, int64_t now,
			     enum authorized want, const char *line)
{
	struct arena own(arena_release) a = {};
	struct public_key k;
	char lines[2048];

	run("rm -f p256-cert.pub; ssh-keygen -q -s ed25519 -I id %s p256.pub", options);
	if (!is_int(public_key_parse(blob_of(&a, "p256-cert.pub"), &k), 0, options))
		return;
	snprintf(lines, sizeof lines, "%s %.*s", line, STR_FMT(slurp(&a, "ed25519.pub")));
	is_int(ask(lines, &k, account, "203.0.113.5", now, 0), want, options);
}

static void certificates(void)
{
	const int64_t now = 1'790'000'000; /* 2026-09-21 */
	struct arena own(arena_release) a = {};
	struct public_key k, plain;
	char bytes[SSH_BLOB_MAX], finger[2][SSH_FINGERPRINT_LEN];
	size_t n;

	certificate_case("-n ann,bob", "ann", now, AUTHORIZED_YES, "cert-authority");
	certificate_case("-n ann,bob", "eve", now, AUTHORIZED_PRINCIPAL, "cert-authority");
	certificate_case("-n ops", "eve", now, AUTHORIZED_YES,
			 "cert-authority,principals=\"dev,ops\"");
	certificate_case("-n dev2", "eve", now, AUTHORIZED_PRINCIPAL,
			 "cert-authority,principals=\"dev,ops\"");
	certificate_case("", "ann", now, AUTHORIZED_PRINCIPAL, "cert-authority");
	certificate_case("-n ann", "ann", now, AUTHORIZED_UNKNOWN, "");
	certificate_case("-h -n ann", "ann", now, AUTHORIZED_CERTIFICATE, "cert-authority");
	certificate_case("-n ann -V 20200101:20210101", "ann", now, AUTHORIZED_EXPIRED,
			 "cert-authority");
	certificate_case("-n ann -V 20400101:20410101", "ann", now, AUTHORIZED_NOT_YET,
			 "cert-authority");
	certificate_case("-n ann -O source-address=203.0.113.0/24", "ann", now, AUTHORIZED_YES,
			 "cert-authority");
	certificate_case("-n ann -O source-address=10.0.0.0/8", "ann", now, AUTHORIZED_FROM,
			 "cert-authority");
	certificate_case("-n ann -O force-command=/bin/true", "ann", now, AUTHORIZED_YES,
			 "cert-authority");
	certificate_case("-n ann -O verify-required", "ann", now, AUTHORIZED_TOUCH,
			 "cert-authority");
	certificate_case("-n ann -O critical:news@example.com=1", "ann", now,
			 AUTHORIZED_CERTIFICATE, "cert-authority");

	run("rm -f p256-cert.pub; ssh-keygen -q -s rsa3072 -I id -n ann p256.pub");
	if (public_key_parse(blob_of(&a, "p256-cert.pub"), &k) ||
	    public_key_parse(blob_of(&a, "p256.pub"), &plain)) {
		ok(false, "certificate by RSA");
		return;
	}
	is_int(public_key_plain(&k, bytes, sizeof bytes, &n), 0, "key of a certificate");
	is_str(((struct str){ bytes, n }), plain.blob, "is the key that was certified");
	(void)!public_key_fingerprint(&k, finger[0]);
	(void)!public_key_fingerprint(&plain, finger[1]);
	is_str(str_of(finger[0]), str_of(finger[1]), "and has its fingerprint");
	for (unsigned turned = 0; turned < 3; turned++) {
		char *copy = arena_alloc(&a, k.blob.len);
		struct public_key forged;
		struct applicant who = { STR("ann"), NET_V4_FIRST, now, 0 };
		enum authorized got = AUTHORIZED_YES;

		/* A name, the end of the signed part, the signature itself. */
		memcpy(copy, k.blob.ptr, k.blob.len);
		copy[turned == 0   ? (size_t)(k.certificate.id.ptr - k.blob.ptr)
		     : turned == 1 ? k.certificate.body.len - 1
				   : k.blob.len - 9] ^= 1;
		if (!public_key_parse((struct str){ copy, k.blob.len }, &forged) &&
		    authorized_authority_ask(slurp(&a, "rsa3072.pub"), (struct str){}, &forged,
					     &who, &got))
			got = AUTHORIZED_YES;
		ok(turned == 1 || got == AUTHORIZED_CERTIFICATE, "forged");
		ok(turned != 1 || got != AUTHORIZED_YES, "another authority");
	}
}

static void hosts(void)
{
	struct arena own(arena_release) a = {};
	struct host_key key;
	struct str blob = blob_of(&a, "ed25519.pub"), text;
	char found[4][HOST_KEY_BLOB], known[4096], pub[512];
	unsigned char pk[32], sk[64];
	size_t n;

	is_int(host_key_read(slurp(&a, "ed25519"), &key), 0, "host key");
	is_str(((struct str){ key.blob, sizeof key.blob }), blob, "its public half");
	crypto_sign_seed_keypair(pk, sk, key.seed);
	ok(!memcmp(pk, key.blob + 19, 32), "its secret half");
	is_int(host_key_read(slurp(&a, "p256"), &key), -EPROTONOSUPPORT, "of another type");
	is_int(host_key_read(STR("hello"), &key), -EBADMSG, "no key");
	run("cp ed25519 locked; chmod 600 locked; ssh-keygen -q -p -P '' -N secret -f locked");
	is_int(host_key_read(slurp(&a, "locked"), &key), -EACCES, "with a pass phrase");
	text = slurp(&a, "ed25519");
	for (size_t i = 0; i < text.len; i++)
		if (!host_key_read(str_sub(text, 0, i), &key) && i + 1 < text.len)
			ok(false, "a part of a key is none");

	snprintf(pub, sizeof pub, "%.*s", STR_FMT(str_trim(slurp(&a, "ed25519.pub"))));
	snprintf(
		known, sizeof known,
		"# hosts\nshop.example,203.0.113.9 %s\n[shop.example]:2222 %s\n*.lab.example,!bad.lab.example "
		"%s\n@cert-authority *.ca.example %s\n@revoked gone.example %s\ngone.example %s\n",
		pub, pub, pub, pub, pub, pub);
	spill("known", str_of(known));
	run("cp known known.hashed; ssh-keygen -q -H -f known.hashed");
	for (unsigned hashed = 0; hashed < 2; hashed++) {
		struct str list = hashed ? slurp(&a, "known.hashed") : str_of(known);

		is_int(known_hosts_find(list, STR("shop.example"), found, 4, &n), 0, "known");
		is_int((int64_t)n, 1, "one key");
		is_str(((struct str){ found[0], HOST_KEY_BLOB }), blob, "that one");
		(void)!known_hosts_find(list, STR("[shop.example]:2222"), found, 4, &n);
		is_int((int64_t)n, 1, "by port");
		(void)!known_hosts_find(list, STR("a.lab.example"), found, 4, &n);
		is_int((int64_t)n, 1, "by pattern");
		(void)!known_hosts_find(list, STR("bad.lab.example"), found, 4, &n);
		is_int((int64_t)n, 0, "but not that one");
		(void)!known_hosts_find(list, STR("x.ca.example"), found, 4, &n);
		is_int((int64_t)n, 0, "an authority's key is not the host's");
		is_int(known_hosts_find(list, STR("gone.example"), found, 4, &n), -EKEYREVOKED,
		       "revoked");
	}
}

int main(void)
{
	if (sodium_init() < 0 || !mkdtemp(folder))
		return 1;
	if (run("command -v ssh-keygen && command -v ssh-agent")) {
		skip("ssh", "there is no ssh-keygen");
	} else {
		for (size_t i = 0; i < COUNT(kinds); i++)
			signature_case(&kinds[i]);
		hardware();
		agent();
		authorized_lines();
		certificates();
		hosts();
	}
	run("cd / && rm -rf %s", folder);
	return done();
}
