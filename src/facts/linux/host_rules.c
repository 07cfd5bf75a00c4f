/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/host_rules.h"

#include "net/iptables.h"
#include "net/match.h"
#include "net/nft.h"

int host_each(struct store *s, const char *sql, host_row_fn *fn, void *user)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), r = 0;

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		rc = SQLITE_OK;
		r = fn(st, user);
		if (r < 0)
			return r;
	}
	return rc == SQLITE_DONE ? 0 : store_errno(rc);
}

/* One rule set as the table has it. */
struct source {
	struct str backend, file, text;
	bool kernel;
};

struct sources {
	struct arena *arena;
	struct source *list;
	size_t n, cap;
};

static int add_source(sqlite3_stmt *st, void *user)
{
	struct sources *all = user;
	struct source s = {
		.backend = arena_str(all->arena, store_text(st, 0)),
		.file = arena_str(all->arena, store_text(st, 1)),
		.text = arena_str(all->arena, store_text(st, 2)),
		.kernel = sqlite3_column_int(st, 3),
	};

	if (!s.backend.ptr || !s.file.ptr || !s.text.ptr)
		return -ENOMEM;
	return arena_push(all->arena, all->list, all->n, all->cap, s);
}

static int note_reason(sqlite3_stmt *st, void *user)
{
	struct host_reach *h = user;

	h->unknown = arena_fmt(h->arena, "the rules of this machine are not known: %.*s",
			       STR_FMT(store_text(st, 0)));
	return h->unknown.ptr ? 0 : -ENOMEM;
}

/* All texts of one backend, in the order in which the table has them. */
static int of_backend(struct host_reach *h, const struct sources *all, struct str backend,
		      struct iptables_text **ret, size_t *ret_n)
{
	struct iptables_text *texts = arena_array(h->arena, MAX(all->n, 1), sizeof *texts);
	size_t n = 0;

	for (size_t i = 0; texts && i < all->n; i++)
		if (str_eq(all->list[i].backend, backend))
			texts[n++] = (struct iptables_text){
				.text = all->list[i].text,
				.file = all->list[i].kernel ? STR("") : all->list[i].file,
			};
	*ret = texts;
	*ret_n = n;
	return texts ? 0 : -ENOMEM;
}

static int read_iptables(struct host_reach *h, const struct sources *all, bool v6,
			 struct match_facts *facts)
{
	struct iptables_text *texts;
	size_t n;
	int r = of_backend(h, all, v6 ? STR("ip6tables") : STR("iptables"), &texts, &n);

	return r < 0 || !n ? r : iptables_read(texts, n, v6, facts, &h->filter, NULL);
}

static int read_nft(struct host_reach *h, const struct sources *all, struct match_facts *facts)
{
	const struct nft_options options = { .facts = facts };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < all->n; i++) {
		const struct source *s = &all->list[i];

		if (str_eq(s->backend, STR("nftables")))
			r = nft_read(s->text, &options, &h->filter, NULL);
	}
	return r;
}

int host_rules_load(struct host_reach *h, struct store *s)
{
	struct sources all = { .arena = h->arena };
	struct match_facts facts = {};
	int r = host_each(
		s,
		"SELECT backend, file, text, origin = 'kernel' FROM firewall_ruleset, host_info"
		" WHERE enabled = 1 AND (live = 0 OR origin = 'kernel')",
		add_source, &all);

	if (r >= 0)
		r = host_each(s,
			      "SELECT coalesce((SELECT reason FROM collector_problems p"
			      "  WHERE p.name = c.name LIMIT 1), nullif(c.reason, ''), c.status)"
			      " FROM collector_status c WHERE name = 'firewall_ruleset'"
			      " AND status IN ('incomplete', 'failed')",
			      note_reason, h);
	h->firewall = all.n > 0;
	if (r >= 0)
		r = read_nft(h, &all, &facts);
	if (r >= 0)
		r = read_iptables(h, &all, false, &facts);
	return r < 0 ? r : read_iptables(h, &all, true, &facts);
}

int host_rules_read(struct host_reach *h, const struct host_rules *rules)
{
	const struct iptables_text text = { .text = rules->text, .file = rules->name };
	struct str start = str_trim(str_sub(rules->text, 0, 4096));

	h->firewall = true;
	if (str_starts(start, STR("{")))
		return nft_read(rules->text, NULL, &h->filter, NULL);
	return iptables_read(&text, 1, str_contains(start, STR("ip6tables-save")), NULL,
			     &h->filter, NULL);
}
