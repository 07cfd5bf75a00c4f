/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

#include "action/ban_backend.h"
#include "action/door.h"
#include "action/nft.h"

struct door {
	struct nl nl;
	char *buffer; /* owned, NL_OUT_MAX */
	uint32_t generation, commits;
	bool known;
};

static unsigned parts_of(const struct prefix *p, unsigned *ret_length)
{
	static const uint8_t lengths[2][2] = {
		{64,  128},
                { 24, 32 }
	};

	return ban_parts(p, lengths[prefix_is_v4(p)], 2, ret_length);
}

bool door_fits(const struct prefix *p)
{
	unsigned length;

	return p->bits <= PREFIX_HOST && parts_of(p, &length) > 0;
}

int door_open(struct door **ret, struct diag *d)
{
	struct door *x = calloc(1, sizeof *x);
	uint32_t generation;
	int r = -ENOMEM;

	if (!x)
		return -ENOMEM;
	x->nl = NL_NONE;
	x->buffer = malloc(NL_OUT_MAX);
	if (x->buffer)
		r = nl_open(NETLINK_NETFILTER, &x->nl);
	if (r == 0)
		r = nft_generation(&x->nl, &generation);
	if (r == 0) {
		*ret = x;
		return 0;
	}
	door_close(&x);
	if (r == -EPERM || r == -EACCES)
		return diag_set(d, -EPERM, "", 0, "nftables needs the capability CAP_NET_ADMIN");
	return diag_set(d, r, "", 0, "nftables cannot be asked: %s", strerror(-r));
}

void door_close(struct door **x)
{
	if (!*x)
		return;
	nl_close(&(*x)->nl);
	free((*x)->buffer);
	free(*x);
	*x = NULL;
}

int door_ensure(struct door *x, unsigned *ret, struct diag *d)
{
	unsigned found = 0, commits = 0;
	uint32_t generation;
	int r = nft_generation(&x->nl, &generation);

	if (r == 0 && x->known && generation == x->generation + x->commits) {
		*ret = 0;
		return 0;
	}
	if (r == 0)
		r = nft_ensure(&x->nl, &nft_doors, x->buffer, &found, &commits, d);
	if (r < 0)
		return diag_set(d, r, "", 0, "nftables: %s", strerror(-r));
	if (x->known)
		found |= BAN_TOUCHED;
	x->known = true;
	x->generation = generation;
	x->commits = commits;
	*ret = found;
	return 0;
}

/* ---- elements -------------------------------------------------------------------------------- */

static const struct nft_set_row *set_of(enum nft_set_use use, uint8_t family, unsigned length)
{
	for (size_t i = 0; i < nft_doors.n_sets; i++) {
		const struct nft_set_row *s = &nft_doors.sets[i];

		if (s->use == use && s->family == family &&
		    (use != NFT_GRANTS || s->length == length))
			return s;
	}
	return NULL;
}

static void put_word(struct nft_element *e, uint8_t first, uint8_t second)
{
	e->key[e->len] = first;
	e->key[e->len + 1] = second;
	e->len += 4;
}

static struct nft_element element_of(const struct door_change *c, const struct prefix *from)
{
	struct nft_element e = { .ms = c->ms };

	if (c->what != DOOR_SHUT) {
		e.len = prefix_is_v4(from) ? 4 : 16;
		memcpy(e.key, from->addr + sizeof from->addr - e.len, e.len);
	}
	put_word(&e, c->protocol, 0);
	if (c->what == DOOR_KEEP)
		put_word(&e, (uint8_t)(c->remote >> 8), (uint8_t)c->remote);
	put_word(&e, (uint8_t)(c->port >> 8), (uint8_t)c->port);
	return e;
}

static void put_elements(struct nft_batch *b, const struct door_change *c, const char *set,
			 unsigned n, unsigned length, enum nft_elements_do what)
{
	struct nft_elements e = nft_elements_begin(b, set, what);

	for (unsigned i = 0; i < n; i++) {
		struct prefix part = c->from;
		struct nft_element x;

		if (c->what == DOOR_GRANT)
			part = ban_part(&c->from, length, i);
		x = element_of(c, &part);
		if (what == NFT_DELETE)
			x.ms = 0;
		nft_element(&e, &x);
	}
	nft_elements_end(&e);
}

/* Add, delete, add never fails and sets the time (see ban_nft_change.c). */
static int put_change(struct nft_batch *b, const struct door_change *c)
{
	uint8_t family = c->what == DOOR_SHUT     ? NFPROTO_INET
			 : prefix_is_v4(&c->from) ? NFPROTO_IPV4
						  : NFPROTO_IPV6;
	const struct nft_set_row *s;
	unsigned n = 1, length = 0;

	if (c->what == DOOR_GRANT)
		n = parts_of(&c->from, &length);
	s = set_of(c->what == DOOR_SHUT    ? NFT_SHUT
		   : c->what == DOOR_GRANT ? NFT_GRANTS
					   : NFT_KEPT,
		   family, length);
	if (!n || !s)
		return -E2BIG;
	put_elements(b, c, s->name, n, length, NFT_ADD);
	put_elements(b, c, s->name, n, length, NFT_DELETE);
	if (!c->remove)
		put_elements(b, c, s->name, n, length, NFT_ADD);
	return 0;
}

static void note_first(uint32_t seq, int error, void *user)
{
	int *first = user;

	(void)seq;
	if (!*first)
		*first = error;
}

static int commit(struct door *x, struct nft_batch *b)
{
	int error = 0;
	int r = nft_batch_send(b, &x->nl, note_first, &error);

	if (r == 0)
		r = error;
	x->commits += r == 0;
	return r;
}

int door_apply(struct door *x, const struct door_change *list, size_t n, struct diag *d)
{
	struct nft_batch b;
	int r = n > DOOR_CHANGES_MAX ? -E2BIG : 0;

	if (!n)
		return 0;
	nft_batch_begin(&b, &nft_doors, x->buffer, NL_OUT_MAX, x->nl.seq);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = put_change(&b, &list[i]);
	if (r == 0)
		r = commit(x, &b);
	if (r < 0)
		return diag_set(d, r, "", 0, "nftables does not take it: %s", strerror(-r));
	return 0;
}

int door_remove(struct door *x, struct diag *d)
{
	struct nft_batch b;
	int r;

	/* Making it first, deleting never fails. */
	nft_batch_begin(&b, &nft_doors, x->buffer, NL_OUT_MAX, x->nl.seq);
	nft_put_table(&b);
	nft_delete_table(&b);
	r = commit(x, &b);
	x->known = false;
	if (r < 0)
		return diag_set(d, r, "", 0, "the table inet %s cannot be taken away: %s",
				nft_doors.table, strerror(-r));
	return 0;
}

static int on_table(uint16_t type, struct str attrs, void *user)
{
	(void)attrs;
	*(bool *)user |= type == NFT_MSG_NEWTABLE;
	return 0;
}

bool door_is_there(struct door *x)
{
	bool there = false;

	return nft_get(&x->nl, &nft_doors, NFT_MSG_GETTABLE, NULL, on_table, &there) == 0 && there;
}

static int on_counter(uint16_t type, struct str attrs, void *user)
{
	return nft_add_counters(type, attrs, &nft_doors, user);
}

int door_dropped(struct door *x, struct ban_counters *ret, struct diag *d)
{
	struct ban_counters sum = {};
	int r = nft_get(&x->nl, &nft_doors, NFT_MSG_GETRULE, "door", on_counter, &sum);

	if (r < 0 && r != -EINTR)
		return diag_set(d, r, "", 0, "the counters cannot be read: %s", strerror(-r));
	*ret = sum;
	return 0;
}
