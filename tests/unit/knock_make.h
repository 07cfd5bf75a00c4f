/* SPDX-License-Identifier: GPL-3.0-or-later */
/* knock_make: hosts, people and what they sign. */
#ifndef HF_KNOCK_MAKE_H
#define HF_KNOCK_MAKE_H

#include <netinet/in.h>
#include <sodium.h>

#include "jit/knock.h"
#include "ssh/wire.h"
#include "tap.h"

struct maker {
	struct host_key host;
	struct knock_host secrets;
	unsigned char pk[32], sk[64]; /* of who asks */
	struct buf key;               /* its blob */
};

static inline void blob_of(const unsigned char pk[static 32], struct buf *ret)
{
	wire_put_string(ret, STR("ssh-ed25519"));
	wire_put_string(ret, (struct str){ (const char *)pk, 32 });
}

static inline void maker_of(unsigned char number, struct maker *ret)
{
	unsigned char seed[32], pk[32], sk[64];
	struct buf own(buf_release) blob = BUF(256);

	*ret = (struct maker){ .key = BUF(256) };
	memset(seed, number, sizeof seed);
	crypto_sign_seed_keypair(ret->pk, ret->sk, seed);
	blob_of(ret->pk, &ret->key);
	memset(ret->host.seed, number + 1, 32);
	crypto_sign_seed_keypair(pk, sk, ret->host.seed);
	blob_of(pk, &blob);
	memcpy(ret->host.blob, blob.ptr, sizeof ret->host.blob);
	is_int(knock_host_of(&ret->host, &ret->secrets), 0, "host");
}

static inline struct knock request(void)
{
	struct knock k = { .action = KNOCK_OPEN,
			   .time = 1'790'000'000'123,
			   .seconds = 7200,
			   .account = STR("ann"),
			   .reason = STR("deploy größe") };

	memset(k.id, 7, sizeof k.id);
	k.ports[0] = (struct knock_port){ IPPROTO_TCP, 22 };
	k.ports[1] = (struct knock_port){ IPPROTO_UDP, 51820 };
	k.n_ports = 2;
	return k;
}

static inline void sign(const struct maker *m, struct str text, struct buf *ret)
{
	struct buf own(buf_release) said = BUF(4096), sig = BUF(256);
	unsigned char made[64];

	(void)!signature_subject(KNOCK_SPACE, text, &said);
	crypto_sign_detached(made, NULL, (unsigned char *)said.ptr, said.len, m->sk);
	wire_put_string(&sig, STR("ssh-ed25519"));
	wire_put_string(&sig, (struct str){ (char *)made, sizeof made });
	(void)!signature_build(buf_view(&m->key), KNOCK_SPACE, buf_view(&sig), ret);
}

#endif
