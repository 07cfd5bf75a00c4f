/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datagrams that reach the judge, of somebody who knows the host's key. The first byte: 0: the
 * datagram itself; 1: what is in the box; 2: changes to what is in the box of a good request, three
 * bytes each (where, XOR); 3: a request that ann really signed.
 */
#include <netinet/in.h>
#include <sodium.h>

#include "jit/judge.h"
#include "jit_folder.h"
#include "ssh/wire.h"

#define NOW 1'790'000'000'123
#define EACH_LOG 2'000U

static struct {
	struct host_key host;
	struct knock_host secrets;
	unsigned char pk[32], sk[64]; /* ann's */
	struct buf key, line, plain;
	struct jit_policy policy;
	struct budget *budget;
	struct replay *replay;
	struct chain *chain;
	struct judge *judge;
	struct judgement got;
	int64_t mono;
	unsigned runs;
} w;

static void put_key(const unsigned char *pk, struct buf *ret)
{
	wire_put_string(ret, STR("ssh-ed25519"));
	wire_put_string(ret, (struct str){ (const char *)pk, 32 });
}

static int look_up(void *user, struct str account, struct arena *a, struct judge_account *ret)
{
	(void)user;
	(void)a;
	ret->may_log_in = str_eq(account, STR("ann"));
	ret->keys[ret->n_keys++] = buf_view(&w.line);
	return 0;
}

/* What is in the box of a request that ann signed. */
static void put_plain(struct str text, struct buf *ret)
{
	struct buf own(buf_release) said = BUF(4096), sig = BUF(256), envelope = BUF(4096);
	unsigned char made[64];

	fuzz_assert(!signature_subject(KNOCK_SPACE, text, &said));
	crypto_sign_detached(made, NULL, (unsigned char *)said.ptr, said.len, w.sk);
	wire_put_string(&sig, STR("ssh-ed25519"));
	wire_put_string(&sig, (struct str){ (char *)made, sizeof made });
	fuzz_assert(!signature_build(buf_view(&w.key), KNOCK_SPACE, buf_view(&sig), &envelope));
	wire_put_string(ret, text);
	wire_put_u8(ret, 1);
	wire_put_string(ret, buf_view(&envelope));
	while (ret->len % 128 && !ret->error)
		wire_put_u8(ret, 0);
}

static void begin(void)
{
	judge_free(&w.judge);
	chain_close(&w.chain);
	replay_close(&w.replay);
	folder_write(CHAIN_LOG, STR(""));
	unlinkat(folder, CHAIN_HEAD, 0);
	unlinkat(folder, CHAIN_KEY, 0);
	fuzz_assert(!chain_open(folder, NOW, &w.chain, NULL));
	fuzz_assert(!replay_open(-1, STR(""), NOW - 100'000, 60'000, &w.replay, NULL));
	fuzz_assert(!judge_new(&(struct judge_setup){ .host = &w.secrets,
						      .policy = &w.policy,
						      .budget = w.budget,
						      .replay = w.replay,
						      .chain = w.chain,
						      .lookup = look_up },
			       &w.judge));
	w.mono = 5'000;
}

static void setup(void)
{
	static const uint64_t seed[2] = { 1, 2 };
	unsigned char pk[32], sk[64];
	struct buf own(buf_release) blob = BUF(256), text = BUF(2048);
	struct knock k = { .action = KNOCK_OPEN,
			   .id = { 7 },
			   .time = NOW,
			   .account = STR("ann"),
			   .ports = { { IPPROTO_TCP, 22 } },
			   .n_ports = 1 };
	char shown[256];

	fuzz_assert(sodium_init() >= 0);
	folder_begin();
	crypto_sign_seed_keypair(pk, sk, w.host.seed);
	put_key(pk, &blob);
	memcpy(w.host.blob, blob.ptr, sizeof w.host.blob);
	fuzz_assert(!knock_host_of(&w.host, &w.secrets));
	memset(sk, 9, 32);
	crypto_sign_seed_keypair(w.pk, w.sk, sk);
	w.key = BUF(256);
	w.line = BUF(512);
	w.plain = BUF(KNOCK_MAX);
	put_key(w.pk, &w.key);
	sodium_bin2base64(shown, sizeof shown, (unsigned char *)w.key.ptr, w.key.len,
			  sodium_base64_VARIANT_ORIGINAL);
	buf_fmt(&w.line, "ssh-ed25519 %s\n", shown);
	fuzz_assert(!jit_policy_parse(STR("protect ssh 443\n[rule a]\nport ssh\nlongest 2h\n"), "f",
				      &w.policy, NULL));
	fuzz_assert(!budget_new(&budget_defaults, seed, &w.budget));
	fuzz_assert(!knock_text(&k, w.secrets.digest, &text));
	put_plain(buf_view(&text), &w.plain);
}

static void hear(struct str d, bool may_pass)
{
	off_t before = folder_size(CHAIN_LOG), grown;

	w.mono += 1'000;
	judge_datagram(w.judge, d, net_v4(0xc6336407), NOW, w.mono, &w.got);
	grown = folder_size(CHAIN_LOG) - before;
	fuzz_assert(w.got.told || w.got.outcome == JUDGE_DROPPED);
	fuzz_assert(w.got.told ? grown > 0 && grown <= (off_t)CHAIN_LINE_MAX : !grown);
	fuzz_assert(may_pass || w.got.outcome <= JUDGE_REFUSED);
	fuzz_assert(w.got.outcome != JUDGE_OPEN ||
		    (w.got.decision.seconds <= 7'200 && w.got.knock->n_ports == 1 &&
		     w.got.knock->ports[0].port == 22 && str_eq(w.got.knock->account, STR("ann"))));
}

static void hear_box(struct str plain, bool may_pass)
{
	unsigned char d[KNOCK_MAX];
	size_t n = 17 + plain.len + crypto_box_SEALBYTES;

	if (n > sizeof d)
		return;
	*d = 1;
	fuzz_assert(!crypto_box_seal(d + 17, (const unsigned char *)plain.ptr, plain.len,
				     w.secrets.public));
	crypto_generichash(d + 1, 16, d + 17, n - 17, w.secrets.mark, sizeof w.secrets.mark);
	hear((struct str){ (char *)d, n }, may_pass);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data + 1, size - 1 };
	struct buf own(buf_release) plain = BUF(KNOCK_MAX);

	if (!size)
		return 0;
	if (folder < 0)
		setup();
	if (w.runs++ % EACH_LOG == 0)
		begin();
	switch (*data) {
	case 0: hear(rest, false); break;
	case 1: hear_box(rest, false); break;
	case 2:
		buf_str(&plain, buf_view(&w.plain));
		for (; rest.len >= 3; rest = str_sub(rest, 3, rest.len))
			plain.ptr[((unsigned char)rest.ptr[0] << 8 | (unsigned char)rest.ptr[1]) %
				  plain.len] ^= rest.ptr[2];
		hear_box(buf_view(&plain), str_eq(buf_view(&plain), buf_view(&w.plain)));
		break;
	default:
		put_plain(rest, &plain);
		if (!plain.error)
			hear_box(buf_view(&plain), true);
	}
	return 0;
}
