/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/host_rules.h"

#include "facts/linux/boot_rules.h"
#include "net/iptables.h"
#include "net/match.h"
#include "net/nft_text.h"

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
	struct nft_file *files = arena_array(h->arena, MAX(all->n, 1), sizeof *files);
	size_t n = 0;
	int r = files ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < all->n; i++) {
		const struct source *s = &all->list[i];

		if (!str_eq(s->backend, STR("nftables")))
			continue;
		if (s->kernel)
			r = nft_read(s->text, &options, &h->filter, NULL);
		else
			files[n++] = (struct nft_file){ .name = s->file, .text = s->text };
	}
	return r < 0 || !n ? r : nft_text_read(files, n, &options, &h->filter, NULL);
}

static const struct source *find_file(const struct sources *all, const char *file)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->list[i].file, str_of(file)))
			return &all->list[i];
	return NULL;
}

/* In the order in which ufw loads them. */
static int read_ufw(struct host_reach *h, const struct sources *all, bool v6,
		    struct match_facts *facts)
{
	static const char *const files[][2] = {
		{"/etc/ufw/before.rules", "/etc/ufw/before6.rules"},
		{ "/etc/ufw/user.rules",  "/etc/ufw/user6.rules"  },
		{ "/etc/ufw/after.rules", "/etc/ufw/after6.rules" },
	};
	const struct source *defaults = find_file(all, "/etc/default/ufw");
	struct iptables_text texts[1 + COUNT(files)] = { { .file = STR("/etc/default/ufw") } };
	size_t n = 1;
	int r;

	if (!find_file(all, files[1][v6]) && !find_file(all, files[0][v6]))
		return 0;
	for (size_t i = 0; i < COUNT(files); i++) {
		const struct source *s = find_file(all, files[i][v6]);

		if (s)
			texts[n++] = (struct iptables_text){ s->text, s->file };
	}
	r = ufw_skeleton(h->arena, defaults ? defaults->text : STR(""), v6,
			 find_file(all, files[0][v6]) != NULL, &texts[0].text);
	return r < 0 ? r : iptables_read(texts, n, v6, facts, &h->filter, NULL);
}

static int read_firewalld(struct host_reach *h, const struct sources *all,
			  struct match_facts *facts)
{
	const struct nft_options options = { .facts = facts };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < all->n; i++) {
		const struct source *s = &all->list[i];
		struct nft_file file = { .name = s->file };

		if (!str_eq(s->backend, STR("firewalld")))
			continue;
		r = firewalld_nft(h->arena, s->text, &file.text);
		if (r >= 0)
			r = nft_text_read(&file, 1, &options, &h->filter, NULL);
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
	if (r >= 0)
		r = read_iptables(h, &all, true, &facts);
	for (int v6 = 0; r >= 0 && v6 < 2; v6++)
		r = read_ufw(h, &all, v6, &facts);
	return r < 0 ? r : read_firewalld(h, &all, &facts);
}

/* iptables-save begins tables with "*": nothing that nft knows does. */
static bool is_saved(struct str text)
{
	struct str line;

	while (str_line(&text, &line, NULL))
		if (str_starts(line, STR("*")))
			return true;
	return false;
}

int host_rules_read(struct host_reach *h, const struct host_rules *rules)
{
	const struct iptables_text text = { .text = rules->text, .file = rules->name };
	const struct nft_file file = { .text = rules->text, .name = rules->name };
	struct str start = str_trim(str_sub(rules->text, 0, 4096));

	h->firewall = true;
	if (str_starts(start, STR("{")))
		return nft_read(rules->text, NULL, &h->filter, NULL);
	if (!is_saved(rules->text))
		return nft_text_read(&file, 1, NULL, &h->filter, NULL);
	h->one_family = true;
	h->v6 = str_contains(start, STR("ip6tables-save")) || str_ends(rules->name, STR("v6")) ||
		str_contains(rules->name, STR("ip6tables"));
	return iptables_read(&text, 1, h->v6, NULL, &h->filter, NULL);
}
