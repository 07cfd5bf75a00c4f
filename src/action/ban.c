/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/ban_backend.h"

static const struct ban_ops *const kinds[] = {
	[BAN_NFT] = &ban_nft,
	[BAN_IPSET] = &ban_ipset,
	[BAN_AZURE] = &ban_azure,
	[BAN_COMMAND] = &ban_command,
};

const char *ban_kind_name(enum ban_kind kind) { return kinds[kind]->name; }

int ban_open(const struct ban_config *c, struct ban **ret, struct diag *d)
{
	if ((size_t)c->kind >= COUNT(kinds))
		return diag_set(d, -EINVAL, "", 0, "no such back end");
	return kinds[c->kind]->open(c, ret, d);
}

void ban_close(struct ban **b)
{
	if (*b)
		(*b)->ops->close(*b);
	*b = NULL;
}

int ban_ensure(struct ban *b, unsigned *ret, struct diag *d) { return b->ops->ensure(b, ret, d); }

/* Host bits are cleared, so that every back end names a network the same way. */
static bool tidy(struct prefix *p)
{
	if (p->bits > PREFIX_HOST)
		return false;
	*p = prefix_cut(p, p->bits);
	return true;
}

static size_t failed(const struct ban_item *items, size_t n)
{
	size_t bad = 0;

	for (size_t i = 0; i < n; i++)
		bad += items[i].error != 0;
	return bad;
}

int ban_add(struct ban *b, struct ban_item *items, size_t n, size_t *ret_failed, struct diag *d)
{
	int r;

	for (size_t i = 0; i < n; i++) {
		bool good = items[i].seconds && items[i].seconds <= BAN_SECONDS_MAX &&
			    tidy(&items[i].prefix);

		items[i].error = good ? -EINPROGRESS : -EINVAL;
	}
	r = b->ops->add(b, items, n, d);
	if (r == 0 && ret_failed)
		*ret_failed = failed(items, n);
	return r;
}

int ban_remove(struct ban *b, struct ban_item *items, size_t n, size_t *ret_failed, struct diag *d)
{
	int r;

	for (size_t i = 0; i < n; i++)
		items[i].error = tidy(&items[i].prefix) ? -EINPROGRESS : -EINVAL;
	r = b->ops->remove(b, items, n, d);
	if (r == 0 && ret_failed)
		*ret_failed = failed(items, n);
	return r;
}

int ban_allow(struct ban *b, const struct prefix *list, size_t n, struct diag *d)
{
	if (n > BAN_ALLOW_MAX)
		return diag_set(d, -E2BIG, "", 0, "more than %zu prefixes are allowed",
				BAN_ALLOW_MAX);
	return b->ops->allow(b, list, n, d);
}

int ban_list(struct ban *b, ban_fn *fn, void *user, struct diag *d)
{
	return b->ops->list(b, fn, user, d);
}

int ban_tick(struct ban *b, int *ret_ms, struct diag *d)
{
	if (b->ops->tick)
		return b->ops->tick(b, ret_ms, d);
	*ret_ms = -1;
	return 0;
}

int ban_dropped(struct ban *b, struct ban_counters *ret, struct diag *d)
{
	return b->ops->dropped ? b->ops->dropped(b, ret, d) : -EOPNOTSUPP;
}

unsigned ban_parts(const struct prefix *p, const uint8_t *lengths, size_t n, unsigned *ret_length)
{
	unsigned length = prefix_length(p);

	for (size_t i = 0; i < n; i++) {
		if (lengths[i] < length)
			continue;
		*ret_length = lengths[i];
		return lengths[i] - length > 8 ? 0 : 1U << (lengths[i] - length);
	}
	return 0;
}

struct prefix ban_part(const struct prefix *p, unsigned length, unsigned i)
{
	unsigned bits = length + (prefix_is_v4(p) ? PREFIX_V4 : 0);
	struct prefix part = *p;

	/* i stands in the bits up to that length, at most two bytes of them. */
	for (unsigned at = bits; i && at > p->bits; at--, i >>= 1)
		part.addr[(at - 1) / 8] |= (uint8_t)((i & 1) << (7 - (at - 1) % 8));
	part.bits = (uint8_t)bits;
	return part;
}

int ban_allow_sort(struct prefix *list, size_t n, size_t *ret, struct diag *d)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].bits == 0 || (list[i].bits == PREFIX_V4 && prefix_is_v4(&list[i])) ||
		    list[i].bits > PREFIX_HOST)
			return diag_set(d, -EINVAL, "", 0,
					"a list of whom not to ban must not hold everybody");
		list[i] = prefix_cut(&list[i], list[i].bits);
	}
	*ret = prefix_sort(list, n);
	return 0;
}

int ban_allow_keep(struct prefix **kept, size_t *n_kept, const struct prefix *list, size_t n,
		   struct diag *d)
{
	own(free_ptr) struct prefix *copy = calloc(n + 1, sizeof *copy);
	int r;

	if (!copy)
		return -ENOMEM;
	if (n)
		memcpy(copy, list, n * sizeof *list);
	r = ban_allow_sort(copy, n, &n, d);
	if (r < 0)
		return r;
	free(*kept);
	*kept = copy;
	copy = NULL;
	*n_kept = n;
	return 0;
}
