/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An index of advisories that anybody may have written; its checksum and its size are made right. */
#include <sodium.h>

#include "fuzz.h"
#include "vuln/index_build.h"
#include "vuln/index_format.h"

static void put_digest(char *bytes, size_t len)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	uint64_t size = len;

	memcpy(bytes, INDEX_MAGIC, strlen(INDEX_MAGIC));
	memcpy(bytes + 16, &size, sizeof size);
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (unsigned char *)bytes, INDEX_DIGEST);
	crypto_hash_sha256_update(&state, (unsigned char *)bytes + INDEX_HEAD, len - INDEX_HEAD);
	crypto_hash_sha256_final(&state, digest);
	memcpy(bytes + INDEX_DIGEST, digest, sizeof digest);
}

static void ask(const struct index *x)
{
	static const struct str names[][2] = {
		{STR("Debian:12"), STR("openssl")            },
		{ STR("PyPI"),     STR("foo")                },
		{ STR("npm"),      STR("a")                  },
		{ STR("Windows"),  STR("Windows Server 2019")},
	};
	static const struct str ids[] = { STR("CVE-2021-44228"), STR("GHSA-jfh8-c2jp-5v3q"),
					  STR("TEMP-1"), STR("RHSA-2024:1234") };
	struct index_about about;
	struct index_advisory a;
	struct index_range range;
	struct index_walk w;
	struct index_eol eol;

	for (size_t i = 0; i < COUNT(names); i++)
		if (index_find(x, names[i][0], names[i][1], &w) > 0)
			while (index_next(&w, &a) > 0) {
				(void)!index_affects(&a, version_deb, STR("1.2.3"), &range);
				(void)!index_about(x, a.vuln, &about);
			}
	for (size_t i = 0; i < COUNT(ids); i++)
		if (index_id(x, ids[i], NULL, &about) > 0)
			fuzz_assert(memchr(about.id, 0, sizeof about.id));
	(void)!index_eol(x, STR("debian"), STR("12.5"), &eol);
	(void)!index_eol(x, STR("php"), STR("7.4"), &eol);
}

/* What can be read can be written again, and that is whole. */
static void copy(const struct index *x)
{
	own(index_build_release) struct index_build *b = NULL;
	own(buf_release) struct buf out = BUF(INDEX_SIZE_MAX);
	struct index again;

	if (index_build_new(&b) < 0 || index_build_add(b, x) < 0)
		return;
	fuzz_assert(index_build_write(b, &out) == 0);
	fuzz_assert(index_read(buf_view(&out), &again, NULL) == 0);
	fuzz_assert(index_check(&again, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct index x;
	char *bytes;

	if (len < INDEX_HEAD || len > 1 << 20)
		return 0;
	bytes = malloc(len);
	if (!bytes)
		return 0;
	memcpy(bytes, data, len);
	put_digest(bytes, len);
	if (index_read((struct str){ bytes, len }, &x, NULL) == 0) {
		ask(&x);
		if (index_check(&x, NULL) == 0)
			copy(&x);
	}
	free(bytes);
	return 0;
}
