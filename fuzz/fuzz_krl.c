/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of revoked keys, asked for a key and for a certificate; the first byte says which. */
#include <sodium.h>

#include "fuzz.h"
#include "ssh/krl.h"
#include "ssh/wire.h"

static void put_key(struct buf *b, char fill)
{
	char point[32];

	memset(point, fill, sizeof point);
	wire_put_string(b, STR("ssh-ed25519"));
	wire_put_string(b, (struct str){ point, sizeof point });
}

/* PROTOCOL.certkeys; nobody looks at the signature here. */
static void put_certificate(struct buf *b, uint64_t serial, struct str id)
{
	struct buf own(buf_release) authority = BUF(256), signature = BUF(256);
	char bytes[64] = { 2 };

	put_key(&authority, 2);
	wire_put_string(&signature, STR("ssh-ed25519"));
	wire_put_string(&signature, (struct str){ bytes, 64 });
	wire_put_string(b, STR("ssh-ed25519-cert-v01@openssh.com"));
	wire_put_string(b, (struct str){ bytes, 32 });
	memset(bytes, 1, 32);
	wire_put_string(b, (struct str){ bytes, 32 });
	wire_put_u64(b, serial);
	wire_put_u32(b, CERTIFICATE_USER);
	wire_put_string(b, id);
	wire_put_string(b, STR(""));
	wire_put_u64(b, 0);
	wire_put_u64(b, UINT64_MAX);
	for (int i = 0; i < 3; i++)
		wire_put_string(b, STR(""));
	wire_put_string(b, buf_view(&authority));
	wire_put_string(b, buf_view(&signature));
}

/* The same list once more, with all serial numbers of all authorities. */
static void revoke_all(struct str krl, const struct public_key *k)
{
	static const char section[] = "\1\0\0\0\35"
				      "\0\0\0\0\0\0\0\0"
				      "\41\0\0\0\20"
				      "\0\0\0\0\0\0\0\1\377\377\377\377\377\377\377\377";
	struct buf own(buf_release) b = BUF(1 << 20);

	if (buf_str(&b, krl) < 0 || buf_add(&b, section, sizeof section - 1) < 0)
		return;
	fuzz_assert(krl_revokes(buf_view(&b), k) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t serials[] = { 0, 1, 5, 64, UINT64_MAX };
	struct str krl = { (const char *)data + 1, size - 1 };
	struct buf own(buf_release) plain = BUF(4096), certified = BUF(4096);
	struct public_key key, certificate;
	uint64_t serial;
	int r, c;

	if (!size || size > 1 << 16)
		return 0;
	serial = serials[*data % COUNT(serials)];
	put_key(&plain, 1);
	put_certificate(&certified, serial, *data & 0x80 ? STR("ann") : STR("ann\0"));
	fuzz_assert(!public_key_parse(buf_view(&plain), &key));
	fuzz_assert(!public_key_parse(buf_view(&certified), &certificate));
	r = krl_revokes(krl, &key);
	c = krl_revokes(krl, &certificate);
	/* A key that is revoked is so, however it is certified; what is not understood is so for all. */
	fuzz_assert((r < 0) == (c < 0) && (r != 1 || c == 1));
	fuzz_assert(r < 0 || krl_is(krl));
	if (r >= 0 && serial)
		revoke_all(krl, &certificate);
	return 0;
}
