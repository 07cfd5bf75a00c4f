/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a box may hold: sealed and marked as anybody can who knows the host's key. */
#include <sodium.h>

#include "fuzz.h"
#include "jit/knock.h"
#include "ssh/wire.h"

static struct host_key host;
static struct knock_host secrets;

static void setup(void)
{
	unsigned char pk[32], sk[64];
	struct buf own(buf_release) blob = BUF(256);

	fuzz_assert(sodium_init() >= 0);
	crypto_sign_seed_keypair(pk, sk, host.seed);
	wire_put_string(&blob, STR("ssh-ed25519"));
	wire_put_string(&blob, (struct str){ (char *)pk, sizeof pk });
	memcpy(host.blob, blob.ptr, sizeof host.blob);
	fuzz_assert(!knock_host_of(&host, &secrets));
}

static void open_it(const unsigned char *p, size_t n)
{
	struct knock_opened o;
	unsigned flags;

	if (knock_open(&secrets, (struct str){ (const char *)p, n }, &o) != KNOCK_GOOD)
		return;
	fuzz_assert(o.knock.n_ports && o.knock.n_ports <= KNOCK_PORTS_MAX);
	fuzz_assert(o.knock.account.len <= KNOCK_ACCOUNT_MAX);
	fuzz_assert(o.knock.reason.len <= KNOCK_REASON_MAX);
	for (unsigned i = 0; i < o.n_signatures; i++)
		(void)!knock_verify(&o, i, &flags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char d[KNOCK_MAX];
	size_t n = 17 + size + crypto_box_SEALBYTES;

	if (!*host.blob)
		setup();
	open_it(data, size);
	if (n > sizeof d)
		return 0;
	/* The text names the host by a digest, which no mutation would find. */
	*d = 1;
	fuzz_assert(!crypto_box_seal(d + 17, data, size, secrets.public));
	crypto_generichash(d + 1, 16, d + 17, n - 17, secrets.mark, sizeof secrets.mark);
	open_it(d, n);
	return 0;
}
