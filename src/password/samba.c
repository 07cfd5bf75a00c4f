/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "password/samba.h"

#define TDB_MAGIC_FOOD "TDB file\n"
#define TDB_VERSION (0x26011967u + 6)
#define TDB_MAGIC 0x26011999u
#define TDB_HEADER 168
#define TDB_RECORD 24

/* acct_ctrl, [MS-SAMR] 2.2.1.12 */
#define ACB_DISABLED 0x1u
#define ACB_PWNOTREQ 0x4u

static int hash_text(const uint8_t hash[static 16], struct arena *a, struct str *ret)
{
	char text[36] = "$3$$";

	for (unsigned i = 0; i < 16; i++) {
		text[4 + 2 * i] = "0123456789abcdef"[hash[i] >> 4];
		text[5 + 2 * i] = "0123456789abcdef"[hash[i] & 15];
	}
	*ret = arena_str(a, (struct str){ text, sizeof text });
	explicit_bzero(text, sizeof text);
	return ret->ptr ? 0 : -ENOMEM;
}

/* 1: a hash, 0: something else stands there ("XXXX…", "NO PASSWORD…"). */
static int read_hex(struct str hex, uint8_t ret[static 16])
{
	for (size_t i = 0; i < 16; i++) {
		uint64_t byte;

		if (str_to_u64(str_sub(hex, 2 * i, 2 * i + 2), 16, &byte) < 0)
			return 0;
		ret[i] = (uint8_t)byte;
	}
	return hex.len == 32;
}

static int add(struct samba_file *f, struct arena *a, const struct samba_account *one)
{
	return f->n < SAMBA_ACCOUNTS_MAX ? arena_push(a, f->accounts, f->n, f->cap, *one) : -E2BIG;
}

/* "name:uid:LANMAN:NT:[flags]:LCT-time:" */
static int read_line(struct samba_file *f, struct str line, unsigned number, struct arena *a)
{
	struct samba_account one = { .line = number, .hash = STR("") };
	struct str rest = line, nt, flags;
	uint8_t hash[16];
	uint64_t uid;
	int r = 0;

	one.name = str_cut(&rest, ':');
	if (!one.name.len || one.name.len > 256 || str_to_u64(str_cut(&rest, ':'), 10, &uid) < 0 ||
	    !rest.ptr)
		goto bad;
	str_cut(&rest, ':');
	if (!rest.ptr)
		goto bad;
	nt = str_cut(&rest, ':');
	if (nt.len != 32)
		goto bad;
	flags = str_cut(&rest, ':');
	one.disabled = str_find(flags, 'D') >= 0;
	one.no_password = str_find(flags, 'N') >= 0 || str_starts(nt, STR("NO PASSWORD"));
	one.name = arena_str(a, one.name);
	if (!one.name.ptr)
		return -ENOMEM;
	if (!one.no_password && read_hex(nt, hash))
		r = hash_text(hash, a, &one.hash);
	explicit_bzero(hash, sizeof hash);
	return r < 0 ? r : add(f, a, &one);
bad:
	if (!f->skipped++)
		f->first_skipped = number;
	return 0;
}

static int smbpasswd(struct str text, struct arena *a, struct samba_file *f)
{
	struct str line;
	unsigned number = 0;
	int r = 0;

	while (r == 0 && str_line(&text, &line, &number)) {
		if (str_trim(line).len && line.ptr[0] != '#')
			r = read_line(f, line, number, a);
	}
	return r;
}

struct tdb {
	struct str bytes;
	bool swapped; /* written on a machine of the other byte order */
};

static uint32_t le32(const char *p)
{
	const uint8_t *b = (const uint8_t *)p;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static bool word_at(const struct tdb *t, uint64_t at, uint32_t *ret)
{
	if (at > t->bytes.len || t->bytes.len - at < 4)
		return false;
	*ret = le32(t->bytes.ptr + at);
	if (t->swapped)
		*ret = __builtin_bswap32(*ret);
	return true;
}

/* Samba's own packing: always the low byte first. */
static bool take_word(struct str *s, uint32_t *ret)
{
	if (s->len < 4)
		return false;
	*ret = le32(s->ptr);
	*s = str_sub(*s, 4, s->len);
	return true;
}

static bool take_bytes(struct str *s, struct str *ret)
{
	uint32_t n;

	if (!take_word(s, &n) || n > s->len)
		return false;
	*ret = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	return true;
}

/*
 * Seven times; name, domain, … twelve texts; two numbers of the account; the LANMAN and the NT hash,
 * older ones; flags.
 */
static bool unpack(struct str data, struct str *ret_nt, uint32_t *ret_flags)
{
	struct str part;
	uint32_t number;

	for (unsigned i = 0; i < 7; i++)
		if (!take_word(&data, &number))
			return false;
	for (unsigned i = 0; i < 12; i++)
		if (!take_bytes(&data, &part))
			return false;
	for (unsigned i = 0; i < 2; i++)
		if (!take_word(&data, &number))
			return false;
	return take_bytes(&data, &part) && take_bytes(&data, ret_nt) && take_bytes(&data, &part) &&
	       take_word(&data, ret_flags);
}

static int read_record(struct samba_file *f, struct str key, struct str data, struct arena *a)
{
	struct samba_account one = { .hash = STR("") };
	struct str nt;
	uint32_t flags;
	int r = 0;

	if (!str_starts(key, STR("USER_")))
		return 0;
	one.name = str_sub(key, 5, key.len);
	if (str_find(one.name, '\0') >= 0)
		one.name.len = (size_t)str_find(one.name, '\0');
	if (!one.name.len || one.name.len > 256 || !unpack(data, &nt, &flags)) {
		f->skipped++;
		return 0;
	}
	one.disabled = flags & ACB_DISABLED;
	one.no_password = (flags & ACB_PWNOTREQ) && nt.len != 16;
	one.name = arena_str(a, one.name);
	if (!one.name.ptr)
		return -ENOMEM;
	if (nt.len == 16)
		r = hash_text((const uint8_t *)nt.ptr, a, &one.hash);
	return r < 0 ? r : add(f, a, &one);
}

/* One chain of records; *left is what all chains together may still have. */
static int read_chain(const struct tdb *t, uint64_t at, size_t *left, struct samba_file *f,
		      struct arena *a)
{
	while (at) {
		uint32_t next, length, key, data, magic;
		struct str body;
		int r;

		if (!(*left)--)
			return -EBADMSG;
		if (!word_at(t, at, &next) || !word_at(t, at + 4, &length) ||
		    !word_at(t, at + 8, &key) || !word_at(t, at + 12, &data) ||
		    !word_at(t, at + 20, &magic))
			return -EBADMSG;
		body = str_sub(t->bytes, at + TDB_RECORD, at + TDB_RECORD + length);
		if (body.len != length || (uint64_t)key + data > length)
			return -EBADMSG;
		r = magic != TDB_MAGIC ? 0
				       : read_record(f, str_sub(body, 0, key),
						     str_sub(body, key, (size_t)key + data), a);
		if (r < 0)
			return r;
		at = next;
	}
	return 0;
}

static int tdbsam(struct str bytes, struct arena *a, struct samba_file *f, struct diag *d)
{
	struct tdb t = { .bytes = bytes };
	size_t left = bytes.len / TDB_RECORD + 1;
	uint32_t version, buckets, head;
	int r = 0;

	if (!word_at(&t, 32, &version) || bytes.len < TDB_HEADER)
		return diag_set(d, -EBADMSG, NULL, 0, "a TDB file that is cut off");
	if (version == __builtin_bswap32(TDB_VERSION))
		t.swapped = true;
	else if (version != TDB_VERSION)
		return diag_set(d, -EBADMSG, NULL, 0, "a TDB file of an unknown version");
	if (!word_at(&t, 36, &buckets) || (bytes.len - TDB_HEADER) / 4 <= buckets)
		return diag_set(d, -EBADMSG, NULL, 0, "a damaged TDB file");
	for (uint32_t i = 0; r == 0 && i < buckets; i++)
		r = word_at(&t, TDB_HEADER + 4 * ((uint64_t)i + 1), &head)
			    ? read_chain(&t, head, &left, f, a)
			    : -EBADMSG;
	return r == -EBADMSG ? diag_set(d, r, NULL, 0, "a damaged TDB file") : r;
}

int samba_parse(struct str bytes, struct arena *a, struct samba_file *ret, struct diag *d)
{
	struct samba_file f = {};
	int r;

	if (str_starts(bytes, STR(TDB_MAGIC_FOOD))) {
		f.store = "tdbsam";
		r = tdbsam(bytes, a, &f, d);
	} else {
		f.store = "smbpasswd";
		r = smbpasswd(bytes, a, &f);
		if (r == 0 && !f.n && f.skipped)
			r = diag_set(d, -EBADMSG, NULL, f.first_skipped,
				     "no line of an account of Samba");
	}
	if (r == -E2BIG)
		return diag_set(d, r, NULL, 0, "too many accounts");
	if (r < 0)
		return r;
	*ret = f;
	return 0;
}
