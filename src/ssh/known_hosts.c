/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "ssh/host_key.h"
#include "ssh/pattern.h"

#define TYPE STR("ssh-ed25519")
#define HASHED STR("|1|") /* salt | HMAC-SHA1 of the name, in base64 */
#define KEYS_MAX 64U

static bool base64(struct str text, unsigned char *ret, size_t room, size_t *ret_n)
{
	return !sodium_base642bin(ret, room, text.ptr, text.len, NULL, ret_n, NULL,
				  sodium_base64_VARIANT_ORIGINAL);
}

static bool hash_matches(struct str pattern, struct str name)
{
	unsigned char salt[64], hash[64], real[EVP_MAX_MD_SIZE];
	struct str rest = str_sub(pattern, HASHED.len, pattern.len), first = str_cut(&rest, '|');
	size_t salt_n, hash_n;
	unsigned n;

	return rest.ptr && base64(first, salt, sizeof salt, &salt_n) &&
	       base64(rest, hash, sizeof hash, &hash_n) &&
	       HMAC(EVP_sha1(), salt, (int)salt_n, (const unsigned char *)name.ptr, name.len, real,
		    &n) &&
	       n == hash_n && !memcmp(real, hash, n);
}

/* A list of patterns, of which one that begins with '!' excludes. */
static bool names_match(struct str list, struct str name)
{
	bool found = false;

	while (list.ptr) {
		struct str p = str_cut(&list, ',');
		bool no = str_starts(p, STR("!"));

		if (no)
			p = str_sub(p, 1, p.len);
		if (str_starts(p, HASHED) ? !hash_matches(p, name) : !pattern_match(p, name))
			continue;
		if (no)
			return false;
		found = true;
	}
	return found;
}

struct known {
	char blob[HOST_KEY_BLOB];
	bool revoked;
};

/* One line: a key of ours, or false. */
static bool known_line(struct str line, struct str name, struct known *ret)
{
	struct str first = str_word(&line), text;
	size_t n;

	if (!first.len || *first.ptr == '#')
		return false;
	ret->revoked = str_eq(first, STR("@revoked"));
	if (ret->revoked)
		first = str_word(&line);
	if (str_starts(first, STR("@")) || !names_match(first, name) ||
	    !str_eq(str_word(&line), TYPE))
		return false;
	text = str_word(&line);
	return base64(text, (unsigned char *)ret->blob, sizeof ret->blob, &n) &&
	       n == sizeof ret->blob;
}

static bool is_revoked(const struct known *list, size_t n, const struct known *k)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].revoked && !memcmp(list[i].blob, k->blob, sizeof k->blob))
			return true;
	return false;
}

int known_hosts_find(struct str text, struct str name, char (*ret)[HOST_KEY_BLOB], size_t n,
		     size_t *ret_n)
{
	struct known list[KEYS_MAX];
	size_t n_list = 0, good = 0;
	bool revoked = false;
	struct str line;

	while (n_list < KEYS_MAX && str_line(&text, &line, NULL))
		n_list += known_line(line, name, &list[n_list]);
	for (size_t i = 0; i < n_list; i++) {
		if (is_revoked(list, n_list, &list[i])) {
			revoked = true;
			continue;
		}
		if (good < n)
			memcpy(ret[good], list[i].blob, HOST_KEY_BLOB);
		good++;
	}
	if (!good && revoked)
		return -EKEYREVOKED;
	*ret_n = good;
	return 0;
}
