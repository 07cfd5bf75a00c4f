/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evtx_decode FILE THREADS: decodes a log several times in memory, with checksums, all fields as slices
 * (or as texts with EVTX_TEXT=1). Prints "MB/s events/s values/event" of the fastest time, the most
 * MB a second of CPU time, and of CPU time of the busiest thread: what there would be if each had a core.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/mapped.h"
#include "events/evtx.h"

#define THREADS_MAX 64
#define TIMES 7

static struct evtx_chunk *chunks;
static size_t n_chunks;
static atomic_size_t next_chunk;
static struct names *names;
static bool as_text;

struct worker {
	struct evtx_reader *reader;
	uint64_t events, values;
	double cpu;
	struct buf xml;
	pthread_t thread;
};

static int count(void *user, const struct event *e)
{
	struct worker *w = user;

	w->events++;
	w->values += e->n;
	return 0;
}

/* Every name of Data and of leaves of what is shown is a field that is asked for. */
static int add_names(void *user, const struct event *e)
{
	struct worker *w = user;
	const char *p, *end;
	uint16_t id;

	buf_reset(&w->xml);
	if (evtx_render(w->reader, e, EVTX_FORMAT_XML, &w->xml) < 0)
		return 0;
	end = w->xml.ptr + w->xml.len;
	for (p = w->xml.ptr; p < end; p++) {
		struct str rest = { p + 1, (size_t)(end - p - 1) }, name;
		bool data = str_starts(rest, STR("Data Name=\""));

		if (*p != '<' || str_starts(rest, STR("/")))
			continue;
		rest = data ? str_sub(rest, 11, rest.len) : rest;
		name = str_cut(&rest, data ? '"' : '>');
		name = str_cut(&name, data ? '"' : ' ');
		if (names_add(names, name, &id) < 0)
			return -ENOMEM;
	}
	return 0;
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *work(void *user)
{
	struct worker *w = user;
	double start = seconds(CLOCK_THREAD_CPUTIME_ID);
	size_t i;

	w->events = w->values = 0;
	while ((i = atomic_fetch_add(&next_chunk, 1)) < n_chunks)
		if (evtx_read_chunk(w->reader, &chunks[i], count, w) < 0)
			abort();
	w->cpu = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
	return NULL;
}

static int open_chunks(struct str bytes)
{
	struct evtx_scan s = { .bytes = bytes };

	chunks = calloc(bytes.len / EVTX_CHUNK_MAX + 1, sizeof *chunks);
	while (chunks && n_chunks <= bytes.len / EVTX_CHUNK_MAX &&
	       evtx_scan_next(&s, &chunks[n_chunks]))
		n_chunks++;
	return chunks ? 0 : -ENOMEM;
}

static int collect_names(struct worker *w)
{
	static const char *const system[] = {
		"EventID",    "Channel",  "Provider_Name", "Provider_Guid", "Computer",
		"Level",      "Task",     "Opcode",        "Keywords",      "Version",
		"ProcessID",  "ThreadID", "UserID",        "TimeCreated",   "EventRecordID",
		"ActivityID", "Data",     "windows",       "security",      "sysmon",
		"system",
	};
	struct evtx_options o = { .names = names };
	uint16_t id;

	w->xml.limit = 64 << 20;
	for (size_t i = 0; i < COUNT(system); i++)
		if (names_add(names, str_of(system[i]), &id) < 0)
			return -ENOMEM;
	if (evtx_reader_new(&o, &w->reader) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < MIN(n_chunks, 400U); i++)
		if (evtx_read_chunk(w->reader, &chunks[i], add_names, w) < 0)
			return -ENOMEM;
	buf_release(&w->xml);
	evtx_reader_release(&w->reader);
	return 0;
}

static double run(struct worker *w, size_t threads, double *ret_cpu, double *ret_busiest)
{
	double start = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);

	atomic_store(&next_chunk, 0);
	for (size_t i = 1; i < threads; i++)
		if (pthread_create(&w[i].thread, NULL, work, &w[i]) != 0)
			abort();
	work(&w[0]);
	for (size_t i = 1; i < threads; i++)
		pthread_join(w[i].thread, NULL);
	*ret_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	*ret_busiest = 0;
	for (size_t i = 0; i < threads; i++)
		*ret_busiest = MAX(*ret_busiest, w[i].cpu);
	return seconds(CLOCK_MONOTONIC) - start;
}

int main(int argc, char **argv)
{
	static struct worker w[THREADS_MAX];
	int64_t threads = 0;
	uint64_t bytes = 0, events = 0, values = 0;
	struct evtx_options o = { .checksums = true };
	struct mapped m;
	double best = 1e9, best_cpu = 1e9, best_busiest = 1e9;

	as_text = getenv("EVTX_TEXT") != NULL;
	if (argc != 3 || str_to_int64(str_of(argv[2]), &threads) < 0 || threads < 1 ||
	    threads > THREADS_MAX || mapped_open(argv[1], &m) < 0 || names_new(&names) < 0 ||
	    open_chunks(m.bytes) < 0 || collect_names(&w[0]) < 0)
		return 2;
	o.names = names;
	o.lazy = !as_text;
	for (int64_t i = 0; i < threads; i++)
		if (evtx_reader_new(&o, &w[i].reader) < 0)
			return 2;
	for (unsigned i = 0; i <= TIMES; i++) {
		double cpu, busiest, took = run(w, (size_t)threads, &cpu, &busiest);

		best = i ? MIN(best, took) : best;
		best_cpu = i ? MIN(best_cpu, cpu) : best_cpu;
		best_busiest = i ? MIN(best_busiest, busiest) : best_busiest;
	}
	for (size_t i = 0; i < n_chunks; i++)
		bytes += chunks[i].len;
	for (int64_t i = 0; i < threads; i++) {
		events += w[i].events;
		values += w[i].values;
		evtx_reader_release(&w[i].reader);
	}
	printf("%.0f %.0f %.1f %.0f %.0f\n", (double)bytes / 1e6 / best, (double)events / best,
	       (double)values / (double)events, (double)bytes / 1e6 / best_cpu,
	       (double)bytes / 1e6 / best_busiest);
	names_release(&names);
	free(chunks);
	mapped_release(&m);
	return 0;
}
