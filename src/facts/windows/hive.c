/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/windows/hive.h"
#include "base/json.h"

enum {
	HEADER = 512,
	BINS = 4096, /* cells are counted from behind the header's page */
	KEY_HEAD = 76,
	KEY_ASCII = 0x20,
	VALUE_HEAD = 20,
	VALUE_ASCII = 1,
	NAME_MAX_BYTES = 512,
	KEYS_MAX = 65536, /* looked at for one step of a path */
	VALUES_MAX = 16384,
	TYPE_SZ = 1,
	TYPE_EXPAND_SZ = 2,
	TYPE_DWORD = 4,
};
#define NONE UINT32_MAX
#define INLINE 0x80000000u

static uint32_t le16(const unsigned char *p) { return (uint32_t)read_little(p, 2); }
static uint32_t le32(const unsigned char *p) { return (uint32_t)read_little(p, 4); }

/* The first n bytes of a cell, which must be in use and hold as much. */
static int read_cell(const struct hive *h, uint32_t offset, void *ret, uint32_t n)
{
	uint64_t at = (uint64_t)BINS + offset;
	unsigned char size[4];
	int64_t bytes;
	int r;

	if (offset == NONE || offset % 8)
		return -EBADMSG;
	r = stretch_read(&h->src, at, size, sizeof size);
	if (r < 0)
		return r;
	bytes = -(int64_t)(int32_t)le32(size) - (int64_t)sizeof size;
	if (bytes < (int64_t)n)
		return -EBADMSG;
	return stretch_read(&h->src, at + sizeof size, ret, n);
}

int hive_open(const struct stretch *s, struct hive *ret)
{
	struct hive h = { .src = *s };
	unsigned char p[HEADER], sign[2];
	int r;

	if (s->bytes < BINS)
		return -ENOEXEC;
	r = stretch_read(s, 0, p, sizeof p);
	if (r < 0)
		return r;
	if (memcmp(p, "regf", 4) != 0)
		return -ENOEXEC;
	h.dirty = le32(p + 4) != le32(p + 8);
	h.root = le32(p + 36);
	if (le32(p + 20) != 1 || le32(p + 24) < 3 || le32(p + 24) > 6)
		return -EBADMSG;
	r = read_cell(&h, h.root, sign, sizeof sign);
	if (r >= 0 && memcmp(sign, "nk", 2) != 0)
		r = -EBADMSG;
	if (r >= 0)
		*ret = h;
	return r;
}

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

/* Names of ASCII alone are looked for: in Latin-1 or UTF-16, as they are kept. */
static bool same_name(const unsigned char *p, uint32_t bytes, bool ascii, struct str name)
{
	size_t step = ascii ? 1 : 2;

	if (bytes != name.len * step)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (lower((char)p[i * step]) != lower(name.ptr[i]) ||
		    (!ascii && p[i * step + 1] != 0))
			return false;
	return true;
}

struct search {
	const struct hive *h;
	struct str name;
	uint32_t found;
	unsigned looked;
};

/* 1: it is that key. */
static int look_at_key(struct search *s, uint32_t offset)
{
	unsigned char p[KEY_HEAD + NAME_MAX_BYTES];
	uint32_t n;
	int r = read_cell(s->h, offset, p, KEY_HEAD);

	if (s->looked++ >= KEYS_MAX)
		return -EBADMSG;
	if (r < 0 || memcmp(p, "nk", 2) != 0)
		return r < 0 ? r : -EBADMSG;
	n = le16(p + 72);
	if (n > NAME_MAX_BYTES)
		return -EBADMSG;
	/* Most are told apart by their length. */
	if (n != s->name.len && n != 2 * s->name.len)
		return 0;
	r = read_cell(s->h, offset, p, KEY_HEAD + n);
	if (r < 0 || !same_name(p + KEY_HEAD, n, le16(p + 2) & KEY_ASCII, s->name))
		return r;
	s->found = offset;
	return 1;
}

/* A list of keys (lf, lh: with hashes; li: without) or of such lists (ri). */
static int look_at_list(struct search *s, uint32_t offset, bool nested)
{
	unsigned char p[4], entry[8];
	unsigned step;
	uint32_t n;
	bool lists;
	int r = read_cell(s->h, offset, p, sizeof p);

	if (r < 0)
		return r;
	lists = !memcmp(p, "ri", 2);
	step = !memcmp(p, "lf", 2) || !memcmp(p, "lh", 2) ? 8 : 4;
	if ((step == 4 && !lists && memcmp(p, "li", 2) != 0) || (lists && nested))
		return -EBADMSG;
	n = le16(p + 2);
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		uint64_t at = (uint64_t)BINS + offset + 8 + (uint64_t)i * step;

		r = stretch_read(&s->h->src, at, entry, 4);
		if (r < 0)
			return r;
		r = lists ? look_at_list(s, le32(entry), true) : look_at_key(s, le32(entry));
	}
	return r;
}

int hive_key(const struct hive *h, uint32_t from, const char *path, uint32_t *ret)
{
	struct str rest = str_of(path);

	while (rest.ptr) {
		struct search s = { .h = h, .name = str_cut(&rest, '\\') };
		unsigned char p[KEY_HEAD];
		int r = read_cell(h, from, p, sizeof p);

		if (r >= 0 && memcmp(p, "nk", 2) != 0)
			r = -EBADMSG;
		if (r < 0)
			return r;
		if (!le32(p + 20) || le32(p + 28) == NONE)
			return -ENOENT;
		r = look_at_list(&s, le32(p + 28), false);
		if (r != 1)
			return r < 0 ? r : -ENOENT;
		from = s.found;
	}
	*ret = from;
	return 0;
}

struct value {
	uint32_t type, bytes, offset;
	unsigned char small[4];
	bool is_small;
};

static int read_value(const struct hive *h, uint32_t offset, struct str name, struct value *ret)
{
	unsigned char p[VALUE_HEAD + NAME_MAX_BYTES];
	uint32_t n;
	int r = read_cell(h, offset, p, VALUE_HEAD);

	if (r < 0 || memcmp(p, "vk", 2) != 0)
		return r < 0 ? r : -EBADMSG;
	n = le16(p + 2);
	if (n != name.len && n != 2 * name.len)
		return 0;
	if (n > NAME_MAX_BYTES)
		return -EBADMSG;
	r = read_cell(h, offset, p, VALUE_HEAD + n);
	if (r < 0 || !same_name(p + VALUE_HEAD, n, le16(p + 16) & VALUE_ASCII, name))
		return r;
	*ret = (struct value){ .type = le32(p + 12),
			       .bytes = le32(p + 4) & ~INLINE,
			       .offset = le32(p + 8),
			       .is_small = le32(p + 4) & INLINE };
	memcpy(ret->small, p + 8, sizeof ret->small);
	return 1;
}

static int find_value(const struct hive *h, uint32_t key, struct str name, struct value *ret)
{
	unsigned char p[KEY_HEAD], entry[4];
	uint32_t n, list;
	int r = read_cell(h, key, p, sizeof p);

	if (r < 0)
		return r;
	n = MIN(le32(p + 36), (uint32_t)VALUES_MAX);
	list = le32(p + 40);
	for (uint32_t i = 0; i < n; i++) {
		if (list == NONE)
			return -EBADMSG;
		r = stretch_read(&h->src, (uint64_t)BINS + list + 4 + (uint64_t)i * 4, entry, 4);
		if (r >= 0)
			r = read_value(h, le32(entry), name, ret);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return -ENOENT;
}

/* UTF-16 of Windows; what is no pair becomes U+FFFD. */
static int to_utf8(const unsigned char *p, uint32_t n, struct arena *a, struct str *ret)
{
	char *text = arena_alloc(a, (size_t)n * 2 + 5);
	size_t len = 0;

	if (!text)
		return -ENOMEM;
	for (uint32_t i = 0; i + 1 < n; i += 2) {
		unsigned c = le16(p + i), d = i + 3 < n ? le16(p + i + 2) : 0;

		if (!c)
			break;
		if (c >= 0xd800 && c < 0xdc00 && d >= 0xdc00 && d < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (d - 0xdc00);
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		len += json_put_rune(c, text + len);
	}
	*ret = (struct str){ text, len };
	return 0;
}

int hive_text(const struct hive *h, uint32_t key, const char *name, struct arena *a,
	      struct str *ret)
{
	struct value v = {};
	unsigned char *data;
	int r = find_value(h, key, str_of(name), &v);

	if (r < 0)
		return r;
	if (v.type != TYPE_SZ && v.type != TYPE_EXPAND_SZ)
		return -ENOENT;
	if (v.is_small)
		return to_utf8(v.small, MIN(v.bytes, 4u), a, ret);
	if (v.bytes > HIVE_VALUE_MAX)
		return -EBADMSG;
	data = arena_alloc(a, v.bytes + 1);
	if (!data)
		return -ENOMEM;
	r = read_cell(h, v.offset, data, v.bytes);
	return r < 0 ? r : to_utf8(data, v.bytes, a, ret);
}

int hive_number(const struct hive *h, uint32_t key, const char *name, uint32_t *ret)
{
	unsigned char data[4];
	struct value v = {};
	int r = find_value(h, key, str_of(name), &v);

	if (r < 0)
		return r;
	if (v.type != TYPE_DWORD || v.bytes != 4)
		return -ENOENT;
	if (v.is_small)
		memcpy(data, v.small, sizeof data);
	else
		r = read_cell(h, v.offset, data, sizeof data);
	if (r >= 0)
		*ret = le32(data);
	return r;
}
