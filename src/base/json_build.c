/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents that are computed, and texts in other encodings. */
#include "base/json.h"

static void push(struct jbuild *b, uint32_t at, uint32_t info)
{
	size_t cap = MIN(b->cap + b->cap / 2 + 64, b->max_nodes);
	struct jnode *nodes;
	uint32_t *origin;

	if (b->doc.n == b->cap) {
		if (b->cap >= b->max_nodes) {
			b->error = -E2BIG;
			return;
		}
		nodes = realloc(b->doc.nodes, cap * sizeof *nodes);
		if (nodes)
			b->doc.nodes = nodes;
		origin = nodes ? realloc(b->doc.origin, cap * sizeof *origin) : NULL;
		if (!origin) {
			b->error = -ENOMEM;
			return;
		}
		b->doc.origin = origin;
		b->cap = cap;
	}
	b->doc.origin[b->doc.n] = b->origin;
	b->doc.nodes[b->doc.n++] = (struct jnode){ at, info };
}

void jbuild_open(struct jbuild *b, enum jtype t)
{
	if (!b->error && b->depth == COUNT(b->stack))
		b->error = -E2BIG;
	if (b->error)
		return;
	b->stack[b->depth++] = (uint32_t)b->doc.n;
	push(b, (uint32_t)b->text.len, t);
}

void jbuild_close(struct jbuild *b)
{
	uint32_t node;

	if (!b->error && !b->depth)
		b->error = -EINVAL;
	if (b->error)
		return;
	node = b->stack[--b->depth];
	b->doc.nodes[node].info |= ((uint32_t)b->doc.n - 1 - node) << 4;
}

void jbuild_value(struct jbuild *b, enum jtype t, struct str s)
{
	size_t at = b->text.len;
	int r;

	if (b->error)
		return;
	r = s.len > JDOC_LENGTH_MAX ? -EFBIG : buf_str(&b->text, s);
	if (r < 0)
		b->error = r == -EFBIG ? -E2BIG : r;
	else
		push(b, (uint32_t)at, t | (uint32_t)s.len << 4);
}

int jbuild_finish(struct jbuild *b, struct str source, struct arena *a, struct jdoc *ret)
{
	struct str text;

	if (!b->error && (b->depth || !b->doc.n || jdoc_after(&b->doc, 0) != b->doc.n))
		b->error = -EINVAL;
	if (b->error)
		return b->error;
	text = arena_str(a, buf_view(&b->text));
	if (!text.ptr)
		return -ENOMEM;
	*ret = take(b->doc);
	ret->text = text;
	ret->source = source;
	return 0;
}

void jbuild_release(struct jbuild *b)
{
	buf_release(&b->text);
	jdoc_release(&b->doc);
	*b = (struct jbuild){};
}

static unsigned unit_of(const unsigned char *p, bool big)
{
	return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

/* One character of UTF-16 (RFC 2781, 2.2) as UTF-8; 0: there is none. */
static size_t from_utf16(struct str *in, bool big, char *out)
{
	const unsigned char *p = (const unsigned char *)in->ptr;
	unsigned rune = unit_of(p, big), low;
	size_t used = 2;

	if (rune >> 11 == 0xd800 >> 11) {
		low = in->len >= 4 ? unit_of(p + 2, big) : 0;
		if (rune >= 0xdc00 || low >> 10 != 0xdc00 >> 10)
			return 0;
		rune = 0x10000 + ((rune & 0x3ff) << 10) + (low & 0x3ff);
		used = 4;
	}
	*in = str_sub(*in, used, in->len);
	return json_put_rune(rune, out);
}

int json_utf8(struct str text, struct arena *a, struct str *ret)
{
	bool big = str_starts(text, STR("\xfe\xff")), little = str_starts(text, STR("\xff\xfe"));
	struct str in = str_sub(text, 2, text.len);
	size_t room = in.len / 2 * 3 + 4, n = 0;
	char *out;

	if (!big && !little) {
		*ret = str_sub(text, str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0, text.len);
		return 0;
	}
	if (in.len % 2)
		return -EILSEQ;
	/* One unit becomes at most three bytes, a pair of them four. */
	out = arena_alloc(a, room);
	if (!out)
		return -ENOMEM;
	while (in.len) {
		size_t more = from_utf16(&in, big, out + n);

		if (!more)
			return -EILSEQ;
		n += more;
	}
	arena_shrink(a, out, room, n);
	*ret = (struct str){ out, n };
	return 0;
}
