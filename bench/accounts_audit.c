/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast passwords are tried beside libcrypt alone: `accounts_audit METHOD COUNT TRIES
 * ACCOUNTS` makes hashes, runs the audit with TRIES passwords each on all processors and, for one
 * account, calls crypt_rn() as often in as many threads. Prints one line of JSON; CPU seconds,
 * because the machine may be busy.
 */
#include <crypt.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "password/audit.h"

#define ACCOUNTS_MAX 64

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct plain {
	const char *setting;
	size_t n;
	double cpu;
	struct crypt_data data;
	pthread_t thread;
};

static void *plain_thread(void *arg)
{
	struct plain *p = arg;
	double begin = cpu();
	char word[32];

	for (size_t i = 0; i < p->n; i++) {
		snprintf(word, sizeof word, "password%zu", i);
		if (!crypt_rn(word, p->setting, &p->data, (int)sizeof p->data))
			abort();
	}
	p->cpu = cpu() - begin;
	return NULL;
}

/* CPU seconds of n computations in as many threads as there are processors. */
static double plain(const char *setting, size_t n, unsigned threads)
{
	struct plain *all = calloc(threads, sizeof *all);
	double sum = 0;

	if (!all)
		abort();
	for (unsigned i = 0; i < threads; i++) {
		all[i].setting = setting;
		all[i].n = n / threads + (i < n % threads);
		if (pthread_create(&all[i].thread, NULL, plain_thread, &all[i]))
			abort();
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(all[i].thread, NULL);
		sum += all[i].cpu;
	}
	free(all);
	return sum;
}

int main(int argc, char **argv)
{
	static char hashes[ACCOUNTS_MAX][CRYPT_OUTPUT_SIZE], names[ACCOUNTS_MAX][16];
	struct audit_account accounts[ACCOUNTS_MAX] = {};
	static struct crypt_data data;
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	size_t tries, n;
	struct audit_options o = {};
	struct audit_plan plan;
	struct audit_result result;
	struct audit *audit;
	double own_cpu;
	cpu_set_t set;

	if (argc != 5)
		return 2;
	tries = strtoul(argv[3], NULL, 10);
	n = MIN(strtoul(argv[4], NULL, 10), ACCOUNTS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!crypt_gensalt_rn(argv[1], strtoul(argv[2], NULL, 10), NULL, 0, setting,
				      sizeof setting))
			return 1;
		snprintf(hashes[i], sizeof hashes[0], "%s",
			 crypt_r("Xk9!vvQ2mm#w4pLz", setting, &data));
		snprintf(names[i], sizeof names[0], "user%zu", i);
		accounts[i] = (struct audit_account){
			.name = str_of(names[i]),
			.hash = str_of(hashes[i]),
			.gecos = STR(""),
			.store = "shadow",
		};
	}
	o.tries = tries;
	o.host.year = 2026;
	o.slowest = 60;
	if (sched_getaffinity(0, sizeof set, &set) < 0 ||
	    audit_prepare(&o, accounts, n, &audit, &plan) < 0 || audit_run(audit, &result) < 0)
		return 1;
	audit_release(&audit);
	own_cpu = n > 1 ? 0 : plain(hashes[0], (size_t)result.tries, plan.threads);
	printf("{\"method\": \"%s\", \"tries\": %llu, \"audit_cpu\": %f, \"libcrypt_cpu\": %f, "
	       "\"share\": %f, \"estimate_cpu\": %f, \"estimate\": %f, \"took\": %f}\n",
	       hash_type_name(plan.rates[0].type), (unsigned long long)result.tries,
	       result.cpu_seconds, own_cpu, own_cpu / result.cpu_seconds, plan.cpu_seconds,
	       plan.seconds, result.seconds);
	return 0;
}
