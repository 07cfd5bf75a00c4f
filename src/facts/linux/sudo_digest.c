/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudo_digest: commands that sudo runs only as long as their files are as they were. */
#include <openssl/evp.h>

#include "facts/linux/sudoers_words.h"

#define FILE_MAX ((size_t)64 << 20)

struct digest {
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len;
};

static bool is_hex_of(struct str text, const struct digest *d)
{
	for (size_t i = 0; i < d->len; i++) {
		uint64_t byte;

		if (str_to_u64(str_sub(text, 2 * i, 2 * i + 2), 16, &byte) < 0 ||
		    byte != d->bytes[i])
			return false;
	}
	return text.len == (size_t)d->len * 2;
}

static bool is_base64_of(struct str text, const struct digest *d)
{
	unsigned char wanted[EVP_MAX_MD_SIZE * 2];
	size_t n = (size_t)EVP_EncodeBlock(wanted, d->bytes, (int)d->len);

	while (n && wanted[n - 1] == '=')
		n--;
	while (text.len && text.ptr[text.len - 1] == '=')
		text.len--;
	return str_eq(text, (struct str){ (const char *)wanted, n });
}

/* "sha256:…": whether it is that of the text. */
static bool one_fits(struct str word, struct str text)
{
	struct str value = word, name = str_trim(str_cut(&value, ':'));
	struct digest d = {};
	char algorithm[8] = {};
	const EVP_MD *md;

	value = str_trim(value);
	if (!value.ptr || name.len >= sizeof algorithm)
		return false;
	memcpy(algorithm, name.ptr, name.len);
	md = EVP_get_digestbyname(algorithm);
	if (!md || EVP_Digest(text.ptr, text.len, d.bytes, &d.len, md, NULL) != 1)
		return false;
	return is_hex_of(value, &d) || is_base64_of(value, &d);
}

int sudo_digest_fits(const struct root *root, struct str digests, struct str command, bool *ret)
{
	own(arena_release) struct arena a = { .limit = FILE_MAX + 4096 };
	struct str path = str_cut(&command, ' '), text;
	const char *name = arena_cstr(&a, path);

	if (!name)
		return -ENOMEM;
	if (path.len == 0 || path.ptr[0] != '/' || str_ends(path, STR("/")) ||
	    root_read(root, name, FILE_MAX, &a, &text, NULL) < 0)
		return -EINVAL;
	*ret = false;
	while (digests.ptr && !*ret)
		*ret = one_fits(str_trim(str_cut(&digests, ',')), text);
	return 0;
}
