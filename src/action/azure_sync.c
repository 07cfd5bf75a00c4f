/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "action/azure_http.h"
#include "action/ban_azure_work.h"

#define STEP_MS 1000 /* the first pause after a fault */
#define POLL_STEPS 5 /* between two questions after an operation, where Azure does not say */
#define BACKOFF_MS_MAX 300'000
#define TOKEN_EARLY_MS 300'000

int64_t azure_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

/* ---- asking ---- */

int azure_put_off(struct azure *b, int64_t ms)
{
	b->not_before = azure_now() + MIN(ms, (int64_t)AZURE_WAIT_MS_MAX);
	return 0;
}

/* Whoever sends more often than every second (tests do) asks as often. */
static int64_t step_ms(const struct azure *b) { return MIN(STEP_MS, (int64_t)b->c.interval_ms); }
static int64_t poll_ms(const struct azure *b) { return POLL_STEPS * step_ms(b); }

/* Later and later, not at the same moment as everybody else. */
static void back_off(struct azure *b)
{
	int64_t ms = MIN(step_ms(b) << MIN(b->faults, 9U), (int64_t)BACKOFF_MS_MAX);
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	b->faults++;
	(void)azure_put_off(b, ms + t.tv_nsec % (ms / 4 + 1));
}

static int get_token(struct azure *b, struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = {};
	char url[AZURE_URL_MAX];
	struct azure_request q = { .method = "GET", .url = url, .metadata = true };
	int64_t seconds = 0;
	int r;

	if (b->c.token) {
		memcpy(b->token, b->c.token, strlen(b->c.token) + 1);
		return 0;
	}
	if (b->token[0] && azure_now() < b->token_until)
		return 0;
	(void)snprintf(url, sizeof url,
		       "%s/metadata/identity/oauth2/token?api-version=2018-02-01"
		       "&resource=https%%3A%%2F%%2Fmanagement.azure.com%%2F%s%s",
		       b->c.metadata, b->c.identity ? "&client_id=" : "",
		       b->c.identity ? b->c.identity : "");
	r = azure_http(&q, &a, d);
	if (r < 0)
		return r;
	if (a.status != 200)
		return diag_set(
			d, -EACCES, "", 0,
			"the metadata service gives no token (%ld): has the machine a managed "
			"identity?",
			a.status);
	r = azure_token_parse(buf_view(&a.body), b->token, sizeof b->token, &seconds);
	if (r < 0)
		return diag_set(d, r, "", 0, "the metadata service's token is none");
	b->token_until = azure_now() + MAX(seconds * 1000 - TOKEN_EARLY_MS, (int64_t)10'000);
	return 0;
}

/* What an answer other than success means: when to ask again, and what to tell. */
static int refused(struct azure *b, const struct azure_answer *a, struct diag *d)
{
	char text[300];

	(void)azure_error_text(buf_view(&a->body), text, sizeof text);
	if (a->status == 401)
		b->token[0] = 0;
	back_off(b);
	if (a->retry_after >= 0)
		(void)azure_put_off(b, a->retry_after * 1000);
	if (a->status == 429 || a->status >= 500 || a->status == 409 || a->status == 412)
		return diag_set(d, -EAGAIN, "", 0, "Azure answers %ld, asked again later: %s",
				a->status, text);
	return diag_set(d, a->status == 403 || a->status == 401 ? -EACCES : -EPROTO, "", 0,
			"Azure answers %ld: %s", a->status, text);
}

/* 0: an answer of the statuses that a caller can use (2xx, 404). */
static int ask(struct azure *b, const struct azure_request *given, struct azure_answer *ret,
	       struct diag *d)
{
	struct azure_request q = *given;
	int r = get_token(b, d);

	q.token = b->token;
	if (r == 0)
		r = azure_http(&q, ret, d);
	if (r < 0) {
		back_off(b);
		return r;
	}
	if ((ret->status >= 200 && ret->status < 300) || ret->status == 404)
		return 0;
	return refused(b, ret, d);
}

/* ---- one rule ---- */

/* *ret_there: whether there is one. */
int azure_look(struct azure *b, struct azure_there *r, struct azure_rule *ret, bool *ret_there,
	       struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = {};
	struct azure_request q = { .method = "GET", .url = r->url };
	char text[300];
	int error = ask(b, &q, &a, d);

	if (error < 0)
		return error;
	if (a.status == 404) {
		/* The rule alone is "NotFound"; the group or what it is in, otherwise. */
		(void)azure_error_text(buf_view(&a.body), text, sizeof text);
		if (strncmp(text, "ResourceNotFound", 16) == 0 ||
		    strncmp(text, "ResourceGroupNotFound", 21) == 0 ||
		    strncmp(text, "SubscriptionNotFound", 20) == 0)
			return refused(b, &a, d);
		*ret = (struct azure_rule){ .ours = true, .settled = true };
		*ret_there = false;
		return 0;
	}
	error = azure_rule_parse(buf_view(&a.body), ret);
	if (error < 0) {
		back_off(b);
		return diag_set(d, error, "", 0, "Azure's answer is no rule");
	}
	if (!ret->etag[0])
		memcpy(ret->etag, a.etag, sizeof ret->etag);
	*ret_there = true;
	if (ret->ours)
		return 0;
	back_off(b);
	return diag_set(d, -EEXIST, "", 0, "Azure: the rule %s-ipv%d was not made by holdfast",
			b->c.rule, r->v6 ? 6 : 4);
}

static size_t gather(const struct azure *b, const struct azure_there *r, struct prefix *list)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (prefix_is_v4(&b->entries[i].prefix) != r->v6)
			list[n++] = b->entries[i].prefix;
	return n;
}

static void accepted(struct azure *b, struct azure_there *r, const struct azure_answer *a, size_t n)
{
	size_t endpoint = strlen(b->c.endpoint);
	struct azure_rule now = { .settled = true };

	r->dirty = false;
	r->written = n;
	r->etag[0] = r->operation[0] = 0;
	b->faults = 0;
	/* Nothing but Azure gets the token. */
	if (strncmp(a->operation, b->c.endpoint, endpoint) == 0 && a->operation[endpoint] == '/')
		memcpy(r->operation, a->operation, sizeof r->operation);
	if (a->body.len)
		(void)!azure_rule_parse(buf_view(&a->body), &now);
	r->pending = a->status == 202 || !now.settled || r->operation[0];
	(void)azure_put_off(b, r->pending
				       ? (a->retry_after > 0 ? a->retry_after * 1000 : poll_ms(b))
				       : b->c.interval_ms);
}

/* Looks first: whose rule it is, and its ETag, so that nobody's change is overwritten unseen. */
int azure_write(struct azure *b, struct azure_there *r, struct diag *d)
{
	own(free_ptr) struct prefix *list = calloc(b->n + 1, sizeof *list);
	own(azure_answer_release) struct azure_answer a = {};
	own(buf_release) struct buf body = BUF(1 << 20);
	struct azure_request q = { .method = "PUT", .url = r->url };
	struct azure_rule now = {};
	bool there = false;
	size_t n;
	int error = list ? azure_look(b, r, &now, &there, d) : -ENOMEM;

	if (error < 0)
		return error;
	if (!now.settled && !now.failed)
		return azure_put_off(b, poll_ms(b));
	n = gather(b, r, list);
	if (!n && !there) {
		r->dirty = false;
		return 0;
	}
	q.if_match = there ? now.etag : "";
	if (there && !now.etag[0])
		q.if_match = NULL;
	if (n) {
		error = azure_rule_body(&body, list, n, r->priority);
		q.body = buf_view(&body);
	} else {
		q.method = "DELETE";
	}
	if (error == 0)
		error = ask(b, &q, &a, d);
	if (error == 0 && a.status == 404 && n)
		return refused(b, &a, d);
	if (error == 0)
		accepted(b, r, &a, n);
	return error;
}

int azure_poll(struct azure *b, struct azure_there *r, struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = {};
	struct azure_request q = { .method = "GET", .url = r->operation };
	struct azure_rule now = {};
	bool there = false;
	int error, done = 0;

	if (!r->operation[0]) {
		error = azure_look(b, r, &now, &there, d);
		done = now.failed ? -EIO : now.settled;
	} else {
		error = ask(b, &q, &a, d);
		/* Location answers 202 until it is done, and then what was done. */
		done = a.status == 202 ? 0 : azure_operation_parse(buf_view(&a.body));
		if (a.status == 204 || (a.status == 200 && done == -EBADMSG))
			done = 1;
	}
	if (error < 0)
		return error;
	if (done == 0)
		return azure_put_off(b, a.retry_after > 0 ? a.retry_after * 1000 : poll_ms(b));
	r->pending = false;
	(void)azure_put_off(b, b->c.interval_ms);
	if (done > 0)
		return 0;
	r->dirty = true;
	back_off(b);
	return diag_set(d, -EAGAIN, "", 0, "Azure could not change the rule; it is tried again");
}
