/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorted names, front-coded in blocks: a binary search over the first of each, then a scan. */
#include "vuln/index_format.h"

static bool block_at(const struct index_names *d, uint32_t block, struct str *ret)
{
	uint64_t i = (uint64_t)d->first + block;
	uint32_t at;

	if (i >= d->blocks.len / 4)
		return false;
	at = load_u32(d->blocks.ptr + i * 4);
	if (at >= d->table.len)
		return false;
	*ret = (struct str){ d->table.ptr + at, d->table.len - at };
	return true;
}

/* The name of a block's first entry, in place. */
static bool head_of(const struct index_names *d, uint32_t block, struct str *ret)
{
	struct str rest;
	uint64_t shared;

	return block_at(d, block, &rest) && span_varint(&rest, &shared) && !shared &&
	       span_text(&rest, ret);
}

/* The last block whose first name is not behind `name`. */
static int search(const struct index_names *d, struct str name, uint32_t *ret)
{
	uint32_t low = 0, high = d->n; /* the answer + 1 lies in them */

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct str head;

		if (!head_of(d, middle, &head))
			return -EBADMSG;
		if (str_cmp(head, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return 0;
	*ret = low - 1;
	return 1;
}

static uint32_t names_in(const struct index_names *d, uint32_t block)
{
	uint64_t before = (uint64_t)block * INDEX_BLOCK;

	return before >= d->names ? 0 : (uint32_t)MIN(d->names - before, INDEX_BLOCK);
}

int index_names_find(const struct index_names *d, struct str name, struct str *ret_record)
{
	size_t same = 0; /* bytes that the entry before and `name` share */
	uint32_t block = 0;
	struct str rest, record;
	int r = d->n ? search(d, name, &block) : 0;

	if (r <= 0)
		return r;
	if (!block_at(d, block, &rest))
		return -EBADMSG;
	for (uint32_t left = names_in(d, block); left; left--) {
		struct str more;
		uint64_t shared;
		size_t n = 0;

		if (!span_varint(&rest, &shared) || !span_text(&rest, &more) ||
		    !span_text(&rest, &record))
			return -EBADMSG;
		if (shared > same) /* it goes on as the one before, which was before `name` */
			continue;
		if (shared < same)
			return 0; /* behind it */
		while (n < more.len && same + n < name.len && more.ptr[n] == name.ptr[same + n])
			n++;
		same += n;
		if (n == more.len && same == name.len) {
			*ret_record = record;
			return 1;
		}
		if (n < more.len && (same == name.len ||
				     (unsigned char)more.ptr[n] > (unsigned char)name.ptr[same]))
			return 0;
	}
	return 0;
}

void index_names_walk(const struct index_names *d, struct index_name_walk *ret)
{
	*ret = (struct index_name_walk){ .in = *d };
}

int index_names_next(struct index_name_walk *w, struct str *ret_record)
{
	struct str more, record;
	uint64_t shared;

	if (w->seen == w->in.names)
		return w->block == w->in.n ? 0 : -EBADMSG;
	if (!w->left) {
		if (w->block == w->in.n || !block_at(&w->in, w->block, &w->rest))
			return -EBADMSG;
		w->left = names_in(&w->in, w->block++);
		w->len = 0;
	}
	if (!span_varint(&w->rest, &shared) || shared > w->len || !span_text(&w->rest, &more) ||
	    more.len >= sizeof w->name - (size_t)shared || !span_text(&w->rest, &record))
		return -EBADMSG;
	memcpy(w->name + shared, more.ptr, more.len);
	w->len = (size_t)shared + more.len;
	w->left--;
	w->seen++;
	*ret_record = record;
	return 1;
}
