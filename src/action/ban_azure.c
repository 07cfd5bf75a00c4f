/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "action/ban_azure_work.h"

#define VERSION "2023-09-01"
#define CHECK_MS 60'000 /* between two looks of ban_ensure() */

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
	if (c->token && strlen(c->token) >= AZURE_TOKEN_MAX)
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
		struct azure_there *r = &b->rules[i];
		int n = snprintf(
			r->url, sizeof r->url,
			"%s/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Network/"
			"networkSecurityGroups/%s/securityRules/%s-ipv%d?api-version=" VERSION,
			c.endpoint, c.subscription, c.resource_group, c.nsg, c.rule, i ? 6 : 4);

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
		b->entries[at].until = azure_now() + (int64_t)seconds * 1000;
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
	b->entries[b->n++] = (struct azure_entry){ *p, azure_now() + (int64_t)seconds * 1000 };
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
	int r = ban_allow_keep(&b->allow, &b->n_allow, list, n, d);

	if (r < 0)
		return r;
	for (size_t i = b->n; i-- > 0;)
		if (prefix_touched(b->allow, b->n_allow, &b->entries[i].prefix))
			drop(b, i);
	return 0;
}

static int azure_list(struct ban *ban, ban_fn *fn, void *user, struct diag *d)
{
	const struct azure *b = (const struct azure *)ban;
	int64_t now = azure_now();
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

	if (azure_now() < MAX(b->not_before, b->next_check)) {
		*ret = 0;
		return 0;
	}
	for (size_t i = 0; r == 0 && i < COUNT(b->rules); i++) {
		struct azure_there *rule = &b->rules[i];
		struct azure_rule now = {};
		bool there = false, other;

		if (rule->pending)
			continue;
		r = azure_look(b, rule, &now, &there, d);
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
			(void)azure_put_off(b, b->c.interval_ms);
		}
		rule->seen = true;
		memcpy(rule->etag, now.etag, sizeof rule->etag);
	}
	if (r < 0)
		return r;
	b->next_check = azure_now() + CHECK_MS;
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

/* When there is something to do again; INT64_MAX: never. */
static int64_t next_work(const struct azure *b, int64_t now)
{
	int64_t next = next_end(b);

	for (size_t i = 0; i < COUNT(b->rules); i++)
		if (b->rules[i].dirty || b->rules[i].pending)
			next = MIN(next, MAX(b->not_before, now));
	return next;
}

static int azure_tick(struct ban *ban, int *ret_ms, struct diag *d)
{
	struct azure *b = (struct azure *)ban;
	int64_t now = azure_now(), next;
	int r = 0;

	expire(b, now);
	for (size_t i = 0; r == 0 && i < COUNT(b->rules) && now >= b->not_before; i++) {
		if (b->rules[i].pending)
			r = azure_poll(b, &b->rules[i], d);
		else if (b->rules[i].dirty)
			r = azure_write(b, &b->rules[i], d);
	}
	if (r < 0)
		return r;
	now = azure_now();
	next = next_work(b, now);
	*ret_ms = next == INT64_MAX ? -1 : (int)MIN(MAX(next - now, 0), AZURE_WAIT_MS_MAX);
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
