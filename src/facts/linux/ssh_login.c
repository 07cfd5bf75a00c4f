/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/ssh_login.h"

#define FILE_MAX_ ((size_t)4 << 20)

int ssh_login_load(struct collect *c, struct ssh_login_judge *ret)
{
	struct ssh_login_judge *j = ret;
	int r;

	*j = (struct ssh_login_judge){ .c = c };
	r = sshd_load(c, &j->sshd);
	if (r >= 0)
		r = ssh_accounts_read(c, &j->accounts);
	if (r >= 0)
		r = ssh_accounts_owners(&j->accounts);
	if (r >= 0)
		r = pam_load(c, &j->pam);
	if (r >= 0)
		r = pam_eval_new(c, &j->pam, &j->eval);
	j->keys = (struct ssh_keyring_judge){
		.c = c,
		.accounts = &j->accounts,
		.debian = j->sshd.build.features & SSHD_DEBIAN,
	};
	return r;
}

void ssh_login_release(struct ssh_login_judge *j)
{
	ssh_keyring_judge_release(&j->keys);
	pam_eval_release(&j->eval);
	pam_release(&j->pam);
	ssh_accounts_release(&j->accounts);
}

void ssh_login_forget(struct ssh_login_judge *j) { j->account = NULL; }

static bool yes(const struct sshd_result *r, enum sshd_id id)
{
	return sshd_result_is(r, id, "yes");
}

static bool is_none(const struct sshd_result *r, enum sshd_id id)
{
	const struct sshd_line *l = r->slots[id].line;

	return !l || str_ieq(l->values[0], STR("none"));
}

struct asking {
	struct ssh_login_judge *j;
	const struct ssh_account *a;
	const struct sshd_result *r;
	const struct sshd_connection *conn;
	struct ssh_login *l;
	size_t usable;   /* keys that may be used from there */
	bool all_forced; /* … all with command= */
	bool must_change;
};

static struct str pam_service(const struct sshd_result *r)
{
	const struct sshd_line *l = r->slots[SSHD_KW_PAMSERVICENAME].line;

	return l ? l->values[0] : STR("sshd");
}

static struct pam_subject subject(const struct asking *x)
{
	return (struct pam_subject){
		.entry = x->a->entry,
		.shadow = x->a->shadow,
		.groups = x->a->groups,
		.n_groups = x->a->n_groups,
		.password = x->a->password,
		.empty_allowed = yes(x->r, SSHD_KW_PERMITEMPTYPASSWORDS),
		.from = x->conn->host,
		.tty = STR("ssh"),
	};
}

/* do_pam_account(): asked whatever the method was. */
static int ask_account(struct asking *x)
{
	struct pam_subject who = subject(x);
	struct pam_verdict v;
	int r;

	if (!yes(x->r, SSHD_KW_USEPAM))
		return 0;
	r = pam_eval(&x->j->eval, pam_service(x->r), STR("account"), &who, &v);
	if (r < 0)
		return r;
	x->must_change = v.must_change;
	x->l->perhaps |= v.perhaps;
	x->l->rule = v.rule;
	if (!v.allowed)
		x->l->refused = "PAM's account rules refuse it";
	return 0;
}

/* auth_shadow_acctexpired(), auth_shadow_pwexpired(): without PAM. */
static void ask_shadow(struct asking *x)
{
	const struct shadow_entry *s = x->a->shadow;
	int64_t today = x->j->c->now / 86400;

	if (!s || yes(x->r, SSHD_KW_USEPAM))
		return;
	if (s->expires != FACT_UNKNOWN && s->expires >= 0 && s->expires < today)
		x->l->refused = "the account has expired";
}

static bool shadow_changes(const struct asking *x)
{
	const struct shadow_entry *s = x->a->shadow;
	int64_t today = x->j->c->now / 86400;

	if (!s || s->last_change == FACT_UNKNOWN)
		return false;
	if (s->last_change == 0)
		return true;
	return s->max_age != FACT_UNKNOWN && s->max_age >= 0 && s->last_change + s->max_age < today;
}

static int find_passwords(struct asking *x)
{
	bool empty = x->a->password == PASSWORD_EMPTY && yes(x->r, SSHD_KW_PERMITEMPTYPASSWORDS);
	struct pam_subject who = subject(x);
	struct pam_login p;
	int r;

	if (!yes(x->r, SSHD_KW_USEPAM)) {
		x->l->works[SSH_PASSWORD] = yes(x->r, SSHD_KW_PASSWORDAUTHENTICATION) &&
					    (x->a->password == PASSWORD_SET || empty);
		x->l->anything = x->l->works[SSH_PASSWORD] && empty;
		return 0;
	}
	r = pam_eval_password(&x->j->eval, pam_service(x->r), &who, &p);
	if (r < 0)
		return r;
	if (!x->j->pam.present) {
		p.works = x->a->password == PASSWORD_SET || empty;
		p.anything = empty;
	}
	/* The password method answers every question with the password. */
	x->l->works[SSH_PASSWORD] =
		yes(x->r, SSHD_KW_PASSWORDAUTHENTICATION) && p.works && !p.second_factor;
	x->l->works[SSH_KBDINT] = yes(x->r, SSHD_KW_KBDINTERACTIVEAUTHENTICATION) && p.works;
	x->l->anything = p.anything && (x->l->works[SSH_PASSWORD] || x->l->works[SSH_KBDINT]);
	x->l->factor = p.second_factor;
	x->l->perhaps |= p.perhaps && (x->l->works[SSH_PASSWORD] || x->l->works[SSH_KBDINT]);
	if (!p.works && !x->l->rule)
		x->l->rule = p.rule;
	return 0;
}

/* The account's keys under these settings, read once for all places that share them. */
static int find_ring(struct asking *x)
{
	struct ssh_login_judge *j = x->j;
	const struct sshd_line *of[COUNT(j->of)] = {
		x->r->slots[SSHD_KW_AUTHORIZEDKEYSFILE].line,
		x->r->slots[SSHD_KW_REVOKEDKEYS].line,
		x->r->slots[SSHD_KW_PUBKEYACCEPTEDALGORITHMS].line,
		x->r->slots[SSHD_KW_REQUIREDRSASIZE].line,
	};
	int r;

	if (j->account == x->a && !memcmp(of, j->of, sizeof of))
		return 0;
	r = ssh_keyring_read(&j->keys, x->a, x->r, &j->ring);
	if (r < 0)
		return r;
	j->account = x->a;
	memcpy(j->of, of, sizeof of);
	return 0;
}

static int use_keys(struct asking *x)
{
	int r = find_ring(x);

	if (r < 0)
		return r;
	x->all_forced = true;
	for (size_t i = 0; i < x->j->ring.n; i++) {
		const struct ssh_keyring_entry *e = &x->j->ring.list[i];

		if (e->refused || !ssh_key_from(&e->options, x->conn->host, x->conn->address))
			continue;
		if (e->options.authority) {
			/* Whoever signs may name the account, or what the line lists. */
			x->l->certificates |=
				!e->options.principals.ptr || e->options.principals.len;
			x->all_forced &= e->options.command.ptr != NULL;
			continue;
		}
		x->usable++;
		x->all_forced &= e->options.command.ptr != NULL;
	}
	x->l->keys = x->usable;
	x->l->perhaps |= x->j->ring.perhaps && x->usable;
	return 0;
}

static int has_authority(struct asking *x, bool *ret)
{
	const struct sshd_line *line = x->r->slots[SSHD_KW_TRUSTEDUSERCAKEYS].line;
	struct ssh_login_judge *j = x->j;
	struct str text, one;
	const char *path;
	int r;

	if (j->authority_read && j->authority_line == line) {
		*ret = j->authority;
		return 0;
	}
	path = arena_cstr(j->c->arena, line->values[0]);
	if (!path)
		return -ENOMEM;
	j->authority = false;
	r = root_read(j->c->root, path, FILE_MAX_, j->c->arena, &text, NULL);
	while (r >= 0 && str_line(&text, &one, NULL)) {
		struct ssh_key key;

		if (ssh_authorized_key(one, j->c->arena, &key) == 0)
			j->authority = true;
	}
	j->authority_line = line;
	j->authority_read = true;
	*ret = j->authority;
	return r == -ENOMEM ? r : 0;
}

/* AuthorizedPrincipalsFile of the account has a line. */
static int has_principals(struct asking *x, bool *ret)
{
	const struct sshd_line *l = x->r->slots[SSHD_KW_AUTHORIZEDPRINCIPALSFILE].line;
	struct collect *c = x->j->c;
	bool strict = yes(x->r, SSHD_KW_STRICTMODES);
	struct str path = ssh_account_path(l->values[0], x->a->entry, c->arena);
	struct str text, line;
	struct stat st;
	int r;

	*ret = false;
	if (!path.ptr || !(path = arena_str(c->arena, path)).ptr)
		return -ENOMEM;
	r = root_read(c->root, path.ptr, FILE_MAX_, c->arena, &text, NULL);
	if (r < 0 || ssh_file_refused(&x->j->keys, path.ptr, x->a, strict, &st))
		return r == -ENOMEM ? r : 0;
	while (str_line(&text, &line, NULL)) {
		ssize_t comment = str_find(line, '#');

		if (comment >= 0)
			line.len = (size_t)comment;
		*ret |= str_trim(line).len > 0;
	}
	return 0;
}

static int find_certificates(struct asking *x)
{
	bool listed = true, there;
	int r;

	if (is_none(x->r, SSHD_KW_TRUSTEDUSERCAKEYS))
		return 0;
	r = has_authority(x, &there);
	if (r >= 0 && !is_none(x->r, SSHD_KW_AUTHORIZEDPRINCIPALSFILE))
		r = has_principals(x, &listed);
	if (r < 0 || !there)
		return r;
	if (!is_none(x->r, SSHD_KW_AUTHORIZEDPRINCIPALSCOMMAND) && !listed)
		x->l->foreign = true;
	x->l->certificates |= listed || x->l->foreign;
	if (listed || x->l->foreign)
		x->all_forced = false;
	return 0;
}

static int find_publickey(struct asking *x)
{
	int r;

	if (!yes(x->r, SSHD_KW_PUBKEYAUTHENTICATION))
		return 0;
	r = use_keys(x);
	if (r >= 0)
		r = find_certificates(x);
	if (!is_none(x->r, SSHD_KW_AUTHORIZEDKEYSCOMMAND)) {
		x->l->foreign = true;
		x->all_forced = false;
	}
	x->l->works[SSH_PUBLICKEY] = x->l->keys || x->l->certificates || x->l->foreign;
	return r;
}

/* auth_root_allowed() */
static void limit_root(struct asking *x)
{
	bool *works = x->l->works;

	if (x->a->entry->uid)
		return;
	if (!yes(x->r, SSHD_KW_PERMITROOTLOGIN))
		works[SSH_PASSWORD] = works[SSH_KBDINT] = works[SSH_NONE] = false;
	if (sshd_result_is(x->r, SSHD_KW_PERMITROOTLOGIN, "forced-commands-only")) {
		/* Keys without command= are of no use here. */
		bool some = false;

		for (size_t i = 0; i < x->j->ring.n; i++) {
			const struct ssh_keyring_entry *e = &x->j->ring.list[i];

			some |= !e->refused && e->options.command.ptr &&
				ssh_key_from(&e->options, x->conn->host, x->conn->address);
		}
		works[SSH_PUBLICKEY] &= some || x->l->foreign || x->l->certificates;
		works[SSH_GSSAPI] = works[SSH_HOSTBASED] = false;
	}
}

static int method_of(struct str name)
{
	static const struct {
		const char *name;
		enum ssh_method method;
	} names[] = {
		{"password",              SSH_PASSWORD },
                { "keyboard-interactive", SSH_KBDINT   },
		{ "publickey",            SSH_PUBLICKEY},
                { "gssapi-with-mic",      SSH_GSSAPI   },
		{ "gssapi-keyex",         SSH_GSSAPI   },
                { "hostbased",            SSH_HOSTBASED},
		{ "none",                 SSH_NONE     },
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(name, str_of(names[i].name)))
			return (int)names[i].method;
	return -1;
}

/* One list of AuthenticationMethods: all of it must work, every key but once. */
static bool list_works(const struct asking *x, struct str list, bool used[SSH_METHODS],
		       unsigned *ret_n)
{
	bool here[SSH_METHODS] = {};
	size_t keys = 0;
	unsigned n = 0;

	while (list.ptr) {
		struct str device = str_cut(&list, ','), name = str_cut(&device, ':');
		int method = method_of(name);

		if (method < 0 || !x->l->works[method])
			return false;
		if (method == SSH_KBDINT && device.ptr && !str_eq(device, STR("pam")) && device.len)
			return false;
		keys += method == SSH_PUBLICKEY;
		here[method] = true;
		n++;
	}
	if (keys > x->usable && !x->l->certificates && !x->l->foreign)
		return false;
	for (size_t i = 0; i < SSH_METHODS; i++)
		used[i] |= here[i];
	*ret_n = n;
	return true;
}

/*
 * Leaves those methods that AuthenticationMethods lets take part. Where one of its lists asks for a
 * single method, only these count: they are the easiest way.
 */
static void limit_methods(struct asking *x)
{
	const struct sshd_line *l = x->r->slots[SSHD_KW_AUTHENTICATIONMETHODS].line;
	bool alone[SSH_METHODS] = {}, together[SSH_METHODS] = {}, single = false;

	if (!l || str_eq(l->values[0], STR("any")))
		return;
	for (unsigned i = 0; i < l->n; i++) {
		bool used[SSH_METHODS] = {};
		unsigned n;

		if (!list_works(x, l->values[i], used, &n))
			continue;
		single |= n == 1;
		for (size_t k = 0; k < SSH_METHODS; k++)
			*(n == 1 ? &alone[k] : &together[k]) |= used[k];
	}
	memcpy(x->l->works, single ? alone : together, sizeof alone);
	x->l->two = !single && ssh_login_works(x->l);
}

/* PAM's second factor behind the password is no way where something else is enough. */
static void limit_factor(struct ssh_login *l)
{
	bool others = l->works[SSH_PASSWORD] || l->works[SSH_PUBLICKEY] || l->works[SSH_GSSAPI] ||
		      l->works[SSH_HOSTBASED];

	if (l->factor && others && !l->two)
		l->works[SSH_KBDINT] = false;
}

bool ssh_login_works(const struct ssh_login *l)
{
	for (size_t i = 0; i < SSH_METHODS; i++)
		if (l->works[i])
			return true;
	return false;
}

bool ssh_login_two_factors(const struct ssh_login *l)
{
	bool single = l->works[SSH_PASSWORD] || l->works[SSH_PUBLICKEY] || l->works[SSH_GSSAPI] ||
		      l->works[SSH_HOSTBASED] || (l->works[SSH_KBDINT] && !l->factor);

	return ssh_login_works(l) && (l->two || !single);
}

enum sshd_id ssh_login_deciding(const struct ssh_login *l)
{
	static const struct {
		enum ssh_method method;
		enum sshd_id id;
	} order[] = {
		{SSH_PASSWORD,   SSHD_KW_PASSWORDAUTHENTICATION      },
		{ SSH_NONE,      SSHD_KW_PERMITEMPTYPASSWORDS        },
		{ SSH_KBDINT,    SSHD_KW_KBDINTERACTIVEAUTHENTICATION},
		{ SSH_PUBLICKEY, SSHD_KW_PUBKEYAUTHENTICATION        },
		{ SSH_GSSAPI,    SSHD_KW_GSSAPIAUTHENTICATION        },
		{ SSH_HOSTBASED, SSHD_KW_HOSTBASEDAUTHENTICATION     },
	};

	for (size_t i = 0; i < COUNT(order); i++)
		if (l->works[order[i].method])
			return order[i].id;
	return SSHD_KW_PUBKEYAUTHENTICATION;
}

static int find_means(struct asking *x)
{
	struct ssh_login *l = x->l;
	int r = find_passwords(x);

	if (r >= 0)
		r = find_publickey(x);
	if (r < 0)
		return r;
	l->works[SSH_GSSAPI] = yes(x->r, SSHD_KW_GSSAPIAUTHENTICATION);
	l->works[SSH_HOSTBASED] = yes(x->r, SSHD_KW_HOSTBASEDAUTHENTICATION);
	l->works[SSH_NONE] = l->anything && yes(x->r, SSHD_KW_PASSWORDAUTHENTICATION) &&
			     yes(x->r, SSHD_KW_PERMITEMPTYPASSWORDS);
	limit_root(x);
	limit_methods(x);
	limit_factor(l);
	l->kerberos = l->works[SSH_PASSWORD] && yes(x->r, SSHD_KW_KERBEROSAUTHENTICATION);
	l->anything &= l->works[SSH_PASSWORD] || l->works[SSH_KBDINT] || l->works[SSH_NONE];
	l->anything &= !l->two;
	return 0;
}

int ssh_login(struct ssh_login_judge *j, const struct ssh_account *a, const struct sshd_result *r,
	      const struct sshd_connection *conn, struct ssh_login *ret)
{
	struct ssh_login l = {};
	struct asking x = { .j = j, .a = a, .r = r, .conn = conn, .l = &l };
	int error = 0;

	l.refused = ssh_account_refused(a, r, conn, &l.line);
	if (!l.refused)
		ask_shadow(&x);
	if (!l.refused)
		error = ask_account(&x);
	if (error >= 0 && !l.refused)
		error = find_means(&x);
	if (error >= 0 && !l.refused && ssh_login_works(&l)) {
		bool change = x.must_change || (!yes(r, SSHD_KW_USEPAM) && shadow_changes(&x) &&
						!l.works[SSH_PUBLICKEY]);

		error = ssh_session_find(j, a, r, conn, change, &l);
	}
	if (error >= 0)
		*ret = l;
	return error;
}
