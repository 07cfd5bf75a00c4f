/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of Azure's REST API, with the waits that it asks for. */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "action/azure_rule.h"
#include "jit/azure_work.h"

#define THROTTLED_S 5 /* where Azure does not say how long */
#define POLL_S 2
#define TRIES 6 /* of one request */

int64_t jit_azure_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

void jit_azure_say(const struct jit_azure *j, const char *fmt, ...)
{
	char line[URL_MAX + 256], shown[2 * sizeof line];
	va_list ap;

	if (!j->setup.say)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	j->setup.say(j->setup.user, text_safe(str_of(line), shown, sizeof shown));
}

bool jit_azure_is_address(const char *url)
{
	const char *host = strncmp(url, "https://", 8) == 0             ? url + 8
			   : strncmp(url, "http://127.0.0.1:", 17) == 0 ? url + 17
									: "";
	size_t n = strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				"0123456789-._:[]");

	return n && strlen(url) < 200 && (!host[n] || (host[n] == '/' && !host[n + 1]));
}

bool jit_azure_is_own(const struct jit_azure *j, const char *url)
{
	size_t n = strlen(j->setup.endpoint);

	if (strncmp(url, j->setup.endpoint, n) != 0 || url[n] != '/')
		return false;
	for (; *url; url++)
		if (*url <= ' ' || *url > '~')
			return false;
	return true;
}

int jit_azure_wait(const struct jit_azure *j, int64_t seconds, struct diag *d)
{
	struct timespec t = { .tv_sec = seconds };

	if (seconds * 1000 > j->deadline - jit_azure_now())
		return diag_set(d, -EAGAIN, NULL, 0,
				"Azure is not done in time, and asks to wait %lld s more",
				(long long)seconds);
	jit_azure_say(j, "waits %lld s", (long long)seconds);
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
	return 0;
}

/* What an answer other than success means. */
static int refused(const struct azure_answer *a, struct diag *d)
{
	int error = a->status == 401 || a->status == 403   ? -EACCES
		    : a->status == 404                     ? -ENOENT
		    : a->status == 429 || a->status >= 500 ? -EAGAIN
							   : -EPROTO;
	char text[300];

	(void)azure_error_text(buf_view(&a->body), text, sizeof text);
	return diag_set(d, error, NULL, 0, "Azure answers %ld%s%s", a->status, *text ? ": " : "",
			text);
}

/* Whether it was not looked at, and may be sent again. */
static bool may_repeat(const struct azure_request *q, const struct azure_answer *a)
{
	if (a->status == 429 || (a->status == 503 && a->retry_after >= 0))
		return true;
	return a->status >= 500 && strcmp(q->method, "GET") == 0;
}

int jit_azure_send(const struct jit_azure *j, const char *what, const struct azure_request *q,
		   struct azure_answer *ret, struct diag *d)
{
	struct azure_request with = *q;
	int r = 0;

	with.token = j->token;
	for (unsigned tries = 1;; tries++) {
		own(azure_answer_release) struct azure_answer a = {};

		jit_azure_say(j, "asks Azure (%s): %s %s%s%.*s", what, q->method, q->url,
			      q->body.len ? " " : "", STR_FMT(q->body));
		r = azure_http(&with, &a, d);
		if (r < 0)
			return r;
		if (a.status >= 200 && a.status < 300) {
			*ret = take(a);
			return 0;
		}
		if (!may_repeat(q, &a) || tries == TRIES)
			return refused(&a, d);
		jit_azure_say(j, "Azure answers %ld", a.status);
		r = jit_azure_wait(j, a.retry_after >= 0 ? a.retry_after : THROTTLED_S, d);
		if (r < 0)
			return r;
	}
}

/* 1: done; 0: under way. */
static int is_done(const struct azure_answer *a, struct diag *d)
{
	char text[300];
	int done;

	if (a->status == 202)
		return 0;
	/* Location answers with what was done, and with no status. */
	done = a->body.len ? azure_operation_parse(buf_view(&a->body)) : 1;
	if (done == -EIO) {
		(void)azure_error_text(buf_view(&a->body), text, sizeof text);
		return diag_set(d, -EIO, NULL, 0, "Azure could not do it%s%s", *text ? ": " : "",
				text);
	}
	return done == -ENOMEM ? done : done != 0;
}

int jit_azure_finish(const struct jit_azure *j, const struct azure_answer *begun, struct diag *d)
{
	int64_t pause = begun->retry_after;
	char url[sizeof begun->operation];
	int r = 0;

	if (!begun->operation[0])
		return 0;
	if (!jit_azure_is_own(j, begun->operation))
		return diag_set(d, -EPROTO, NULL, 0,
				"Azure names an operation that is not its own; it is not asked");
	memcpy(url, begun->operation, sizeof url);
	while (r == 0) {
		own(azure_answer_release) struct azure_answer a = {};
		const struct azure_request q = { .method = "GET", .url = url };

		r = jit_azure_wait(j, pause >= 0 ? pause : POLL_S, d);
		if (r == 0)
			r = jit_azure_send(j, "how far it is", &q, &a, d);
		if (r == 0)
			r = is_done(&a, d);
		pause = a.retry_after;
	}
	return MIN(r, 0);
}
