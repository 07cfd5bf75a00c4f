/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_access: Accounts that sshd lets in from the internet, and by what means. */
#include "facts/linux/ssh_accounts.h"
#include "facts/linux/ssh_places.h"

#define FACT_ROW ssh_access_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id") \
	X(INT, allowed, "1 unless Allow/Deny lists, PermitRootLogin, RefuseConnection, a missing shell or (without PAM) a locked password refuse it") \
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
	struct sshd sshd;
	struct ssh_accounts accounts;
	struct ssh_places places;
	struct sshd_site sites[SSH_PLACES_MAX];
	size_t n_sites;
	bool pam_second_factor;
};

enum method { PASSWORD, KBDINT, PUBLICKEY, GSSAPI, HOSTBASED, NONE, N_METHODS };

/* What one account may use from one place. */
struct means {
	const struct sshd_result *r;
	const struct ssh_account *account;
	bool works[N_METHODS];
	bool keys;
};

/* Modules of /etc/pam.d/sshd that ask for something beside the password. */
static int read_pam(struct collect *c, bool *ret)
{
	static const char *const modules[] = { "pam_google_authenticator",
					       "pam_oath",
					       "pam_duo",
					       "pam_u2f",
					       "pam_yubico",
					       "pam_otp",
					       "pam_2fa" };
	struct str text, line;
	int r = collect_read(c, "/etc/pam.d/sshd", &text, NULL);

	*ret = false;
	while (r == 1 && str_line(&text, &line, NULL)) {
		struct str s = str_trim(line);

		if (!str_starts(s, STR("auth")) && !str_starts(s, STR("-auth")))
			continue;
		for (size_t i = 0; i < COUNT(modules); i++)
			*ret |= str_contains(s, str_of(modules[i]));
	}
	return MIN(r, 0);
}

static bool yes(const struct sshd_result *r, enum sshd_id id)
{
	return sshd_result_is(r, id, "yes");
}

/* Somebody else may name keys: this cannot be looked up here, so it counts. */
static bool keys_from_elsewhere(const struct sshd_result *r)
{
	return !sshd_result_is(r, SSHD_KW_AUTHORIZEDKEYSCOMMAND, "none") ||
	       !sshd_result_is(r, SSHD_KW_TRUSTEDUSERCAKEYS, "none");
}

static void find_passwords(struct means *m)
{
	enum password_state state = m->account->password;
	bool pam = yes(m->r, SSHD_KW_USEPAM);
	bool empty = state == PASSWORD_EMPTY && yes(m->r, SSHD_KW_PERMITEMPTYPASSWORDS);

	m->works[PASSWORD] =
		yes(m->r, SSHD_KW_PASSWORDAUTHENTICATION) && (state == PASSWORD_SET || empty);
	/* PAM is the only device behind keyboard-interactive. */
	m->works[KBDINT] = yes(m->r, SSHD_KW_KBDINTERACTIVEAUTHENTICATION) && pam &&
			   (state == PASSWORD_SET || empty);
}

static void limit_root(struct means *m, bool all_forced)
{
	if (m->account->entry->uid)
		return;
	if (!sshd_result_is(m->r, SSHD_KW_PERMITROOTLOGIN, "yes"))
		m->works[PASSWORD] = m->works[KBDINT] = false;
	if (sshd_result_is(m->r, SSHD_KW_PERMITROOTLOGIN, "forced-commands-only")) {
		m->works[PUBLICKEY] &= all_forced || keys_from_elsewhere(m->r);
		m->works[GSSAPI] = m->works[HOSTBASED] = false;
	}
}

static int find_means(struct access *x, struct means *m)
{
	bool forced = false;
	int r = 0;

	find_passwords(m);
	if (yes(m->r, SSHD_KW_PUBKEYAUTHENTICATION)) {
		r = ssh_account_has_keys(x->c, m->account->entry, m->r, &m->keys, &forced);
		m->works[PUBLICKEY] = m->keys || keys_from_elsewhere(m->r);
	}
	m->works[GSSAPI] = yes(m->r, SSHD_KW_GSSAPIAUTHENTICATION);
	m->works[HOSTBASED] = yes(m->r, SSHD_KW_HOSTBASEDAUTHENTICATION);
	m->works[NONE] = true;
	limit_root(m, forced);
	return r;
}

static int method_of(struct str name)
{
	static const struct {
		const char *name;
		enum method method;
	} names[] = {
		{"password",              PASSWORD },
		{ "keyboard-interactive", KBDINT   },
		{ "publickey",            PUBLICKEY},
		{ "gssapi-with-mic",      GSSAPI   },
		{ "gssapi-keyex",         GSSAPI   },
		{ "hostbased",            HOSTBASED},
		{ "none",                 NONE     }
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(name, str_of(names[i].name)))
			return (int)names[i].method;
	return -1;
}

/* One list of AuthenticationMethods: all of it must work. Counts its steps. */
static bool list_works(const struct means *m, struct str list, bool used[N_METHODS],
		       unsigned *ret_n)
{
	bool here[N_METHODS] = {};
	unsigned n = 0;

	while (list.ptr) {
		struct str name = str_cut(&list, ',');
		int method = method_of(str_cut(&name, ':'));

		if (method < 0 || !m->works[method])
			return false;
		here[method] = true;
		n++;
	}
	for (size_t i = 0; i < N_METHODS; i++)
		used[i] |= here[i];
	*ret_n = n;
	return true;
}

/* Leaves those methods that AuthenticationMethods lets take part; *ret_two: never one alone. */
static void limit_methods(struct means *m, bool *ret_two)
{
	const struct sshd_line *l = m->r->slots[SSHD_KW_AUTHENTICATIONMETHODS].line;
	bool used[N_METHODS] = {}, two = true, any = false;

	*ret_two = false;
	if (!l || str_eq(l->values[0], STR("any")))
		return;
	for (unsigned i = 0; i < l->n; i++) {
		unsigned n;

		if (!list_works(m, l->values[i], used, &n))
			continue;
		any = true;
		two &= n > 1;
	}
	memcpy(m->works, used, sizeof used);
	*ret_two = any && two;
}

static bool shell_allowed(const struct means *m)
{
	static const char *const none[] = { "internal-sftp",     "/bin/false",    "/usr/bin/false",
					    "/usr/sbin/nologin", "/sbin/nologin", "/bin/true" };
	const struct sshd_line *l = m->r->slots[SSHD_KW_FORCECOMMAND].line;
	struct str command = l ? str_trim(l->values[0]) : STR("none"), word;

	if (!m->account->interactive)
		return false;
	word = str_word(&command);
	for (size_t i = 0; i < COUNT(none); i++)
		if (str_eq(word, str_of(none[i])))
			return false;
	return true;
}

static bool tunnel_allowed(const struct sshd_result *r)
{
	return !yes(r, SSHD_KW_DISABLEFORWARDING) &&
	       (!sshd_result_is(r, SSHD_KW_ALLOWTCPFORWARDING, "no") ||
		!sshd_result_is(r, SSHD_KW_PERMITTUNNEL, "no"));
}

static struct str place_of(struct access *x, const struct sshd_line *l, enum sshd_id id)
{
	if (l)
		return arena_fmt(x->c->arena, "%s:%u", l->file, l->line);
	return arena_fmt(x->c->arena, "default %s %s", sshd_keywords[id].name,
			 sshd_default(&x->sshd.build, id));
}

static int describe(struct access *x, const struct means *m, struct FACT_ROW *row)
{
	enum sshd_id id = SSHD_KW_PUBKEYAUTHENTICATION;

	if (row->password)
		id = SSHD_KW_PASSWORDAUTHENTICATION;
	else if (row->kbdint)
		id = SSHD_KW_KBDINTERACTIVEAUTHENTICATION;
	else if (!row->publickey && m->works[GSSAPI])
		id = SSHD_KW_GSSAPIAUTHENTICATION;
	else if (!row->publickey && m->works[HOSTBASED])
		id = SSHD_KW_HOSTBASEDAUTHENTICATION;
	row->deciding = row->password || row->kbdint || row->publickey || m->works[GSSAPI] ||
					m->works[HOSTBASED]
				? place_of(x, m->r->slots[id].line, id)
				: STR("");
	row->other_methods = arena_cat(x->c->arena, m->works[GSSAPI] ? STR("gssapi") : STR(""),
				       m->works[GSSAPI] && m->works[HOSTBASED] ? STR(",") : STR(""),
				       m->works[HOSTBASED] ? STR("hostbased") : STR(""));
	if (m->works[PASSWORD] && yes(m->r, SSHD_KW_KERBEROSAUTHENTICATION) &&
	    row->other_methods.ptr)
		row->other_methods =
			arena_cat(x->c->arena, row->other_methods,
				  row->other_methods.len ? STR(",") : STR(""), STR("kerberos"));
	return row->deciding.ptr && row->other_methods.ptr ? 0 : -ENOMEM;
}

/* What the account may do from one place. */
static int judge(struct access *x, const struct ssh_account *a, size_t place, struct FACT_ROW *ret)
{
	struct sshd_connection conn = ssh_account_connection(a, &x->places.list[place].where);
	struct sshd_result *result = arena_new(x->c->arena, struct sshd_result);
	struct means m = { .r = result, .account = a };
	struct FACT_ROW row = { .username = a->entry->name,
				.uid = a->entry->uid,
				.other_methods = STR("") };
	const struct sshd_line *line;
	const char *refused;
	bool two;
	int r;

	if (!result)
		return -ENOMEM;
	r = sshd_site_resolve(&x->sites[place], &conn, x->c->arena, result);
	if (r < 0)
		return r;
	refused = ssh_account_refused(a, result, &conn, &line);
	if (refused) {
		row.deciding = line ? arena_fmt(x->c->arena, "%s:%u", line->file, line->line)
				    : arena_fmt(x->c->arena, "/etc/passwd:%u", a->entry->line);
		*ret = row;
		return row.deciding.ptr ? 0 : -ENOMEM;
	}
	r = find_means(x, &m);
	if (r < 0)
		return r;
	limit_methods(&m, &two);
	row.allowed = 1;
	row.password = m.works[PASSWORD];
	row.kbdint = m.works[KBDINT];
	row.publickey = m.works[PUBLICKEY];
	row.second_factor =
		two || (x->pam_second_factor && !row.publickey && yes(result, SSHD_KW_USEPAM));
	row.shell_access = shell_allowed(&m);
	row.tunnel_access = tunnel_allowed(result);
	r = describe(x, &m, &row);
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
	for (size_t i = 0; i < x->accounts.n; i++) {
		struct arena_mark mark = arena_mark(x->c->arena);
		int r = emit_account(x, &x->accounts.list[i]);

		arena_rewind(x->c->arena, mark);
		if (r < 0)
			return r;
		if (steps(x) > STEPS_MAX) {
			collect_problem(x->c, E2BIG, x->sshd.config_file,
					"too many Match blocks for so many accounts: %zu of %zu "
					"accounts were looked at",
					i + 1, x->accounts.n);
			break;
		}
	}
	return 0;
}

static int run(struct access *x)
{
	int r = sshd_load(x->c, &x->sshd);

	if (r < 0 || !sshd_present(&x->sshd))
		return r;
	sshd_report_refusal(x->c, &x->sshd);
	r = ssh_accounts_read(x->c, &x->accounts);
	if (r >= 0)
		r = read_pam(x->c, &x->pam_second_factor);
	if (r >= 0)
		r = ssh_places_find(&x->sshd.global, x->c->arena, &x->places);
	for (; r >= 0 && x->n_sites < x->places.n; x->n_sites++)
		r = sshd_site_new(&x->sshd.global, &x->places.list[x->n_sites].where, x->c->arena,
				  &x->sites[x->n_sites]);
	if (r < 0)
		return r;
	if (x->places.left_out)
		collect_problem(x->c, E2BIG, x->sshd.config_file,
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
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_ssh_access = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
