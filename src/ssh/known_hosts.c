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

/* Patterns are of any case (match_hostname() of OpenSSH); names come in lower case. */
static bool pattern_names(struct str pattern, struct str name)
{
	char lower[256];

	if (pattern.len > sizeof lower)
		return false;
	for (size_t i = 0; i < pattern.len; i++)
		lower[i] = (char)(pattern.ptr[i] >= 'A' && pattern.ptr[i] <= 'Z'
					  ? pattern.ptr[i] + ('a' - 'A')
					  : pattern.ptr[i]);
	return pattern_match((struct str){ lower, pattern.len }, name);
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
		if (str_starts(p, HASHED) ? !hash_matches(p, name) : !pattern_names(p, name))
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

/* However many keys there are, none that is revoked stays. */
static bool drop_revoked(struct str text, struct str name, struct known *list, size_t n)
{
	bool any = false;
	struct str line;

	while (str_line(&text, &line, NULL)) {
		struct known k;

		if (!str_starts(str_trim(line), STR("@revoked")) || !known_line(line, name, &k))
			continue;
		any = true;
		for (size_t i = 0; i < n; i++)
			list[i].revoked |= !memcmp(list[i].blob, k.blob, sizeof k.blob);
	}
	return any;
}

int known_hosts_find(struct str text, struct str name, char (*ret)[HOST_KEY_BLOB], size_t n,
		     size_t *ret_n)
{
	struct str rest = text, line;
	struct known list[KEYS_MAX];
	size_t n_list = 0, good = 0;
	bool revoked;

	while (n_list < KEYS_MAX && str_line(&rest, &line, NULL))
		if (known_line(line, name, &list[n_list]))
			n_list += !list[n_list].revoked;
	revoked = drop_revoked(text, name, list, n_list);
	for (size_t i = 0; i < n_list; i++) {
		if (list[i].revoked)
			continue;
		if (good < n)
			memcpy(ret[good], list[i].blob, HOST_KEY_BLOB);
		good++;
	}
	if (!good && revoked)
		return -EKEYREVOKED;
	*ret_n = good;
	return 0;
}
