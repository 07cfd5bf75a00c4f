/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/rule.h"
#include "guard/parent.h"
#include <stdio.h>

#define SESSIONS_MS 5'000
#define LIST_TRIES 5
#define RELOADED_BATCH 16'384u /* bans that are added again at a time */

static bool in_kernel(const struct parent *p) { return p->config.enforce && p->ban; }

static bool works(const struct parent *p)
{
	return in_kernel(p) || (p->config.enforce && p->config.backend == BACKEND_AZURE);
}

static void problem(struct parent *p, const char *what, int error, const struct diag *d)
{
	char text[280];
	bool again = p->ban_problem[0];

	p->counts_own.failed++;
	snprintf(p->ban_problem, sizeof p->ban_problem, "%s: %s", what,
		 d->reason[0] ? diag_text(d, text, sizeof text) : strerror(-error));
	if (!again)
		parent_report(p, LEVEL_CRITICAL, "guard_bans_fail",
			      "Bans cannot be carried out: %s", p->ban_problem);
}

/* ---- all bans again ------------------------------------------------------------------------ */

struct refill {
	struct parent *p;
	struct ban_item *items;
	size_t n, failed;
	int error;
	struct diag d;
};

static int refill_flush(struct refill *f)
{
	size_t failed = 0;

	if (f->n && !f->error)
		f->error = ban_add(f->p->ban, f->items, f->n, &failed, &f->d);
	f->failed += failed;
	f->n = 0;
	return f->error;
}

static int refill_add(void *user, const struct ledger_decision *d)
{
	struct refill *f = user;

	if (f->n == RELOADED_BATCH && refill_flush(f) < 0)
		return f->error;
	f->items[f->n++] = (struct ban_item){ .prefix = d->prefix, .seconds = d->seconds };
	return 0;
}

static int put_allow(struct parent *p, struct diag *d);

/* What the kernel's sets must hold: after a start, or where somebody emptied them. */
static int refill(struct parent *p)
{
	struct refill f = { .p = p, .items = calloc(RELOADED_BATCH, sizeof *f.items) };
	int r = f.items ? put_allow(p, &f.d) : -ENOMEM;

	if (r >= 0)
		r = ledger_bans(p->ledger, parent_now(p), refill_add, &f);
	if (r >= 0)
		r = refill_flush(&f);
	if (r < 0)
		problem(p, "adding all bans", r, &f.d);
	free(f.items);
	return r;
}

/* ---- bans of the kernel that the ledger does not know (its file was lost) ---------------------- */

static int adopt(void *user, const struct ban_item *item)
{
	struct parent *p = user;
	struct ledger_verdict verdict;
	struct ledger_why why;

	ledger_why(p->ledger, &item->prefix, parent_now(p), &why);
	if (!why.banned &&
	    ledger_ban(p->ledger, &item->prefix, item->seconds, parent_now(p), &verdict) < 0)
		return 0;
	return 0;
}

/* ---- start ------------------------------------------------------------------------------------ */

static int open_backend(struct parent *p, struct diag *d)
{
	const struct guard_config *g = &p->config;
	const char **add = p->command_add, **remove = p->command_remove;
	struct ban_config c = { .command = &p->command };
	size_t n = MIN(g->n_command, COMMAND_WORDS);
	int r = -ENOTSUP;

	/* Another back end leaves its bans to their time. */
	ban_close(&p->ban);
	for (size_t i = 0; i < n; i++)
		add[i] = remove[i] = g->command[i].ptr;
	p->command = (struct ban_command_config){ .add = add, .remove = remove };
	add[n] = "add";
	add[n + 1] = "{prefix}";
	add[n + 2] = "{seconds}";
	add[n + 3] = NULL;
	remove[n] = "remove";
	remove[n + 1] = "{prefix}";
	remove[n + 2] = NULL;
	p->ban_kind = n ? BAN_COMMAND : g->backend == BACKEND_IPSET ? BAN_IPSET : BAN_NFT;
	c.kind = p->ban_kind;
	r = ban_open(&c, &p->ban, d);
	if (r == -EPROTONOSUPPORT && !n &&
	    (g->backend == BACKEND_AUTO || g->backend == BACKEND_AZURE)) {
		*d = (struct diag){};
		c.kind = p->ban_kind = BAN_IPSET;
		r = ban_open(&c, &p->ban, d);
	}
	return r;
}

int parent_open_bans(struct parent *p)
{
	struct diag d = {};
	unsigned found = 0;
	int r;

	if (!p->items) {
		p->items = calloc(PARENT_BATCH * LEDGER_DECISIONS, sizeof *p->items);
		if (!p->items)
			return -ENOMEM;
	}
	parent_addresses(p);
	r = parent_allow(p);
	if (r < 0 || !p->config.enforce || p->config.backend == BACKEND_NONE)
		return r;
	r = open_backend(p, &d);
	if (r >= 0)
		r = ban_ensure(p->ban, &found, &d);
	/* Somebody else changes rules: bans that came twice do no harm. */
	for (int i = 0; r >= 0 && !(found & BAN_CREATED) && i < LIST_TRIES; i++) {
		int e = ban_list(p->ban, adopt, p, &d);

		if (e != -EAGAIN) {
			r = e;
			break;
		}
	}
	/* A daemon that cannot ban still watches and tells. */
	if (r < 0) {
		problem(p, "opening the packet filter", r, &d);
		return r == -ENOMEM ? r : 0;
	}
	if (!p->can_cut && p->config.cut)
		p->can_cut = cut_open(&p->cut, &d) >= 0;
	if (!p->can_cut && p->config.cut)
		parent_log("connections of banned addresses are not cut: %s", d.reason);
	r = refill(p);
	return r == -ENOMEM ? r : 0;
}

/* ---- one ban ------------------------------------------------------------------------------------ */

static enum alert_done refused(enum ledger_reason reason)
{
	return reason == LEDGER_SESSION ? DONE_SESSION
	       : reason == LEDGER_LOCAL ? DONE_LOCAL
					: DONE_ALLOWED;
}

void parent_carry_out(struct parent *p, const struct ledger_decision *d, struct str rule)
{
	char text[PREFIX_TEXT];

	p->ledger_changed = true;
	if (d->what == LEDGER_REFUSE) {
		p->counts_own.refused++;
		p->last_deed.done = refused(d->reason);
	}
	if (d->what != LEDGER_BAN) {
		if (d->what == LEDGER_UNBAN)
			(void)parent_decided(p, d);
		return;
	}
	p->counts_own.bans++;
	p->last_deed.done = works(p)            ? DONE_BANNED
			    : p->config.enforce ? DONE_FAILED
						: DONE_WOULD_BAN;
	p->last_deed.seconds = d->seconds;
	p->last_deed.times = d->times;
	parent_note_ban(p, d, rule);
	if (works(p))
		p->items[p->n_items++] =
			(struct ban_item){ .prefix = d->prefix, .seconds = d->seconds };
	if (d->reason == LEDGER_MANY)
		parent_report(p, LEVEL_HIGH, "guard_network",
			      "Many banned addresses of one network: %s %s",
			      prefix_format(&d->prefix, text).ptr,
			      works(p) ? "is banned" : "would be banned");
}

void parent_strike(struct parent *p, const struct prefix *from, struct str rule, unsigned weight,
		   bool old)
{
	/* A /64 by which rules group stands for any of its hosts. */
	struct prefix host = { .bits = PREFIX_HOST };
	struct ledger_verdict v = {};
	uint16_t number;
	int r;

	p->last_deed = (struct alert_deed){ .done = old ? DONE_OLD : DONE_ALREADY };
	if (old)
		return;
	memcpy(host.addr, from->addr, sizeof host.addr);
	r = ledger_rule(p->ledger, rule, &number);
	if (r >= 0)
		r = ledger_strike(p->ledger, &host, number, weight, parent_now(p), &v);
	if (r < 0) {
		p->last_deed.done = DONE_FAILED;
		return;
	}
	p->ledger_changed = true;
	for (unsigned i = 0; i < v.n; i++)
		parent_carry_out(p, &v.list[i], rule);
	if (p->n_items > (PARENT_BATCH - 1) * LEDGER_DECISIONS)
		parent_apply(p);
}

/* ---- carrying out ------------------------------------------------------------------------------ */

static void restore_table(struct parent *p)
{
	struct diag d = {};
	unsigned found = 0;
	int r = ban_ensure(p->ban, &found, &d);

	if (r < 0) {
		problem(p, "restoring the packet filter's table", r, &d);
		return;
	}
	if (p->ban_problem[0])
		parent_log("bans are carried out again");
	p->ban_problem[0] = '\0';
	if (!(found & (BAN_CREATED | BAN_EMPTIED | BAN_REPAIRED)))
		return;
	p->counts_own.repaired++;
	parent_report(p, LEVEL_HIGH, "guard_table",
		      "Somebody changed or removed the daemon's table of bans; it is as it was");
	if (found & (BAN_CREATED | BAN_EMPTIED))
		(void)refill(p);
}

/*
 * The ban stands within the millisecond; before a connection is cut whoever owns it is looked at:
 * somebody who logged in a moment ago is let in again and keeps the connection.
 */
static void cut_connections(struct parent *p)
{
	struct diag d = {};
	unsigned cut = 0;
	size_t k = 0;

	for (size_t i = 0; i < p->n_cuts; i++)
		if (!sessions_has(&p->sessions, &p->cuts[i]))
			p->cuts[k++] = p->cuts[i];
	p->n_cuts = 0;
	if (k && p->can_cut && p->config.cut && cut_peers(&p->cut, p->cuts, k, &cut, &d) < 0)
		parent_log("cutting connections: %s", d.reason);
	p->counts_own.cut += cut;
}

/*
 * Looking who is logged in takes milliseconds. Where no banned address is connected nobody there
 * is, and nothing is to be cut.
 */
static bool nobody_connected(struct parent *p)
{
	unsigned found = 0;
	struct diag d = {};

	return p->can_cut && cut_look(&p->cut, p->cuts, p->n_cuts, &found, &d) >= 0 && !found;
}

void parent_bans_settled(struct parent *p)
{
	p->cuts_wanted = false;
	p->sessions_at = monotonic_now_ms();
	if (nobody_connected(p))
		p->n_cuts = 0;
	else
		parent_sessions(p);
}

void parent_apply(struct parent *p)
{
	struct diag d = {};
	size_t n = p->n_items, failed = 0;
	int r;

	if (!n)
		return;
	p->n_items = 0;
	parent_tell_cloud(p, CLOUD_ADD, p->items, n);
	if (!p->ban)
		return;
	r = ban_add(p->ban, p->items, n, &failed, &d);
	if (r == -ENOENT) {
		restore_table(p);
		r = ban_add(p->ban, p->items, n, &failed, &d);
	}
	if (r < 0 || failed)
		problem(p, "adding a ban", r < 0 ? r : p->items[0].error, &d);
	for (size_t i = 0; r >= 0 && i < n && p->n_cuts < CUTS_MAX; i++)
		if (!p->items[i].error)
			p->cuts[p->n_cuts++] = p->items[i].prefix;
	p->cuts_wanted = true;
	parent_flush_notes(p);
}

int parent_decided(void *user, const struct ledger_decision *d)
{
	struct parent *p = user;
	struct ban_item item = { .prefix = d->prefix };
	struct diag diag = {};
	char text[PREFIX_TEXT];

	p->ledger_changed = true;
	if (d->what != LEDGER_UNBAN)
		return 0;
	parent_note_ban(p, d, STR(""));
	parent_tell_cloud(p, CLOUD_REMOVE, &item, 1);
	if (in_kernel(p) && ban_remove(p->ban, &item, 1, NULL, &diag) < 0)
		parent_log("taking back a ban: %s", diag.reason);
	parent_log("%s is no longer banned%s", prefix_format(&d->prefix, text).ptr,
		   d->reason == LEDGER_SESSION ? ": somebody is logged in from there" : "");
	return 0;
}

/* ---- allow list and sessions ---------------------------------------------------------------------- */

static size_t allow_list(const struct parent *p, struct prefix *to)
{
	size_t n = 0;

	for (size_t i = 0; i < p->config.n_allow; i++)
		to[n++] = p->config.allow[i];
	for (size_t i = 0; i < p->n_allowed; i++)
		to[n++] = p->allowed[i];
	for (size_t i = 0; i < p->n_own; i++)
		to[n++] = p->own[i];
	for (size_t i = 0; i < p->sessions.n; i++)
		to[n++] = p->sessions.list[i];
	return n;
}

static size_t allow_most(const struct parent *p)
{
	return p->config.n_allow + p->n_allowed + p->n_own + SESSIONS_MAX + 1;
}

static int put_allow(struct parent *p, struct diag *d)
{
	own(free_ptr) struct prefix *list = calloc(allow_most(p), sizeof *list);

	size_t n;

	if (!list)
		return -ENOMEM;
	n = MIN(allow_list(p, list), BAN_ALLOW_MAX);
	parent_allow_cloud(p, list, n);
	return in_kernel(p) ? ban_allow(p->ban, list, n, d) : 0;
}

int parent_allow(struct parent *p)
{
	own(free_ptr) struct prefix *list = calloc(allow_most(p), sizeof *list);
	struct diag d = {};
	int r;

	if (!list)
		return -ENOMEM;
	sessions_look(&p->sessions);
	p->sessions_at = p->looked_at = monotonic_now_ms();
	r = ledger_allow(p->ledger, list, allow_list(p, list) - p->sessions.n, parent_decided, p);
	if (r >= 0)
		r = ledger_sessions(p->ledger, p->sessions.list, p->sessions.n, parent_decided, p);
	if (r >= 0 && works(p) && put_allow(p, &d) < 0)
		parent_log("allow list: %s", d.reason);
	return r == -E2BIG ? 0 : r;
}

/* Whoever can make a log name an address could have this machine's own ones banned. */
void parent_addresses(struct parent *p)
{
	static struct prefix now[MACHINE_ADDRESSES_MAX];
	int n = machine_addresses(now, MACHINE_ADDRESSES_MAX);
	bool same = n >= 0 && (size_t)n == p->n_own;

	for (size_t i = 0; same && i < p->n_own; i++)
		same = prefix_eq(&now[i], &p->own[i]);
	if (n < 0 || same)
		return;
	memcpy(p->own, now, (size_t)n * sizeof *now);
	p->n_own = (size_t)n;
	if (parent_allow(p) < 0)
		parent_log("allow list: this machine's own addresses cannot be remembered");
}

void parent_sessions(struct parent *p)
{
	struct diag d = {};

	p->sessions_wanted = false;
	p->sessions_at = p->looked_at = monotonic_now_ms();
	if (sessions_look(&p->sessions)) {
		if (ledger_sessions(p->ledger, p->sessions.list, p->sessions.n, parent_decided, p) <
		    0)
			parent_log("sessions: they cannot be remembered");
		if (works(p) && put_allow(p, &d) < 0)
			parent_log("allow list: %s", d.reason);
	}
	if (p->n_cuts)
		cut_connections(p);
}

void parent_tick_bans(struct parent *p)
{
	int64_t now = monotonic_now_ms();

	parent_flush_notes(p);
	if (now - p->looked_at >= SESSIONS_MS)
		parent_sessions(p);
	ledger_expire(p->ledger, parent_now(p));
	if (in_kernel(p))
		restore_table(p);
}
