/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/ssh_key.h"

#include <openssl/evp.h>

#define BLOB_MAX ((size_t)64 << 10)
#define CERT_SUFFIX "-cert-v01@openssh.com"

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Skips line feeds; stops at '=', and at whatever else does not belong there if cut is set. */
static int decode(struct str text, bool cut, struct arena *a, struct str *ret)
{
	unsigned char *out = arena_alloc(a, text.len / 4 * 3 + 4);
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t n = 0;

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
		int v = base64_value(text.ptr[i]);

		if (text.ptr[i] == '\n' || text.ptr[i] == '\r')
			continue;
		if (v < 0 && cut)
			break;
		if (v < 0)
			return -EINVAL;
		acc = acc << 6 | (unsigned)v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (unsigned char)(acc >> bits & 0xff);
		}
	}
	*ret = (struct str){ (const char *)out, n };
	return 0;
}

/* string of RFC 4251: a length of four bytes and as many bytes. */
static bool take_string(struct str *blob, struct str *ret)
{
	const unsigned char *p = (const unsigned char *)blob->ptr;
	uint32_t len;

	if (blob->len < 4)
		return false;
	len = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	if (len > blob->len - 4)
		return false;
	*ret = (struct str){ blob->ptr + 4, len };
	*blob = str_sub(*blob, 4 + (size_t)len, blob->len);
	return true;
}

static unsigned mpint_bits(struct str n)
{
	unsigned bits;

	while (n.len && !n.ptr[0])
		n = str_sub(n, 1, n.len);
	if (!n.len)
		return 0;
	bits = (unsigned)(n.len * 8);
	for (unsigned char top = (unsigned char)n.ptr[0]; !(top & 0x80);
	     top = (unsigned char)(top << 1))
		bits--;
	return bits;
}

/* How many strings a key of that type has behind its name, and which tells its length. */
static const struct key_type {
	const char *type;
	unsigned fields, number; /* number: from 1; 0: the length is in bits */
	unsigned bits;
} key_types[] = {
	{"ssh-rsa",			     2, 2, 0  },
	{ "ssh-dss",			    4, 1, 0  },
	{ "ecdsa-sha2-nistp256",                2, 0, 256},
	{ "ecdsa-sha2-nistp384",                2, 0, 384},
	{ "ecdsa-sha2-nistp521",                2, 0, 521},
	{ "ssh-ed25519",                        1, 0, 256},
	{ "sk-ecdsa-sha2-nistp256@openssh.com", 3, 0, 256},
	{ "sk-ssh-ed25519@openssh.com",         2, 0, 256},
};

/* The fields of a key by its plain type; blob starts behind the name (and a certificate's nonce)
 * and moves behind the last field. */
static bool take_key(struct str type, struct str *blob, unsigned *ret_bits)
{
	*ret_bits = 0;
	for (size_t i = 0; i < COUNT(key_types); i++) {
		const struct key_type *k = &key_types[i];

		if (!str_eq(type, str_of(k->type)))
			continue;
		*ret_bits = k->bits;
		for (unsigned f = 1; f <= k->fields; f++) {
			struct str field;

			if (!take_string(blob, &field))
				return false;
			if (f == k->number)
				*ret_bits = mpint_bits(field);
		}
		return true;
	}
	return true; /* a type of the future */
}

static int print_fingerprint(struct str blob, char *ret)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char sha[EVP_MAX_MD_SIZE + 1] = {};
	unsigned len = 0;
	size_t n = 0;

	if (EVP_Digest(blob.ptr, blob.len, sha, &len, EVP_sha256(), NULL) != 1 || len != 32)
		return -ENOMEM;
	memcpy(ret, "SHA256:", 7);
	n = 7;
	for (unsigned bit = 0; bit < 256; bit += 6) {
		unsigned v = (unsigned)sha[bit / 8] << 8 | sha[bit / 8 + 1];

		ret[n++] = digits[v >> (10 - bit % 8) & 0x3f];
	}
	ret[n] = 0;
	return 0;
}

static char *put_string(char *to, struct str s)
{
	to[0] = (char)(s.len >> 24 & 0xff);
	to[1] = (char)(s.len >> 16 & 0xff);
	to[2] = (char)(s.len >> 8 & 0xff);
	to[3] = (char)(s.len & 0xff);
	memcpy(to + 4, s.ptr, s.len);
	return to + 4 + s.len;
}

/* "sk-ssh-ed25519-cert-v01@openssh.com" -> "sk-ssh-ed25519@openssh.com". */
static struct str plain_type(struct str type, struct arena *a)
{
	if (!str_ends(type, STR(CERT_SUFFIX)))
		return type;
	type = str_sub(type, 0, type.len - strlen(CERT_SUFFIX));
	return str_starts(type, STR("sk-")) ? arena_cat(a, type, STR("@openssh.com"), STR(""))
					    : type;
}

static int parse_blob(struct str blob, struct arena *a, struct ssh_key *key)
{
	struct str rest = blob, name, nonce, plain, fields;
	char *copy;
	bool cert;

	if (!take_string(&rest, &name) || !str_eq(name, key->type))
		return -EINVAL;
	plain = plain_type(key->type, a);
	if (!plain.ptr)
		return -ENOMEM;
	cert = !str_eq(plain, key->type);
	if (cert && !take_string(&rest, &nonce))
		return -EINVAL;
	fields = rest;
	if (!take_key(plain, &rest, &key->bits))
		return -EINVAL;
	if (!cert)
		return print_fingerprint(blob, key->fingerprint);
	/* A certificate has the fingerprint of the key in it. */
	fields.len -= rest.len;
	copy = arena_alloc(a, 4 + plain.len + fields.len);
	if (!copy)
		return -ENOMEM;
	memcpy(put_string(copy, plain), fields.ptr, fields.len);
	return print_fingerprint((struct str){ copy, 4 + plain.len + fields.len },
				 key->fingerprint);
}

static bool type_known(struct str type)
{
	static const char *const prefixes[] = { "ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-" };

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (str_starts(type, str_of(prefixes[i])))
			return true;
	return false;
}

int ssh_key_parse(struct str text, struct arena *a, struct ssh_key *ret)
{
	struct ssh_key key = { .options = STR("") };
	struct str encoded, blob;
	int r;

	key.type = str_word(&text);
	encoded = str_word(&text);
	if (!type_known(key.type) || !encoded.len || encoded.len > BLOB_MAX)
		return -EINVAL;
	r = decode(encoded, false, a, &blob);
	if (r >= 0)
		r = parse_blob(blob, a, &key);
	if (r < 0)
		return r;
	key.comment = str_trim(text);
	if (!key.comment.ptr)
		key.comment = STR("");
	*ret = key;
	return 0;
}

/* Options end at the first blank outside of double quotes; "\"" is a quote inside them. */
static size_t options_length(struct str s)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < s.len && (quoted || (s.ptr[i] != ' ' && s.ptr[i] != '\t')); i++) {
		if (s.ptr[i] == '\\' && i + 1 < s.len && s.ptr[i + 1] == '"')
			i++;
		else if (s.ptr[i] == '"')
			quoted = !quoted;
	}
	return MIN(i, s.len);
}

static void read_options(struct str options, struct ssh_key *key)
{
	bool quoted = false;
	size_t start = 0;

	for (size_t i = 0; i <= options.len; i++) {
		struct str o;

		if (i < options.len && options.ptr[i] == '"' && !(i && options.ptr[i - 1] == '\\'))
			quoted = !quoted;
		if (i < options.len && (quoted || options.ptr[i] != ','))
			continue;
		o = str_sub(options, start, i);
		start = i + 1;
		key->cert_authority |= str_ieq(o, STR("cert-authority"));
		key->from_limited |= str_istarts(o, STR("from="));
		key->command |= str_istarts(o, STR("command="));
	}
}

int ssh_authorized_key(struct str line, struct arena *a, struct ssh_key *ret)
{
	struct str rest;
	size_t n;
	int r;

	line = str_trim(line);
	if (!line.len || line.ptr[0] == '#')
		return -ENOENT;
	r = ssh_key_parse(line, a, ret);
	if (r != -EINVAL)
		return r;
	n = options_length(line);
	rest = str_sub(line, n, line.len);
	r = ssh_key_parse(rest, a, ret);
	if (r < 0)
		return r;
	ret->options = str_sub(line, 0, n);
	read_options(ret->options, ret);
	return 0;
}

/* The name of the cipher in an OpenSSH private key (PROTOCOL.key of OpenSSH). */
static bool openssh_encrypted(struct str body)
{
	static const char magic[] = "openssh-key-v1";
	char room[512];
	own(arena_release) struct arena a = { .limit = sizeof room * 4 };
	struct str head = str_sub(body, 0, sizeof room), blob, cipher;

	if (decode(head, true, &a, &blob) < 0 || blob.len < sizeof magic ||
	    memcmp(blob.ptr, magic, sizeof magic) != 0)
		return false;
	blob = str_sub(blob, sizeof magic, blob.len);
	return take_string(&blob, &cipher) && !str_eq(cipher, STR("none"));
}

/* The text behind the line that contains head. */
static bool find_head(struct str text, struct str head, struct str *ret)
{
	const char *p = text.len ? memmem(text.ptr, text.len, head.ptr, head.len) : NULL;

	if (!p)
		return false;
	*ret = str_sub(text, (size_t)(p - text.ptr) + head.len, text.len);
	return true;
}

const char *ssh_private_key(struct str text, bool *ret_encrypted)
{
	static const struct {
		const char *head, *type;
	} pem[] = {
		{"-----BEGIN RSA PRIVATE KEY-----",  "rsa"},
		{ "-----BEGIN DSA PRIVATE KEY-----", "dsa"},
		{ "-----BEGIN EC PRIVATE KEY-----",  "ec" },
	};
	struct str body;

	*ret_encrypted = false;
	if (find_head(text, STR("-----BEGIN OPENSSH PRIVATE KEY-----"), &body)) {
		*ret_encrypted = openssh_encrypted(str_trim(body));
		return "openssh";
	}
	for (size_t i = 0; i < COUNT(pem); i++)
		if (find_head(text, str_of(pem[i].head), &body)) {
			struct str start = str_sub(body, 0, 200);

			*ret_encrypted = str_contains(start, STR("ENCRYPTED"));
			return pem[i].type;
		}
	if (find_head(text, STR("-----BEGIN ENCRYPTED PRIVATE KEY-----"), &body)) {
		*ret_encrypted = true;
		return "pkcs8";
	}
	if (find_head(text, STR("-----BEGIN PRIVATE KEY-----"), &body))
		return "pkcs8";
	if (str_starts(text, STR("PuTTY-User-Key-File-")) &&
	    find_head(text, STR("\nEncryption:"), &body)) {
		struct str value = {};

		str_line(&body, &value, NULL);
		*ret_encrypted = !str_eq(str_trim(value), STR("none"));
		return "putty";
	}
	return NULL;
}
