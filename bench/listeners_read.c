/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the machine's listeners by sock_diag, many times; prints the median of one time. */
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "facts/linux/sockets.h"

#define TIMES 51

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(void)
{
	own(arena_release) struct arena arena = {};
	own(root_release) struct root proc = ROOT_NONE;
	struct live live = LIVE_NONE;
	struct collect c = { .proc = &proc, .live = &live, .arena = &arena };
	struct listeners l = {};
	double times[TIMES];

	live.sock_diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (live.sock_diag < 0 || root_open("/proc", true, &proc) < 0) {
		fprintf(stderr, "listeners_read: no sock_diag socket or no /proc\n");
		return 3;
	}
	for (int i = 0; i < TIMES; i++) {
		double start = now_ms();

		arena_release(&arena);
		if (listeners_load(&c, &l) < 0)
			return 3;
		times[i] = now_ms() - start;
	}
	qsort(times, TIMES, sizeof *times, compare);
	printf("{\"ms\": %.4f, \"listeners\": %zu}\n", times[TIMES / 2], l.n);
	return 0;
}
