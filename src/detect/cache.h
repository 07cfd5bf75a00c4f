/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache: compiled rules kept on disk, in ~/.cache/holdfast ($XDG_CACHE_HOME; root: /var/cache/holdfast).
 *
 * One file a set of rules, named by a hash (BLAKE2b) of all texts, their names and order, the
 * placeholders and the build of the program. It is believed only where it and its folder are the
 * user's, nobody else may write there, and its authenticator (Poly1305, one-time key by BLAKE2b from
 * a secret file beside it) is right. Whatever is wrong with it, it is left out and written anew.
 * HOLDFAST_CACHE=/a/folder is another place, HOLDFAST_CACHE=off does without.
 */
#ifndef HF_DETECT_CACHE_H
#define HF_DETECT_CACHE_H

#include "detect/rule.h"

/* Less than this is compiled faster than it is looked up. */
#define RULE_CACHE_LEAST ((size_t)256 << 10)
#define RULE_CACHE_KEPT 4U

struct rule_cache {
	char *bytes; /* of the file, authentic */
	size_t n;
	int out;                            /* to be written; -1 */
	uint8_t id[32], key[32], nonce[32]; /* key: of this set of rules alone */
};
#define RULE_CACHE_NONE ((struct rule_cache){ .out = -1 })

/*
 * Reads what is there for these rules, or opens what is to be written: before the sandbox is entered.
 * A user without a place for it goes without.
 */
void rule_cache_open(struct rule_cache *c, const struct rule_text *texts, size_t n,
		     struct str placeholders);
void rule_cache_release(struct rule_cache *c);
bool rule_cache_hit(const struct rule_cache *c);

/*
 * rules_compile() or the same from the cache; opens nothing. c: of the same rules, NULL: none.
 * names without any are needed for it.
 */
[[nodiscard]] int rules_compile_cached(struct rule_cache *c, const struct rule_text *texts,
				       size_t n, struct names *names, struct str placeholders,
				       rule_fn *report, void *user, struct rules **ret);

/* Parts (cache_file.c). */
int cache_folder(void);
/* Secret of the folder, made where there is none. */
[[nodiscard]] int cache_secret(int folder, uint8_t ret[static 32]);
/* Bytes of a file that only the user can have written. */
[[nodiscard]] int cache_read(int folder, const char *name, size_t max, char **ret, size_t *ret_n);
/* A new file, instead of what is there. */
[[nodiscard]] int cache_create(int folder, const char *name, int *ret);
/* Leaves the latest files. */
void cache_prune(int folder, size_t keep);
[[nodiscard]] int cache_write(int fd, const void *bytes, size_t n);

#endif
