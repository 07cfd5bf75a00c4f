/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/mysql_innodb.h"

#include <ctype.h>

#define PAGE_LEAST 4'096U
#define PAGE_MOST 65'536U
#define PAGE_USUAL 16'384U
#define NO_PAGE UINT32_MAX

/* Of a page: FIL header, page header of an index, descriptors of extents. */
#define FIL_PREV 8U
#define FIL_NEXT 12U
#define FIL_LSN_LOW 20U
#define FIL_TYPE 24U
#define FSP_FLAGS 54U
#define INDEX_HEAP 42U /* its highest bit: compact rows */
#define INDEX_ROWS 54U
#define INDEX_LEVEL 64U
#define INDEX_ID 66U
#define INFIMUM 99U
#define SUPREMUM 112U
#define ROWS_BEGIN 120U
#define XDES 150U
#define XDES_SIZE 40U
#define XDES_BITS 24U
#define XDES_PAGES 64U
enum { TYPE_FSP = 8, TYPE_XDES = 9, TYPE_INDEX = 17855 };

/* Of a row, in front of its first column. */
/* A deleted row stays until it is purged. */
enum { ROW_DELETED = 0x20, ROW_OTHERS = 0xc0 /* columns were added or dropped at once */ };

/* Columns of mysql.user as its clustered index has them. */
#define HOST_LEN 255U
#define SYSTEM_LEN 13U /* transaction and roll pointer */
#define PRIVILEGES 29U
#define SUPER 15U /* place of Super_priv among them */
#define COUNTERS_LEN 16U
#define NULLABLE 7U
enum { YES = 2, SSL_X509 = 3, SSL_SPECIFIED = 4 };

static uint64_t number(struct str s, size_t at, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v = v << 8 | (at + i < s.len ? (unsigned char)s.ptr[at + i] : 0);
	return v;
}

/* Goes through a row: fixed columns and lengths, which stand before it in the other direction. */
struct row {
	struct str page;
	size_t at;      /* of the next column */
	size_t lengths; /* behind the next length */
	unsigned nulls, nth_null;
	bool bad;
};

static struct str column(struct row *r, size_t n)
{
	struct str s = str_sub(r->page, r->at, r->at + n);

	r->bad |= s.len != n;
	r->at += n;
	return r->bad ? (struct str){} : s;
}

static unsigned take_byte(struct row *r) { return (unsigned)number(column(r, 1), 0, 1); }

static unsigned length_byte(struct row *r)
{
	if (r->lengths <= ROWS_BEGIN) {
		r->bad = true;
		return 0;
	}
	return (unsigned char)r->page.ptr[--r->lengths];
}

/* long_: of a BLOB: two bytes from 128 on, and what is long lies on pages of its own. */
static struct str take_text(struct row *r, bool long_)
{
	unsigned n = length_byte(r);

	if (long_ && n & 0x80) {
		n = (n & 0x7f) << 8 | length_byte(r);
		if (n & 0x4000) {
			r->bad = true;
			return (struct str){};
		}
	}
	return column(r, n);
}

static bool is_null(struct row *r) { return r->nulls >> r->nth_null++ & 1; }

/* CHAR is filled up with blanks. */
static struct str unpadded(struct str s)
{
	while (s.len && s.ptr[s.len - 1] == ' ')
		s.len--;
	return s;
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || (unsigned char)s.ptr[i] == 0x7f)
			return false;
	return true;
}

static bool is_plugin(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.ptr[i]) && s.ptr[i] != '_')
			return false;
	return s.len;
}

struct account {
	struct str host, user, plugin, text;
	bool superuser, locked;
	unsigned ssl;
};

/* 'N' or 'Y', one of `most` words: numbered from 1. */
static unsigned take_enum(struct row *r, unsigned most)
{
	unsigned v = take_byte(r);

	r->bad |= !v || v > most;
	return v;
}

static void read_head(struct row *r, struct account *a)
{
	a->host = unpadded(column(r, HOST_LEN));
	a->user = unpadded(take_text(r, false));
	(void)column(r, SYSTEM_LEN);
	for (unsigned i = 0; i < PRIVILEGES && !r->bad; i++) {
		bool yes = take_enum(r, YES) == YES;

		if (i == SUPER)
			a->superuser = yes;
	}
	a->ssl = take_enum(r, SSL_SPECIFIED);
}

static void read_rest(struct row *r, struct account *a)
{
	for (unsigned i = 0; i < 3; i++) /* cipher, issuer, subject */
		(void)take_text(r, true);
	(void)column(r, COUNTERS_LEN);
	a->plugin = unpadded(take_text(r, false));
	if (!is_null(r))
		a->text = take_text(r, true);
	(void)take_enum(r, YES); /* expired */
	if (!is_null(r))
		(void)column(r, 4); /* when it was changed */
	if (!is_null(r))
		(void)column(r, 2); /* lifetime */
	a->locked = take_enum(r, YES) == YES;
	(void)take_enum(r, YES); /* may create roles, may drop them */
	(void)take_enum(r, YES);
}

/* The row at `origin`; false: it is none of mysql.user. */
static bool read_row(struct str page, size_t origin, struct account *ret)
{
	size_t nulls = origin - 6;
	struct row r = {
		.page = page,
		.at = origin,
		.lengths = nulls,
		.nulls = (unsigned char)page.ptr[nulls],
	};
	struct account a = {};

	_Static_assert(NULLABLE < 8);
	if (r.nulls >> NULLABLE || (unsigned char)page.ptr[origin - 5] & ROW_OTHERS)
		return false;
	read_head(&r, &a);
	if (r.bad)
		return false;
	read_rest(&r, &a);
	if (r.bad || !is_plain(a.host) || !is_plain(a.user) || !is_plugin(a.plugin))
		return false;
	*ret = a;
	return true;
}

static size_t next_row(struct str page, size_t origin)
{
	return (origin + number(page, origin - 2, 2)) & (page.len - 1);
}

static int add(struct mysql_users *out, const struct account *row, struct arena *a)
{
	struct mysql_user u = {
		.password = "unset",
		.superuser = row->superuser,
		.name = arena_str(a, row->user),
		.host = arena_str(a, row->host),
	};
	struct str plugin = arena_str(a, row->plugin);

	if (!u.name.ptr || !u.host.ptr || !plugin.ptr)
		return -ENOMEM;
	if (out->n == MYSQL_USERS_MAX)
		return -E2BIG;
	mysql_user_way(&u, plugin.ptr, row->text.len ? "set" : "");
	/* A certificate beside what else is asked for. */
	if (u.means && row->ssl >= SSL_X509)
		u.means = MYSQL_CERTIFICATE;
	if (row->locked)
		u.means = 0;
	return arena_push(a, out->list, out->n, out->cap, u);
}

/* Rows of a leaf. out: NULL: says only whether they are those of mysql.user. */
static int read_leaf(struct str page, struct arena *a, struct mysql_users *out)
{
	size_t rows = number(page, INDEX_ROWS, 2), at = next_row(page, INFIMUM), n = 0;

	for (; at != SUPREMUM; at = next_row(page, at)) {
		struct account row;
		int r = 0;

		if (at < ROWS_BEGIN + 6 || at >= page.len || n++ >= rows)
			return -EBADMSG;
		if (!read_row(page, at, &row))
			return -EBADMSG;
		if (out && !((unsigned char)page.ptr[at - 5] & ROW_DELETED))
			r = add(out, &row, a);
		if (r < 0)
			return r;
	}
	return n == rows && n ? 0 : -EBADMSG;
}

struct space {
	mysql_innodb_read *fn;
	void *user;
	size_t page; /* bytes of one */
	uint32_t pages;
	char *buf, *extents;
};

static int read_page(const struct space *s, uint32_t n, char *to, struct str *ret)
{
	int r = s->fn(s->user, (uint64_t)n * s->page, to, s->page);

	*ret = (struct str){ to, s->page };
	return r;
}

/* Pages that were given back keep what stood on them. */
static bool is_free(const struct space *s, uint32_t n)
{
	size_t in = n % s->page, at = XDES + in / XDES_PAGES * XDES_SIZE + XDES_BITS, bit;

	bit = in % XDES_PAGES * 2;
	if (at + 16 > s->page)
		return false;
	return (unsigned char)s->extents[at + bit / 8] >> bit % 8 & 1;
}

static bool is_leaf(struct str page)
{
	return number(page, FIL_TYPE, 2) == TYPE_INDEX && !number(page, INDEX_LEVEL, 2) &&
	       number(page, INDEX_HEAP, 2) >> 15;
}

/* The first leaf of mysql.user; of several the one of the youngest index. */
static int find_first(const struct space *s, uint32_t *ret)
{
	uint64_t youngest = 0;
	uint32_t found = NO_PAGE;

	for (uint32_t n = 0; n < s->pages; n++) {
		struct str page;
		uint64_t index;
		unsigned type;
		int r = read_page(s, n, s->buf, &page);

		if (r < 0)
			return r;
		type = (unsigned)number(page, FIL_TYPE, 2);
		if (!(n % s->page) && (type == TYPE_FSP || type == TYPE_XDES))
			memcpy(s->extents, s->buf, s->page);
		index = number(page, INDEX_ID, 8);
		if (!is_leaf(page) || number(page, FIL_PREV, 4) != NO_PAGE || is_free(s, n) ||
		    index < youngest || read_leaf(page, NULL, NULL) < 0)
			continue;
		youngest = index;
		found = n;
	}
	*ret = found;
	return found == NO_PAGE ? -ENODATA : 0;
}

static int read_all(const struct space *s, uint32_t n, struct arena *a, struct mysql_users *out)
{
	uint64_t index = 0;

	for (uint32_t i = 0; n != NO_PAGE; i++) {
		struct str page;
		int r;

		if (n >= s->pages || i == s->pages)
			return -EBADMSG;
		r = read_page(s, n, s->buf, &page);
		if (r < 0)
			return r;
		if (!i)
			index = number(page, INDEX_ID, 8);
		/* Half of it was written. */
		if (!is_leaf(page) || number(page, INDEX_ID, 8) != index ||
		    number(page, FIL_LSN_LOW, 4) != number(page, s->page - 4, 4))
			return -EBADMSG;
		r = read_leaf(page, a, out);
		if (r < 0)
			return r;
		n = (uint32_t)number(page, FIL_NEXT, 4);
	}
	return 0;
}

/* Bits 6 to 9 of the flags: 512 bytes, doubled so often; 0: the usual size. */
static size_t page_size(uint32_t flags)
{
	unsigned shift = flags >> 6 & 15;

	return shift ? (size_t)512 << shift : PAGE_USUAL;
}

int mysql_innodb_parse(mysql_innodb_read *fn, void *user, uint64_t bytes, struct arena *a,
		       struct mysql_users *ret)
{
	own(free_ptr) char *room = calloc(2, PAGE_MOST);
	struct space s = { .fn = fn, .user = user, .buf = room };
	struct mysql_users out = {};
	uint32_t first = NO_PAGE;
	int r;

	if (!room)
		return -ENOMEM;
	s.extents = room + PAGE_MOST;
	if (bytes < PAGE_LEAST)
		return -EBADMSG;
	r = fn(user, 0, room, PAGE_LEAST);
	if (r < 0)
		return r;
	s.page = page_size((uint32_t)number((struct str){ room, PAGE_LEAST }, FSP_FLAGS, 4));
	if (s.page < PAGE_LEAST || s.page > PAGE_MOST || bytes / s.page > MYSQL_INNODB_PAGES_MAX)
		return s.page < PAGE_LEAST || s.page > PAGE_MOST ? -EBADMSG : -E2BIG;
	s.pages = (uint32_t)(bytes / s.page);
	r = find_first(&s, &first);
	if (r >= 0)
		r = read_all(&s, first, a, &out);
	if (r < 0)
		return r;
	*ret = out;
	return 0;
}
