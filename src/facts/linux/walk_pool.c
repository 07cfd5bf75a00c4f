/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "facts/linux/walk_pool.h"

#define THREADS_MAX 16u
#define THREAD_STACK ((size_t)1 << 20)

unsigned walk_pool_size(unsigned asked)
{
	cpu_set_t set;

	if (asked)
		return MIN(asked, THREADS_MAX);
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return 2;
	return MAX(MIN((unsigned)CPU_COUNT(&set), THREADS_MAX), 1u);
}

unsigned walk_pool_run(void *items, size_t size, unsigned n, void *(*fn)(void *item))
{
	pthread_t threads[THREADS_MAX];
	bool running[THREADS_MAX] = {};
	pthread_attr_t attr;
	bool have_attr = pthread_attr_init(&attr) == 0;
	unsigned ran = 1;
	char *item = items;

	if (have_attr)
		pthread_attr_setstacksize(&attr, THREAD_STACK);
	for (unsigned i = 1; i < MIN(n, THREADS_MAX); i++)
		running[i] = pthread_create(&threads[i], have_attr ? &attr : NULL, fn,
					    item + i * size) == 0;
	fn(item);
	for (unsigned i = 1; i < MIN(n, THREADS_MAX); i++) {
		if (running[i])
			pthread_join(threads[i], NULL);
		ran += running[i];
	}
	if (have_attr)
		pthread_attr_destroy(&attr);
	return ran;
}

uint64_t walk_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1'000'000'000 + (uint64_t)t.tv_nsec;
}
