/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the process that talks to Azure is told. */
#include "guard/cloud.h"
#include "guard/parent.h"

/* Azure takes that many of both families; the newest ones count. */
#define REFILL_MOST (2 * (size_t)BAN_AZURE_PREFIXES)

int parent_start_cloud(struct parent *p)
{
	const struct guard_config *g = &p->config;
	struct ban_azure_config c = { .subscription = g->azure_subscription.ptr,
				      .resource_group = g->azure_group.ptr,
				      .nsg = g->azure_nsg.ptr,
				      .priority = g->azure_priority,
				      .interval_ms = g->azure_interval * 1'000,
				      .identity = g->azure_identity.ptr,
				      .endpoint = g->azure_endpoint.ptr,
				      .metadata = g->azure_metadata.ptr };

	if (g->backend != BACKEND_AZURE || !g->enforce)
		return 0;
	return child_start(&p->children[ROLE_CLOUD], &p->user, NULL, 0, cloud_main, &c);
}

void parent_tell_cloud(struct parent *p, enum cloud_what what, const struct ban_item *items,
		       size_t n)
{
	struct child *c = &p->children[ROLE_CLOUD];

	/* One that starts is told everything when it is ready. */
	if (!c->pid || c->phase != PHASE_RUN)
		return;
	do {
		size_t k = MIN(n, CLOUD_ITEMS);

		cloud_put(&p->out, what, items, k);
		child_tell(c, &p->out);
		items += k;
		n -= k;
	} while (n);
}

void parent_allow_cloud(struct parent *p, const struct prefix *list, size_t n)
{
	own(free_ptr) struct ban_item *items = calloc(n + 1, sizeof *items);

	for (size_t i = 0; items && i < n; i++)
		items[i].prefix = list[i];
	if (items)
		parent_tell_cloud(p, CLOUD_ALLOW, items, MIN(n, CLOUD_ITEMS));
}

struct refill {
	struct ban_item *items;
	size_t n, skip;
};

static int refill_one(void *user, const struct ledger_decision *d)
{
	struct refill *f = user;

	if (f->skip)
		f->skip--;
	else if (f->n < REFILL_MOST)
		f->items[f->n++] = (struct ban_item){ d->prefix, d->seconds, 0 };
	return 0;
}

void parent_fill_cloud(struct parent *p)
{
	own(free_ptr) struct ban_item *items = calloc(REFILL_MOST, sizeof *items);
	struct refill f = { .items = items };
	struct ledger_counts counts;

	if (!items)
		return;
	ledger_count(p->ledger, &counts);
	f.skip = counts.bans > REFILL_MOST ? counts.bans - REFILL_MOST : 0;
	if (parent_allow(p) < 0 || ledger_bans(p->ledger, parent_now(p), refill_one, &f) < 0)
		parent_log("azure: bans cannot be listed");
	parent_tell_cloud(p, CLOUD_ADD, items, f.n);
}
