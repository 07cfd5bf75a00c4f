/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shadow: State of local passwords. Never a hash. */
#include "facts/fact.h"
#include "facts/linux/passwd_file.h"

#define FACT_ROW shadow_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(TEXT, password_status, "empty (no password needed), set, locked (hash behind ! or *), unset (* or !: no password works)") \
	X(TEXT, hash_algorithm, "yescrypt, gost-yescrypt, scrypt, bcrypt, sha512crypt, sha256crypt, sha1crypt, sunmd5, md5crypt, nthash, bsdicrypt, bigcrypt, descrypt, unknown or ''") \
	X(TEXT, hash_cost, "cost parameter or rounds as written; '' for the default") \
	X(INTN, last_change, "days since 1970 of the last change") \
	X(INTN, min_age, "days") \
	X(INTN, max_age, "days") \
	X(INTN, warn, "days") \
	X(INTN, inactive, "days") \
	X(INTN, expires, "days since 1970 when the account expires") \
	X(INT, same_hash, "how many other accounts have the very same hash") \
	X(TEXT, file, "shadow, or passwd when the hash stands there") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "shadow",
	.doc = "State of local passwords. Never a hash.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username",
};

struct work {
	struct passwd_file users;
	struct shadow_file shadow;
	struct map names;  /* of users */
	struct map hashes; /* hash -> how many accounts have it */
};

static void work_release(struct work *w)
{
	map_release(&w->names);
	map_release(&w->hashes);
}

static bool is_cost(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      c == '.' || c == '/' || c == ','))
			return false;
	}
	return s.len && s.len <= 16;
}

/* crypt(5): the field that holds rounds or work factor; never a part of salt or hash. */
static struct str hash_cost(struct str hash)
{
	const char *name = password_algorithm(hash);
	struct str rest = password_bare(hash), cost;
	size_t fields = 0;

	for (size_t i = 0; i < rest.len; i++)
		fields += rest.ptr[i] == '$';
	if (!strcmp(name, "bsdicrypt"))
		return str_sub(rest, 1, 5);
	if (fields < 3 || !strcmp(name, "md5crypt") || !strcmp(name, "unknown") ||
	    !strcmp(name, "nthash"))
		return STR("");
	str_cut(&rest, '$');
	str_cut(&rest, '$');
	cost = str_cut(&rest, '$');
	if (!strcmp(name, "scrypt"))
		cost = str_sub(cost, 0, 11);
	if (!strcmp(name, "sha512crypt") || !strcmp(name, "sha256crypt")) {
		if (!str_starts(cost, STR("rounds=")))
			return STR("");
		cost = str_sub(cost, 7, cost.len);
	}
	return is_cost(cost) ? cost : STR("");
}

static int count_hash(struct work *w, struct str hash)
{
	uint64_t *n = map_get(&w->hashes, password_bare(hash));

	if (!*password_algorithm(hash))
		return 0;
	if (!n)
		return map_put(&w->hashes, password_bare(hash), 1);
	++*n;
	return 0;
}

static int emit(struct collect *c, struct work *w, const struct shadow_entry *e, struct str file)
{
	const uint64_t *same = map_get(&w->hashes, password_bare(e->hash));
	enum password_state state =
		passwd_is_compat(e->name) ? PASSWORD_UNSET : password_state(e->hash);
	struct shadow_row row = {
		.username = e->name,
		.password_status = str_of(password_state_name(state)),
		.hash_algorithm = str_of(password_algorithm(e->hash)),
		.hash_cost = hash_cost(e->hash),
		.last_change = e->last_change,
		.min_age = e->min_age,
		.max_age = e->max_age,
		.warn = e->warn,
		.inactive = e->inactive,
		.expires = e->expires,
		.same_hash = same ? (int64_t)*same - 1 : 0,
		.file = file,
		.line = e->line,
	};

	return collect_row(c, &row);
}

/* pam_unix and login(1) look into shadow only where passwd says so. */
static bool is_overruled(const struct work *w, struct str name)
{
	const uint64_t *i = map_get(&w->names, name);

	return i && !passwd_is_shadowed(&w->users.entries[*i]);
}

static int each_entry(struct collect *c, struct work *w, bool count)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < w->users.n; i++) {
		const struct passwd_entry *u = &w->users.entries[i];
		struct shadow_entry e = {
			.name = u->name,
			.hash = u->password,
			.last_change = FACT_UNKNOWN,
			.min_age = FACT_UNKNOWN,
			.max_age = FACT_UNKNOWN,
			.warn = FACT_UNKNOWN,
			.inactive = FACT_UNKNOWN,
			.expires = FACT_UNKNOWN,
			.line = u->line,
		};

		if (passwd_is_compat(u->name) || passwd_is_shadowed(u))
			continue;
		r = count ? count_hash(w, e.hash) : emit(c, w, &e, STR("/etc/passwd"));
	}
	for (size_t i = 0; r >= 0 && i < w->shadow.n; i++) {
		const struct shadow_entry *e = &w->shadow.entries[i];

		if (!is_overruled(w, e->name))
			r = count ? count_hash(w, e->hash) : emit(c, w, e, STR("/etc/shadow"));
	}
	return r;
}

static int collect(struct collect *c)
{
	own(work_release) struct work w = {};
	int r = passwd_read(c, &w.users);

	if (r >= 0)
		r = shadow_read(c, &w.shadow);
	if (r >= 0)
		r = passwd_by_name(&w.users, &w.names);
	if (r >= 0)
		shadow_require(c, &w.users, &w.shadow);
	if (r >= 0)
		r = each_entry(c, &w, true);
	if (r >= 0)
		r = each_entry(c, &w, false);
	return r < 0 ? r : 0;
}

const struct collector collector_shadow = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
