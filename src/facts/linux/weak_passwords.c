/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weak_passwords: Passwords found by a bounded list of likely guesses. Never the password itself. */
#include <crypt.h>
#include <time.h>

#include "facts/fact.h"
#include "facts/linux/passwd_file.h"
#include "password/candidates.h"
#include "password/record.h"
#include "password/samba.h"

#define FACT_ROW weak_passwords_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(TEXT, kind, "empty, username, hostname, service-default, common or word (a common word with changes); of an audit also organisation or breach (in a list of leaked passwords)") \
	X(INT, tries, "guesses made until it fell, at most the length of the list; of an audit rounded up, 0: not guessed but leaked") \
	X(TEXT, hash_algorithm, "hash type") \
	X(TEXT, store, "where the hash stands: shadow, passwd, smbpasswd or tdbsam") \
	X(INTN, audited, "UNIX time of the audit that found it; NULL: the quick look did")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "weak_passwords",
	.doc = "Passwords found by a bounded list of likely guesses. Never the password itself. "
	       "A quick look, not an audit: about a thousand guesses in all, 24 for slow hashes, "
	       "accounts that can log in first; no row does not mean a strong password. What "
	       "`holdfast accounts --audit-passwords` found on the machine is here, too, until the "
	       "hash changes.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/*
 * The budget is an estimate, not a clock: the same machine always gets the same answer.
 * Microseconds a guess costs, measured with libxcrypt 4.4 on a 3 GHz core.
 */
#define SLOW_US 4'000 /* from here on a hash counts as slow */
#define MEDIUM_US 400 /* … and from here as medium */
#define REFUSED_US 200'000
#define SLOW_GUESSES 6 /* an account, if there are many of them */
#define SLOW_TOTAL 24
#define SLOW_TOTAL_US 500'000
#define MEDIUM_GUESSES 40 /* an account, if there are many of them */
#define MEDIUM_MOST 256
#define CHEAP_GUESSES 1'000
#define FAST_TOTAL_US 1'000'000
#define MEMORY_MAX ((uint64_t)16 << 20)

struct account {
	struct str name, hash, gecos;
	int64_t uid;
	bool can_login;
	uint64_t cost; /* estimated microseconds a guess; 0: not to be tried */
};

struct work {
	struct collect *c;
	struct account *accounts;
	size_t n, cap;
	struct str host;
	struct crypt_data *crypt; /* owned */
	struct passwd_file users;
	struct shadow_file shadow;
	struct map by_name, shells;
	struct map found; /* accounts that the quick look has a row of */
	struct candidate_list candidates;
	uint64_t slow_us, fast_us;
	unsigned slow;
};
/* What one account of a kind of hash may have of the budget. */
struct shares {
	size_t slow, medium;
};

static void work_release(struct work *w)
{
	free(w->crypt);
	map_release(&w->by_name);
	map_release(&w->shells);
	map_release(&w->found);
}

/* crypt(5)'s alphabet: ./0-9A-Za-z. */
static int from64(char c)
{
	if (c >= '.' && c <= '9')
		return c - '.';
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 12;
	return c >= 'a' && c <= 'z' ? c - 'a' + 38 : -1;
}

static uint64_t number_after(struct str s, struct str prefix, uint64_t fallback)
{
	uint64_t n;
	size_t digits = 0;

	if (!str_starts(s, prefix))
		return fallback;
	s = str_sub(s, prefix.len, s.len);
	while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9')
		digits++;
	return str_to_u64(str_sub(s, 0, digits), 10, &n) < 0 ? UINT32_MAX : MIN(n, UINT32_MAX);
}

/* yescrypt's "j9T": flavour, log2(N) - 1, r - 1. Anything longer asks for more than we give. */
static uint64_t yescrypt_cost(struct str params)
{
	int n, r;
	uint64_t blocks;

	if (params.len != 3 || params.ptr[0] != 'j')
		return 0;
	n = from64(params.ptr[1]);
	r = from64(params.ptr[2]);
	if (n < 0 || n > 20 || r < 0)
		return 0;
	blocks = ((uint64_t)2 << n) * (uint64_t)(r + 1);
	return blocks * 128 > MEMORY_MAX ? 0 : MAX(blocks / 8, 1);
}

/* scrypt: one character log2(N), five for r, five for p, low bits first. */
static uint64_t scrypt_cost(struct str s)
{
	uint64_t r = 0, p = 0, blocks;
	int n;

	if (s.len < 11)
		return 0;
	n = from64(s.ptr[0]);
	for (int i = 4; i >= 0; i--) {
		r = r << 6 | (uint64_t)(from64(s.ptr[1 + i]) & 63);
		p = p << 6 | (uint64_t)(from64(s.ptr[6 + i]) & 63);
	}
	if (n < 1 || n > 16 || r < 1 || r > 64 || p != 1)
		return 0;
	blocks = ((uint64_t)1 << n) * r;
	return blocks * 128 > MEMORY_MAX ? 0 : MAX(blocks / 3, 1);
}

static uint64_t bsdi_cost(struct str s)
{
	uint64_t count = 0;

	for (int i = 4; i >= 1; i--)
		count = count << 6 | (uint64_t)(from64(s.ptr[i]) & 63);
	return count / 8 + 1;
}

static uint64_t cost_of(struct str hash)
{
	struct str name = str_of(password_algorithm(hash)), rest = hash, params;
	uint64_t log2;

	if (str_eq(name, STR("descrypt")))
		return 5;
	if (str_eq(name, STR("bsdicrypt")))
		return bsdi_cost(hash);
	if (str_eq(name, STR("md5crypt")))
		return 100;
	if (str_eq(name, STR("nthash")))
		return 1;
	str_cut(&rest, '$');
	params = str_cut(&rest, '$');
	if (str_eq(name, STR("sunmd5")))
		return (4096 + number_after(params, STR("md5,rounds="), 0)) * 5 / 4;
	params = str_cut(&rest, '$');
	if (str_eq(name, STR("yescrypt")) || str_eq(name, STR("gost-yescrypt")))
		return yescrypt_cost(params);
	if (str_eq(name, STR("scrypt")))
		return scrypt_cost(params);
	if (str_eq(name, STR("bcrypt"))) {
		log2 = number_after(params, STR(""), 31);
		return log2 > 16 ? 0 : (uint64_t)45 << log2;
	}
	if (str_eq(name, STR("sha512crypt")) || str_eq(name, STR("sha256crypt")))
		return number_after(params, STR("rounds="), 5000) / 4 + 1;
	if (str_eq(name, STR("sha1crypt")))
		return number_after(params, STR(""), UINT32_MAX) / 2 + 1;
	return 0;
}

static const char *store_of(const struct work *w, struct str name)
{
	const uint64_t *i = map_get(&w->by_name, name);

	return i && !passwd_is_shadowed(&w->users.entries[*i]) ? "passwd" : "shadow";
}

static int report(struct work *w, const struct account *a, const char *kind, size_t tries)
{
	struct weak_passwords_row row = {
		.username = a->name,
		.kind = str_of(kind),
		.tries = (int64_t)tries,
		.hash_algorithm = str_of(password_algorithm(a->hash)),
		.store = str_of(store_of(w, a->name)),
		.audited = FACT_UNKNOWN,
	};
	int r = map_put(&w->found, a->name, 1);

	return r < 0 ? r : collect_row(w->c, &row);
}

static int add_account(struct work *w, struct str name, struct str hash)
{
	const uint64_t *i = map_get(&w->by_name, name);
	const struct passwd_entry *e = i ? &w->users.entries[*i] : NULL;
	struct account a = { .name = name,
			     .hash = hash,
			     .gecos = e ? e->gecos : STR(""),
			     .uid = e ? e->uid : INT64_MAX };
	enum password_state state = password_state(hash);

	if (state == PASSWORD_EMPTY)
		return report(w, &a, "empty", 0);
	if (state != PASSWORD_SET || hash.len >= CRYPT_OUTPUT_SIZE)
		return 0;
	a.can_login = e && shell_can_login(w->c->root, e->shell, &w->shells);
	a.cost = cost_of(hash);
	if (!a.cost || a.cost > REFUSED_US)
		return 0;
	return arena_push(w->c->arena, w->accounts, w->n, w->cap, a);
}

static int add_accounts(struct work *w)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < w->users.n; i++) {
		const struct passwd_entry *e = &w->users.entries[i];

		if (!passwd_is_compat(e->name) && !passwd_is_shadowed(e))
			r = add_account(w, e->name, e->password);
	}
	for (size_t i = 0; r >= 0 && i < w->shadow.n; i++) {
		const struct shadow_entry *e = &w->shadow.entries[i];
		const uint64_t *user = map_get(&w->by_name, e->name);

		if (!passwd_is_compat(e->name) &&
		    (!user || passwd_is_shadowed(&w->users.entries[*user])))
			r = add_account(w, e->name, e->hash);
	}
	return r;
}

static int by_reach(const void *x, const void *y)
{
	const struct account *a = x, *b = y;

	if (a->can_login != b->can_login)
		return a->can_login ? -1 : 1;
	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	return str_cmp(a->name, b->name);
}

/* How many guesses the account gets; they are taken off the budget. */
static size_t allowance(struct work *w, const struct account *a, const struct shares *shares)
{
	size_t n;

	if (a->cost >= SLOW_US) {
		n = MIN(shares->slow, SLOW_TOTAL - w->slow);
		n = MIN(n, (SLOW_TOTAL_US - w->slow_us) / a->cost);
		w->slow += (unsigned)n;
		w->slow_us += n * a->cost;
		return n;
	}
	n = a->cost >= MEDIUM_US ? shares->medium : CHEAP_GUESSES;
	n = MIN(n, (FAST_TOTAL_US - w->fast_us) / a->cost);
	w->fast_us += n * a->cost;
	return n;
}

static int try_account(struct work *w, const struct account *a, size_t allowed)
{
	struct arena_mark mark = arena_mark(w->c->arena);
	struct candidate_user user = { a->name, a->gecos };
	struct candidate *guesses = NULL;
	const char *setting = arena_cstr(w->c->arena, a->hash);
	size_t n = 0;
	int r = setting ? candidates_for(&w->candidates, &user, 1, w->c->arena, &guesses, &n)
			: -ENOMEM;

	n = MIN(n, allowed);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		const char *out =
			crypt_rn(guesses[i].text, setting, w->crypt, (int)sizeof *w->crypt);

		if (!out)
			break;
		if (!strcmp(out, setting)) {
			r = report(w, a, candidate_kind_name(guesses[i].kind), i + 1);
			break;
		}
	}
	arena_rewind(w->c->arena, mark);
	return r;
}

static struct shares shares_of(const struct work *w)
{
	uint64_t slow = 0, medium_us = 0, medium;

	for (size_t i = 0; i < w->n; i++) {
		uint64_t cost = w->accounts[i].cost;

		if (cost >= SLOW_US)
			slow++;
		else if (cost >= MEDIUM_US)
			medium_us += cost;
	}
	slow = slow ? SLOW_TOTAL / slow : SLOW_TOTAL;
	medium = medium_us ? FAST_TOTAL_US / medium_us : MEDIUM_MOST;
	medium = MIN(medium, MEDIUM_MOST);
	return (struct shares){ MAX(slow, SLOW_GUESSES), MAX(medium, MEDIUM_GUESSES) };
}

static int try_all(struct work *w)
{
	struct shares shares = shares_of(w);
	int r = 0;

	if (w->n)
		qsort(w->accounts, w->n, sizeof *w->accounts, by_reach);
	for (size_t i = 0; r >= 0 && i < w->n; i++) {
		size_t allowed = allowance(w, &w->accounts[i], &shares);

		if (allowed)
			r = try_account(w, &w->accounts[i], allowed);
	}
	return r;
}

static int read_host(struct work *w)
{
	struct str text;
	int r = collect_read(w->c, "/etc/hostname", &text, NULL);

	if (r > 0) {
		text = str_trim(text);
		w->host = str_cut(&text, '.');
		if (w->host.len > 64)
			w->host = STR("");
	}
	return r;
}

static int make_candidates(struct work *w)
{
	time_t now = (time_t)w->c->now;
	struct tm tm = {};
	struct candidate_host host = { .name = w->host };

	if (gmtime_r(&now, &tm))
		host.year = tm.tm_year + 1900;
	return candidates_make(&host, CHEAP_GUESSES, w->c->arena, &w->candidates);
}

/* Every hash of the machine by its store and account, to tell whether one is still the same. */
struct hashes {
	struct map map; /* "store name" -> 1 + print */
	const struct audit_record *record;
};
static void hashes_release(struct hashes *h) { map_release(&h->map); }

static int note_hash(struct work *w, struct hashes *h, const char *store, struct str name,
		     struct str hash)
{
	struct str key = arena_fmt(w->c->arena, "%s %.*s", store, STR_FMT(name));

	if (!key.ptr)
		return -ENOMEM;
	return map_put(&h->map, key, 1u + record_print(h->record->key, hash));
}

static int note_samba(struct work *w, struct hashes *h, const char *path)
{
	struct samba_file f = {};
	struct str bytes;
	struct diag d = {};
	int r = collect_read(w->c, path, &bytes, NULL);

	if (r <= 0)
		return r;
	r = samba_parse(bytes, w->c->arena, &f, &d);
	if (r == -ENOMEM)
		return r;
	for (size_t i = 0; i < f.n; i++)
		if (note_hash(w, h, f.store, f.accounts[i].name, f.accounts[i].hash) < 0)
			return -ENOMEM;
	return 0;
}

static int note_hashes(struct work *w, struct hashes *h)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->users.n; i++)
		r = note_hash(w, h, "passwd", w->users.entries[i].name,
			      w->users.entries[i].password);
	for (size_t i = 0; r == 0 && i < w->shadow.n; i++)
		r = note_hash(w, h, "shadow", w->shadow.entries[i].name, w->shadow.entries[i].hash);
	if (r == 0)
		r = note_samba(w, h, "/var/lib/samba/private/passdb.tdb");
	return r < 0 ? r : note_samba(w, h, "/etc/samba/smbpasswd");
}

static int add_audited(struct work *w, const struct audit_record *record)
{
	own(hashes_release) struct hashes h = { .record = record };
	int r = note_hashes(w, &h);

	for (size_t i = 0; r >= 0 && i < record->n; i++) {
		const struct audit_row *a = &record->rows[i];
		struct str key = arena_cat(w->c->arena, a->store, STR(" "), a->name);
		const uint64_t *print = key.ptr ? map_get(&h.map, key) : NULL;
		struct weak_passwords_row row = {
			.username = a->name,
			.kind = str_of(candidate_kind_name(a->kind)),
			.tries = (int64_t)a->within,
			.hash_algorithm = a->hash,
			.store = a->store,
			.audited = record->time,
		};

		if (a->state != AUDIT_WEAK || !print || *print != 1u + a->print)
			continue;
		if (map_get(&w->found, a->name) && !str_eq(a->store, STR("smbpasswd")) &&
		    !str_eq(a->store, STR("tdbsam")))
			continue;
		r = collect_row(w->c, &row);
	}
	return r;
}

/* What the audit of this machine has kept. */
static int read_record(struct work *w)
{
	struct audit_record record;
	struct diag d = {};
	struct str text;
	int r = collect_read(w->c, RECORD_PATH, &text, NULL);

	if (r <= 0)
		return r;
	r = record_parse(text, w->c->arena, &record, &d);
	if (r == -EBADMSG) {
		collect_problem(w->c, 0, RECORD_PATH, "%s", d.reason);
		return 0;
	}
	return r < 0 ? r : add_audited(w, &record);
}

static int collect(struct collect *c)
{
	own(work_release) struct work w = { .c = c };
	int r = passwd_read(c, &w.users);

	if (r >= 0)
		r = shadow_read(c, &w.shadow);
	if (r >= 0)
		shadow_require(c, &w.users, &w.shadow);
	if (r >= 0)
		r = passwd_by_name(&w.users, &w.by_name);
	if (r >= 0)
		r = read_host(&w);
	if (r >= 0)
		r = make_candidates(&w);
	if (r >= 0)
		r = add_accounts(&w);
	if (r < 0)
		return r;
	w.crypt = calloc(1, sizeof *w.crypt);
	r = w.crypt ? try_all(&w) : -ENOMEM;
	if (r >= 0)
		r = read_record(&w);
	return r < 0 ? r : 0;
}

const struct collector collector_weak_passwords = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PASSWORD,
	.budget_ms = 30000,
};
