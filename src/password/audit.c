/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/map.h"
#include "password/audit_work.h"

#define BLOCK_SECONDS 0.25
#define BLOCK_LEAST 1
#define LIST_MAX ((size_t)64 << 20)

const char *audit_state_name(enum audit_state s)
{
	static const char *const names[] = { "strong", "weak",    "empty",     "locked",
					     "unset",  "skipped", "unfinished" };

	return s < COUNT(names) ? names[s] : "skipped";
}

static int vault_open(struct vault *v, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -ENOMEM;
	/* Where the limit on locked memory is in the way, the rest still holds. */
	(void)!mlock(p, size);
	(void)!madvise(p, size, MADV_DONTDUMP);
	*v = (struct vault){ .ptr = p, .size = size };
	return 0;
}

static void *vault_take(struct vault *v, size_t n)
{
	size_t at = (v->used + 63) & ~(size_t)63;

	if (n > v->size || at > v->size - n)
		return NULL;
	v->used = at + n;
	return v->ptr + at;
}

static void vault_release(struct vault *v)
{
	if (!v->ptr)
		return;
	explicit_bzero(v->ptr, v->size);
	munmap(v->ptr, v->size);
	*v = (struct vault){};
}

static unsigned processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)MAX(CPU_COUNT(&set), 1) : 1;
}

static void leave_out(struct audit_account *a, const char *why)
{
	a->state = AUDIT_SKIPPED;
	snprintf(a->why, sizeof a->why, "%s", why);
}

/* What cannot be tried, or not in a sensible time, goes before anything is measured. */
static void judge(struct audit *a, struct audit_account *account)
{
	double us;

	account->info = hash_classify(account->hash);
	us = hash_usual_us(&account->info);
	if (account->state != AUDIT_STRONG)
		return;
	if (us > a->o.slowest * 1e6) {
		account->state = AUDIT_SKIPPED;
		snprintf(account->why, sizeof account->why,
			 "one try takes about %.0f s, more than %.3g s", us / 1e6, a->o.slowest);
	} else if (account->info.trouble) {
		leave_out(account, account->info.trouble);
	}
}

static int by_hash(const void *x, const void *y, void *user)
{
	const struct audit *a = user;
	uint32_t i = *(const uint32_t *)x, j = *(const uint32_t *)y;
	int r = str_cmp(a->accounts[i].hash, a->accounts[j].hash);

	return r ? r : (i > j) - (i < j);
}

static int choose(struct audit *a)
{
	size_t bytes = 0;

	a->order = calloc(MAX(a->n, 1), sizeof *a->order);
	a->hashes = calloc(MAX(a->n, 1), sizeof *a->hashes);
	a->fell = calloc(MAX(a->n, 1), sizeof *a->fell);
	a->targets = calloc(MAX(a->n, 1), sizeof *a->targets);
	if (!a->order || !a->hashes || !a->fell || !a->targets)
		return -ENOMEM;
	for (size_t i = 0; i < a->n; i++) {
		judge(a, &a->accounts[i]);
		if (a->accounts[i].state != AUDIT_STRONG)
			continue;
		a->order[a->n_order++] = (uint32_t)i;
		bytes += a->accounts[i].hash.len + 1 + 63;
	}
	qsort_r(a->order, a->n_order, sizeof *a->order, by_hash, a);
	bytes += a->o.threads * (sizeof *a->scratch + 64) + 64;
	return vault_open(&a->vault, bytes);
}

static int fill_vault(struct audit *a)
{
	a->scratch = vault_take(&a->vault, a->o.threads * sizeof *a->scratch);
	if (!a->scratch)
		return -ENOMEM;
	for (size_t i = 0; i < a->n_order; i++) {
		struct str hash = a->accounts[a->order[i]].hash;
		char *copy = vault_take(&a->vault, hash.len + 1);

		if (!copy)
			return -ENOMEM;
		memcpy(copy, hash.ptr, hash.len);
		copy[hash.len] = '\0';
		a->hashes[i] = copy;
	}
	return 0;
}

static void count_same(struct audit *a)
{
	for (size_t i = 0, end; i < a->n_order; i = end) {
		for (end = i + 1; end < a->n_order && !strcmp(a->hashes[i], a->hashes[end]);)
			end++;
		for (size_t k = i; k < end; k++)
			a->accounts[a->order[k]].same_hash = end - i - 1;
	}
}

static bool shares(const struct audit *a, size_t i, size_t k)
{
	const struct audit_account *x = &a->accounts[a->order[i]], *y = &a->accounts[a->order[k]];
	/* Without a salt a try costs so little that the lists stay apart. */
	size_t n = x->info.type == HASH_NT ? x->hash.len : x->info.setting;

	return x->info.type == y->info.type && y->hash.len >= n && x->hash.len == y->hash.len &&
	       !memcmp(a->hashes[i], a->hashes[k], n);
}

/* A list for one has as many as wanted; how far those of several are alike is for them to say. */
static int count_tries(struct audit *a, struct audit_target *t)
{
	struct arena_mark mark = arena_mark(&a->arena);
	struct candidate_user users[AUDIT_GROUP_MAX];
	struct candidate *list;
	size_t n = a->list.wanted;
	int r = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct audit_account *account = &a->accounts[a->order[t->first + i]];

		users[i] = (struct candidate_user){ account->name, account->gecos };
	}
	if (t->n > 1)
		r = candidates_for(&a->list, users, t->n, &a->arena, &list, &n);
	arena_rewind(&a->arena, mark);
	t->tries = (uint32_t)MIN(n, UINT32_MAX);
	return r;
}

static int make_targets(struct audit *a)
{
	int r = 0;

	for (size_t i = 0, end; r == 0 && i < a->n_order; i = end) {
		struct audit_target *t = &a->targets[a->n_targets++];

		for (end = i + 1;
		     end < a->n_order && end - i < AUDIT_GROUP_MAX && shares(a, i, end);)
			end++;
		t->first = (uint32_t)i;
		t->n = t->open = (uint32_t)(end - i);
		r = count_tries(a, t);
	}
	return r;
}

static struct audit_account *head_of(const struct audit *a, const struct audit_target *t)
{
	return &a->accounts[a->order[t->first]];
}

/* The hash of a method that most of the work is of: others are reckoned from it. */
static const struct audit_target *typical(const struct audit *a, enum hash_type type)
{
	own(map_release) struct map count = {};
	const struct audit_target *best = NULL;
	uint64_t most = 0;

	for (size_t i = 0; i < a->n_targets; i++) {
		const struct audit_target *t = &a->targets[i];
		const struct hash_info *info = &head_of(a, t)->info;
		struct str key = { (const char *)&info->work, sizeof info->work };
		uint64_t *n;

		if (info->type != type)
			continue;
		n = map_get(&count, key);
		if (!n && map_put(&count, key, 0) == 0)
			n = map_get(&count, key);
		if (n)
			*n += info->work;
		if (!best || (n && *n > most)) {
			best = t;
			most = n ? *n : 0;
		}
	}
	return best;
}

static int measure(struct audit *a)
{
	for (enum hash_type type = HASH_UNKNOWN + 1; type < HASH_TYPES; type++) {
		const struct audit_target *t = typical(a, type);
		struct audit_rate *rate = &a->plan.rates[a->plan.n_rates];
		int r;

		if (!t)
			continue;
		rate->type = type;
		rate->info = head_of(a, t)->info;
		rate->work = rate->info.work;
		r = audit_measure(a, a->hashes[t->first], rate);
		if (r < 0)
			return r;
		a->plan.n_rates++;
	}
	return 0;
}

static struct audit_rate *rate_of(struct audit *a, enum hash_type type)
{
	for (size_t i = 0; i < a->plan.n_rates; i++)
		if (a->plan.rates[i].type == type)
			return &a->plan.rates[i];
	return NULL;
}

static void leave_out_target(struct audit *a, struct audit_target *t, const char *why)
{
	t->done = true;
	t->open = 0;
	for (uint32_t i = 0; i < t->n; i++)
		leave_out(&a->accounts[a->order[t->first + i]], why);
}

static void reckon(struct audit *a)
{
	for (size_t i = 0; i < a->n_targets; i++) {
		struct audit_target *t = &a->targets[i];
		const struct hash_info *info = &head_of(a, t)->info;
		struct audit_rate *rate = rate_of(a, info->type);
		double ratio, cpu;
		char why[96];

		if (!rate || rate->us <= 0) {
			leave_out_target(a, t, "libcrypt does not compute this hash");
			continue;
		}
		ratio = (double)info->work / (double)rate->work;
		cpu = rate->cpu_us * ratio;
		if (cpu > a->o.slowest * 2e6) {
			snprintf(why, sizeof why, "one try takes about %.0f s, more than %.3g s",
				 cpu / 1e6, a->o.slowest);
			leave_out_target(a, t, why);
			continue;
		}
		t->us = rate->us * ratio;
		t->block = (uint32_t)MIN(MAX(BLOCK_SECONDS * 1e6 / t->us, BLOCK_LEAST), t->tries);
		rate->accounts += t->n;
		rate->hashes++;
		a->plan.seconds += t->us * t->tries / 1e6 / a->o.threads;
		a->plan.cpu_seconds += cpu * t->tries / 1e6;
		a->plan.accounts += t->n;
		a->plan.targets++;
	}
}

static int prepare(struct audit *a)
{
	int r;

	if (getrandom(a->key, sizeof a->key, 0) != sizeof a->key)
		return -EIO;
	r = choose(a);
	if (r >= 0)
		r = fill_vault(a);
	if (r < 0)
		return r;
	count_same(a);
	a->arena.limit = LIST_MAX;
	r = candidates_make(&a->o.host, a->o.tries, &a->arena, &a->list);
	if (r < 0)
		return r;
	r = make_targets(a);
	a->plan.threads = a->o.threads;
	if (r >= 0)
		r = measure(a);
	if (r >= 0)
		reckon(a);
	return r;
}

int audit_prepare(const struct audit_options *o, struct audit_account *accounts, size_t n,
		  struct audit **ret, struct audit_plan *ret_plan)
{
	own(audit_release) struct audit *a = calloc(1, sizeof *a);
	pthread_condattr_t monotonic;
	int r;

	if (!a)
		return -ENOMEM;
	if (n > UINT32_MAX / 2)
		return -E2BIG;
	a->o = *o;
	a->o.tries = MIN(o->tries ? o->tries : CANDIDATES_DEFAULT, CANDIDATES_MAX);
	a->o.threads = MIN(o->threads ? o->threads : processors(), 1024);
	a->o.slowest = o->slowest > 0 ? o->slowest : 1;
	a->accounts = accounts;
	a->n = n;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	r = prepare(a);
	if (r < 0)
		return r;
	*ret_plan = a->plan;
	*ret = a;
	a = NULL;
	return 0;
}

void audit_release(struct audit **audit)
{
	struct audit *a = *audit;

	if (!a)
		return;
	vault_release(&a->vault);
	arena_release(&a->arena);
	pthread_cond_destroy(&a->ended);
	pthread_mutex_destroy(&a->lock);
	free(a->order);
	free(a->hashes);
	free(a->fell);
	free(a->targets);
	free(a);
	*audit = NULL;
}
