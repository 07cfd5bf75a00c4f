/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * FIDO2 keys: an authenticator in software signs as OpenSSH's PROTOCOL.u2f says, with an ed25519 and an
 * ECDSA key; ssh-keygen takes the same signatures, and the judge heeds the flags.
 */
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdarg.h>

#include "jit/judge.h"
#include "knock_make.h"

#define NOW 1'790'000'000'123
#define HOME net_v4(0xc6336407)

static const char policy_text[] = "protect ssh\n"
				  "[rule touched]\naccount tom\ntouch yes\n"
				  "[rule all]\nport ssh\n";

/* An authenticator with one key. */
struct token {
	const char *type, *application;
	unsigned char pk[32], sk[64]; /* ed25519 */
	EVP_PKEY *ec;                 /* or NULL */
	uint32_t counter;
	struct buf blob;
};

struct world {
	char path[64];
	int folder;
	struct maker host; /* signs with no token */
	struct jit_policy policy;
	struct budget *budget;
	struct replay *replay;
	struct chain *chain;
	struct judge *judge;
	struct judgement got;
	struct buf line;
	unsigned char ids;
	int64_t mono;
};

static void token_of(struct token *t, bool ec, const char *application)
{
	unsigned char point[65], seed[32];
	size_t n = 0;

	*t = (struct token){ .type = ec ? "sk-ecdsa-sha2-nistp256@openssh.com"
					: "sk-ssh-ed25519@openssh.com",
			     .application = application,
			     .blob = BUF(1024) };
	memset(seed, 77, sizeof seed);
	crypto_sign_seed_keypair(t->pk, t->sk, seed);
	wire_put_string(&t->blob, str_of(t->type));
	if (ec) {
		t->ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
		ok(t->ec && EVP_PKEY_get_octet_string_param(t->ec, OSSL_PKEY_PARAM_PUB_KEY, point,
							    sizeof point, &n) == 1,
		   "key");
		wire_put_string(&t->blob, STR("nistp256"));
		wire_put_string(&t->blob, (struct str){ (char *)point, n });
	} else {
		wire_put_string(&t->blob, (struct str){ (char *)t->pk, sizeof t->pk });
	}
	wire_put_string(&t->blob, str_of(application));
}

static void token_release(struct token *t)
{
	EVP_PKEY_free(t->ec);
	buf_release(&t->blob);
}

static void put_number(struct buf *b, const BIGNUM *n)
{
	unsigned char bytes[80] = {};
	int len = BN_bn2bin(n, bytes + 1);
	bool sign = bytes[1] & 0x80;

	wire_put_string(b, (struct str){ (char *)bytes + !sign, (size_t)(len + sign) });
}

static void sign_ec(const struct token *t, struct str message, struct buf *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char der[128];
	const unsigned char *p = der;
	size_t n = sizeof der;
	ECDSA_SIG *sig;

	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, t->ec) != 1 ||
	    EVP_DigestSign(ctx, der, &n, (unsigned char *)message.ptr, message.len) != 1)
		exit(1);
	sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	put_number(ret, ECDSA_SIG_get0_r(sig));
	put_number(ret, ECDSA_SIG_get0_s(sig));
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

/* What the token sends: the signature, the flags and the counter that it signed. */
static void token_sign(struct token *t, struct str data, unsigned flags, struct buf *ret)
{
	struct buf own(buf_release) message = BUF(256), bytes = BUF(256);
	unsigned char hash[crypto_hash_sha256_BYTES], made[64];

	crypto_hash_sha256(hash, (const unsigned char *)t->application, strlen(t->application));
	buf_add(&message, hash, sizeof hash);
	wire_put_u8(&message, (uint8_t)flags);
	wire_put_u32(&message, ++t->counter);
	crypto_hash_sha256(hash, (const unsigned char *)data.ptr, data.len);
	buf_add(&message, hash, sizeof hash);
	if (t->ec) {
		sign_ec(t, buf_view(&message), &bytes);
	} else {
		crypto_sign_detached(made, NULL, (unsigned char *)message.ptr, message.len, t->sk);
		buf_add(&bytes, made, sizeof made);
	}
	wire_put_string(ret, str_of(t->type));
	wire_put_string(ret, buf_view(&bytes));
	wire_put_u8(ret, (uint8_t)flags);
	wire_put_u32(ret, t->counter);
}

/* said: the flags that the envelope tells, which may be others than those that were signed. */
static void envelope(struct token *t, struct str space, struct str text, unsigned flags,
		     unsigned said, struct buf *ret)
{
	struct buf own(buf_release) subject = BUF(4096), sig = BUF(512);

	(void)!signature_subject(space, text, &subject);
	token_sign(t, buf_view(&subject), flags, &sig);
	sig.ptr[sig.len - 5] = (char)said;
	(void)!signature_build(buf_view(&t->blob), space, buf_view(&sig), ret);
}

/* ---- ssh-keygen's word ---- */

static void spill(const char *folder, const char *name, struct str text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f || fwrite(text.ptr, 1, text.len, f) != text.len)
		exit(1);
	fclose(f);
}

static void spill64(const char *folder, const char *name, struct str bytes)
{
	char text[8192];

	sodium_bin2base64(text, sizeof text, (const unsigned char *)bytes.ptr, bytes.len,
			  sodium_base64_VARIANT_ORIGINAL);
	spill(folder, name, str_of(text));
}

static void peer(struct token *t)
{
	struct buf own(buf_release) sig = BUF(4096);
	char path[] = "/tmp/holdfast-token-XXXXXX", command[1024];

	if (system("command -v ssh-keygen >/dev/null")) {
		skip("ssh-keygen", "it is not there");
		return;
	}
	if (!mkdtemp(path))
		exit(1);
	envelope(t, STR("test"), STR("touch me"), SIGNED_TOUCHED, SIGNED_TOUCHED, &sig);
	spill64(path, "sig64", buf_view(&sig));
	spill64(path, "key64", buf_view(&t->blob));
	spill(path, "message", STR("touch me"));
	snprintf(
		command, sizeof command,
		"cd %s && { echo -----BEGIN SSH SIGNATURE-----; fold -w 70 sig64; echo; "
		"echo -----END SSH SIGNATURE-----; } >sig && echo \"me %s $(cat key64)\" >allowed && "
		"ssh-keygen -Y verify -n test -f allowed -I me -s sig <message >/dev/null",
		path, t->type);
	is_int(system(command), 0, "ssh-keygen takes what the token signs");
	snprintf(command, sizeof command, "rm -r %s", path);
	is_int(system(command), 0, "nothing is left");
}

/* ---- the judge ---- */

static int look_up(void *user, struct str account, struct arena *a, struct judge_account *ret)
{
	struct world *w = user;

	(void)account;
	(void)a;
	ret->may_log_in = true;
	ret->keys[ret->n_keys++] = buf_view(&w->line);
	return 0;
}

static void world_open(struct world *w)
{
	static const uint64_t seed[2] = { 1, 2 };
	struct diag d = {};

	*w = (struct world){ .path = "/tmp/holdfast-hardware-XXXXXX",
			     .line = BUF(4096),
			     .mono = 5'000 };
	maker_of(1, &w->host);
	if (!mkdtemp(w->path))
		exit(1);
	w->folder = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	is_int(jit_policy_parse(str_of(policy_text), "jit.conf", &w->policy, &d), 0, "policy");
	is_int(budget_new(&budget_defaults, seed, &w->budget), 0, "budget");
	is_int(replay_open(-1, STR("boot"), NOW - 100'000, 60'000, &w->replay, NULL), 0, "ids");
	is_int(chain_open(w->folder, NOW, &w->chain, NULL), 0, "audit log");
	is_int(judge_new(&(struct judge_setup){ .host = &w->host.secrets,
						.policy = &w->policy,
						.budget = w->budget,
						.replay = w->replay,
						.chain = w->chain,
						.lookup = look_up,
						.user = w },
			 &w->judge),
	       0, "judge");
}

static void world_close(struct world *w)
{
	static const char *const names[] = { CHAIN_LOG, CHAIN_KEY, CHAIN_HEAD };

	judge_free(&w->judge);
	chain_close(&w->chain);
	replay_close(&w->replay);
	budget_free(&w->budget);
	jit_policy_release(&w->policy);
	buf_release(&w->host.key);
	buf_release(&w->line);
	for (size_t i = 0; i < COUNT(names); i++)
		unlinkat(w->folder, names[i], 0);
	ok(!rmdir(w->path), "nothing is left");
	close(w->folder);
}

/* The line of authorized_keys that names the token's key. */
static void allow(struct world *w, const struct token *t, const char *options)
{
	char text[1024];

	sodium_bin2base64(text, sizeof text, (unsigned char *)t->blob.ptr, t->blob.len,
			  sodium_base64_VARIANT_ORIGINAL);
	buf_reset(&w->line);
	buf_fmt(&w->line, "%s%s%s %s\n", options, *options ? " " : "", t->type, text);
}

static void ask(struct world *w, struct token *t, const char *account, unsigned flags,
		unsigned said)
{
	struct buf own(buf_release) text = BUF(2048), sig = BUF(2048), out = BUF(KNOCK_MAX);
	struct knock k = request();
	struct str list[1];

	k.time = NOW;
	k.account = str_of(account);
	k.seconds = 600;
	k.n_ports = 1;
	k.id[0] = ++w->ids;
	(void)!knock_text(&k, w->host.secrets.digest, &text);
	envelope(t, KNOCK_SPACE, buf_view(&text), flags, said, &sig);
	list[0] = buf_view(&sig);
	is_int(knock_seal(w->host.host.blob, buf_view(&text), list, 1, &out), 0, "sealed");
	w->mono += 2'000;
	judge_datagram(w->judge, buf_view(&out), HOME, NOW, w->mono, &w->got);
}

static void refused(const struct world *w, const char *why, const char *name)
{
	is_int(w->got.outcome, JUDGE_REFUSED, name);
	is_str(str_of(w->got.why), str_of(why), "  says why");
}

static void flags_of(struct world *w, struct token *t)
{
	const unsigned both = SIGNED_TOUCHED | SIGNED_VERIFIED;
	const char *missing = authorized_text(AUTHORIZED_TOUCH);
	const char *bad = knock_fault_text(KNOCK_SIGNATURE);

	allow(w, t, "");
	ask(w, t, "tom", SIGNED_TOUCHED, SIGNED_TOUCHED);
	is_int(w->got.outcome, JUDGE_OPEN, "touched: let in where the policy wants it");
	is_int(w->got.flags, SIGNED_TOUCHED, "  as was signed");
	ask(w, t, "ann", SIGNED_TOUCHED, SIGNED_TOUCHED);
	is_int(w->got.outcome, JUDGE_OPEN, "touched: and where it does not");
	ask(w, t, "ann", 0, 0);
	refused(w, missing, "untouched: sshd would not take it either");
	ask(w, t, "tom", 0, SIGNED_TOUCHED);
	refused(w, bad, "a touch that was not signed");
	ask(w, t, "tom", SIGNED_TOUCHED, both);
	refused(w, bad, "a PIN that was not signed");
	allow(w, t, "no-touch-required");
	ask(w, t, "ann", 0, 0);
	is_int(w->got.outcome, JUDGE_OPEN, "untouched: let in where its line waives the touch");
	ask(w, t, "tom", 0, 0);
	refused(w, jit_verdict_text(JIT_UNTOUCHED), "untouched: the policy wants it all the same");
	allow(w, t, "verify-required");
	ask(w, t, "ann", SIGNED_TOUCHED, SIGNED_TOUCHED);
	refused(w, missing, "no PIN, where its line wants one");
	ask(w, t, "ann", both, both);
	is_int(w->got.outcome, JUDGE_OPEN, "with a PIN");
	is_int(w->got.flags, both, "  as was signed");
	ask(w, t, "ann", both | 0xf0, both | 0xf0);
	is_int(w->got.outcome, JUDGE_OPEN, "flags that nobody knows mean nothing");
}

/* The same key in a token, for another application, is another key. */
static void applications(struct world *w, struct token *t)
{
	const char *was = t->application;

	allow(w, t, "");
	t->application = "ssh:other";
	ask(w, t, "ann", SIGNED_TOUCHED, SIGNED_TOUCHED);
	refused(w, knock_fault_text(KNOCK_SIGNATURE), "signed for another application");
	t->application = was;
}

/* A key of a file is never touched, whatever its signature says. */
static void plain(struct world *w)
{
	struct maker m;
	struct buf own(buf_release) text = BUF(2048), sig = BUF(2048), out = BUF(KNOCK_MAX);
	struct knock k = request();
	struct str list[1];
	char key[256];

	maker_of(11, &m);
	sodium_bin2base64(key, sizeof key, (unsigned char *)m.key.ptr, m.key.len,
			  sodium_base64_VARIANT_ORIGINAL);
	buf_reset(&w->line);
	buf_fmt(&w->line, "ssh-ed25519 %s\n", key);
	k.time = NOW;
	k.account = STR("tom");
	k.n_ports = 1;
	k.id[0] = ++w->ids;
	(void)!knock_text(&k, w->host.secrets.digest, &text);
	sign(&m, buf_view(&text), &sig);
	list[0] = buf_view(&sig);
	(void)!knock_seal(w->host.host.blob, buf_view(&text), list, 1, &out);
	w->mono += 2'000;
	judge_datagram(w->judge, buf_view(&out), HOME, NOW, w->mono, &w->got);
	refused(w, jit_verdict_text(JIT_UNTOUCHED), "a key without hardware");
	buf_release(&m.key);
}

int main(void)
{
	static struct world w;

	if (sodium_init() < 0)
		return 1;
	world_open(&w);
	for (int ec = 0; ec < 2; ec++) {
		struct token own(token_release) t = {};

		token_of(&t, ec, "ssh:");
		printf("# %s\n", t.type);
		peer(&t);
		flags_of(&w, &t);
		applications(&w, &t);
	}
	plain(&w);
	world_close(&w);
	return done();
}
