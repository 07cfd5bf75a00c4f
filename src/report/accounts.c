/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/accounts.h"
#include "base/diag.h"

enum query {
	LOGINS,
	USERS,
	SHADOW,
	WEAK,
	KEYS,
	PRIVILEGES,
	LAST,
	KNOWN,
	DOMAIN,
	DATABASE,
	SSHD,
	MISSING
};

const char *const accounts_queries[] = {
	[LOGINS] =
		"SELECT username, uid, door, place, address, means, session, deciding, ports, rule,"
		" coalesce(nullif(reachable_from, ''), perhaps_from), reachable, internet, wide,"
		" second_factor, tunnel, listen, certain FROM account_doors",
	[USERS] = "SELECT username, shell,"
		  " lower(username) IN (SELECT name FROM predictable_names) FROM users",
	[SHADOW] = "SELECT username, password_status, hash_algorithm, last_change FROM shadow",
	[WEAK] = "SELECT username, kind, tries, hash_algorithm FROM weak_passwords"
		 " WHERE kind <> 'empty' OR audited IS NOT NULL",
	[KEYS] =
		"SELECT username, key_type, fingerprint, comment, options, file, refused, bits, line,"
		" file_mtime, from_limited, cert_authority FROM authorized_keys",
	[PRIVILEGES] = "SELECT username, how, detail, why, evidence, nopasswd, usable"
		       " FROM account_privileges",
	[LAST] = "SELECT username, time FROM last_login WHERE time IS NOT NULL",
	[KNOWN] = "SELECT username, first_seen, fresh FROM login_history",
	[DOMAIN] = "SELECT who, door, means, evidence, reachable FROM domain_doors",
	[DATABASE] = "SELECT who, door, place, means, deciding, ports, rule, sources, reachable,"
		     " internet, wide, certain, password, superuser FROM database_doors",
	[SSHD] = "SELECT error FROM sshd_info",
	[MISSING] = "SELECT name, status, coalesce((SELECT trim(p.path || ' ' || p.reason)"
		    " FROM collector_problems p WHERE p.name = s.name LIMIT 1), reason)"
		    " FROM collector_status s WHERE status IN ('incomplete', 'failed')"
		    " AND name IN ('users', 'shadow', 'user_groups', 'logins', 'authorized_keys',"
		    " 'account_privileges', 'sudo_rules', 'weak_passwords', 'exposure',"
		    " 'domain_access', 'database_logins')",
};
const size_t n_accounts_queries = COUNT(accounts_queries);

void accounts_release(struct accounts *x) { map_release(&x->names); }

static struct str text(struct accounts *x, sqlite3_stmt *st, int column)
{
	struct str s = store_text(st, column);

	return arena_str(x->arena, s.ptr ? s : STR(""));
}

static enum account_reach reach(sqlite3_stmt *st, int column)
{
	if (sqlite3_column_type(st, column) == SQLITE_NULL)
		return ACCOUNT_PERHAPS;
	return sqlite3_column_int(st, column) ? ACCOUNT_YES : ACCOUNT_NO;
}

static int64_t number(sqlite3_stmt *st, int column)
{
	if (sqlite3_column_type(st, column) == SQLITE_NULL)
		return FACT_UNKNOWN;
	return sqlite3_column_int64(st, column);
}

static struct account *find(const struct accounts *x, sqlite3_stmt *st)
{
	const uint64_t *i = map_get(&x->names, store_text(st, 0));

	return i ? &x->list[*i] : NULL;
}

static int add_account(struct accounts *x, struct str name, int64_t uid, const char *kind,
		       struct account **ret)
{
	const uint64_t *known = map_get(&x->names, name);
	struct account fresh = { .uid = uid,
				 .shell = STR(""),
				 .kind = str_of(kind),
				 .password = STR("unknown"),
				 .hash = STR(""),
				 .weak = STR(""),
				 .evidence = STR(""),
				 .changed = FACT_UNKNOWN,
				 .last_login = FACT_UNKNOWN };
	int r;

	if (known) {
		*ret = &x->list[*known];
		return 0;
	}
	fresh.name = arena_str(x->arena, name);
	if (!fresh.name.ptr)
		return -ENOMEM;
	r = map_put(&x->names, fresh.name, x->n);
	if (r >= 0)
		r = arena_push(x->arena, x->list, x->n, x->cap, fresh);
	if (r >= 0)
		*ret = &x->list[x->n - 1];
	return r;
}

static int add_login(struct accounts *x, sqlite3_stmt *st)
{
	struct account_login l = { .internet = reach(st, 11),
				   .anywhere = sqlite3_column_int(st, 12),
				   .wide = sqlite3_column_int(st, 13),
				   .second_factor = sqlite3_column_int(st, 14),
				   .tunnel = sqlite3_column_int(st, 15),
				   .listen = sqlite3_column_int(st, 16),
				   .certain = sqlite3_column_int(st, 17) };
	struct str *const texts[] = { &l.door,     &l.place, &l.addresses, &l.means,  &l.session,
				      &l.deciding, &l.ports, &l.rule,      &l.sources };
	struct account *a;
	int r = add_account(x, store_text(st, 0), sqlite3_column_int64(st, 1), "local", &a);

	for (int i = 0; r >= 0 && i < (int)COUNT(texts); i++) {
		*texts[i] = text(x, st, i + 2);
		r = texts[i]->ptr ? 0 : -ENOMEM;
	}
	return r < 0 ? r : arena_push(x->arena, a->logins, a->n_logins, a->logins_cap, l);
}

static int add_user(struct accounts *x, sqlite3_stmt *st)
{
	struct account *a = find(x, st);

	if (!a || a->shell.len)
		return 0;
	a->shell = text(x, st, 1);
	a->predictable = sqlite3_column_int(st, 2);
	return a->shell.ptr ? 0 : -ENOMEM;
}

static int add_password(struct accounts *x, sqlite3_stmt *st)
{
	struct account *a = find(x, st);
	bool set = str_eq(store_text(st, 1), STR("set"));

	if (!a || !str_eq(a->password, STR("unknown")))
		return 0;
	a->password = text(x, st, set ? 2 : 1);
	if (set)
		a->hash = a->password;
	a->changed = number(st, 3);
	return a->password.ptr ? 0 : -ENOMEM;
}

static int add_weak(struct accounts *x, sqlite3_stmt *st)
{
	struct account *a = find(x, st);

	if (!a)
		return 0;
	a->password = STR("weak");
	a->weak = text(x, st, 1);
	a->tries = sqlite3_column_int64(st, 2);
	a->hash = text(x, st, 3);
	return a->weak.ptr && a->hash.ptr ? 0 : -ENOMEM;
}

static int add_key(struct accounts *x, sqlite3_stmt *st)
{
	struct account_key k = { .bits = sqlite3_column_int64(st, 7),
				 .line = sqlite3_column_int64(st, 8),
				 .changed = sqlite3_column_int64(st, 9),
				 .limited = sqlite3_column_int(st, 10),
				 .authority = sqlite3_column_int(st, 11) };
	struct str *const texts[] = { &k.type,    &k.fingerprint, &k.comment,
				      &k.options, &k.file,        &k.refused };
	struct account *a = find(x, st);

	if (!a)
		return 0;
	for (int i = 0; i < (int)COUNT(texts); i++) {
		*texts[i] = text(x, st, i + 1);
		if (!texts[i]->ptr)
			return -ENOMEM;
	}
	return arena_push(x->arena, a->keys, a->n_keys, a->keys_cap, k);
}

static int add_privilege(struct accounts *x, sqlite3_stmt *st)
{
	struct account_privilege p = { .nopasswd = sqlite3_column_int(st, 5),
				       .usable = sqlite3_column_int(st, 6) };
	struct str *const texts[] = { &p.how, &p.detail, &p.why, &p.evidence };
	struct account *a = find(x, st);

	if (!a)
		return 0;
	for (int i = 0; i < (int)COUNT(texts); i++) {
		*texts[i] = text(x, st, i + 1);
		if (!texts[i]->ptr)
			return -ENOMEM;
	}
	a->becomes_root |= p.usable;
	return arena_push(x->arena, a->privileges, a->n_privileges, a->privileges_cap, p);
}

static int add_last(struct accounts *x, sqlite3_stmt *st)
{
	struct account *a = find(x, st);

	if (a)
		a->last_login = sqlite3_column_int64(st, 1);
	return 0;
}

static int add_known(struct accounts *x, sqlite3_stmt *st)
{
	struct account *a = find(x, st);

	if (a) {
		a->first_seen = sqlite3_column_int64(st, 1);
		a->fresh = sqlite3_column_int(st, 2);
	}
	return 0;
}

/* Whole directories of accounts that nobody can list here. */
static int add_domain(struct accounts *x, sqlite3_stmt *st)
{
	struct account_login l = { .place = STR(""),
				   .addresses = STR(""),
				   .session = STR("shell"),
				   .ports = STR(""),
				   .rule = STR(""),
				   .sources = STR(""),
				   .internet = reach(st, 4),
				   .anywhere = true };
	struct account *a;
	int r = add_account(x, store_text(st, 0), -1, "domain", &a);

	if (r < 0)
		return r;
	l.door = text(x, st, 1);
	l.means = text(x, st, 2);
	l.deciding = text(x, st, 3);
	if (!l.door.ptr || !l.means.ptr || !l.deciding.ptr)
		return -ENOMEM;
	return arena_push(x->arena, a->logins, a->n_logins, a->logins_cap, l);
}

static int add_database(struct accounts *x, sqlite3_stmt *st)
{
	struct account_login l = { .addresses = STR(""),
				   .session = STR("database"),
				   .internet = reach(st, 8),
				   .anywhere = sqlite3_column_int(st, 9),
				   .wide = sqlite3_column_int(st, 10),
				   .certain = sqlite3_column_int(st, 11) };
	struct str *const texts[] = { &l.door,  &l.place, &l.means,  &l.deciding,
				      &l.ports, &l.rule,  &l.sources };
	struct account *a;
	int r = add_account(x, store_text(st, 0), -1, "database", &a);

	for (int i = 0; r >= 0 && i < (int)COUNT(texts); i++) {
		*texts[i] = text(x, st, i + 1);
		r = texts[i]->ptr ? 0 : -ENOMEM;
	}
	if (r < 0)
		return r;
	a->password = text(x, st, 12);
	a->superuser = sqlite3_column_int(st, 13);
	if (!a->password.ptr)
		return -ENOMEM;
	return arena_push(x->arena, a->logins, a->n_logins, a->logins_cap, l);
}

static int add_sshd(struct accounts *x, sqlite3_stmt *st)
{
	x->sshd_error = text(x, st, 0);
	return x->sshd_error.ptr ? 0 : -ENOMEM;
}

static int add_missing(struct accounts *x, sqlite3_stmt *st)
{
	struct str reason = store_text(st, 2);
	struct str line =
		arena_fmt(x->arena, "%.*s: %.*s%s%.*s", STR_FMT(store_text(st, 0)),
			  STR_FMT(store_text(st, 1)), reason.len ? ", " : "", STR_FMT(reason));

	if (!line.ptr)
		return -ENOMEM;
	return arena_push(x->arena, x->missing, x->n_missing, x->missing_cap, line);
}

typedef int row_fn(struct accounts *x, sqlite3_stmt *st);
static row_fn *const rows[] = {
	[LOGINS] = add_login,      [USERS] = add_user,  [SHADOW] = add_password,
	[WEAK] = add_weak,         [KEYS] = add_key,    [PRIVILEGES] = add_privilege,
	[LAST] = add_last,         [KNOWN] = add_known, [DOMAIN] = add_domain,
	[DATABASE] = add_database, [SSHD] = add_sshd,   [MISSING] = add_missing,
};

static bool has_word(struct str list, const char *word)
{
	while (list.ptr)
		if (str_eq(str_cut(&list, ','), str_of(word)))
			return true;
	return false;
}

/* A password alone, or nothing, opens it. */
static bool by_password(const struct account_login *l)
{
	return !l->second_factor && (has_word(l->means, "password") ||
				     has_word(l->means, "kbdint") || has_word(l->means, "nothing"));
}

static enum severity severity_of(const struct account *a)
{
	bool weak = str_eq(a->password, STR("weak")) || str_eq(a->password, STR("empty"));

	if (a->internet == ACCOUNT_NO)
		return weak && a->by_password ? SEVERITY_HIGH
		       : a->fresh             ? SEVERITY_MEDIUM
					      : SEVERITY_INFO;
	if (a->open || (a->by_password && (weak || a->predictable)))
		return SEVERITY_CRITICAL;
	if (a->by_password)
		return SEVERITY_HIGH;
	return a->fresh || a->becomes_root ? SEVERITY_MEDIUM : SEVERITY_LOW;
}

static const struct account_login *worst_login(const struct account *a)
{
	const struct account_login *worst = a->n_logins ? &a->logins[0] : NULL;

	for (size_t i = 1; i < a->n_logins; i++) {
		const struct account_login *l = &a->logins[i];

		if (l->internet > worst->internet ||
		    (l->internet == worst->internet && by_password(l) && !by_password(worst)))
			worst = l;
	}
	return worst;
}

/* What the findings rest on, in one line. */
static int describe(struct accounts *x, struct account *a)
{
	const struct account_login *l = worst_login(a);
	struct str text, weak = STR(""), root = STR("");

	if (!l)
		return 0;
	text = arena_fmt(x->arena, "%.*s: %.*s opens it by %.*s%s%.*s%s%.*s", STR_FMT(l->deciding),
			 STR_FMT(l->door), STR_FMT(l->means), l->ports.len ? "; " : "",
			 STR_FMT(l->ports), l->ports.len && l->rule.len ? ": " : "",
			 STR_FMT(l->rule));
	if (a->weak.len)
		weak = arena_fmt(x->arena, "; its password was guessed in %lld tries (%.*s)",
				 (long long)a->tries, STR_FMT(a->weak));
	for (size_t i = 0; i < a->n_privileges && !root.len; i++)
		if (a->privileges[i].usable)
			root = arena_fmt(x->arena, "; %.*s", STR_FMT(a->privileges[i].evidence));
	a->evidence = arena_cat(x->arena, text, weak, root);
	return text.ptr && weak.ptr && root.ptr && a->evidence.ptr ? 0 : -ENOMEM;
}

static int derive(struct accounts *x, struct account *a)
{
	for (size_t i = 0; i < a->n_logins; i++) {
		const struct account_login *l = &a->logins[i];

		a->internet = MAX(a->internet, l->internet);
	}
	for (size_t i = 0; i < a->n_logins; i++) {
		const struct account_login *l = &a->logins[i];

		if (l->internet != a->internet)
			continue;
		a->by_password |= by_password(l);
		a->open |= has_word(l->means, "nothing") && !l->second_factor;
	}
	x->internet += a->internet != ACCOUNT_NO;
	a->severity = severity_of(a);
	return describe(x, a);
}

static int compare(const void *p, const void *q)
{
	const struct account *a = p, *b = q;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->internet != b->internet)
		return a->internet > b->internet ? -1 : 1;
	if (a->becomes_root != b->becomes_root)
		return a->becomes_root ? -1 : 1;
	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	return str_cmp(a->name, b->name);
}

static int run_query(struct store *s, struct accounts *x, size_t i)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int r = 0, rc = sqlite3_prepare_v2(s->db, accounts_queries[i], -1, &st, NULL);

	while (rc == SQLITE_OK && r >= 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		rc = SQLITE_OK;
		r = rows[i](x, st);
	}
	if (r < 0)
		return r;
	return rc == SQLITE_DONE ? 0 : store_errno(rc);
}

int accounts_load(struct store *s, struct arena *a, struct accounts *ret)
{
	own(accounts_release) struct accounts x = { .arena = a, .sshd_error = STR("") };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(rows); i++)
		r = run_query(s, &x, i);
	for (size_t i = 0; r >= 0 && i < x.n; i++)
		r = derive(&x, &x.list[i]);
	if (r < 0)
		return r;
	if (x.n)
		qsort(x.list, x.n, sizeof *x.list, compare);
	*ret = take(x);
	return 0;
}
