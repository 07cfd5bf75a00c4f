/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
#include <time.h>

#include "base/buf.h"
#include "facts/linux/firewall_files.h"

#define NFT_MAX ((size_t)8 << 20)
#define NFT_MS 3000

int fw_add(struct fw_chains *t, struct arena *a, const struct fw_chain *chain)
{
	if (t->n >= FW_CHAINS_MAX)
		return -E2BIG;
	return arena_push(a, t->list, t->n, t->cap, *chain);
}

struct fw_chain *fw_find(const struct fw_chains *t, struct str family, struct str table,
			 struct str chain)
{
	/* Rules come chain by chain: the last one found is the likeliest. */
	for (size_t i = t->n; i--;) {
		struct fw_chain *c = &t->list[i];

		if (str_eq(c->chain, chain) && str_eq(c->table, table) && str_eq(c->family, family))
			return c;
	}
	return NULL;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The whole output of nft; -ENODATA where it wrote nothing, which it does when it fails. */
static int read_nft(int fd, struct buf *ret)
{
	int64_t end = now_ms() + NFT_MS;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char chunk[32768];
		int64_t left = end - now_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return -ETIME;
		n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n == 0)
			return ret->len ? 0 : -ENODATA;
		buf_add(ret, chunk, (size_t)MAX(n, 0));
		if (ret->error)
			return ret->error;
	}
}

/*
 * firewall_ruleset and firewall_chains both need what nft said, and it says it once: the first of
 * them that runs in this process keeps it.
 */
static struct buf nft_output = { .limit = NFT_MAX };
static int nft_result = 1; /* 1: not yet read */

static int load_json(struct collect *c, struct firewall *ret)
{
	struct fw_ruleset set = { .backend = STR("nftables"),
				  .file = STR("nft -j list ruleset"),
				  .kernel = true,
				  .enabled = true };
	int r;

	if (nft_result == 1)
		nft_result = read_nft(c->live->nft, &nft_output);
	if (nft_result < 0)
		return nft_result;
	r = nft_json_parse(buf_view(&nft_output), c->arena, &ret->chains);
	if (r < 0)
		return r;
	set.text = buf_view(&nft_output);
	return arena_push(c->arena, ret->sets, ret->n, ret->cap, set);
}

/* Tables of the old iptables, which nft does not show. */
static void look_for_legacy(struct collect *c)
{
	static const char *const files[] = { "/proc/net/ip_tables_names",
					     "/proc/net/ip6_tables_names" };

	for (size_t i = 0; i < COUNT(files); i++) {
		struct str text;
		int r = root_read(c->proc, files[i] + strlen("/proc"), 4096, c->arena, &text, NULL);

		if (r >= 0 && str_trim(text).len)
			collect_problem(c, EOPNOTSUPP, files[i],
					"the kernel has tables of iptables-legacy, whose rules "
					"cannot be read");
		else if (r < 0 && r != -ENOENT)
			collect_problem(c, r, files[i], "cannot be read");
	}
}

/*
 * Straight from the kernel, which does not give rules as text: a rule set without a text, so that
 * nobody takes the rules for known.
 */
static int load_netlink(struct collect *c, struct firewall *ret)
{
	const struct fw_ruleset set = { .backend = STR("nftables"),
					.file = STR("nfnetlink"),
					.text = STR(""),
					.kernel = true,
					.enabled = true };
	int r;

	ret->chains.n = 0;
	r = nft_netlink_load(c->live->nfnetlink, c->arena, &ret->chains);
	/* A kernel without nftables has no rules either. */
	if (r == -EINVAL || r == -EOPNOTSUPP)
		return 0;
	if (r < 0 || !ret->chains.n)
		return r;
	ret->no_text = true;
	return arena_push(c->arena, ret->sets, ret->n, ret->cap, set);
}

static int load_kernel(struct collect *c, struct firewall *ret)
{
	int r = c->live->nft >= 0 ? load_json(c, ret) : c->live->nft_error;

	if (r < 0 && r != -ENOMEM && c->live->nfnetlink >= 0) {
		int direct = load_netlink(c, ret);

		r = direct >= 0 || direct == -ENOMEM ? direct : r;
	}
	if (r < 0 && r != -ENOMEM) {
		collect_problem(c, r, NULL, "the kernel's rule set could not be read: %s",
				r == -ENOENT ? "nft is not installed" : strerror(-r));
		r = 0;
	}
	look_for_legacy(c);
	return r;
}

int firewall_load(struct collect *c, struct firewall *ret)
{
	int r;

	*ret = (struct firewall){};
	r = c->proc ? load_kernel(c, ret) : 0;
	if (r >= 0)
		r = firewall_files_load(c, ret);
	if (r == -E2BIG) {
		collect_problem(c, r, NULL, "more than %d chains", FW_CHAINS_MAX);
		r = 0;
	}
	return r;
}
