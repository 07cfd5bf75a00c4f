/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What hashes are and what they cost; MD4 and the NT hash. */
#include <crypt.h>

#include "password/hash.h"
#include "password/nt.h"
#include "tap.h"

static const struct {
	const char *prefix;
	unsigned long count;
	enum hash_type type;
	uint64_t work;
} methods[] = {
  /* clang-format off */
	{ "$y$", 1, HASH_YESCRYPT, 8192 },         { "$y$", 5, HASH_YESCRYPT, 131072 },
	{ "$y$", 6, HASH_YESCRYPT, 262144 },       { "$gy$", 1, HASH_GOST_YESCRYPT, 8192 },
	{ "$7$", 6, HASH_SCRYPT, 262144 },         { "$2b$", 4, HASH_BCRYPT, 16 },
	{ "$2a$", 5, HASH_BCRYPT, 32 },            { "$2y$", 6, HASH_BCRYPT, 64 },
	{ "$6$", 0, HASH_SHA512, 5000 },           { "$6$", 1000, HASH_SHA512, 1000 },
	{ "$6$", 77777, HASH_SHA512, 77777 },      { "$5$", 2000, HASH_SHA256, 2000 },
	{ "$1$", 0, HASH_MD5, 1 },                 { "", 0, HASH_DES, 1 },
	{ "_", 725, HASH_BSDI, 725 },              { "$3$", 0, HASH_NT, 1 },
  /* clang-format on */
};

static void test_real(void)
{
	static struct crypt_data d, again;
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	for (size_t i = 0; i < COUNT(methods); i++) {
		const char *made = crypt_gensalt_rn(methods[i].prefix, methods[i].count, NULL, 0,
						    setting, sizeof setting);
		const char *hash = made ? crypt_r("secret", made, &d) : NULL;
		struct hash_info info;

		if (!ok(hash && hash[0] != '*', "libcrypt makes a hash"))
			continue;
		info = hash_classify(str_of(hash));
		is_int(info.type, methods[i].type, hash_type_name(methods[i].type));
		ok(!info.trouble, "  can be tried");
		is_int((int64_t)info.work, (int64_t)methods[i].work, "  its cost");
		ok(!strncmp(hash, made, info.setting > 4 ? 4 : 1), "  setting comes first");
		is_str(str_of(crypt_r("secret", hash, &again)), str_of(hash), "  libcrypt agrees");
		ok(hash_usual_us(&info) > 0, "  takes time");
	}
}

static void test_settings(void)
{
	static const struct {
		const char *hash, *setting;
	} rows[] = {
		{"$y$j9T$abc$hash",					       "$y$j9T$abc$"         },
		{ "$6$salt$hash",						 "$6$salt$"            },
		{ "$6$rounds=5000$salt$hash",                                     "$6$rounds=5000$salt$"},
		{ "$2b$05$abcdefghijklmnopqrstuuJ/uqQnGWb.PIEKF.YYD7e.M1.rwki5y",
                 "$2b$05$abcdefghijklmnopqrstuu"							},
		{ "abgOeLfPimXQo",						"ab"                  },
		{ "_J9..CCCCXBrJUJV154M",                                         "_J9..CCCC"           },
		{ "$3$$8846f7eaee8fb117ad06bdd830b7586c",                         "$3$$"                },
		{ "$7$CU..../....salt$hash",                                      "$7$CU..../....salt$" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str hash = str_of(rows[i].hash);

		is_str(str_sub(hash, 0, hash_classify(hash).setting), str_of(rows[i].setting),
		       rows[i].setting);
	}
}

/* Nothing of it may be handed to libcrypt, or cost more than a try may. */
static void test_hostile(void)
{
	static const char *const refused[] = {
		"$y$jzzzT$abc$hash", /* 2^… blocks */
		"$y$j$abc$hash",
		"$y$$abc$hash",
		"$y$j9T0$abc$hash",
		"$y$j9Tzzzzzzzzzz$abc$hash",
		"$7$zzzzzzzzzzzsalt$hash",
		"$7$C$hash",
		"$6$rounds=$salt$hash",
		"$6$rounds=99999999999999999999$salt$hash",
		"$6$rounds=5x$salt$hash",
		"$6$",
		"$2b$",
		"$2b$99$abcdefghijklmnopqrstuuJ/uqQnGWb.PIEKF.YYD7e.M1.rwki5y",
		"$2b$05$short",
		"$3$$8846f7eaee8fb117ad06bdd830b7586",
		"$3$$8846F7EAEE8FB117AD06BDD830B7586C",
		"$md5x$salt$hash",
		"$sha1$many$salt$hash",
		"$9$unknown$hash",
		"x",
		"abgOeLfPimXQ",
		"abgOeLfPimXQ:",
		"abgOeLfPim\x01Qo",
		"_short",
		"a b",
		"",
	};
	char longer[1000];
	struct hash_info info;

	memset(longer, 'a', sizeof longer);
	for (size_t i = 0; i < COUNT(refused); i++)
		ok(hash_classify(str_of(refused[i])).trouble, refused[i]);
	ok(hash_classify((struct str){ longer, sizeof longer }).trouble, "1,000 bytes");
	info = hash_classify(STR("$6$rounds=999999999$salt$hash"));
	ok(!info.trouble && hash_usual_us(&info) > 1e8, "999,999,999 rounds take minutes");
	info = hash_classify(STR("$2b$31$abcdefghijklmnopqrstuuJ/uqQnGWb.PIEKF.YYD7e.M1.rwki5y"));
	ok(!info.trouble && hash_usual_us(&info) > 1e10, "bcrypt's cost 31 takes hours");
	info = hash_classify(STR("$y$jHT$abc$hash"));
	ok(hash_usual_us(&info) > 1e8 || info.trouble, "so does 1 TB of yescrypt");
}

static void hex(const uint8_t hash[static 16], char *ret)
{
	for (unsigned i = 0; i < 16; i++)
		snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

static void test_md4(void)
{
	/* RFC 1320, A.5. */
	static const struct {
		const char *text, *hash;
	} rows[] = {
		{"",								"31d6cfe0d16ae931b73c59d7e0c089c0"},
		{ "a",							      "bde52cb31de33e46245e05fbdbd6fb24"},
		{ "abc",							    "a448017aaf21d8525fc10ae87aa6729d"},
		{ "message digest",						 "d9130a8164549fe818874806e1c7014b"},
		{ "abcdefghijklmnopqrstuvwxyz",                                     "d79e1c308aa5bbcdeea8ed63df412da9"},
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                 "043f8582f241db351ce627e153e7f0e4"								   },
		{ "1234567890123456789012345678901234567890123456789012345678901234567890123456789"
		  "0",					     "e33b4ddc9c38f2199c3e7b164fcc0536"},
	};
	struct crypt_data d = {};
	uint8_t hash[16];
	char text[64];

	for (size_t i = 0; i < COUNT(rows); i++) {
		md4(rows[i].text, strlen(rows[i].text), hash);
		hex(hash, text);
		is_str(str_of(text), str_of(rows[i].hash), "MD4");
	}
	nt_hash(STR("password"), hash);
	hex(hash, text);
	is_str(str_of(text), STR("8846f7eaee8fb117ad06bdd830b7586c"), "NT");
	is_str(str_sub(str_of(crypt_r("password", "$3$", &d)), 4, 40), str_of(text),
	       "as libcrypt computes it");
	nt_hash(STR("\xc3\xa9"), hash);
	md4("\xe9\0", 2, (uint8_t *)text);
	ok(!memcmp(hash, text, 16), "UTF-16 of a letter with an accent");
	nt_hash(STR("\xf0\x9f\x98\x80"), hash);
	md4("\x3d\xd8\x00\xde", 4, (uint8_t *)text);
	ok(!memcmp(hash, text, 16), "surrogates");
	nt_hash(STR("\xff"), hash);
	md4("\xff\0", 2, (uint8_t *)text);
	ok(!memcmp(hash, text, 16), "a byte that is no UTF-8");
}

int main(void)
{
	test_real();
	test_settings();
	test_hostile();
	test_md4();
	return done();
}
