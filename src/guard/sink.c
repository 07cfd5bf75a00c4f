/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "guard/sink_work.h"

#define BATCH_BYTES ((size_t)128 << 10)
#define BACK_OFF_MAX 300u
#define SECOND INT64_C(1'000'000)

struct sinks {
	size_t n;
	struct sink list[SINKS_MAX];
};

static int64_t now_of(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

enum sink_result sink_fail(struct sink *s, const char *fmt, ...)
{
	char text[sizeof s->problem];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text_safe(str_of(text), s->problem, sizeof s->problem);
	return SINK_LATER;
}

/* In one piece or not at all, so that no line is there twice. */
static enum sink_result tell_file(struct sink *s, const struct sink_batch *b)
{
	own(buf_release) struct buf text = BUF(2 * BATCH_BYTES + NOTICE_MAX);
	struct stat st;
	size_t at = 0;
	ssize_t n;

	for (size_t i = 0; i < b->n; i++) {
		buf_str(&text, sink_record(b, i, &at));
		buf_putc(&text, '\n');
	}
	if (text.error)
		return sink_fail(s, "no memory");
	if (fstat(s->c.fd, &st) < 0)
		return sink_fail(s, "%s", strerror(errno));
	n = write(s->c.fd, text.ptr, text.len);
	if (n == (ssize_t)text.len)
		return SINK_TOLD;
	if (n < 0)
		return sink_fail(s, "%s", strerror(errno));
	if (S_ISREG(st.st_mode) && ftruncate(s->c.fd, st.st_size) < 0)
		return sink_fail(s, "%s", strerror(errno));
	return sink_fail(s, "only a part of it could be written");
}

static enum sink_result deliver(struct sink *s, const struct sink_batch *b)
{
	s->problem[0] = '\0';
	s->retry_after = 0;
	switch (s->c.kind) {
	case SINK_FILE: return tell_file(s, b);
	case SINK_SYSLOG: return sink_syslog(s, b);
	case SINK_WEBHOOK: return sink_webhook(s, b);
	case SINK_MAIL: return sink_mail(s, b);
	}
	return SINK_LATER;
}

/* Until something is to be done, or the time has come. */
static void wait_for(struct sink *s, int64_t micros)
{
	int64_t until = now_of() + micros;

	while (!s->stop && now_of() < until) {
		struct timespec t = { until / SECOND, until % SECOND * 1000 };

		if (pthread_cond_timedwait(&s->wake, &s->lock, &t) != 0)
			return;
	}
}

/* What became of n records. The lock is held. */
static int64_t settle(struct sink *s, enum sink_result r, size_t n, unsigned *back_off)
{
	memcpy(s->status.problem, s->problem, sizeof s->problem);
	if (r == SINK_TOLD) {
		spool_done(s->spool, n);
		s->status.told += n;
		s->batch = SINK_BATCH;
		*back_off = 0;
		return s->c.pause * SECOND;
	}
	s->status.failures++;
	if (r == SINK_REFUSED) {
		/* One of them may be what is wrong. */
		if (n == 1) {
			spool_done(s->spool, 1);
			s->status.refused++;
		}
		s->batch = 1;
		return 0;
	}
	*back_off = *back_off ? MIN(*back_off * 2, BACK_OFF_MAX) : 1;
	return MAX(*back_off, MIN(s->retry_after, BACK_OFF_MAX)) * SECOND;
}

static void *work(void *user)
{
	struct sink *s = user;
	unsigned back_off = 0;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		own(buf_release) struct buf text = BUF(BATCH_BYTES + 2 * NOTICE_MAX);
		size_t lengths[SINK_BATCH], n;
		enum sink_result r;
		int64_t pause;

		if (s->stop && now_of() >= s->deadline)
			break;
		n = spool_peek(s->spool, s->batch, BATCH_BYTES, &text, lengths);
		if (!n && s->stop)
			break;
		if (!n) {
			pthread_cond_wait(&s->wake, &s->lock);
			continue;
		}
		pthread_mutex_unlock(&s->lock);
		r = deliver(s, &(struct sink_batch){ buf_view(&text), lengths, n });
		pthread_mutex_lock(&s->lock);
		pause = settle(s, r, n, &back_off);
		if (s->stop && r == SINK_LATER)
			break;
		if (pause)
			wait_for(s, pause);
	}
	pthread_mutex_unlock(&s->lock);
	sink_disconnect(s);
	return NULL;
}

static bool copy_text(const char **text)
{
	if (*text)
		*text = strdup(*text);
	else
		return true;
	return *text != NULL;
}

static void free_texts(struct sink_config *c)
{
	const char **texts[] = { &c->url, &c->ca, &c->user, &c->secret, &c->from, &c->to };

	for (size_t i = 0; i < COUNT(texts); i++)
		free((char *)*texts[i]);
}

static bool copy_texts(struct sink_config *c)
{
	const char **texts[] = { &c->url, &c->ca, &c->user, &c->secret, &c->from, &c->to };
	bool good = true;

	for (size_t i = 0; i < COUNT(texts); i++)
		good &= copy_text(texts[i]);
	return good;
}

static int start(struct sink *s, const struct sink_config *c, size_t number, int spool)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;
	char name[32];
	int r;

	s->c = *c;
	s->socket = -1;
	s->batch = SINK_BATCH;
	s->c.timeout = c->timeout ? c->timeout : 10;
	snprintf(name, sizeof name, "sink%zu-%s", number, notice_format_name(c->format));
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	r = copy_texts(&s->c) ? spool_open(spool, name, c->spool, &s->spool) : -ENOMEM;
	if (r < 0)
		return r;
	s->status.url = s->c.url ? s->c.url : "";
	/* Signals are the others' to handle, and a closed pipe is an error like others. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&s->thread, NULL, work, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	s->running = r == 0;
	return r;
}

int sinks_new(const struct sink_config *list, size_t n, int spool, struct sinks **ret,
	      struct diag *d)
{
	struct sinks *all = NULL;
	int r = n > SINKS_MAX ? diag_set(d, -EINVAL, NULL, 0, "more than %u sinks", SINKS_MAX) : 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = sink_check(&list[i], d);
	if (r == 0 && curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		r = -ENOMEM;
	if (r == 0 && !(all = calloc(1, sizeof *all)))
		r = -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (r == 0) {
			all->n++;
			r = start(&all->list[i], &list[i], i, spool);
		} else if (list[i].fd >= 0) {
			close(list[i].fd);
		}
	}
	if (r < 0) {
		sinks_release(&all, 0);
		return r;
	}
	*ret = all;
	return 0;
}

void sinks_release(struct sinks **ret, unsigned seconds)
{
	struct sinks *all = *ret;
	int64_t deadline = now_of() + seconds * SECOND;

	for (size_t i = 0; all && i < all->n; i++) {
		struct sink *s = &all->list[i];

		pthread_mutex_lock(&s->lock);
		s->stop = true;
		s->deadline = deadline;
		atomic_store(&s->aborted, seconds == 0);
		pthread_cond_broadcast(&s->wake);
		pthread_mutex_unlock(&s->lock);
	}
	for (size_t i = 0; all && i < all->n; i++) {
		struct sink *s = &all->list[i];

		if (s->running)
			pthread_join(s->thread, NULL);
		spool_release(&s->spool);
		close_fd(&s->c.fd);
		free_texts(&s->c);
		pthread_cond_destroy(&s->wake);
		pthread_mutex_destroy(&s->lock);
	}
	free(all);
	*ret = NULL;
}

int sinks_tell(struct sinks *all, const struct notice *n)
{
	int result = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct sink *s = &all->list[i];
		own(buf_release) struct buf text = BUF(NOTICE_MAX);
		int r;

		if (n->level < s->c.level)
			continue;
		r = notice_put(n, s->c.format, &text);
		pthread_mutex_lock(&s->lock);
		if (r == 0)
			r = spool_add(s->spool, buf_view(&text));
		if (r < 0)
			s->status.dropped++;
		pthread_cond_signal(&s->wake);
		pthread_mutex_unlock(&s->lock);
		result = r < 0 ? r : result;
	}
	return result;
}

size_t sinks_count(const struct sinks *s) { return s->n; }

void sinks_status(struct sinks *all, size_t i, struct sink_status *ret)
{
	struct sink *s = &all->list[i];
	struct spool_status spool;

	pthread_mutex_lock(&s->lock);
	*ret = s->status;
	spool_status(s->spool, &spool);
	ret->waiting = spool.waiting;
	ret->dropped += spool.dropped;
	pthread_mutex_unlock(&s->lock);
}
