/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transaction that fails costs the kernel some ten milliseconds (it waits for all readers), one
 * that does not some microseconds: so what may fail is tried only where it saves much. Elements are
 * added as add, delete, add, which never fails for one that is there and sets its time (adding alone
 * does so from Linux 6.12 on); many at once first as new ones. Only where that is refused each goes
 * in messages of its own, so that the kernel says which one it does not take.
 */
#include "action/ban_nft.h"

#define IN_MESSAGE 1200u /* elements: 64 KiB is the most that an attribute holds */
#define TOGETHER 1024u   /* parts that are replaced in one transaction */
#define FEW 256u         /* parts of which nothing is tried that may fail */
#define ALONE 64u        /* parts in messages of their own: 192 answers fit any socket */
#define SETS_MAX 32

struct change {
	struct ban_nft *b;
	struct ban_item *items;
	bool adding;
	unsigned n; /* parts that wait */
};

static void settle(struct change *c, struct ban_part *p, int error)
{
	int *item = &c->items[p->item].error;

	p->done = true;
	if (!error || !c->adding)
		ban_nft_sample(c->b, p, c->adding);
	if (error == -ENFILE)
		error = -ENOSPC;
	if (c->adding) {
		/* One part that failed is told, whatever becomes of the others. */
		if (error || *item == -EINPROGRESS)
			*item = error;
	} else if (!error) {
		*item = 0;
	} else if (*item == -EINPROGRESS) {
		*item = error;
	}
}

static void put_parts(struct nft_batch *b, const struct ban_part *parts, size_t n,
		      enum nft_elements_do what)
{
	for (uint8_t set = 0; set < nft_layout.n_sets; set++) {
		struct nft_elements e = {};
		unsigned in_message = 0;

		for (size_t i = 0; i < n; i++) {
			struct nft_element element = parts[i].element;

			if (parts[i].set != set || parts[i].done)
				continue;
			if (in_message == IN_MESSAGE) {
				nft_elements_end(&e);
				in_message = 0;
			}
			if (!in_message++)
				e = nft_elements_begin(b, nft_layout.sets[set].name, what);
			if (what == NFT_DELETE)
				element.ms = 0;
			nft_element(&e, &element);
		}
		if (in_message)
			nft_elements_end(&e);
	}
}

static void note_first(uint32_t seq, int error, void *user)
{
	int *first = user;

	(void)seq;
	if (!*first)
		*first = error;
}

/* 0: done; 1: some element was not taken, nothing changed; -errno: the whole cannot be done. */
static int commit(struct change *c, struct nft_batch *batch, bool fresh)
{
	int error = 0;
	int r = nft_batch_send(batch, &c->b->nl, note_first, &error);

	if (r == 0 && !error && batch->last)
		c->b->commits++;
	if (r < 0)
		return r;
	/* Where nothing is deleted, only table and set can be missing. */
	if (error == -ENOENT && c->adding && fresh)
		return error;
	return error ? 1 : 0;
}

enum way {
	AS_NEW,        /* fails where one is there */
	REPLACE,       /* add, delete, add */
	DELETE,        /* fails where one is not there */
	DELETE_SURELY, /* add, delete */
};

static int all_at_once(struct change *c, struct ban_part *parts, size_t n, enum way way)
{
	struct nft_batch batch;
	int r;

	nft_batch_begin(&batch, &nft_layout, c->b->buffer, NL_OUT_MAX, c->b->nl.seq);
	if (way == AS_NEW)
		put_parts(&batch, parts, n, NFT_ADD_NEW);
	if (way == REPLACE || way == DELETE_SURELY)
		put_parts(&batch, parts, n, NFT_ADD);
	if (way != AS_NEW)
		put_parts(&batch, parts, n, NFT_DELETE);
	if (way == REPLACE)
		put_parts(&batch, parts, n, NFT_ADD);
	r = commit(c, &batch, way == AS_NEW);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (!parts[i].done)
			settle(c, &parts[i], 0);
	return r;
}

struct alone {
	struct change *change;
	struct ban_part *parts;
	uint32_t first[ALONE]; /* sequence number of each part's first message */
	size_t at[ALONE], n;   /* which part */
	bool failed, gone;
};

static void note_part(uint32_t seq, int error, void *user)
{
	struct alone *a = user;
	size_t i = a->n;

	while (i > 0 && seq - a->first[i - 1] > 2)
		i--;
	a->failed = true;
	/* Nothing that is added can be missing but table and set. */
	a->gone |= a->change->adding && i > 0 && seq == a->first[i - 1] && error == -ENOENT;
	if (a->gone)
		return;
	/* What follows its first error is only of that. */
	if (i > 0 && !a->parts[a->at[i - 1]].done)
		settle(a->change, &a->parts[a->at[i - 1]], error);
}

/* Until those that are left are taken; each round leaves out at least one. */
static int each_alone(struct change *c, struct ban_part *parts, size_t n)
{
	for (;;) {
		struct alone a = { .change = c, .parts = parts };
		struct nft_batch batch;
		int r;

		nft_batch_begin(&batch, &nft_layout, c->b->buffer, NL_OUT_MAX, c->b->nl.seq);
		for (size_t i = 0; i < n; i++) {
			if (parts[i].done)
				continue;
			a.at[a.n] = i;
			a.first[a.n++] = batch.seq + 1;
			if (c->adding)
				put_parts(&batch, &parts[i], 1, NFT_ADD);
			put_parts(&batch, &parts[i], 1, NFT_DELETE);
			if (c->adding)
				put_parts(&batch, &parts[i], 1, NFT_ADD);
		}
		if (!a.n)
			return 0;
		r = nft_batch_send(&batch, &c->b->nl, note_part, &a);
		if (r < 0)
			return r;
		if (a.gone)
			return -ENOENT;
		if (a.failed)
			continue;
		c->b->commits++;
		for (size_t i = 0; i < a.n; i++)
			settle(c, &parts[a.at[i]], 0);
		return 0;
	}
}

static int some_alone(struct change *c, struct ban_part *parts, size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i += ALONE)
		r = each_alone(c, parts + i, MIN(ALONE, n - i));
	return r;
}

static int add_pieces(struct change *c, struct ban_part *parts, size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i += TOGETHER) {
		size_t count = MIN(TOGETHER, n - i);

		r = all_at_once(c, parts + i, count, REPLACE);
		if (r == 1)
			r = some_alone(c, parts + i, count);
	}
	return r;
}

/* Asks which are there, and takes back those. */
static int remove_present(struct change *c, struct ban_part *parts, size_t n)
{
	int r;

	for (size_t i = 0; i < n; i++) {
		r = nft_get_element(&c->b->nl, &nft_layout, nft_layout.sets[parts[i].set].name,
				    &parts[i].element);
		if (r < 0 && r != -ENOENT)
			return r;
		if (r == -ENOENT)
			settle(c, &parts[i], r);
	}
	r = all_at_once(c, parts, n, DELETE_SURELY);
	/* One that is meant twice. */
	return r == 1 ? some_alone(c, parts, n) : r;
}

static int flush(struct change *c)
{
	struct ban_part *parts = c->b->parts;
	unsigned n = c->n;
	int r = 1;

	c->n = 0;
	if (!n)
		return 0;
	if (n > FEW)
		r = all_at_once(c, parts, n, c->adding ? AS_NEW : DELETE);
	if (r != 1)
		return r;
	return c->adding ? add_pieces(c, parts, n) : remove_present(c, parts, n);
}

/* Row of the ban set with that length; -1: none. */
static int set_of(bool v4, unsigned length)
{
	for (size_t i = 0; i < nft_layout.n_sets; i++) {
		const struct nft_set_row *s = &nft_layout.sets[i];

		if (s->use == NFT_BANS && s->length == length && (s->family == NFPROTO_IPV4) == v4)
			return (int)i;
	}
	return -1;
}

static size_t set_lengths(bool v4, uint8_t ret[static SETS_MAX])
{
	size_t n = 0;

	/* Ascending: the rows stand from the longest to the shortest. */
	for (size_t i = nft_layout.n_sets; i-- > 0;)
		if (nft_layout.sets[i].use == NFT_BANS &&
		    (nft_layout.sets[i].family == NFPROTO_IPV4) == v4)
			ret[n++] = nft_layout.sets[i].length;
	return n;
}

static int put_item(struct change *c, uint32_t at)
{
	const struct ban_item *item = &c->items[at];
	struct prefix p = prefix_cut(&item->prefix, item->prefix.bits);
	bool v4 = prefix_is_v4(&p);
	uint8_t lengths[SETS_MAX];
	unsigned length = 0, parts;
	int r = 0;

	parts = ban_parts(&p, lengths, set_lengths(v4, lengths), &length);
	if (!parts)
		c->items[at].error = -E2BIG;
	for (unsigned i = 0; r == 0 && i < parts; i++) {
		struct prefix part = ban_part(&p, length, i);
		size_t len = v4 ? 4 : 16;
		struct ban_part *x = &c->b->parts[c->n++];

		*x = (struct ban_part){
			.item = at,
			.set = (uint8_t)set_of(v4, length),
			.element = {.len = (uint8_t)len, .ms = (uint64_t)item->seconds * 1000}
		};
		memcpy(x->element.key, part.addr + sizeof part.addr - len, len);
		if (c->n == BAN_PARTS_CHUNK)
			r = flush(c);
	}
	return r;
}

static int change(struct ban *ban, struct ban_item *items, size_t n, bool adding, struct diag *d)
{
	struct ban_nft *b = (struct ban_nft *)ban;
	struct change c = { .b = b, .items = items, .adding = adding };
	int r = 0;

	if (!b->parts)
		b->parts = calloc(BAN_PARTS_CHUNK, sizeof *b->parts);
	if (!b->parts || n > UINT32_MAX)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++)
		if (items[i].error == -EINPROGRESS)
			r = put_item(&c, (uint32_t)i);
	if (r == 0)
		r = flush(&c);
	if (r < 0)
		return diag_set(d, r, "", 0, "nftables does not take the bans: %s", strerror(-r));
	return 0;
}

int ban_nft_add(struct ban *b, struct ban_item *items, size_t n, struct diag *d)
{
	return change(b, items, n, true, d);
}

int ban_nft_remove(struct ban *b, struct ban_item *items, size_t n, struct diag *d)
{
	return change(b, items, n, false, d);
}
