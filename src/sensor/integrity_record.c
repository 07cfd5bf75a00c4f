/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of one record. */
#include <limits.h>

#include "sensor/integrity_base.h"

enum {
	PRESENT = 1,
	HASHED = 2,
	PARTLY = 4,
	ACCEPTED = 8, /* followed by the accepted state, with flags of its own */
};

static void put_number(struct buf *out, uint64_t n)
{
	while (n >= 128) {
		buf_putc(out, (char)(n | 128));
		n >>= 7;
	}
	buf_putc(out, (char)n);
}

static bool get_number(struct str *bytes, uint64_t *ret)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64 && bytes->len; shift += 7) {
		unsigned char c = (unsigned char)bytes->ptr[0];

		*bytes = str_sub(*bytes, 1, bytes->len);
		n |= (uint64_t)(c & 127) << shift;
		if (c < 128) {
			*ret = n;
			return true;
		}
	}
	return false;
}

static bool get_bytes(struct str *bytes, size_t n, struct str *ret)
{
	if (n > bytes->len)
		return false;
	*ret = str_sub(*bytes, 0, n);
	*bytes = str_sub(*bytes, n, bytes->len);
	return true;
}

static unsigned char state_flags(const struct fim_state *s, bool present)
{
	return (unsigned char)((present ? PRESENT : 0) | (s->hashed ? HASHED : 0) |
			       (s->partly ? PARTLY : 0));
}

static void put_state(struct buf *out, const struct fim_state *s)
{
	put_number(out, s->mode);
	put_number(out, s->uid);
	put_number(out, s->gid);
	put_number(out, s->size);
	put_number(out, s->inode);
	put_number(out, (uint64_t)s->mtime);
	put_number(out, (uint64_t)s->ctime);
	if (s->hashed)
		buf_add(out, s->sha256, sizeof s->sha256);
}

static bool get_state(struct str *bytes, unsigned char flags, struct fim_state *ret)
{
	uint64_t mode, uid, gid, mtime, ctime;
	struct fim_state s = { .hashed = flags & HASHED, .partly = flags & PARTLY };
	struct str digest;

	if (!get_number(bytes, &mode) || !get_number(bytes, &uid) || !get_number(bytes, &gid) ||
	    !get_number(bytes, &s.size) || !get_number(bytes, &s.inode) ||
	    !get_number(bytes, &mtime) || !get_number(bytes, &ctime) ||
	    (mode | uid | gid) > UINT32_MAX)
		return false;
	if (s.hashed) {
		if (!get_bytes(bytes, sizeof s.sha256, &digest))
			return false;
		memcpy(s.sha256, digest.ptr, sizeof s.sha256);
	}
	s.mode = (uint32_t)mode;
	s.uid = (uint32_t)uid;
	s.gid = (uint32_t)gid;
	s.mtime = (int64_t)mtime;
	s.ctime = (int64_t)ctime;
	*ret = s;
	return true;
}

int fim_record_write(struct buf *out, const struct fim_record *r, struct str before)
{
	struct str path = fim_record_path(r);
	size_t shared = 0;

	while (shared < MIN(path.len, before.len) && path.ptr[shared] == before.ptr[shared])
		shared++;
	buf_putc(out, (char)(state_flags(&r->state, r->present) | (r->accepted ? ACCEPTED : 0)));
	buf_putc(out, (char)r->class);
	put_number(out, shared);
	put_number(out, path.len - shared);
	buf_str(out, str_sub(path, shared, path.len));
	put_state(out, &r->state);
	if (r->accepted) {
		buf_putc(out, (char)state_flags(&r->accepted->state, r->accepted->present));
		put_state(out, &r->accepted->state);
		put_number(out, r->accepted->n_items);
		buf_str(out, (struct str){ r->accepted->items, r->accepted->n_items });
	}
	put_number(out, r->n_items);
	buf_str(out, (struct str){ r->items, r->n_items });
	return out->error;
}

/* The path, put together in `room`. */
static bool get_path(struct str *bytes, struct str before, char room[static PATH_MAX],
		     struct str *ret)
{
	uint64_t shared, more;
	struct str rest;

	if (!get_number(bytes, &shared) || !get_number(bytes, &more) || shared > before.len ||
	    more >= PATH_MAX || shared + more >= PATH_MAX || !get_bytes(bytes, more, &rest))
		return false;
	memcpy(room, before.ptr ? before.ptr : "", shared);
	memcpy(room + shared, rest.ptr, rest.len);
	*ret = (struct str){ room, shared + more };
	return ret->len && room[0] == '/' && !memchr(room, 0, ret->len);
}

struct parsed {
	struct fim_state state, accepted;
	struct str flags, old_flags, items, old_items;
};

static bool get_items(struct str *bytes, struct str *ret)
{
	uint64_t n;

	return get_number(bytes, &n) && n <= FIM_RECORD_MAX && get_bytes(bytes, n, ret);
}

static bool get_rest(struct str *bytes, unsigned char flags, struct parsed *p)
{
	if (!get_state(bytes, flags, &p->state))
		return false;
	if (flags & ACCEPTED &&
	    (!get_bytes(bytes, 1, &p->old_flags) ||
	     !get_state(bytes, (unsigned char)p->old_flags.ptr[0], &p->accepted) ||
	     !get_items(bytes, &p->old_items)))
		return false;
	return get_items(bytes, &p->items);
}

int fim_record_read(struct str *bytes, struct str before, struct fim_table *t,
		    struct fim_record **ret)
{
	struct str rest = *bytes, path;
	struct parsed p = {};
	struct fim_record *r;
	char room[PATH_MAX];
	unsigned char flags;
	int e;

	if (!get_bytes(&rest, 2, &p.flags) || (unsigned char)p.flags.ptr[1] >= FIM_CLASS_N ||
	    !get_path(&rest, before, room, &path))
		return -EBADMSG;
	flags = (unsigned char)p.flags.ptr[0];
	if (!get_rest(&rest, flags, &p))
		return -EBADMSG;
	e = fim_table_add(t, path, (enum fim_class)p.flags.ptr[1], &r);
	if (e < 0)
		return e;
	r->class = (uint8_t)p.flags.ptr[1];
	fim_record_accept(r);
	if (flags & ACCEPTED)
		e = fim_record_keep_as(r, &p.accepted, p.old_flags.ptr[0] & PRESENT, p.old_items);
	r->state = p.state;
	fim_table_present(t, r, flags & PRESENT);
	if (e == 0)
		e = fim_record_set_items(r, p.items);
	if (e < 0)
		return e;
	*bytes = rest;
	*ret = r;
	return 0;
}
