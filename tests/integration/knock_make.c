/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * knock_make: requests that no honest client makes, in base64. Usage:
 *   knock_make HOST.pub ACCOUNT SECONDS-OFF [spoil] KEY [KEY]
 * Sealed for the host, of a clock that is off; a second key signs, too. spoil: a byte in the box is
 * altered and the mark made anew.
 */
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <time.h>

#include "base/file.h"
#include "jit/client.h"

static bool read_blob(const char *path, struct arena *a, char ret[static HOST_KEY_BLOB])
{
	struct str text, word;
	size_t n;

	if (file_read(path, 16 << 10, a, &text) < 0)
		return false;
	(void)str_word(&text);
	word = str_word(&text);
	return !sodium_base642bin((unsigned char *)ret, HOST_KEY_BLOB, word.ptr, word.len, NULL, &n,
				  NULL, sodium_base64_VARIANT_ORIGINAL) &&
	       n == HOST_KEY_BLOB;
}

/* As docs/knock.md says. */
static void mark_anew(char *datagram, size_t n, const char blob[static HOST_KEY_BLOB])
{
	static const char name[] = "holdfast knock 1 mark";
	unsigned char key[32];

	crypto_generichash(key, sizeof key, (const unsigned char *)blob, HOST_KEY_BLOB,
			   (const unsigned char *)name, sizeof name - 1);
	crypto_generichash((unsigned char *)datagram + 1, 16, (unsigned char *)datagram + 17,
			   n - 17, key, sizeof key);
}

int main(int argc, char **argv)
{
	struct arena own(arena_release) a = {};
	struct buf own(buf_release) text = BUF(KNOCK_MAX), sealed = BUF(KNOCK_MAX);
	struct knock k = { .action = KNOCK_OPEN, .n_ports = 1 };
	bool spoil = argc > 4 && !strcmp(argv[4], "spoil");
	struct str signatures[KNOCK_SIGNATURES_MAX];
	char blob[HOST_KEY_BLOB], out[2 * KNOCK_MAX];
	unsigned char digest[32];
	struct timespec now;
	size_t n = 0;

	if (argc < 5 || argc > 7 || sodium_init() < 0 || !read_blob(argv[1], &a, blob))
		return 2;
	clock_gettime(CLOCK_REALTIME, &now);
	k.time = (now.tv_sec + strtol(argv[3], NULL, 10)) * 1'000;
	k.account = str_of(argv[2]);
	k.ports[0] = (struct knock_port){ IPPROTO_TCP, 22 };
	randombytes_buf(k.id, sizeof k.id);
	crypto_hash_sha256(digest, (const unsigned char *)blob, HOST_KEY_BLOB);
	if (knock_text(&k, digest, &text) < 0)
		return 3;
	for (int i = 4 + spoil; i < argc && n < COUNT(signatures); i++) {
		const struct client_key key = { .file = argv[i], .agent = -1 };
		struct diag d = {};

		if (client_sign(&key, buf_view(&text), &a, &signatures[n++], &d) < 0)
			return 4;
	}
	if (knock_seal(blob, buf_view(&text), signatures, n, &sealed) < 0)
		return 5;
	if (spoil) {
		sealed.ptr[sealed.len / 2] ^= 1;
		mark_anew(sealed.ptr, sealed.len, blob);
	}
	sodium_bin2base64(out, sizeof out, (unsigned char *)sealed.ptr, sealed.len,
			  sodium_base64_VARIANT_ORIGINAL);
	return puts(out) < 0;
}
