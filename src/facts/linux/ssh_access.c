/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_access: Accounts that sshd lets in from the internet, and by what means. */
#include "facts/linux/ssh_login.h"

#define FACT_ROW ssh_access_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id") \
	X(INT, allowed, "1 unless Allow/Deny lists, PermitRootLogin, RefuseConnection, a missing shell, the account rules of PAM or (without PAM) a locked password refuse it") \
	X(INT, password, "1 when a password is accepted and the account has one (or an empty one is accepted)") \
	X(INT, kbdint, "1 when keyboard-interactive (PAM) is accepted and the account has a password") \
	X(INT, publickey, "1 when public keys are accepted and at least one is authorised, or a command or a certificate authority may authorise one") \
	X(INT, second_factor, "1 when AuthenticationMethods or PAM ask for two factors") \
	X(INT, shell_access, "0 when the shell or ForceCommand allows no shell (tunnels may still work)") \
	X(INT, tunnel_access, "1 when TCP forwarding is possible") \
	X(TEXT, deciding, "file:line of the setting that lets it in, or that refuses it; '' when it has no means to log in") \
	X(TEXT, other_methods, "comma-separated: gssapi, kerberos, hostbased, when they are accepted")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "ssh_access",
	.doc = "Accounts that sshd lets in from the internet, and by what means.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define STEPS_MAX ((uint64_t)20'000'000)

struct access {
	struct collect *c;
	struct ssh_login_judge j;
	struct ssh_places places;
	struct sshd_site sites[SSH_PLACES_MAX];
	size_t n_sites;
};

static struct str place_of(struct access *x, const struct sshd_line *l, enum sshd_id id)
{
	if (l)
		return arena_fmt(x->c->arena, "%s:%u", l->file, l->line);
	return arena_fmt(x->c->arena, "default %s %s", sshd_keywords[id].name,
			 sshd_default(&x->j.sshd.build, id));
}

static int describe(struct access *x, const struct ssh_login *l, const struct sshd_result *r,
		    struct FACT_ROW *row)
{
	struct arena *a = x->c->arena;
	enum sshd_id id = ssh_login_deciding(l);
	struct str other = l->works[SSH_GSSAPI] ? STR("gssapi") : STR("");

	row->deciding = ssh_login_works(l) ? place_of(x, r->slots[id].line, id) : STR("");
	if (l->works[SSH_HOSTBASED])
		other = arena_cat(a, other, other.len ? STR(",") : STR(""), STR("hostbased"));
	if (l->kerberos && other.ptr)
		other = arena_cat(a, other, other.len ? STR(",") : STR(""), STR("kerberos"));
	row->other_methods = other;
	return row->deciding.ptr && other.ptr ? 0 : -ENOMEM;
}

static int describe_refusal(struct access *x, const struct ssh_account *a,
			    const struct ssh_login *l, struct FACT_ROW *row)
{
	struct arena *arena = x->c->arena;

	row->deciding = l->line ? arena_fmt(arena, "%s:%u", l->line->file, l->line->line)
			: l->rule
				? arena_fmt(arena, "%.*s:%u", STR_FMT(l->rule->file), l->rule->line)
				: arena_fmt(arena, "/etc/passwd:%u", a->entry->line);
	return row->deciding.ptr ? 0 : -ENOMEM;
}

/* What the account may do from one place. */
static int judge(struct access *x, const struct ssh_account *a, size_t place, struct FACT_ROW *ret)
{
	struct sshd_connection conn = ssh_account_connection(a, &x->places.list[place].where);
	struct sshd_result *result = arena_new(x->c->arena, struct sshd_result);
	struct FACT_ROW row = { .username = a->entry->name,
				.uid = a->entry->uid,
				.other_methods = STR("") };
	struct ssh_login l;
	int r = result ? sshd_site_resolve(&x->sites[place], &conn, x->c->arena, result) : -ENOMEM;

	if (r >= 0)
		r = ssh_login(&x->j, a, result, &conn, &l);
	if (r < 0)
		return r;
	row.allowed = !l.refused;
	if (l.refused) {
		r = describe_refusal(x, a, &l, &row);
	} else {
		row.password = l.works[SSH_PASSWORD];
		row.kbdint = l.works[SSH_KBDINT];
		row.publickey = l.works[SSH_PUBLICKEY];
		row.second_factor = ssh_login_two_factors(&l);
		row.shell_access = ssh_session_shell(&x->j, a, result);
		row.tunnel_access = ssh_session_tunnels(result);
		r = describe(x, &l, result, &row);
	}
	if (r >= 0)
		*ret = row;
	return r;
}

/* How much an attacker gains: the worst place from the internet counts. */
static int weight(const struct FACT_ROW *row)
{
	int ways = (int)(row->password * 8 + row->kbdint * 8 + row->publickey * 4 +
			 (row->other_methods.len ? 4 : 0));

	return (int)row->allowed + (ways ? 2 : 0) +
	       (row->second_factor ? ways : ways * 16) * (int)(1 + row->shell_access);
}

static int emit_account(struct access *x, const struct ssh_account *a)
{
	struct FACT_ROW worst = {};
	bool any = false;

	for (size_t i = 0; i < x->places.n; i++) {
		struct FACT_ROW row;
		int r;

		if (!x->places.list[i].internet)
			continue;
		r = judge(x, a, i, &row);
		if (r < 0)
			return r;
		if (!any || weight(&row) > weight(&worst))
			worst = row;
		any = true;
	}
	return any ? collect_row(x->c, &worst) : 0;
}

static uint64_t steps(const struct access *x)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->n_sites; i++)
		n += x->sites[i].steps;
	return n;
}

static int emit_accounts(struct access *x)
{
	for (size_t i = 0; i < x->j.accounts.n; i++) {
		struct arena_mark mark = arena_mark(x->c->arena);
		int r = emit_account(x, &x->j.accounts.list[i]);

		ssh_login_forget(&x->j);
		arena_rewind(x->c->arena, mark);
		if (r < 0)
			return r;
		if (steps(x) > STEPS_MAX) {
			collect_problem(x->c, E2BIG, x->j.sshd.config_file,
					"too many Match blocks for so many accounts: %zu of %zu "
					"accounts were looked at",
					i + 1, x->j.accounts.n);
			break;
		}
	}
	return 0;
}

static int run(struct access *x)
{
	const struct sshd *sshd = &x->j.sshd;
	int r = ssh_login_load(x->c, &x->j);

	if (r < 0 || !sshd_present(sshd))
		return r;
	sshd_report_refusal(x->c, sshd);
	r = ssh_places_find(&sshd->global, x->c->arena, &x->places);
	for (; r >= 0 && x->n_sites < x->places.n; x->n_sites++)
		r = sshd_site_new(&sshd->global, &x->places.list[x->n_sites].where, x->c->arena,
				  &x->sites[x->n_sites]);
	if (r < 0)
		return r;
	if (x->places.left_out)
		collect_problem(x->c, E2BIG, sshd->config_file,
				"Match blocks tell more than %d kinds of connections apart: %zu "
				"are not looked at",
				SSH_PLACES_MAX, x->places.left_out);
	return emit_accounts(x);
}

static int collect(struct collect *c)
{
	struct access *x = arena_new(c->arena, struct access);
	int r;

	if (!x)
		return -ENOMEM;
	x->c = c;
	r = run(x);
	for (size_t i = 0; i < x->n_sites; i++)
		sshd_site_release(&x->sites[i]);
	ssh_login_release(&x->j);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_ssh_access = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
	.budget_ms = 30'000,
};
