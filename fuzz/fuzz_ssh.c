/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SSH's formats: the first byte says which. */
#include "fuzz.h"
#include "ssh/authorized.h"
#include "ssh/host_key.h"
#include "ssh/signature.h"

static void key_of(struct str s)
{
	struct public_key k;
	char plain[SSH_BLOB_MAX], finger[SSH_FINGERPRINT_LEN];
	struct applicant who = { STR("ann"), NET_V4_FIRST, 1'790'000'000, 0 };
	enum authorized a;
	unsigned flags, line;
	size_t n;

	if (public_key_parse(s, &k))
		return;
	fuzz_assert(!public_key_plain(&k, plain, sizeof plain, &n) && n <= s.len);
	fuzz_assert(!public_key_fingerprint(&k, finger));
	fuzz_assert(k.certified || str_eq(k.blob, (struct str){ plain, n }));
	(void)!public_key_verify(&k, s, s, &flags);
	(void)!authorized_keys_ask(s, &k, &who, &a, &line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data + 1, size - 1 };
	struct ssh_signature sig;
	struct public_key key = { .type = STR("ssh-ed25519"), .plain = STR("ssh-ed25519") };
	struct applicant who = { STR("ann"), NET_V4_FIRST, 1'790'000'000, 0 };
	struct host_key host;
	enum authorized a;
	char found[2][HOST_KEY_BLOB], blob[SSH_BLOB_MAX];
	unsigned line, flags;
	size_t n;

	if (!size)
		return 0;
	switch (*data % 6) {
	case 0: key_of(s); break;
	case 1:
		if (!signature_parse(s, &sig))
			fuzz_assert(signature_verify(&sig, STR("test"), s, &flags));
		break;
	case 2:
		fuzz_assert(!authorized_keys_ask(s, &key, &who, &a, &line));
		fuzz_assert(a != AUTHORIZED_YES);
		break;
	case 3: (void)!known_hosts_find(s, STR("[shop.example]:2222"), found, 2, &n); break;
	case 4: (void)!host_key_read(s, &host); break;
	default: (void)!signature_unarmor(s, blob, sizeof blob, &n);
	}
	return 0;
}
