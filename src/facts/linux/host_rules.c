/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>

#include "facts/linux/host_rules.h"

#include "facts/linux/boot_rules.h"
#include "facts/linux/firewall_files.h"
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

static bool includes(struct str pattern, struct str name)
{
	char what[PATH_MAX], path[PATH_MAX];

	snprintf(what, sizeof what, "%s%.*s", pattern.len && pattern.ptr[0] == '/' ? "" : "/etc/",
		 STR_FMT(pattern));
	snprintf(path, sizeof path, "%.*s", STR_FMT(name));
	return fnmatch(what, path, FNM_PATHNAME | FNM_PERIOD) == 0;
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

/* What an include of nft(8) names, among the texts that the table has. */
static int include(void *user, struct str pattern, struct str from, struct nft_text_file **ret,
		   size_t *ret_n)
{
	const struct sources *all = user;
	struct nft_text_file *files = arena_array(all->arena, MAX(all->n, 1), sizeof *files);
	size_t n = 0;

	(void)from;
	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < all->n; i++)
		if (!all->list[i].kernel && includes(pattern, all->list[i].file))
			files[n++] = (struct nft_text_file){ all->list[i].file, all->list[i].text };
	*ret = files;
	*ret_n = n;
	return 0;
}

/* Some other file reads it. */
static bool is_included(const struct sources *all, const struct source *s)
{
	for (size_t i = 0; i < all->n; i++) {
		struct str text = all->list[i].text, line;

		if (&all->list[i] == s || all->list[i].kernel ||
		    !str_eq(all->list[i].backend, s->backend))
			continue;
		while (str_line(&text, &line, NULL)) {
			line = str_trim(line);
			if (str_starts(line, STR("include")) &&
			    includes(str_unquote(str_trim(str_sub(line, 7, line.len))), s->file))
				return true;
		}
	}
	return false;
}

static int read_nft(struct host_reach *h, struct sources *all, struct match_facts *facts)
{
	const struct nft_options options = { .facts = facts };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < all->n; i++) {
		const struct source *s = &all->list[i];
		const struct nft_text text = {
			{s->file, s->text},
                        include, all
		};

		if (!str_eq(s->backend, STR("nftables")))
			continue;
		if (s->kernel)
			r = nft_read(s->text, &options, &h->filter, NULL);
		else if (!is_included(all, s))
			r = nft_text_read(&text, &options, &h->filter, NULL);
	}
	return r;
}

static const struct source *find_file(const struct sources *all, const char *file)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->list[i].file, str_of(file)))
			return &all->list[i];
	return NULL;
}

static struct iptables_text text_of(const struct sources *all, const char *file)
{
	const struct source *s = find_file(all, file);

	return s ? (struct iptables_text){ s->text, s->file } : (struct iptables_text){};
}

static int read_ufw(struct host_reach *h, const struct sources *all, bool v6,
		    struct match_facts *facts)
{
	const struct iptables_ufw ufw = {
		.defaults = text_of(all, "/etc/default/ufw"),
		.before = text_of(all, v6 ? "/etc/ufw/before6.rules" : "/etc/ufw/before.rules"),
		.user = text_of(all, v6 ? "/etc/ufw/user6.rules" : "/etc/ufw/user.rules"),
		.after = text_of(all, v6 ? "/etc/ufw/after6.rules" : "/etc/ufw/after.rules"),
	};

	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->list[i].backend, STR("ufw")))
			return iptables_read_ufw(&ufw, v6, facts, &h->filter, NULL);
	return 0;
}

static int read_firewalld(struct host_reach *h, const struct sources *all,
			  struct match_facts *facts)
{
	const struct nft_options options = { .facts = facts };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < all->n; i++) {
		const struct source *s = &all->list[i];
		struct nft_text text;

		if (!str_eq(s->backend, STR("firewalld")))
			continue;
		r = firewalld_nft(h->arena, s->text, s->file, &text);
		if (r >= 0)
			r = nft_text_read(&text, &options, &h->filter, NULL);
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
	const struct nft_text file = {
		.file = {rules->name, rules->text}
	};
	struct str start = str_trim(str_sub(rules->text, 0, 4096));

	h->firewall = true;
	if (str_starts(start, STR("{")))
		return nft_read(rules->text, NULL, &h->filter, NULL);
	if (!is_saved(rules->text))
		return nft_text_read(&file, NULL, &h->filter, NULL);
	h->one_family = true;
	h->v6 = str_contains(start, STR("ip6tables-save")) || str_ends(rules->name, STR("v6")) ||
		str_contains(rules->name, STR("ip6tables"));
	return iptables_read(&text, 1, h->v6, NULL, &h->filter, NULL);
}
