/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "base/map.h"
#include "password/audit_work.h"
#include "password/nt.h"

#define MEASURE_SECONDS 0.2
#define MEASURE_TRIES 24U /* as many of a slow method, but for no longer than … */
#define MEASURE_MOST 0.5
#define TICK_NS 100'000'000
#define WORKER_MEMORY ((size_t)64 << 20)

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double audit_now(void) { return seconds_of(CLOCK_MONOTONIC); }
double audit_cpu(void) { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }

static const char *nt_text(const char *password, char *ret)
{
	uint8_t hash[16];

	nt_hash(str_of(password), hash);
	memcpy(ret, "$3$$", 4);
	for (unsigned i = 0; i < 16; i++) {
		ret[4 + 2 * i] = "0123456789abcdef"[hash[i] >> 4];
		ret[5 + 2 * i] = "0123456789abcdef"[hash[i] & 15];
	}
	ret[36] = '\0';
	return ret;
}

const char *audit_hash(const char *password, const char *setting, enum hash_type type,
		       struct crypt_data *scratch)
{
	if (type == HASH_NT)
		return nt_text(password, scratch->output);
	return crypt_rn(password, setting, scratch, (int)sizeof *scratch);
}

/* Threads that signals of the terminal do not interrupt. */
static int start(pthread_t *ret, void *(*fn)(void *), void *arg)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(ret, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -r;
}

struct measuring {
	pthread_t thread;
	const char *setting;
	enum hash_type type;
	struct crypt_data *scratch;
	double wall, cpu;
	uint64_t n;
};

static void *measure_thread(void *arg)
{
	struct measuring *m = arg;
	double begin, cpu, end;
	bool good = audit_hash("", m->setting, m->type, m->scratch);

	begin = end = audit_now();
	cpu = audit_cpu();
	while (good && (end - begin < MEASURE_SECONDS || m->n < 2 ||
			(m->n < MEASURE_TRIES && end - begin < MEASURE_MOST))) {
		good = audit_hash("measure", m->setting, m->type, m->scratch);
		m->n++;
		end = audit_now();
	}
	m->wall = end - begin;
	m->cpu = audit_cpu() - cpu;
	if (!good)
		m->n = 0;
	return NULL;
}

int audit_measure(struct audit *a, const char *setting, struct audit_rate *rate)
{
	own(free_ptr) struct measuring *all = calloc(a->o.threads, sizeof *all);
	unsigned n = 0;
	double us = 0, cpu = 0;
	int r = 0;

	if (!all)
		return -ENOMEM;
	for (; n < a->o.threads; n++) {
		all[n] = (struct measuring){
			.setting = setting,
			.type = rate->type,
			.scratch = &a->scratch[n],
		};
		r = start(&all[n].thread, measure_thread, &all[n]);
		if (r < 0)
			break;
	}
	for (unsigned k = 0; k < n; k++) {
		pthread_join(all[k].thread, NULL);
		us += all[k].n ? all[k].wall / (double)all[k].n : 0;
		cpu += all[k].n ? all[k].cpu / (double)all[k].n : 0;
	}
	if (!n)
		return r;
	rate->us = us / n * 1e6;
	rate->cpu_us = cpu / n * 1e6;
	return 0;
}

struct worker {
	struct audit *a;
	pthread_t thread;
	struct crypt_data *scratch;
	/* The list of the target that it worked on last. */
	struct arena arena;
	const struct audit_target *of;
	struct candidate *list;
	size_t n;
};

/* Place in the account's own list: a group's is longer. */
static size_t place_of(struct worker *w, const struct audit_account *account, const char *text,
		       size_t place)
{
	const struct candidate_user user = { account->name, account->gecos };
	struct candidate *own_list;
	size_t n;

	if (candidates_for(&w->a->list, &user, 1, &w->arena, &own_list, &n) < 0)
		return place;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(own_list[i].text, text))
			return i + 1;
	return place;
}

/* Also where a later block was quicker: the first that fits counts, however the threads ran. */
static void fell(struct worker *w, struct audit_target *t, uint32_t member,
		 const struct candidate *c, size_t place)
{
	struct audit *a = w->a;
	struct audit_account *account = &a->accounts[a->order[member]];
	uint64_t leaked = 0;

	if (t->n > 1)
		place = place_of(w, account, c->text, place);
	if (a->o.breaches && breach_password(a->o.breaches, str_of(c->text), &leaked) < 0)
		leaked = 0;
	pthread_mutex_lock(&a->lock);
	if (account->state != AUDIT_WEAK) {
		account->state = AUDIT_WEAK;
		account->tries = SIZE_MAX;
		t->open--;
		if (!t->open)
			t->done = true;
		a->weak++;
	}
	if (place < account->tries) {
		account->tries = place;
		account->kind = c->kind;
		account->leaked = leaked;
		a->fell[member] = siphash13(a->key, c->text, strlen(c->text)) | 1;
	}
	pthread_mutex_unlock(&a->lock);
}

/* libcrypt refused it: 0 where the work on the target is over. */
static void refused(struct worker *w, struct audit_target *t)
{
	struct audit *a = w->a;
	const char *why = errno == ENOMEM ? "one try takes more memory than there is"
					  : "libcrypt does not compute this hash";

	pthread_mutex_lock(&a->lock);
	for (uint32_t i = 0; i < t->n; i++) {
		struct audit_account *account = &a->accounts[a->order[t->first + i]];

		if (account->state != AUDIT_STRONG)
			continue;
		account->state = AUDIT_SKIPPED;
		snprintf(account->why, sizeof account->why, "%s", why);
	}
	t->open = 0;
	t->done = true;
	pthread_mutex_unlock(&a->lock);
}

static bool is_over(struct audit *a)
{
	if (!a->stop && a->deadline > 0 && audit_now() > a->deadline)
		a->stop = true;
	return a->stop;
}

/* One password against all members. False: nothing more is to be done with the target. */
static bool try_one(struct worker *w, struct audit_target *t, const struct candidate *c,
		    size_t place, enum hash_type type)
{
	struct audit *a = w->a;
	const char *got = audit_hash(c->text, a->hashes[t->first], type, w->scratch);

	if (!got) {
		refused(w, t);
		return false;
	}
	for (uint32_t i = 0; i < t->n; i++)
		if (!strcmp(got, a->hashes[t->first + i]))
			fell(w, t, t->first + i, c, place);
	return t->n > 1 || !t->done;
}

static int list_for(struct worker *w, struct audit_target *t)
{
	struct candidate_user users[AUDIT_GROUP_MAX];
	struct audit *a = w->a;
	uint32_t n = (uint32_t)MIN(t->n, COUNT(users));
	int r;

	if (w->of == t)
		return 0;
	w->of = NULL;
	arena_rewind(&w->arena, (struct arena_mark){});
	for (uint32_t i = 0; i < n; i++) {
		const struct audit_account *account = &a->accounts[a->order[t->first + i]];

		users[i] = (struct candidate_user){ account->name, account->gecos };
	}
	r = candidates_for(&a->list, users, n, &w->arena, &w->list, &w->n);
	if (r < 0)
		return r;
	w->of = t;
	if (w->n < t->tries)
		t->tries = (uint32_t)w->n;
	return 0;
}

static int work_block(struct worker *w, struct audit_target *t, size_t from)
{
	struct audit *a = w->a;
	enum hash_type type = a->accounts[a->order[t->first]].info.type;
	size_t every = t->us < 100 ? 64 : 1, n, i;
	bool over = false;
	int r = list_for(w, t);

	if (r < 0)
		return r;
	n = MIN(w->n, from + t->block);
	for (i = from; i < n; i++) {
		over = i % every == 0 && is_over(a);
		if (over || !try_one(w, t, &w->list[i], i + 1, type))
			break;
	}
	/* One that fell was computed, too. */
	atomic_fetch_add(&a->hashed, MIN(i + !over, n) - MIN(from, n));
	pthread_mutex_lock(&a->lock);
	t->tried += !over;
	pthread_mutex_unlock(&a->lock);
	return 0;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct audit *a = w->a;

	w->arena.limit = WORKER_MEMORY;
	while (!is_over(a)) {
		uint64_t unit = atomic_fetch_add(&a->next, 1);
		struct audit_target *t;
		size_t from, tries;
		int r = 0;

		if (unit >= a->units)
			break;
		t = &a->targets[unit % a->n_targets];
		from = (size_t)(unit / a->n_targets) * t->block;
		tries = t->tries;
		if (!t->block || from >= tries)
			continue;
		if (!t->done)
			r = work_block(w, t, from);
		if (r < 0) {
			a->error = r;
			a->stop = true;
		}
		atomic_fetch_add(&a->done_us,
				 (uint64_t)(t->us * (double)MIN(t->block, tries - from)));
	}
	arena_release(&w->arena);
	explicit_bzero(w->scratch, sizeof *w->scratch);
	pthread_mutex_lock(&a->lock);
	a->cpu += audit_cpu();
	a->running--;
	pthread_cond_signal(&a->ended);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void tell(struct audit *a, double began)
{
	double all = a->plan.seconds * a->o.threads, share, left, passed = audit_now() - began;

	share = all > 0 ? MIN((double)a->done_us / 1e6 / all, 1) : 1;
	left = a->plan.seconds * (1 - share);
	if (share > 0.05)
		left = passed / share * (1 - share);
	if (a->deadline > 0)
		left = MIN(left, MAX(a->deadline - audit_now(), 0));
	if (a->o.progress && a->o.progress(a->o.user, share, left, a->weak))
		a->stop = true;
}

static void wait_for_all(struct audit *a, double began)
{
	pthread_mutex_lock(&a->lock);
	while (a->running) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TICK_NS;
		if (until.tv_nsec >= 1'000'000'000) {
			until.tv_nsec -= 1'000'000'000;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&a->ended, &a->lock, &until);
		pthread_mutex_unlock(&a->lock);
		tell(a, began);
		pthread_mutex_lock(&a->lock);
	}
	pthread_mutex_unlock(&a->lock);
}

/* NT hashes need no guess to be found in a list of them. */
static int find_leaked(struct audit *a)
{
	for (size_t i = 0; i < a->n_order; i++) {
		struct audit_account *account = &a->accounts[a->order[i]];
		uint8_t hash[16];
		uint64_t leaked;
		int r;

		if (account->info.type != HASH_NT || account->state == AUDIT_WEAK ||
		    account->state == AUDIT_SKIPPED)
			continue;
		for (unsigned k = 0; k < 16; k++) {
			uint64_t byte = 0;

			(void)!str_to_u64(str_sub(account->hash, 4 + 2 * k, 6 + 2 * k), 16, &byte);
			hash[k] = (uint8_t)byte;
		}
		r = breach_nt(a->o.breaches, hash, &leaked);
		explicit_bzero(hash, sizeof hash);
		if (r < 0)
			return r;
		if (!leaked)
			continue;
		account->state = AUDIT_WEAK;
		account->kind = CANDIDATE_BREACH;
		account->tries = 0;
		account->leaked = leaked;
	}
	return 0;
}

/* Of how many others what fell is the same. */
static void count_same_passwords(struct audit *a)
{
	own(map_release) struct map same = {};

	for (size_t i = 0; i < a->n_order; i++) {
		struct str key = { (const char *)&a->fell[i], sizeof a->fell[i] };
		uint64_t *n = a->fell[i] ? map_get(&same, key) : NULL;

		if (n)
			++*n;
		else if (a->fell[i] && map_put(&same, key, 1) < 0)
			return;
	}
	for (size_t i = 0; i < a->n_order; i++) {
		struct str key = { (const char *)&a->fell[i], sizeof a->fell[i] };
		const uint64_t *n = a->fell[i] ? map_get(&same, key) : NULL;

		if (n)
			a->accounts[a->order[i]].same_password = (size_t)*n - 1;
	}
}

static void close_accounts(struct audit *a)
{
	for (size_t i = 0; i < a->n_targets; i++) {
		const struct audit_target *t = &a->targets[i];
		size_t tried = MIN((size_t)t->tried * t->block, t->tries);

		for (uint32_t k = 0; k < t->n; k++) {
			struct audit_account *account = &a->accounts[a->order[t->first + k]];

			if (account->state != AUDIT_STRONG)
				continue;
			/* What was tried for others of its salt is no more of its list. */
			account->tries = MIN(tried, a->list.wanted);
			if (tried < t->tries)
				account->state = AUDIT_UNFINISHED;
		}
	}
	count_same_passwords(a);
}

static uint64_t count_units(const struct audit *a)
{
	uint64_t rounds = 0;

	for (size_t i = 0; i < a->n_targets; i++) {
		const struct audit_target *t = &a->targets[i];

		if (t->block)
			rounds = MAX(rounds, (t->tries + t->block - 1) / t->block);
	}
	return rounds * a->n_targets;
}

static int run_threads(struct audit *a, double began)
{
	own(free_ptr) struct worker *workers = calloc(a->o.threads, sizeof *workers);
	unsigned n = 0;
	int r = 0;

	if (!workers)
		return -ENOMEM;
	for (; n < a->o.threads; n++) {
		workers[n] = (struct worker){ .a = a, .scratch = &a->scratch[n] };
		pthread_mutex_lock(&a->lock);
		a->running++;
		pthread_mutex_unlock(&a->lock);
		r = start(&workers[n].thread, work, &workers[n]);
		if (r == 0)
			continue;
		pthread_mutex_lock(&a->lock);
		a->running--;
		pthread_mutex_unlock(&a->lock);
		break;
	}
	/* Fewer than wanted do as well. */
	if (n)
		wait_for_all(a, began);
	for (unsigned i = 0; i < n; i++)
		pthread_join(workers[i].thread, NULL);
	return n ? a->error : r;
}

int audit_run(struct audit *a, struct audit_result *ret)
{
	double began = audit_now();
	int r = 0;

	a->deadline = a->o.budget > 0 ? began + a->o.budget : 0;
	a->units = count_units(a);
	a->next = a->done_us = a->hashed = 0;
	a->stop = false;
	if (a->units)
		r = run_threads(a, began);
	if (r == 0 && a->o.breaches && a->o.breaches->hash == BREACH_NT)
		r = find_leaked(a);
	close_accounts(a);
	if (r < 0)
		return r;
	*ret = (struct audit_result){
		.seconds = audit_now() - began,
		.cpu_seconds = a->cpu,
		.tries = a->hashed,
		.over = a->stop,
	};
	return 0;
}
