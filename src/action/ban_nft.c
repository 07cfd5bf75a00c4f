/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <time.h>

#include "action/ban_nft.h"

#define SAMPLE_MARGIN_MS 2000

static int nft_open(const struct ban_config *c, struct ban **ret, struct diag *d)
{
	struct ban_nft *b = calloc(1, sizeof *b);
	uint32_t generation;
	int r = -ENOMEM;

	(void)c;
	if (!b)
		return -ENOMEM;
	b->ban.ops = &ban_nft;
	b->nl = NL_NONE;
	b->buffer = malloc(NL_OUT_MAX);
	if (b->buffer)
		r = nl_open(NETLINK_NETFILTER, &b->nl);
	if (r == 0)
		r = nft_generation(&b->nl, &generation);
	if (r == 0) {
		*ret = &b->ban;
		return 0;
	}
	ban_nft.close(&b->ban);
	if (r == -EPERM || r == -EACCES)
		return diag_set(d, -EPERM, "", 0, "nftables needs the capability CAP_NET_ADMIN");
	if (r == -EPROTONOSUPPORT || r == -EINVAL || r == -EOPNOTSUPP || r == -EAFNOSUPPORT)
		return diag_set(d, -EPROTONOSUPPORT, "", 0, "this kernel has no nftables");
	return diag_set(d, r, "", 0, "nftables cannot be asked: %s", strerror(-r));
}

static void nft_close(struct ban *ban)
{
	struct ban_nft *b = (struct ban_nft *)ban;

	nl_close(&b->nl);
	free(b->buffer);
	free(b->parts);
	free(b);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

void ban_nft_sample(struct ban_nft *b, const struct ban_part *p, bool added)
{
	struct ban_sample *s;

	if (p->set >= BAN_SAMPLED_SETS)
		return;
	s = b->samples[p->set];
	/* A renewed one has another end. */
	for (unsigned i = 0; i < BAN_SAMPLES; i++)
		if (!memcmp(s[i].element.key, p->element.key, sizeof p->element.key))
			s[i].until = 0;
	if (added)
		s[b->next_sample[p->set]++ % BAN_SAMPLES] =
			(struct ban_sample){ p->element, now_ms() + (int64_t)p->element.ms };
}

/* Whether a ban that cannot be over is missing. */
static int some_missing(struct ban_nft *b, bool *ret)
{
	int64_t soon = now_ms() + SAMPLE_MARGIN_MS;
	bool missing = false;

	for (size_t set = 0; set < BAN_SAMPLED_SETS; set++) {
		for (unsigned i = 0; i < BAN_SAMPLES; i++) {
			const struct ban_sample *s = &b->samples[set][i];
			int r;

			if (s->until < soon)
				continue;
			r = nft_get_element(&b->nl, &nft_layout, nft_layout.sets[set].name,
					    &s->element);
			missing |= r == -ENOENT;
			if (r < 0 && r != -ENOENT)
				return r;
		}
	}
	*ret = missing;
	return 0;
}

static int nft_ensure_all(struct ban *ban, unsigned *ret, struct diag *d)
{
	struct ban_nft *b = (struct ban_nft *)ban;
	unsigned found = 0, commits = 0;
	bool missing = false;
	uint32_t generation;
	int r = nft_generation(&b->nl, &generation);

	if (r == 0 && b->known && generation == b->generation + b->commits) {
		*ret = 0;
		return 0;
	}
	if (r == 0)
		r = nft_ensure(&b->nl, &nft_layout, b->buffer, &found, &commits, d);
	if (r == 0)
		r = some_missing(b, &missing);
	if (r < 0)
		return diag_set(d, r, "", 0, "nftables: %s", strerror(-r));
	if (missing && !(found & BAN_CREATED))
		found |= BAN_EMPTIED;
	/* Told once. */
	if (missing)
		memset(b->samples, 0, sizeof b->samples);
	if (b->known)
		found |= BAN_TOUCHED;
	b->known = true;
	b->generation = generation;
	b->commits = commits;
	*ret = found;
	return 0;
}

/* ---- the allow list ---- */

/* Adds one; false where there is none behind the last address of the family. */
static bool successor(uint8_t *key, size_t len)
{
	while (len-- > 0)
		if (++key[len])
			return true;
	return false;
}

static struct nft_element first_of(const struct prefix *p, size_t len)
{
	struct nft_element e = { .len = (uint8_t)len };

	memcpy(e.key, p->addr + sizeof p->addr - len, len);
	return e;
}

/* The first address behind it, as the end of an interval. */
static bool end_of(const struct prefix *p, size_t len, struct nft_element *ret)
{
	struct nft_element e = first_of(p, len);
	unsigned skip = (unsigned)(sizeof p->addr - len) * 8;

	for (unsigned bit = p->bits - skip; bit < 8 * len; bit++)
		e.key[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
	e.end = true;
	*ret = e;
	return successor(ret->key, len);
}

/* Neighbours become one interval: the end of one must not be the start of the next. */
static void put_intervals(struct nft_batch *b, const char *set, const struct prefix *list, size_t n,
			  bool v4)
{
	size_t len = v4 ? 4 : 16, in_message = 0;
	struct nft_elements e = {};
	struct nft_element end = {};
	bool open = false;

	for (size_t i = 0; i < n; i++) {
		struct nft_element start = first_of(&list[i], len);

		if (prefix_is_v4(&list[i]) != v4)
			continue;
		if (!in_message)
			e = nft_elements_begin(b, set, NFT_ADD);
		if (!open || memcmp(start.key, end.key, len) != 0) {
			if (open)
				nft_element(&e, &end);
			nft_element(&e, &start);
			in_message += 2;
		}
		open = end_of(&list[i], len, &end);
		if (!open)
			break; /* up to the last address there is */
		if (in_message > 1000) {
			nft_elements_end(&e);
			e = nft_elements_begin(b, set, NFT_ADD);
			in_message = 1;
		}
	}
	if (in_message && open)
		nft_element(&e, &end);
	if (in_message)
		nft_elements_end(&e);
}

static void note_first(uint32_t seq, int error, void *user)
{
	int *first = user;

	(void)seq;
	if (!*first)
		*first = error;
}

static int nft_allow(struct ban *ban, const struct prefix *list, size_t n, struct diag *d)
{
	struct ban_nft *b = (struct ban_nft *)ban;
	own(free_ptr) struct prefix *sorted = calloc(n + 1, sizeof *sorted);
	struct nft_batch batch;
	int error = 0, r = sorted ? 0 : -ENOMEM;

	if (r == 0 && n)
		memcpy(sorted, list, n * sizeof *list);
	if (r == 0)
		r = ban_allow_sort(sorted, n, &n, d);
	if (r < 0)
		return r;
	nft_batch_begin(&batch, &nft_layout, b->buffer, NL_OUT_MAX, b->nl.seq);
	nft_flush_set(&batch, "allowed4");
	nft_flush_set(&batch, "allowed6");
	put_intervals(&batch, "allowed4", sorted, n, true);
	put_intervals(&batch, "allowed6", sorted, n, false);
	r = nft_batch_send(&batch, &b->nl, note_first, &error);
	if (r == 0)
		r = error;
	if (r < 0)
		return diag_set(d, r, "", 0, "the list of whom not to ban: %s", strerror(-r));
	b->commits++;
	return 0;
}

/* ---- looking ---- */

struct listing {
	const struct nft_set_row *set;
	ban_fn *fn;
	void *user;
};

static struct prefix element_prefix(const struct nft_set_row *s, const struct nft_element *e)
{
	struct prefix p = { .bits = PREFIX_HOST };

	if (s->family == NFPROTO_IPV4)
		return prefix_v4(e->key, s->length);
	memcpy(p.addr, e->key, sizeof p.addr);
	return prefix_cut(&p, s->length);
}

int ban_nft_elements(const struct nft_set_row *s, struct str attrs, ban_fn *fn, void *user)
{
	struct str list = nl_find(attrs, NFTA_SET_ELEM_LIST_ELEMENTS), element;
	uint16_t type;
	int r = 0;

	while (r >= 0 && nl_attr(&list, &type, &element)) {
		struct ban_item item = {};
		struct nft_element e;
		uint64_t seconds;

		if (!nft_element_parse(element, s->family == NFPROTO_IPV4 ? 4 : 16, &e))
			continue;
		seconds = e.ms / 1000 + (e.ms % 1000 != 0);
		item.prefix = element_prefix(s, &e);
		item.seconds = (uint32_t)MIN(seconds, UINT32_MAX);
		r = fn(user, &item);
	}
	return MIN(r, 0);
}

static int on_elements(uint16_t type, struct str attrs, void *user)
{
	const struct listing *l = user;

	return type == NFT_MSG_NEWSETELEM ? ban_nft_elements(l->set, attrs, l->fn, l->user) : 0;
}

static int nft_list(struct ban *ban, ban_fn *fn, void *user, struct diag *d)
{
	struct ban_nft *b = (struct ban_nft *)ban;
	bool changed = false;

	for (size_t i = 0; i < nft_layout.n_sets; i++) {
		struct listing l = { &nft_layout.sets[i], fn, user };
		int r;

		if (l.set->use != NFT_BANS)
			continue;
		r = nft_get(&b->nl, &nft_layout, NFT_MSG_GETSETELEM, l.set->name, on_elements, &l);
		if (r == -EINTR)
			changed = true;
		else if (r < 0)
			return diag_set(d, r, "", 0, "the bans in %s cannot be listed: %s",
					l.set->name, strerror(-r));
	}
	return changed ? -EAGAIN : 0;
}

static int on_counter(uint16_t type, struct str attrs, void *user)
{
	return nft_add_counters(type, attrs, &nft_layout, user);
}

static int nft_dropped(struct ban *ban, struct ban_counters *ret, struct diag *d)
{
	struct ban_nft *b = (struct ban_nft *)ban;
	struct ban_counters sum = {};
	int r = nft_get(&b->nl, &nft_layout, NFT_MSG_GETRULE, "banned", on_counter, &sum);

	if (r < 0 && r != -EINTR)
		return diag_set(d, r, "", 0, "the counters cannot be read: %s", strerror(-r));
	*ret = sum;
	return 0;
}

const struct ban_ops ban_nft = {
	.name = "nft",
	.open = nft_open,
	.close = nft_close,
	.ensure = nft_ensure_all,
	.add = ban_nft_add,
	.remove = ban_nft_remove,
	.allow = nft_allow,
	.list = nft_list,
	.dropped = nft_dropped,
};
