/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/escrow.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

#define FIRST "holdfast sealed pass phrase 1"
#define KEY_FIRST "holdfast backup secret key 1"
#define OPSLIMIT crypto_pwhash_OPSLIMIT_MODERATE
#define MEMLIMIT ((size_t)64 << 20)
#define MEM_MOST ((size_t)256 << 20)
#define OPS_MOST 10U
#define BOX_MAX (ESCROW_SECRET_MAX + 64U)

int escrow_start(void) { return sodium_init() < 0 ? -EIO : 0; }

void escrow_phrase(char ret[static ESCROW_PHRASE_LEN])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	size_t at = 0;

	for (unsigned i = 0; i < 32; i++) {
		if (i && i % 4 == 0)
			ret[at++] = '-';
		ret[at++] = letters[randombytes_uniform(32)];
	}
	ret[at] = '\0';
}

static int add_base64(struct buf *b, const unsigned char *p, size_t n)
{
	char text[2 * BOX_MAX];

	if (sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL) > sizeof text)
		return -EFBIG;
	sodium_bin2base64(text, sizeof text, p, n, sodium_base64_VARIANT_ORIGINAL);
	return buf_puts(b, text);
}

static int read_base64(struct str s, unsigned char *ret, size_t size, size_t *ret_len)
{
	const char *end = NULL;

	if (sodium_base642bin(ret, size, s.ptr, s.len, NULL, ret_len, &end,
			      sodium_base64_VARIANT_ORIGINAL) != 0)
		return -EBADMSG;
	return end == s.ptr + s.len ? 0 : -EBADMSG;
}

int escrow_keygen(struct buf *ret_secret, struct buf *ret_public)
{
	unsigned char pk[crypto_box_PUBLICKEYBYTES], sk[crypto_box_SECRETKEYBYTES];

	crypto_box_keypair(pk, sk);
	(void)buf_puts(ret_secret, KEY_FIRST "\n");
	(void)add_base64(ret_secret, sk, sizeof sk);
	(void)buf_putc(ret_secret, '\n');
	(void)add_base64(ret_public, pk, sizeof pk);
	sodium_memzero(sk, sizeof sk);
	return ret_secret->error ? ret_secret->error : ret_public->error;
}

static int seal_to_key(struct str key, struct str secret, struct buf *ret)
{
	unsigned char pk[crypto_box_PUBLICKEYBYTES], box[BOX_MAX];
	size_t n;

	if (read_base64(key, pk, sizeof pk, &n) < 0 || n != sizeof pk ||
	    crypto_box_seal(box, (const unsigned char *)secret.ptr, secret.len, pk) != 0)
		return -EINVAL;
	(void)buf_fmt(ret, "key %.*s\nbox ", STR_FMT(key));
	return add_base64(ret, box, secret.len + crypto_box_SEALBYTES);
}

static int derive(struct str phrase, const unsigned char *salt, unsigned long long ops, size_t mem,
		  unsigned char *ret)
{
	return crypto_pwhash(ret, crypto_secretbox_KEYBYTES, phrase.ptr, phrase.len, salt, ops, mem,
			     crypto_pwhash_ALG_ARGON2ID13) == 0
		       ? 0
		       : -ENOMEM;
}

static int seal_to_phrase(struct str phrase, struct str secret, struct buf *ret)
{
	unsigned char salt[crypto_pwhash_SALTBYTES], key[crypto_secretbox_KEYBYTES];
	unsigned char box[crypto_secretbox_NONCEBYTES + BOX_MAX];
	int r;

	randombytes_buf(salt, sizeof salt);
	randombytes_buf(box, crypto_secretbox_NONCEBYTES);
	r = derive(phrase, salt, OPSLIMIT, MEMLIMIT, key);
	if (r < 0)
		return r;
	crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (const unsigned char *)secret.ptr,
			      secret.len, box, key);
	sodium_memzero(key, sizeof key);
	(void)buf_fmt(ret, "phrase argon2id %llu %zu ", (unsigned long long)OPSLIMIT, MEMLIMIT);
	(void)add_base64(ret, salt, sizeof salt);
	(void)buf_puts(ret, "\nbox ");
	return add_base64(ret, box,
			  crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + secret.len);
}

int escrow_seal(const struct escrow_to *to, const struct escrow_about *about, struct str secret,
		struct buf *ret)
{
	char when[40] = "", url[400];
	struct tm tm;
	time_t made = (time_t)about->made;
	int r;

	if (!secret.len || secret.len > ESCROW_SECRET_MAX || (!to->key.len && to->phrase.len < 12))
		return -EINVAL;
	if (gmtime_r(&made, &tm))
		strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	(void)buf_fmt(ret, FIRST "\nrepository %s %s\nmade %s\n", about->repository,
		      text_safe(str_of(about->url), url, sizeof url), when);
	r = to->key.len ? seal_to_key(to->key, secret, ret)
			: seal_to_phrase(to->phrase, secret, ret);
	if (r == 0)
		(void)buf_putc(ret, '\n');
	return r < 0 ? r : ret->error;
}

struct sealed {
	struct str key, phrase, box;
	unsigned box_line;
};

static int parse(struct str text, const char *file, struct sealed *ret, struct diag *d)
{
	struct str line;
	unsigned n = 0;

	if (!str_line(&text, &line, &n) || !str_eq(line, STR(FIRST)))
		return diag_set(d, -EBADMSG, file, 1, "is no sealed pass phrase");
	while (str_line(&text, &line, &n)) {
		struct str name = str_word(&line);

		line = str_trim(line);
		if (str_eq(name, STR("key")))
			ret->key = line;
		else if (str_eq(name, STR("phrase")))
			ret->phrase = line;
		else if (str_eq(name, STR("box"))) {
			ret->box = line;
			ret->box_line = n;
		}
	}
	if (!ret->box.len || !ret->key.len == !ret->phrase.len)
		return diag_set(d, -EBADMSG, file, n, "the sealed pass phrase is incomplete");
	return 0;
}

static int open_with_key(const struct sealed *s, struct str with, const unsigned char *box,
			 size_t n, unsigned char *ret)
{
	unsigned char sk[crypto_box_SECRETKEYBYTES], pk[crypto_box_PUBLICKEYBYTES];
	struct str line;
	size_t len;
	int r;

	(void)s;
	if (!str_line(&with, &line, NULL) || !str_eq(line, STR(KEY_FIRST)) ||
	    !str_line(&with, &line, NULL) || read_base64(str_trim(line), sk, sizeof sk, &len) < 0 ||
	    len != sizeof sk || n < crypto_box_SEALBYTES)
		return -EACCES;
	crypto_scalarmult_base(pk, sk);
	r = crypto_box_seal_open(ret, box, n, pk, sk);
	sodium_memzero(sk, sizeof sk);
	return r == 0 ? (int)(n - crypto_box_SEALBYTES) : -EACCES;
}

static int open_with_phrase(const struct sealed *s, struct str with, const unsigned char *box,
			    size_t n, unsigned char *ret)
{
	unsigned char salt[crypto_pwhash_SALTBYTES], key[crypto_secretbox_KEYBYTES];
	struct str rest = s->phrase, how = str_word(&rest);
	uint64_t ops, mem;
	size_t len;
	int r;

	/* Bounds: the file may be anybody's. */
	if (!str_eq(how, STR("argon2id")) || str_to_u64(str_word(&rest), 10, &ops) ||
	    str_to_u64(str_word(&rest), 10, &mem) || !ops || ops > OPS_MOST || mem > MEM_MOST ||
	    mem < crypto_pwhash_MEMLIMIT_MIN ||
	    read_base64(str_trim(rest), salt, sizeof salt, &len) < 0 || len != sizeof salt ||
	    n < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
		return -EBADMSG;
	r = derive(with, salt, ops, mem, key);
	if (r < 0)
		return r;
	r = crypto_secretbox_open_easy(ret, box + crypto_secretbox_NONCEBYTES,
				       n - crypto_secretbox_NONCEBYTES, box, key);
	sodium_memzero(key, sizeof key);
	return r == 0 ? (int)(n - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES)
		      : -EACCES;
}

int escrow_open(struct str text, const char *file, struct str with, struct buf *ret, struct diag *d)
{
	unsigned char box[crypto_secretbox_NONCEBYTES + BOX_MAX], secret[BOX_MAX];
	struct sealed s = {};
	size_t n;
	int r = parse(text, file, &s, d);

	if (r < 0)
		return r;
	if (read_base64(s.box, box, sizeof box, &n) < 0)
		return diag_set(d, -EBADMSG, file, s.box_line, "the box is no base64");
	if (n > crypto_box_SEALBYTES + ESCROW_SECRET_MAX)
		return diag_set(d, -EBADMSG, file, s.box_line, "the box is too long");
	r = s.key.len ? open_with_key(&s, with, box, n, secret)
		      : open_with_phrase(&s, with, box, n, secret);
	if (r < 0)
		return diag_set(d, r, file, s.box_line,
				r == -EBADMSG ? "the line 'phrase' is damaged"
				: s.key.len   ? "the key is not the one that it was sealed to"
					      : "the phrase is not the one that it was sealed to");
	r = buf_add(ret, secret, (size_t)r);
	sodium_memzero(secret, sizeof secret);
	return r;
}
