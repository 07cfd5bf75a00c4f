/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/postgres_roles.h"

#define PAGE 8'192U
#define PAGE_HEAD 24U
#define NAME_LEN 64U
#define AUTHID 1260U
#define MAP_MAGIC 0x592717U
#define MAP_ENTRIES_MAX 64U

/* t_infomask */
#define XMAX_LOCK_ONLY 0x0080U
#define XMIN_INVALID 0x0200U
#define XMIN_COMMITTED 0x0100U
#define XMAX_INVALID 0x0800U

/* The server writes as its machine does: little-endian on all that Debian's cloud images are for. */
static uint32_t get(struct str s, size_t at, size_t bytes)
{
	uint32_t v = 0;

	for (size_t i = 0; i < bytes && at + i < s.len; i++)
		v |= (uint32_t)(unsigned char)s.ptr[at + i] << (8 * i);
	return v;
}

int postgres_filenode(struct str map, uint32_t *ret)
{
	uint32_t n = get(map, 4, 4);

	if (map.len < 8 || get(map, 0, 4) != MAP_MAGIC || n > MAP_ENTRIES_MAX ||
	    map.len < 8 + (size_t)n * 8)
		return -EBADMSG;
	for (uint32_t i = 0; i < n; i++)
		if (get(map, 8 + (size_t)i * 8, 4) == AUTHID) {
			*ret = get(map, 12 + (size_t)i * 8, 4);
			return 0;
		}
	return -EBADMSG;
}

/* The text of a varlena with a short or a long head, not compressed. */
static const char *password_kind(struct str row, size_t at)
{
	struct str text;
	uint32_t head;

	if (at >= row.len)
		return "unknown";
	head = (unsigned char)row.ptr[at];
	if (head & 1) {
		text = str_sub(row, at + 1, at + (head >> 1));
	} else {
		at = (at + 3) & ~(size_t)3;
		head = get(row, at, 4);
		if (head & 3)
			return "unknown";
		text = str_sub(row, at + 4, at + (head >> 2));
	}
	if (str_starts(text, STR("SCRAM-SHA-256$")))
		return "scram-sha-256";
	return str_starts(text, STR("md5")) ? "md5" : "unknown";
}

/* oid, rolname, six flags and rolbypassrls, rolconnlimit, rolpassword, rolvaliduntil. */
static int add_row(struct str tuple, struct arena *a, struct postgres_roles *out)
{
	uint32_t mask = get(tuple, 20, 2), columns = get(tuple, 18, 2) & 0x07ff;
	size_t hoff = tuple.len > 22 ? (unsigned char)tuple.ptr[22] : 0;
	struct postgres_role role = { .password = "" };
	struct str row, name;

	if (hoff < 23 || hoff > tuple.len)
		return -EBADMSG;
	if (mask & XMIN_INVALID && !(mask & XMIN_COMMITTED))
		return 0;
	if (get(tuple, 4, 4) && !(mask & (XMAX_INVALID | XMAX_LOCK_ONLY)))
		return 0;
	row = str_sub(tuple, hoff, tuple.len);
	if (row.len < 80 || columns < 10)
		return -EBADMSG;
	name = str_sub(row, 4, 4 + NAME_LEN);
	name.len = strnlen(name.ptr, name.len);
	role.superuser = row.ptr[68] == 1;
	role.can_login = row.ptr[72] == 1;
	/* HEAP_HASNULL: a bitmap behind the head, 1 where there is a value. */
	if (!(mask & 1) || (tuple.len > 24 && (unsigned char)tuple.ptr[24] & 4))
		role.password = password_kind(row, 80);
	if (!name.len)
		return -EBADMSG;
	if (out->n == POSTGRES_ROLES_MAX)
		return -E2BIG;
	role.name = arena_str(a, name);
	return role.name.ptr ? arena_push(a, out->list, out->n, out->cap, role) : -ENOMEM;
}

static int read_page(struct str page, struct arena *a, struct postgres_roles *out)
{
	uint32_t lower = get(page, 12, 2), version = get(page, 18, 2);
	int r = 0;

	if (!lower) /* never used */
		return 0;
	if (version != (PAGE | 4) || lower < PAGE_HEAD || lower > PAGE)
		return -EBADMSG;
	for (size_t at = PAGE_HEAD; r >= 0 && at + 4 <= lower; at += 4) {
		uint32_t item = get(page, at, 4);
		uint32_t offset = item & 0x7fff, state = item >> 15 & 3, len = item >> 17;

		if (state != 1) /* LP_NORMAL */
			continue;
		if (offset < lower || offset + len > PAGE)
			return -EBADMSG;
		r = add_row(str_sub(page, offset, offset + len), a, out);
	}
	return r;
}

int postgres_roles_parse(struct str pages, struct arena *a, struct postgres_roles *ret)
{
	struct postgres_roles out = {};

	if (pages.len % PAGE)
		return -EBADMSG;
	for (size_t at = 0; at < pages.len; at += PAGE) {
		int r = read_page(str_sub(pages, at, at + PAGE), a, &out);

		if (r < 0)
			return r;
	}
	*ret = out;
	return 0;
}
