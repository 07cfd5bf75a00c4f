/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/netfilter/nf_tables.h>

#include "action/nft.h"

#define ROWS_MAX 32
#define TRIES 3

struct row_state {
	bool there, good;
};

/* What the kernel has of the layout. */
struct found {
	const struct nft_layout *layout;
	bool table, foreign;
	bool good; /* the table itself: not dormant */
	struct row_state sets[ROWS_MAX], chains[ROWS_MAX];
	bool rules; /* of all chains */
};

struct look {
	struct found *found;
	size_t row;
	size_t next; /* rule of the chain that is expected next */
	size_t strangers;
	bool same;
};

static int on_table(uint16_t type, struct str attrs, void *user)
{
	struct look *l = user;

	if (type != NFT_MSG_NEWTABLE)
		return 0;
	l->found->table = true;
	l->found->good = nft_table_same(attrs, &l->found->foreign);
	return 0;
}

static int on_set(uint16_t type, struct str attrs, void *user)
{
	struct look *l = user;

	if (type == NFT_MSG_NEWSET)
		l->found->sets[l->row] =
			(struct row_state){ true,
					    nft_set_same(&l->found->layout->sets[l->row], attrs) };
	return 0;
}

static int on_chain(uint16_t type, struct str attrs, void *user)
{
	struct look *l = user;

	if (type == NFT_MSG_NEWCHAIN)
		l->found->chains[l->row] =
			(struct row_state){ true, nft_chain_same(&l->found->layout->chains[l->row],
								 attrs) };
	return 0;
}

static const struct nft_rule_row *next_rule(const struct nft_layout *l, const char *chain,
					    size_t *at)
{
	while (*at < l->n_rules)
		if (!strcmp(l->rules[(*at)++].chain, chain))
			return &l->rules[*at - 1];
	return NULL;
}

static int on_rule(uint16_t type, struct str attrs, void *user)
{
	struct look *l = user;
	const struct nft_layout *layout = l->found->layout;
	const struct nft_chain_row *c = &layout->chains[l->row];
	const struct nft_rule_row *want;

	/* Old kernels do not choose by the chain's name. */
	if (type != NFT_MSG_NEWRULE ||
	    !str_eq(nl_get_text(nl_find(attrs, NFTA_RULE_TABLE)), str_of(layout->table)) ||
	    !str_eq(nl_get_text(nl_find(attrs, NFTA_RULE_CHAIN)), str_of(c->name)))
		return 0;
	want = next_rule(layout, c->name, &l->next);
	if (!want || !nft_expressions_same(layout, want, nl_find(attrs, NFTA_RULE_EXPRESSIONS)))
		l->same = false;
	return 0;
}

static int absent(int r) { return r == -ENOENT ? 0 : r; }

static int look_at_rules(struct nl *n, struct found *f)
{
	int r = 0;

	f->rules = true;
	for (size_t i = 0; r == 0 && f->rules && i < f->layout->n_chains; i++) {
		struct look l = { .found = f, .row = i, .same = true };
		const char *name = f->layout->chains[i].name;

		f->rules = f->chains[i].there;
		if (f->rules)
			r = nft_get(n, f->layout, NFT_MSG_GETRULE, name, on_rule, &l);
		if (r == 0 && f->rules)
			f->rules = l.same && !next_rule(f->layout, name, &l.next);
	}
	return absent(r);
}

static int look(struct nl *n, const struct nft_layout *layout, struct found *ret)
{
	struct look l = { .found = ret };
	int r;

	*ret = (struct found){ .layout = layout };
	r = absent(nft_get(n, layout, NFT_MSG_GETTABLE, NULL, on_table, &l));
	if (!ret->table)
		return r;
	for (l.row = 0; r == 0 && l.row < layout->n_sets; l.row++)
		r = absent(
			nft_get(n, layout, NFT_MSG_GETSET, layout->sets[l.row].name, on_set, &l));
	for (l.row = 0; r == 0 && l.row < layout->n_chains; l.row++)
		r = absent(nft_get(n, layout, NFT_MSG_GETCHAIN, layout->chains[l.row].name,
				   on_chain, &l));
	return r < 0 ? r : look_at_rules(n, ret);
}

static bool rows_good(const struct row_state *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!rows[i].good)
			return false;
	return true;
}

static bool all_good(const struct found *f)
{
	return f->table && f->good && rows_good(f->sets, f->layout->n_sets) &&
	       rows_good(f->chains, f->layout->n_chains) && f->rules;
}

static void put_missing(struct nft_batch *b, const struct found *f)
{
	for (size_t i = 0; i < f->layout->n_sets; i++)
		if (!f->sets[i].good)
			nft_put_set(b, &f->layout->sets[i], (uint32_t)i + 1);
	for (size_t i = 0; i < f->layout->n_chains; i++)
		if (!f->chains[i].good)
			nft_put_chain(b, &f->layout->chains[i]);
	for (size_t i = 0; i < f->layout->n_rules; i++)
		nft_put_rule(b, &f->layout->rules[i]);
}

/* Everything that is not as made goes and comes in one transaction; good sets keep their bans. */
static void put_repair(struct nft_batch *b, const struct found *f)
{
	nft_put_table(b);
	for (size_t i = 0; i < f->layout->n_chains; i++)
		if (f->chains[i].there)
			nft_flush_chain(b, f->layout->chains[i].name);
	for (size_t i = 0; i < f->layout->n_chains; i++)
		if (f->chains[i].there && !f->chains[i].good)
			nft_delete_chain(b, f->layout->chains[i].name);
	for (size_t i = 0; i < f->layout->n_sets; i++)
		if (f->sets[i].there && !f->sets[i].good)
			nft_delete_set(b, f->layout->sets[i].name);
	put_missing(b, f);
}

static void put_anew(struct nft_batch *b)
{
	nft_put_table(b);
	nft_delete_table(b);
	nft_put_table(b);
	put_missing(b, &(struct found){ .layout = b->layout });
}

static void first_error(uint32_t seq, int error, void *user)
{
	int *first = user;

	(void)seq;
	if (!*first)
		*first = error;
}

static int commit(struct nl *n, struct nft_batch *b)
{
	int error = 0;
	int r = nft_batch_send(b, n, first_error, &error);

	return r < 0 ? r : error;
}

static int on_stranger(uint16_t type, struct str attrs, void *user)
{
	struct look *l = user;
	struct str name = nl_get_text(nl_find(attrs, NFTA_CHAIN_NAME));

	if (type != NFT_MSG_NEWCHAIN)
		return 0;
	for (size_t i = 0; i < l->found->layout->n_chains; i++)
		if (str_eq(name, str_of(l->found->layout->chains[i].name)))
			return 0;
	l->strangers += str_eq(nl_get_text(nl_find(attrs, NFTA_CHAIN_TABLE)),
			       str_of(l->found->layout->table));
	return 0;
}

/* A table without our comment is ours all the same if nothing else lives in it. */
static int check_owner(struct nl *n, struct found *f, struct diag *d)
{
	struct look l = { .found = f };
	int r;

	if (!f->table || !f->foreign)
		return 0;
	r = nft_get_chains(n, on_stranger, &l);
	if (r < 0 || !l.strangers)
		return r;
	return diag_set(d, -EEXIST, "", 0,
			"the table inet %s was not made by holdfast and has other chains",
			f->layout->table);
}

static int repair(struct nl *n, char *buffer, const struct found *f, unsigned *ret,
		  unsigned *commits)
{
	/* Kernels before 5.10 keep no comments: what has our chains is ours without one. */
	bool keep = f->table && !(f->foreign && !f->chains[0].there);
	struct nft_batch b;
	int r = -EBUSY;

	nft_batch_begin(&b, f->layout, buffer, NL_OUT_MAX, n->seq);
	if (keep || !f->table) {
		put_repair(&b, f);
		r = commit(n, &b);
	}
	if (r < 0 && r != -EPERM && f->table) {
		/* Something refers to what must go: the whole table, then. */
		nft_batch_begin(&b, f->layout, buffer, NL_OUT_MAX, n->seq);
		put_anew(&b);
		r = commit(n, &b);
		keep = false;
	}
	if (r < 0)
		return r;
	++*commits;
	*ret |= !f->table ? BAN_CREATED : BAN_REPAIRED;
	if (f->table && (!keep || !rows_good(f->sets, f->layout->n_sets)))
		*ret |= BAN_EMPTIED;
	return 0;
}

int nft_ensure(struct nl *n, const struct nft_layout *l, char *buffer, unsigned *ret,
	       unsigned *commits, struct diag *d)
{
	unsigned done = 0;
	int r = 0;

	for (int i = 0; i < TRIES; i++) {
		struct found f;

		r = look(n, l, &f);
		if (r == 0)
			r = check_owner(n, &f, d);
		if (r == -EEXIST)
			return r;
		if (r == -EINTR)
			continue; /* somebody changed it while it was read */
		/* What was just made is not made again, however the kernel words it. */
		if (r < 0 || all_good(&f) || done)
			break;
		r = repair(n, buffer, &f, &done, commits);
	}
	if (r < 0)
		return diag_set(d, r, "", 0, "the table inet %s cannot be made: %s", l->table,
				strerror(-r));
	*ret |= done;
	return 0;
}
