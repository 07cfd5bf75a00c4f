/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of sinks share. */
#ifndef HF_GUARD_SINK_WORK_H
#define HF_GUARD_SINK_WORK_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "guard/sink.h"

enum sink_result {
	SINK_TOLD,
	SINK_LATER,   /* try again */
	SINK_REFUSED, /* it will never be taken like this */
};

struct sink {
	struct sink_config c; /* texts are owned */
	pthread_t thread;
	pthread_mutex_t lock; /* of all up to `stopping` */
	pthread_cond_t wake;
	struct spool *spool;
	struct sink_status status;
	size_t batch; /* most records of the next attempt */
	bool stop, running;
	int64_t deadline;    /* of the last attempts; monotonic microseconds */
	atomic_bool aborted; /* nothing is waited for any more */
	/* of the thread alone */
	CURL *curl; /* NULL: not made, or no connection */
	int socket; /* of UDP; -1: none */
	char problem[256];
	unsigned retry_after; /* seconds, as the other side says; 0: it does not */
};

/* Records that are told together. */
struct sink_batch {
	struct str text;
	const size_t *lengths;
	size_t n;
};
/* The next record of the batch. */
static inline struct str sink_record(const struct sink_batch *b, size_t i, size_t *at)
{
	struct str s = str_sub(b->text, *at, *at + b->lengths[i]);

	*at += b->lengths[i];
	return s;
}

/* Fills s->problem; returns SINK_LATER. */
enum sink_result sink_fail(struct sink *s, const char *fmt, ...) PRINTF(2, 3);
/* What every transfer has in common. NULL: no memory. */
CURL *sink_curl(struct sink *s, const char *url);

enum sink_result sink_webhook(struct sink *s, const struct sink_batch *b);
enum sink_result sink_mail(struct sink *s, const struct sink_batch *b);
enum sink_result sink_syslog(struct sink *s, const struct sink_batch *b);
void sink_disconnect(struct sink *s);

#endif
