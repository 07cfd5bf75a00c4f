/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "action/azure_http.h"
#include "action/azure_rule.h"
#include "action/ban_backend.h"

#define VERSION "2023-09-01"
#define URL_MAX 1024u
#define TOKEN_MAX 8192u
#define CHECK_MS 60'000         /* between two looks of ban_ensure() */
#define POLL_MS 5'000           /* an operation, where Azure does not say how often */
#define WAIT_MS_MAX 3'600'000   /* longest wait that Azure may ask for */
#define BACKOFF_MS_MAX 300'000
#define TOKEN_EARLY_MS 300'000

struct entry {
	struct prefix prefix;
	int64_t until; /* ms of CLOCK_BOOTTIME */
};

struct rule {
	char url[URL_MAX];
	unsigned priority;
	bool v6;
	bool dirty, pending;
	bool seen;           /* looked at since the start */
	size_t written;      /* prefixes */
	char etag[256];      /* as of the last look; "": not known */
	char operation[URL_MAX];
};

struct azure {
	struct ban ban;
	struct ban_azure_config c;
	struct rule rules[2];
	struct entry *entries; /* owned, 2 x max_prefixes; the oldest first */
	size_t n;
	struct prefix *allow; /* owned, of prefix_sort() */
	size_t n_allow;
	char token[TOKEN_MAX];
	int64_t token_until;
	int64_t not_before; /* no request until then */
	int64_t next_check;
	unsigned faults;    /* one after the other */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

static void azure_close(struct ban *ban)
{
	struct azure *b = (struct azure *)ban;

	explicit_bzero(b->token, sizeof b->token);
	free(b->entries);
	free(b->allow);
	free(b);
}

static const char *fault_of(const struct ban_azure_config *c)
{
	if (!azure_name(c->subscription))
		return "the subscription is no name";
	if (!azure_name(c->resource_group))
		return "the resource group is no name";
	if (!azure_name(c->nsg))
		return "the network security group is no name";
	if (!azure_name(c->rule) || strlen(c->rule) > 70)
		return "the rule is no name";
	if (c->priority < 100 || c->priority > 4095)
		return "the priority must be 100 to 4095 (that of IPv6 is one more)";
	if (c->max_prefixes > BAN_AZURE_PREFIXES)
		return "a group takes 4,000 prefixes at most";
	if (c->token && strlen(c->token) >= TOKEN_MAX)
		return "the token is too long";
	if (c->identity && !azure_name(c->identity))
		return "the managed identity is no client id";
	if (strncmp(c->endpoint, "https://", 8) != 0 &&
	    strncmp(c->endpoint, "http://127.0.0.1:", 17) != 0)
		return "the endpoint needs https://";
	return NULL;
}

static int azure_open(const struct ban_config *given, struct ban **ret, struct diag *d)
{
	struct ban_azure_config c = given->azure ? *given->azure : (struct ban_azure_config){};
	const char *fault;
	struct azure *b;

	c.rule = c.rule ?: "holdfast-bans";
	c.priority = c.priority ?: 100;
	c.max_prefixes = c.max_prefixes ?: 1000;
	c.interval_ms = c.interval_ms ?: 30'000;
	c.endpoint = c.endpoint ?: "https://management.azure.com";
	c.metadata = c.metadata ?: "http://169.254.169.254";
	fault = fault_of(&c);
	if (fault)
		return diag_set(d, -EINVAL, "", 0, "Azure: %s", fault);
	b = calloc(1, sizeof *b);
	if (!b)
		return -ENOMEM;
	b->ban.ops = &ban_azure;
	b->c = c;
	b->entries = calloc(2 * (size_t)c.max_prefixes, sizeof *b->entries);
	if (!b->entries) {
		free(b);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < COUNT(b->rules); i++) {
		struct rule *r = &b->rules[i];
		int n = snprintf(r->url, sizeof r->url,
				 "%s/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Network/"
				 "networkSecurityGroups/%s/securityRules/%s-ipv%d?api-version=" VERSION,
				 c.endpoint, c.subscription, c.resource_group, c.nsg, c.rule,
				 i ? 6 : 4);

		r->v6 = i;
		r->priority = c.priority + i;
		if (n < 0 || (size_t)n >= sizeof r->url) {
			azure_close(&b->ban);
			return diag_set(d, -EINVAL, "", 0, "Azure: the endpoint is too long");
		}
	}
	*ret = &b->ban;
	return 0;
}

/* ---- asking ---- */

static int put_off(struct azure *b, int64_t ms)
{
	b->not_before = now_ms() + MIN(ms, (int64_t)WAIT_MS_MAX);
	return 0;
}

/* Later and later, not at the same moment as everybody else. */
static void back_off(struct azure *b)
{
	int64_t ms = MIN((int64_t)1000 << MIN(b->faults, 9U), (int64_t)BACKOFF_MS_MAX);
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	b->faults++;
	(void)put_off(b, ms + t.tv_nsec % (ms / 4 + 1));
}

static int get_token(struct azure *b, struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = {};
	char url[URL_MAX];
	struct azure_request q = { .method = "GET", .url = url, .metadata = true };
	int64_t seconds = 0;
	int r;

	if (b->c.token) {
		memcpy(b->token, b->c.token, strlen(b->c.token) + 1);
		return 0;
	}
	if (b->token[0] && now_ms() < b->token_until)
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
		return diag_set(d, -EACCES, "", 0,
				"the metadata service gives no token (%ld): has the machine a managed "
				"identity?",
				a.status);
	r = azure_token_parse(buf_view(&a.body), b->token, sizeof b->token, &seconds);
	if (r < 0)
		return diag_set(d, r, "", 0, "the metadata service's token is none");
	b->token_until = now_ms() + MAX(seconds * 1000 - TOKEN_EARLY_MS, (int64_t)10'000);
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
		(void)put_off(b, a->retry_after * 1000);
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
static int look(struct azure *b, struct rule *r, struct azure_rule *ret, bool *ret_there,
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

static size_t gather(const struct azure *b, const struct rule *r, struct prefix *list)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (prefix_is_v4(&b->entries[i].prefix) != r->v6)
			list[n++] = b->entries[i].prefix;
	return n;
}

static void accepted(struct azure *b, struct rule *r, const struct azure_answer *a, size_t n)
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
	(void)put_off(b, r->pending ? (a->retry_after > 0 ? a->retry_after * 1000 : POLL_MS) :
				      b->c.interval_ms);
}

/* Looks first: whose rule it is, and its ETag, so that nobody's change is overwritten unseen. */
static int write_rule(struct azure *b, struct rule *r, struct diag *d)
{
	own(free_ptr) struct prefix *list = calloc(b->n + 1, sizeof *list);
	own(azure_answer_release) struct azure_answer a = {};
	own(buf_release) struct buf body = BUF(1 << 20);
	struct azure_request q = { .method = "PUT", .url = r->url };
	struct azure_rule now;
	bool there = false;
	size_t n;
	int error = list ? look(b, r, &now, &there, d) : -ENOMEM;

	if (error < 0)
		return error;
	if (!now.settled && !now.failed)
		return put_off(b, POLL_MS);
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

static int poll_rule(struct azure *b, struct rule *r, struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = {};
	struct azure_request q = { .method = "GET", .url = r->operation };
	struct azure_rule now = {};
	bool there;
	int error, done;

	if (!r->operation[0]) {
		error = look(b, r, &now, &there, d);
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
		return put_off(b, a.retry_after > 0 ? a.retry_after * 1000 : POLL_MS);
	r->pending = false;
	(void)put_off(b, b->c.interval_ms);
	if (done > 0)
		return 0;
	r->dirty = true;
	back_off(b);
	return diag_set(d, -EAGAIN, "", 0, "Azure could not change the rule; it is tried again");
}

/* ---- the back end ---- */

static void touch(struct azure *b, const struct prefix *p)
{
	b->rules[!prefix_is_v4(p)].dirty = true;
}

static void drop(struct azure *b, size_t at)
{
	touch(b, &b->entries[at].prefix);
	memmove(b->entries + at, b->entries + at + 1, (b->n - at - 1) * sizeof *b->entries);
	b->n--;
}

static size_t find(const struct azure *b, const struct prefix *p)
{
	size_t i = 0;

	while (i < b->n && !prefix_eq(&b->entries[i].prefix, p))
		i++;
	return i;
}

static void add_one(struct azure *b, const struct prefix *p, uint32_t seconds)
{
	size_t at = find(b, p), same = 0, oldest = b->n;

	if (at < b->n) {
		b->entries[at].until = now_ms() + (int64_t)seconds * 1000;
		return;
	}
	for (size_t i = b->n; i-- > 0;) {
		if (prefix_is_v4(&b->entries[i].prefix) != prefix_is_v4(p))
			continue;
		same++;
		oldest = i;
	}
	if (same >= b->c.max_prefixes)
		drop(b, oldest);
	b->entries[b->n++] = (struct entry){ *p, now_ms() + (int64_t)seconds * 1000 };
	touch(b, p);
}

static int azure_add(struct ban *ban, struct ban_item *items, size_t n, struct diag *d)
{
	struct azure *b = (struct azure *)ban;

	(void)d;
	for (size_t i = 0; i < n; i++) {
		struct prefix p = prefix_cut(&items[i].prefix, items[i].prefix.bits);

		if (items[i].error != -EINPROGRESS)
			continue;
		if (prefix_length(&p) < (prefix_is_v4(&p) ? 8U : 16U)) {
			items[i].error = -E2BIG;
		} else if (prefix_touched(b->allow, b->n_allow, &p)) {
			items[i].error = -EACCES;
		} else {
			add_one(b, &p, items[i].seconds);
			items[i].error = 0;
		}
	}
	return 0;
}

static int azure_remove(struct ban *ban, struct ban_item *items, size_t n, struct diag *d)
{
	struct azure *b = (struct azure *)ban;

	(void)d;
	for (size_t i = 0; i < n; i++) {
		size_t at = find(b, &items[i].prefix);

		if (items[i].error != -EINPROGRESS)
			continue;
		items[i].error = at < b->n ? 0 : -ENOENT;
		if (at < b->n)
			drop(b, at);
	}
	return 0;
}

static int azure_allow(struct ban *ban, const struct prefix *list, size_t n, struct diag *d)
{
	struct azure *b = (struct azure *)ban;
	struct prefix *copy = calloc(n + 1, sizeof *copy);
	int r;

	if (!copy)
		return -ENOMEM;
	if (n)
		memcpy(copy, list, n * sizeof *list);
	r = ban_allow_sort(copy, n, &n, d);
	if (r < 0) {
		free(copy);
		return r;
	}
	free(b->allow);
	b->allow = copy;
	b->n_allow = n;
	for (size_t i = b->n; i-- > 0;)
		if (prefix_touched(b->allow, b->n_allow, &b->entries[i].prefix))
			drop(b, i);
	return 0;
}

static int azure_list(struct ban *ban, ban_fn *fn, void *user, struct diag *d)
{
	const struct azure *b = (const struct azure *)ban;
	int64_t now = now_ms();
	int r = 0;

	(void)d;
	for (size_t i = 0; r >= 0 && i < b->n; i++) {
		int64_t left = b->entries[i].until - now;
		struct ban_item item = { b->entries[i].prefix, (uint32_t)((left + 999) / 1000), 0 };

		if (left > 0)
			r = fn(user, &item);
	}
	return MIN(r, 0);
}

static int azure_ensure(struct ban *ban, unsigned *ret, struct diag *d)
{
	struct azure *b = (struct azure *)ban;
	unsigned found = 0, first = 0;
	int r = 0;

	if (now_ms() < MAX(b->not_before, b->next_check)) {
		*ret = 0;
		return 0;
	}
	for (size_t i = 0; r == 0 && i < COUNT(b->rules); i++) {
		struct rule *rule = &b->rules[i];
		struct azure_rule now = {};
		bool there = false, other;

		if (rule->pending)
			continue;
		r = look(b, rule, &now, &there, d);
		if (r < 0)
			break;
		other = now.prefixes != rule->written ||
			(rule->etag[0] && strcmp(rule->etag, now.etag) != 0);
		if (rule->seen && other)
			found |= BAN_TOUCHED | BAN_REPAIRED;
		else if (!rule->seen)
			found |= there ? BAN_TOUCHED : 0;
		rule->dirty |= rule->seen && other;
		first += !rule->seen && !there;
		/* What another run left there is replaced, once the bans of this one are known. */
		if (!rule->seen && there) {
			rule->written = now.prefixes;
			rule->dirty = true;
			(void)put_off(b, b->c.interval_ms);
		}
		rule->seen = true;
		memcpy(rule->etag, now.etag, sizeof rule->etag);
	}
	if (r < 0)
		return r;
	b->next_check = now_ms() + CHECK_MS;
	if (first == COUNT(b->rules))
		found = BAN_CREATED;
	*ret = found;
	return 0;
}

static void expire(struct azure *b, int64_t now)
{
	for (size_t i = b->n; i-- > 0;)
		if (b->entries[i].until <= now)
			drop(b, i);
}

static int64_t next_end(const struct azure *b)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < b->n; i++)
		next = MIN(next, b->entries[i].until);
	return next;
}

static int azure_tick(struct ban *ban, int *ret_ms, struct diag *d)
{
	struct azure *b = (struct azure *)ban;
	int64_t now = now_ms(), next;
	bool work = false;
	int r = 0;

	expire(b, now);
	for (size_t i = 0; r == 0 && i < COUNT(b->rules) && now >= b->not_before; i++) {
		if (b->rules[i].pending)
			r = poll_rule(b, &b->rules[i], d);
		else if (b->rules[i].dirty)
			r = write_rule(b, &b->rules[i], d);
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < COUNT(b->rules); i++)
		work |= b->rules[i].dirty || b->rules[i].pending;
	now = now_ms();
	next = MIN(work ? MAX(b->not_before, now) : INT64_MAX, next_end(b));
	*ret_ms = next == INT64_MAX ? -1 : (int)MIN(MAX(next - now, (int64_t)0), (int64_t)WAIT_MS_MAX);
	return 0;
}

const struct ban_ops ban_azure = {
	.name = "azure",
	.open = azure_open,
	.close = azure_close,
	.ensure = azure_ensure,
	.add = azure_add,
	.remove = azure_remove,
	.allow = azure_allow,
	.list = azure_list,
	.tick = azure_tick,
};
