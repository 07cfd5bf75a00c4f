/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_effective: What sshd applies to an account that comes from an address: Match blocks resolved. */
#include "facts/linux/ssh_accounts.h"
#include "facts/linux/ssh_places.h"

#define FACT_ROW sshd_effective_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account that exists and is not refused by Allow/Deny lists; '*' for a user name that is not local. An account is listed when it gives a session, has a password or a key, or when something differs from '*' for it") \
	X(TEXT, address, "client address: 203.0.113.1 stands for the internet, 127.0.0.1 for the machine itself; one of every pattern of Match Address, Match Host or user@host is listed where anything differs from 203.0.113.1") \
	X(TEXT, keyword, "lower-case keyword (only those that decide about authentication, access and forwarding)") \
	X(TEXT, value, "effective value") \
	X(TEXT, match_block, "criteria of the block that decides; '' for the global part") \
	X(TEXT, file, "file that decides; '' for a default") \
	X(INT, line, "line") \
	X(TEXT, local, "our address, port or routing domain, where a Match LocalAddress, LocalPort or RDomain makes a difference; '' for the usual one")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sshd_effective",
	.doc = "What sshd applies to an account that comes from an address: Match blocks resolved.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username,keyword",
};

static const enum sshd_id deciding[] = {
	SSHD_KW_PERMITROOTLOGIN,
	SSHD_KW_PASSWORDAUTHENTICATION,
	SSHD_KW_KBDINTERACTIVEAUTHENTICATION,
	SSHD_KW_PUBKEYAUTHENTICATION,
	SSHD_KW_PERMITEMPTYPASSWORDS,
	SSHD_KW_AUTHENTICATIONMETHODS,
	SSHD_KW_HOSTBASEDAUTHENTICATION,
	SSHD_KW_GSSAPIAUTHENTICATION,
	SSHD_KW_KERBEROSAUTHENTICATION,
	SSHD_KW_IGNORERHOSTS,
	SSHD_KW_ALLOWTCPFORWARDING,
	SSHD_KW_ALLOWSTREAMLOCALFORWARDING,
	SSHD_KW_ALLOWAGENTFORWARDING,
	SSHD_KW_DISABLEFORWARDING,
	SSHD_KW_X11FORWARDING,
	SSHD_KW_PERMITTUNNEL,
	SSHD_KW_GATEWAYPORTS,
	SSHD_KW_PERMITOPEN,
	SSHD_KW_PERMITLISTEN,
	SSHD_KW_PERMITTTY,
	SSHD_KW_FORCECOMMAND,
	SSHD_KW_CHROOTDIRECTORY,
	SSHD_KW_MAXAUTHTRIES,
	SSHD_KW_AUTHORIZEDKEYSFILE,
	SSHD_KW_AUTHORIZEDKEYSCOMMAND,
	SSHD_KW_AUTHORIZEDPRINCIPALSFILE,
	SSHD_KW_TRUSTEDUSERCAKEYS,
	SSHD_KW_PUBKEYACCEPTEDALGORITHMS,
	SSHD_KW_PERMITUSERENVIRONMENT,
	SSHD_KW_LOGLEVEL,
	SSHD_KW_BANNER,
};

/* Accounts that are listed in full; more of them only where they differ from '*'. */
#define ACCOUNTS_MAX 1'000
/* Criteria to look at; about a second. */
#define STEPS_MAX ((uint64_t)20'000'000)

struct effective {
	struct collect *c;
	struct sshd sshd;
	struct ssh_accounts accounts;
	struct ssh_places places;
	struct sshd_site sites[SSH_PLACES_MAX];
	size_t n_sites;
	struct sshd_result nobody[SSH_PLACES_MAX]; /* results of '*' */
	size_t listed, left_out;
};

static void effective_release(struct effective *e)
{
	for (size_t i = 0; i < e->n_sites; i++)
		sshd_site_release(&e->sites[i]);
}

static bool same(const struct sshd_result *a, const struct sshd_result *b)
{
	for (size_t i = 0; i < COUNT(deciding); i++)
		if (a->slots[deciding[i]].line != b->slots[deciding[i]].line)
			return false;
	return true;
}

static int emit(struct effective *e, struct str user, const struct ssh_place *p,
		const struct sshd_result *r)
{
	for (size_t i = 0; i < COUNT(deciding); i++) {
		struct arena_mark mark = arena_mark(e->c->arena);
		struct sshd_entry entry;
		int error;

		if (!sshd_keyword_exists(&e->sshd.build, &sshd_keywords[deciding[i]]))
			continue;
		error = sshd_result_value(r, deciding[i], e->c->arena, &entry);
		if (error < 0)
			return error;
		struct FACT_ROW row = {
			.username = user,
			.address = p->address,
			.keyword = str_of(sshd_keywords[deciding[i]].name),
			.value = entry.value,
			.local = p->local,
		};
		if (entry.line) {
			row.match_block = e->sshd.config.blocks[entry.line->block].text;
			row.file = str_of(entry.line->file);
			row.line = entry.line->line;
		}
		error = collect_row(e->c, &row);
		arena_rewind(e->c->arena, mark);
		if (error < 0)
			return error;
	}
	return 0;
}

static int emit_nobody(struct effective *e)
{
	for (size_t i = 0; i < e->places.n; i++) {
		const struct ssh_place *p = &e->places.list[i];
		struct sshd_connection who = { .user = STR("nonexistent-user"),
					       .invalid_user = true };
		int r = sshd_site_new(&e->sshd.global, &p->where, e->c->arena, &e->sites[i]);

		if (r < 0)
			return r;
		e->n_sites = i + 1;
		r = sshd_site_resolve(&e->sites[i], &who, e->c->arena, &e->nobody[i]);
		if (r >= 0 && (i < 2 || !same(&e->nobody[i], &e->nobody[0])))
			r = emit(e, STR("*"), p, &e->nobody[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static uint64_t steps(const struct effective *e)
{
	uint64_t n = 0;

	for (size_t i = 0; i < e->n_sites; i++)
		n += e->sites[i].steps;
	return n;
}

/* It can log in by something: worth listing whether or not it differs from '*'. */
static int can_log_in(struct effective *e, const struct ssh_account *a, const struct sshd_result *r,
		      bool *ret)
{
	bool keys = false, forced;
	int error = 0;

	if (!a->interactive && a->password != PASSWORD_SET && a->password != PASSWORD_EMPTY)
		error = ssh_account_has_keys(e->c, a->entry, r, &keys, &forced);
	*ret = keys || a->interactive || a->password == PASSWORD_SET ||
	       a->password == PASSWORD_EMPTY;
	return error;
}

static int emit_account(struct effective *e, const struct ssh_account *a)
{
	struct sshd_result *first = arena_new(e->c->arena, struct sshd_result);
	struct sshd_result *here = arena_new(e->c->arena, struct sshd_result);
	bool wanted = false;

	if (!first || !here)
		return -ENOMEM;
	for (size_t i = 0; i < e->places.n; i++) {
		const struct ssh_place *p = &e->places.list[i];
		struct sshd_connection conn = ssh_account_connection(a, &p->where);
		struct sshd_result *result = i ? here : first;
		const struct sshd_line *line;
		bool differs;
		int r = sshd_site_resolve(&e->sites[i], &conn, e->c->arena, result);

		if (r >= 0 && !i)
			r = can_log_in(e, a, first, &wanted);
		if (r < 0)
			return r;
		if (!i && wanted && e->listed++ >= ACCOUNTS_MAX) {
			e->left_out++;
			wanted = false;
		}
		differs = !same(result, &e->nobody[i]);
		if (i >= 2 ? same(result, first) : !wanted && !differs)
			continue;
		if (ssh_account_refused(a, result, &conn, &line))
			continue;
		r = emit(e, a->entry->name, p, result);
		if (r < 0)
			return r;
	}
	return 0;
}

static int emit_accounts(struct effective *e)
{
	for (size_t i = 0; i < e->accounts.n; i++) {
		struct arena_mark mark = arena_mark(e->c->arena);
		int r = emit_account(e, &e->accounts.list[i]);

		arena_rewind(e->c->arena, mark);
		if (r < 0)
			return r;
		if (steps(e) > STEPS_MAX) {
			collect_problem(e->c, E2BIG, e->sshd.config_file,
					"too many Match blocks for so many accounts: %zu of %zu "
					"accounts were looked at",
					i + 1, e->accounts.n);
			break;
		}
	}
	if (e->left_out)
		collect_problem(e->c, E2BIG, "/etc/passwd",
				"%zu more accounts can log in; they are listed only where they "
				"differ from '*'",
				e->left_out);
	return 0;
}

static int run(struct effective *e)
{
	int r = sshd_load(e->c, &e->sshd);

	if (r < 0 || !sshd_present(&e->sshd))
		return r;
	sshd_report_refusal(e->c, &e->sshd);
	r = ssh_accounts_read(e->c, &e->accounts);
	if (r >= 0)
		r = ssh_places_find(&e->sshd.global, e->c->arena, &e->places);
	if (r < 0)
		return r;
	if (e->places.left_out)
		collect_problem(e->c, E2BIG, e->sshd.config_file,
				"Match blocks tell more than %d kinds of connections apart: %zu "
				"are not looked at",
				SSH_PLACES_MAX, e->places.left_out);
	r = emit_nobody(e);
	return r < 0 ? r : emit_accounts(e);
}

static int collect(struct collect *c)
{
	struct effective *e = arena_new(c->arena, struct effective);
	int r;

	if (!e)
		return -ENOMEM;
	e->c = c;
	r = run(e);
	effective_release(e);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_sshd_effective = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
	.budget_ms = 30'000,
	.row_limit = 100'000,
};
