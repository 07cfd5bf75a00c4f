/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit against hashes that libcrypt makes here, and its record. */
#include <crypt.h>
#include <fcntl.h>

#include "password/nt.h"
#include "password/record.h"
#include "tap.h"

#define N_MAX 600

static struct audit_account accounts[N_MAX];
static char hashes[N_MAX][CRYPT_OUTPUT_SIZE], names[N_MAX][16];
static size_t n_accounts;

static struct audit_account *add(const char *name, const char *hash)
{
	struct audit_account *a = &accounts[n_accounts];

	snprintf(hashes[n_accounts], sizeof hashes[0], "%s", hash);
	snprintf(names[n_accounts], sizeof names[0], "%s", name);
	*a = (struct audit_account){
		.name = str_of(names[n_accounts]),
		.gecos = STR(""),
		.hash = str_of(hashes[n_accounts]),
		.store = "shadow",
	};
	n_accounts++;
	return a;
}

/* A hash of the password with a new salt, or with that of `setting`. */
static struct audit_account *add_made(const char *name, const char *password, const char *prefix,
				      unsigned long count, const char *setting)
{
	static struct crypt_data d;
	char fresh[CRYPT_GENSALT_OUTPUT_SIZE];

	if (!setting && strlen(prefix) > 4)
		setting = prefix;
	if (!setting)
		setting = crypt_gensalt_rn(prefix, count, NULL, 0, fresh, sizeof fresh);
	return add(name, setting ? crypt_r(password, setting, &d) : "*0");
}

static int run(const struct audit_options *o, struct audit_plan *plan, struct audit_result *result)
{
	own(audit_release) struct audit *a = NULL;
	int r = audit_prepare(o, accounts, n_accounts, &a, plan);

	return r < 0 ? r : audit_run(a, result);
}

static bool is_weak(const struct audit_account *a, enum candidate_kind kind, size_t within)
{
	bool good =
		a->state == AUDIT_WEAK && a->kind == kind && a->tries >= 1 && a->tries <= within;

	if (!good)
		printf("# %.*s: %s, %s, place %zu\n", STR_FMT(a->name), audit_state_name(a->state),
		       candidate_kind_name(a->kind), a->tries);
	return good;
}

static void test_methods(void)
{
	static const struct {
		const char *prefix;
		unsigned long count;
	} methods[] = {
		{"$y$",                 1   },
                { "$gy$",               1   },
		{ "$2b$",               4   },
                { "$6$",                1000},
		{ "$5$",                1000},
                { "$1$",                0   },
		{ "",                   0   },
                { "_",                  1   },
		{ "$3$",                0   },
                { "$7$86..../....salt", 0   },
	};
	const struct audit_options o = { .tries = 20, .threads = 2, .slowest = 100 };
	struct audit_plan plan;
	struct audit_result result;

	n_accounts = 0;
	for (size_t i = 0; i < COUNT(methods); i++) {
		add_made("ann", "ann123", methods[i].prefix, methods[i].count, NULL);
		add_made("bob", "Xk9!vvQ2mm", methods[i].prefix, methods[i].count, NULL);
	}
	if (!ok(run(&o, &plan, &result) == 0, "an audit of every method"))
		return;
	for (size_t i = 0; i < COUNT(methods); i++) {
		ok(is_weak(&accounts[2 * i], CANDIDATE_USERNAME, 20), methods[i].prefix);
		ok(accounts[2 * i + 1].state == AUDIT_STRONG && accounts[2 * i + 1].tries == 20,
		   "  and what is not in the list");
	}
	is_int((int64_t)plan.n_rates, COUNT(methods), "a rate of each");
	is_int((int64_t)plan.accounts, 2 * COUNT(methods), "all of them tried");
	ok(plan.seconds > 0 && plan.cpu_seconds > 0 && result.cpu_seconds > 0, "times");
	ok(!result.over && result.tries >= COUNT(methods) * 21 &&
		   result.tries <= COUNT(methods) * 40,
	   "no more tries than that");
}

static void test_default_list(void)
{
	const struct audit_options o = {
		.host = {.name = STR("web1"), .year = 2026}
	};
	struct audit_plan plan;
	struct audit_result result;
	struct audit_account *nagios, *other;

	n_accounts = 0;
	nagios = add_made("nagios", "p@ssword123!", "$1$", 0, NULL);
	other = add_made("bob", "p@ssword123!", "$5$", 1000, NULL);
	add_made("eve", "Xk9!vvQ2mm", "$1$", 0, NULL);
	ok(run(&o, &plan, &result) == 0, "the default list");
	ok(is_weak(nagios, CANDIDATE_WORD, 200), "nagios, p@ssword123!: within 200 tries");
	ok(is_weak(other, CANDIDATE_WORD, 200), "on any account");
	is_int((int64_t)nagios->same_password, 1, "two accounts have the same password");
	is_int((int64_t)nagios->same_hash, 0, "but not the same hash");
	is_int((int64_t)accounts[2].tries, 300, "300 tries");
}

/* Accounts of one salt are tried together; each is still judged by its own list. */
static void test_salts(void)
{
	const struct audit_options o = { .tries = 100, .threads = 2 };
	struct audit_plan plan;
	struct audit_result result;
	struct audit_account *many;

	n_accounts = 0;
	add_made("ann", "ann123", NULL, 0, "$1$samesalt$");
	add_made("bob", "bob!", NULL, 0, "$1$samesalt$");
	add_made("carl", "Xk9!vvQ2mm", NULL, 0, "$1$samesalt$");
	add_made("dora", "Xk9!vvQ2mm", NULL, 0, "$1$samesalt$");
	add_made("emil", "ann123", NULL, 0, "$1$samesalt$");
	ok(run(&o, &plan, &result) == 0 && plan.targets == 1, "one target");
	ok(is_weak(&accounts[0], CANDIDATE_USERNAME, 20), "the first");
	ok(is_weak(&accounts[1], CANDIDATE_USERNAME, 100), "the second");
	ok(accounts[2].state == AUDIT_STRONG && accounts[2].same_hash == 1,
	   "the very same hash as another");
	is_int((int64_t)accounts[3].same_hash, 1, "the other");
	is_int(accounts[4].state, AUDIT_WEAK, "the same hash as the first");
	is_int((int64_t)accounts[4].same_password, 1, "the same password");
	ok(result.tries < 100 + 5 * 64, "the work was shared");
	n_accounts = 0;
	for (unsigned i = 0; i < N_MAX; i++) {
		char name[16], password[24];

		snprintf(name, sizeof name, "user%u", i);
		snprintf(password, sizeof password, "user%u%s", i, i % 2 ? "" : "-Xk9!vvQ");
		add_made(name, password, NULL, 0, "ab");
	}
	many = &accounts[0];
	ok(run(&o, &plan, &result) == 0 && plan.targets == (N_MAX + 63) / 64, "600 of one salt");
	for (size_t i = 0, weak = 0; i < N_MAX; i++) {
		/* DES looks at eight characters: user100-Xk9… and user100- are one. */
		weak += many[i].state == AUDIT_WEAK;
		if (i == N_MAX - 1)
			ok(weak >= N_MAX / 2 && weak < N_MAX, "half of them weak");
	}
}

static void test_skipped(void)
{
	const struct audit_options o = { .tries = 5, .threads = 1 };
	struct audit_plan plan;
	struct audit_result result;
	struct audit_account *a;

	n_accounts = 0;
	a = add("huge", "$6$rounds=999999999$salt$hash");
	add("bcrypt", "$2b$31$abcdefghijklmnopqrstuuJ/uqQnGWb.PIEKF.YYD7e.M1.rwki5y");
	add("memory", "$y$jLzT$abc$hash");
	add("odd", "what is that");
	add("cut", "$6$salt");
	add("wrong", "$2b$05$abcdefghijklmnopqrstuuJ/uqQnGWb.PIEKF.YYD7e.M1.rw*i5y");
	add("locked", "$1$samesalt$xxxxxxxxxxxxxxxxxxxxxx")->state = AUDIT_LOCKED;
	add("empty", "")->state = AUDIT_EMPTY;
	add_made("ann", "ann", "$1$", 0, NULL);
	ok(run(&o, &plan, &result) == 0, "what cannot be tried is no obstacle");
	for (size_t i = 0; i < 6; i++)
		if (!ok(a[i].state == AUDIT_SKIPPED && a[i].why[0], names[i]))
			printf("# %s\n", audit_state_name(a[i].state));
	ok(strstr(a[0].why, "takes about") != NULL, "and why");
	is_int(a[6].state, AUDIT_LOCKED, "locked stays locked");
	is_int(a[7].state, AUDIT_EMPTY, "empty stays empty");
	is_int(a[8].state, AUDIT_WEAK, "the others are tried");
	is_int((int64_t)plan.accounts, 1, "one account");
	n_accounts = 0;
	ok(run(&o, &plan, &result) == 0 && !plan.accounts && !result.tries, "nobody");
}

static int at_once(void *user, double share, double left, size_t weak)
{
	unsigned *calls = user;

	(void)left;
	(void)weak;
	++*calls;
	return share >= 0;
}

static void test_ends(void)
{
	unsigned calls = 0;
	struct audit_options o = { .tries = 50'000, .threads = 1, .budget = 0.05 };
	struct audit_plan plan;
	struct audit_result result;

	n_accounts = 0;
	add_made("ann", "Xk9!vvQ2mm", "$6$", 5000, NULL);
	add_made("bob", "bob", "$6$", 5000, NULL);
	ok(run(&o, &plan, &result) == 0 && result.over, "the budget ends it");
	is_int(accounts[0].state, AUDIT_UNFINISHED, "which is said");
	ok(accounts[0].tries < 50'000, "with what was tried");
	ok(plan.seconds > 1, "the estimate knew");
	o.budget = 0;
	o.progress = at_once;
	o.user = &calls;
	accounts[0].state = accounts[1].state = AUDIT_STRONG;
	ok(run(&o, &plan, &result) == 0 && result.over && calls, "so does whoever looks on");
}

static void test_leaked(const char *tmp)
{
	struct breach b = BREACH_NONE;
	struct audit_options o = { .tries = 30, .threads = 1, .breaches = &b };
	struct audit_plan plan;
	struct audit_result result;
	struct diag d = {};
	uint8_t hash[16];
	char line[2][64], path[256];
	FILE *f;

	for (unsigned i = 0; i < 2; i++) {
		nt_hash(i ? STR("Xk9!vvQ2mm") : STR("ann123"), hash);
		for (unsigned k = 0; k < 16; k++)
			snprintf(line[i] + 2 * k, 3, "%02X", hash[k]);
	}
	snprintf(path, sizeof path, "%s/ntlm", tmp);
	f = fopen(path, "w");
	if (!f ||
	    fprintf(f, "%s:%d\r\n%s:%d\r\n", strcmp(line[0], line[1]) < 0 ? line[0] : line[1], 7,
		    strcmp(line[0], line[1]) < 0 ? line[1] : line[0], 7) < 0 ||
	    fclose(f)) {
		ok(false, "a file can be written");
		return;
	}
	if (!ok(breach_open(path, &b, &d) == 0, "a list of NT hashes"))
		return;
	n_accounts = 0;
	add_made("ann", "ann123", "$1$", 0, NULL);
	add_made("bob", "Xk9!vvQ2mm", "$3$", 0, NULL);
	add_made("eve", "Xk9!vvQ2mn", "$3$", 0, NULL);
	ok(run(&o, &plan, &result) == 0, "an audit with it");
	ok(is_weak(&accounts[0], CANDIDATE_USERNAME, 30) && accounts[0].leaked == 7,
	   "what was guessed has leaked, too");
	ok(accounts[1].state == AUDIT_WEAK && accounts[1].kind == CANDIDATE_BREACH &&
		   accounts[1].leaked == 7 && !accounts[1].tries,
	   "an NT hash is found without a guess");
	is_int(accounts[2].state, AUDIT_STRONG, "another is not");
	breach_release(&b);
	unlink(path);
}

static void test_record(void)
{
	own(arena_release) struct arena a = {};
	const struct audit_options o = { .tries = 200, .threads = 1 };
	struct audit_plan plan;
	struct audit_result result;
	struct audit_record record = {};
	struct diag d = {};
	json_t *json;
	char *text, *stripped;

	n_accounts = 0;
	add_made("ann", "p@ssword123!", "$1$", 0, NULL);
	add_made("bob\xff\x1b", "Xk9!vvQ2mm", "$1$", 0, NULL);
	add("huge", "$6$rounds=999999999$salt$hash");
	add("empty", "")->state = AUDIT_EMPTY;
	if (!ok(run(&o, &plan, &result) == 0, "an audit"))
		return;
	json = record_make(accounts, n_accounts, &plan, &result, 200, 1'700'000'000);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (!ok(text != NULL, "its record"))
		return;
	ok(!strstr(text, "p@ss") && !strstr(text, strrchr(hashes[0], '$') + 1) &&
		   !strstr(text, "samesalt"),
	   "neither password nor hash in it");
	is_int(record_parse(str_of(text), &a, &record, &d), 0, "is read again");
	is_int((int64_t)record.n, 4, "every account");
	is_int(record.time, 1'700'000'000, "time");
	is_int(record.rows[0].state, AUDIT_WEAK, "weak");
	is_int((int64_t)record.rows[0].within, 200, "rounded, at most the length of the list");
	is_str(record.rows[0].hash, STR("md5crypt"), "method");
	is_int(record.rows[0].print, record_print(record.key, str_of(hashes[0])), "print");
	ok(record.rows[0].print != record_print(record.key, str_of(hashes[1])) ||
		   record.rows[0].print == record.rows[1].print,
	   "of that hash");
	is_int(record.rows[2].state, AUDIT_SKIPPED, "skipped");
	ok(record.rows[2].why.len > 10, "and why");
	is_int(record.rows[3].state, AUDIT_EMPTY, "empty");
	record_strip(json);
	stripped = json_dumps(json, JSON_COMPACT);
	ok(stripped && !strstr(stripped, "\"print\"") && !strstr(stripped, "\"key\""), "stripped");
	ok(record_parse(str_of(stripped), &a, &record, &d) == -EBADMSG && d.reason[0],
	   "which is no record");
	ok(record_parse(STR("{\"accounts\": 3}"), &a, &record, &d) == -EBADMSG, "neither is this");
	ok(record_parse(STR("[]"), &a, &record, &d) == -EBADMSG, "or this");
	ok(record_parse(STR(""), &a, &record, &d) == -EBADMSG, "or nothing");
	free(stripped);
	free(text);
	json_decref(json);
}

int main(void)
{
	char tmp[] = "/tmp/holdfast-audit-XXXXXX";

	test_methods();
	test_default_list();
	test_salts();
	test_skipped();
	test_ends();
	test_record();
	if (ok(mkdtemp(tmp) != NULL, "a folder")) {
		test_leaked(tmp);
		rmdir(tmp);
	}
	return done();
}
