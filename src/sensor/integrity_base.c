/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/integrity_base.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <time.h>

#define MAGIC "HFIM1\n"
#define JOURNAL_MAGIC "HFIJ1\n"
#define MAGIC_LEN 6
#define HEAD (MAGIC_LEN + 8 + 8 + FIM_SEAL + 16 + 8)

static uint64_t get_le(const char *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return v;
}

static void put_le(struct buf *out, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_putc(out, (char)(v >> (8 * i) & 255));
}

static void hmac_release(EVP_MAC_CTX **c) { EVP_MAC_CTX_free(*c); }
static void mac_release(EVP_MAC **m) { EVP_MAC_free(*m); }

int fim_seal(const struct fim_base *b, struct str x, struct str y,
	     unsigned char ret[static FIM_SEAL])
{
	static char digest[] = "SHA256";
	const OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string("digest", digest, 0),
				      OSSL_PARAM_construct_end() };
	own(mac_release) EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	own(hmac_release) EVP_MAC_CTX *c = mac ? EVP_MAC_CTX_new(mac) : NULL;
	size_t n = 0;

	if (!c || !EVP_MAC_init(c, b->key, sizeof b->key, params) ||
	    !EVP_MAC_update(c, (const unsigned char *)x.ptr, x.len) ||
	    (y.len && !EVP_MAC_update(c, (const unsigned char *)y.ptr, y.len)) ||
	    !EVP_MAC_final(c, ret, &n, FIM_SEAL) || n != FIM_SEAL)
		return -ENOMEM;
	return 0;
}

static int read_records(struct str body, uint64_t n, const char *file, struct fim_table *t,
			struct diag *d)
{
	struct str before = STR("");

	for (uint64_t i = 0; i < n; i++) {
		struct fim_record *r;
		int e = fim_record_read(&body, before, t, &r);

		if (e == -ENOMEM)
			return e;
		if (e < 0 || (i && str_cmp(before, fim_record_path(r)) >= 0))
			return diag_set(d, -EINVAL, file, 0, "record %llu makes no sense",
					(unsigned long long)i + 1);
		before = fim_record_path(r);
	}
	return body.len ? diag_set(d, -EINVAL, file, 0, "bytes are left over") : 0;
}

int fim_base_parse(struct str bytes, const char *file, struct fim_base *b, struct fim_table *t,
		   struct diag *d)
{
	unsigned char seal[FIM_SEAL];
	const char *p = bytes.ptr;
	int r;

	if (bytes.len < HEAD + FIM_SEAL || memcmp(p, MAGIC, MAGIC_LEN) != 0)
		return diag_set(d, -EINVAL, file, 0, "this is not a baseline, or a part of one");
	r = fim_seal(b, str_sub(bytes, 0, bytes.len - FIM_SEAL), (struct str){}, seal);
	if (r < 0)
		return r;
	if (CRYPTO_memcmp(seal, p + bytes.len - FIM_SEAL, FIM_SEAL) != 0)
		return diag_set(d, -EINVAL, file, 0,
				"the seal is broken: damaged, forged, or of another key");
	memcpy(b->seal, seal, FIM_SEAL);
	memcpy(b->chain, seal, FIM_SEAL);
	b->number = get_le(p + MAGIC_LEN, 8);
	b->time = (int64_t)get_le(p + MAGIC_LEN + 8, 8);
	memcpy(b->before, p + MAGIC_LEN + 16, FIM_SEAL);
	memcpy(b->salt, p + MAGIC_LEN + 16 + FIM_SEAL, sizeof b->salt);
	return read_records(str_sub(bytes, HEAD, bytes.len - FIM_SEAL), get_le(p + HEAD - 8, 8),
			    file, t, d);
}

int fim_journal_parse(struct str bytes, const char *file, struct fim_base *b, struct fim_table *t,
		      struct diag *d)
{
	/* One of an older baseline says nothing: the save ended before the new one was begun. */
	if (bytes.len < MAGIC_LEN + FIM_SEAL || memcmp(bytes.ptr, JOURNAL_MAGIC, MAGIC_LEN) != 0 ||
	    memcmp(bytes.ptr + MAGIC_LEN, b->seal, FIM_SEAL) != 0)
		return 0;
	bytes = str_sub(bytes, MAGIC_LEN + FIM_SEAL, bytes.len);
	for (unsigned i = 1; bytes.len; i++) {
		uint64_t n = bytes.len >= 4 ? get_le(bytes.ptr, 4) : FIM_RECORD_MAX;
		unsigned char seal[FIM_SEAL];
		struct fim_record *record;
		struct str body;
		int r;

		if (bytes.len < 4 + n + FIM_SEAL) {
			b->torn = true;
			return 0;
		}
		body = str_sub(bytes, 4, 4 + n);
		r = fim_seal(b, (struct str){ (const char *)b->chain, FIM_SEAL }, body, seal);
		if (r < 0)
			return r;
		if (CRYPTO_memcmp(seal, bytes.ptr + 4 + n, FIM_SEAL) != 0)
			return diag_set(d, -EINVAL, file, 0, "the seal of entry %u is broken", i);
		r = fim_record_read(&body, STR(""), t, &record);
		if (r == -ENOMEM)
			return r;
		if (r < 0 || body.len)
			return diag_set(d, -EINVAL, file, 0, "entry %u makes no sense", i);
		/* What came after the baseline and is gone again. */
		if (!record->present && !record->accepted)
			fim_table_remove(t, record);
		memcpy(b->chain, seal, FIM_SEAL);
		bytes = str_sub(bytes, 4 + n + FIM_SEAL, bytes.len);
	}
	return 0;
}

/* Header of what is to be saved; b moves on only once it is. */
static int put_base(struct buf *out, struct fim_base *next, const struct fim_table *t)
{
	struct fim_record **list;
	struct str before = STR("");
	int r = fim_table_sorted(t, &list);

	if (r < 0)
		return r;
	buf_puts(out, MAGIC);
	put_le(out, next->number, 8);
	put_le(out, (uint64_t)next->time, 8);
	buf_add(out, next->before, FIM_SEAL);
	buf_add(out, next->salt, sizeof next->salt);
	put_le(out, t->n, 8);
	for (size_t i = 0; i < t->n && !out->error; i++) {
		fim_record_write(out, list[i], before);
		before = fim_record_path(list[i]);
	}
	free(list);
	if (out->error)
		return out->error;
	r = fim_seal(next, buf_view(out), (struct str){}, next->seal);
	return r < 0 ? r : buf_add(out, next->seal, FIM_SEAL);
}

int fim_base_dump(struct fim_base *b, const struct fim_table *t, struct buf *ret)
{
	struct fim_base next = *b;
	int r;

	next.number++;
	next.time = time(NULL);
	memcpy(next.before, b->seal, FIM_SEAL);
	r = put_base(ret, &next, t);
	if (r < 0)
		return r;
	memcpy(next.chain, next.seal, FIM_SEAL);
	next.torn = false;
	*b = next;
	return 0;
}

int fim_base_save(const char *path, struct fim_base *b, const struct fim_table *t)
{
	own(buf_release) struct buf out = BUF(FIM_BASE_MAX);
	struct fim_base next = *b;
	int r = fim_base_dump(&next, t, &out);

	if (r == 0)
		r = fim_file_replace(path, buf_view(&out));
	if (r < 0)
		return r;
	*b = next;
	/* What stood in the journal is in the file now; a new one names the new seal. */
	return b->journal >= 0 ? fim_base_journal(path, b) : 0;
}

int fim_base_append(struct fim_base *b, const struct fim_record *record)
{
	own(buf_release) struct buf body = BUF(FIM_RECORD_MAX), out = BUF(FIM_RECORD_MAX + 64);
	unsigned char seal[FIM_SEAL];
	ssize_t n;
	int r;

	if (b->journal < 0)
		return 0;
	r = fim_record_write(&body, record, STR(""));
	if (r == 0)
		r = fim_seal(b, (struct str){ (const char *)b->chain, FIM_SEAL }, buf_view(&body),
			     seal);
	if (r < 0)
		return r;
	put_le(&out, body.len, 4);
	buf_str(&out, buf_view(&body));
	r = buf_add(&out, seal, FIM_SEAL);
	if (r < 0)
		return r;
	n = write(b->journal, out.ptr, out.len);
	if (n == (ssize_t)out.len) {
		memcpy(b->chain, seal, FIM_SEAL);
		b->journal_size += n;
		return 0;
	}
	r = n < 0 ? -errno : -ENOSPC;
	/* Half an entry would make all that follow it unreadable. */
	if (n > 0 && ftruncate(b->journal, b->journal_size) < 0)
		close_fd(&b->journal);
	return r;
}

void fim_base_release(struct fim_base *b)
{
	close_fd(&b->journal);
	OPENSSL_cleanse(b->key, sizeof b->key);
	*b = FIM_BASE_NONE;
}
