/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <stdio.h>

#include "guard/doors_work.h"

#define GRANTS_OF_KEY 16u  /* open at one time */
#define WAITS_MS 600'000   /* as the judge forgets them */
#define KEEP_LATE_MS 3'000 /* where connections may go on, this process ends the grant first */

bool grant_has_port(const struct grant *g, struct knock_port p)
{
	for (unsigned i = 0; i < g->n_ports; i++)
		if (port_same(g->ports[i], p))
			return true;
	return false;
}

struct grant *doors_granted(struct doors *x, const struct prefix *peer, struct knock_port p)
{
	struct grant *best = NULL;

	for (size_t i = 0; i < DOORS_GRANTS; i++) {
		struct grant *g = &x->grants[i];

		if (g->state == GRANT_OPEN && prefix_has(&g->source, peer) &&
		    grant_has_port(g, p) && (!best || g->until > best->until))
			best = g;
	}
	return best;
}

struct grant *doors_by_id(struct doors *x, const unsigned char id[static KNOCK_ID])
{
	for (size_t i = 0; i < DOORS_GRANTS; i++)
		if (x->grants[i].state != GRANT_FREE && !memcmp(x->grants[i].id, id, KNOCK_ID))
			return &x->grants[i];
	return NULL;
}

/* ---- the kernel -------------------------------------------------------------------------------- */

static int by_end(const void *x, const void *y)
{
	const struct grant *const *a = x, *const *b = y;

	return ((*a)->until > (*b)->until) - ((*a)->until < (*b)->until);
}

static int put(struct doors *x, const struct grant *g, bool remove, struct diag *d)
{
	struct door_change list[KNOCK_PORTS_MAX];
	int64_t left = g->until - doors_boottime() + (x->keep_sessions ? KEEP_LATE_MS : 0);

	for (unsigned i = 0; i < g->n_ports; i++)
		list[i] = (struct door_change){ .what = DOOR_GRANT,
						.remove = remove,
						.protocol = g->ports[i].protocol,
						.port = g->ports[i].port,
						.from = g->source,
						.ms = (uint64_t)MAX(left, 1) };
	return door_apply(x->kernel, list, g->n_ports, d);
}

/*
 * Two grants may share an element: the one that ends last is put last, and what one takes away the
 * others put again.
 */
int doors_set(struct doors *x, const struct grant *g, struct diag *d)
{
	const struct grant *all[DOORS_GRANTS];
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < DOORS_GRANTS; i++) {
		const struct grant *o = &x->grants[i];

		if (o->state == GRANT_OPEN && (o == g || prefix_meets(&o->source, &g->source)))
			all[n++] = o;
	}
	if (g->state != GRANT_OPEN)
		r = put(x, g, true, d);
	qsort(all, n, sizeof *all, by_end);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = put(x, all[i], false, d);
	return r;
}

/* ---- ends -------------------------------------------------------------------------------------- */

void doors_end(struct doors *x, struct grant *g, const char *why)
{
	bool was_open = g->state == GRANT_OPEN, keep = false;
	struct door_line l = {};
	struct diag d = {};
	unsigned ended = 0;
	int r = 0;

	g->state = GRANT_OVER;
	g->until = doors_boottime();
	snprintf(g->over, sizeof g->over, "%s", why);
	x->changed = true;
	if (was_open) {
		keep = x->keep_sessions && !strcmp(why, "expired");
		if (keep)
			ended = doors_leave(x, g, true);
		r = doors_set(x, g, &d);
		if (!keep)
			ended = doors_leave(x, g, false);
	}
	if (r < 0)
		doors_failed(x, r, &d);
	line_text(&l, "event", !strcmp(why, "expired") ? STR("expired") : STR("ended"));
	line_text(&l, "why", str_of(why));
	line_grant(&l, g);
	line_number(&l, keep ? "connections_kept" : "connections_ended", ended);
	line_tell(x, &l);
}

void doors_expire(struct doors *x)
{
	int64_t now = doors_boottime();

	for (size_t i = 0; i < DOORS_GRANTS; i++) {
		struct grant *g = &x->grants[i];

		if ((g->state == GRANT_OPEN || g->state == GRANT_WAITS) && g->until <= now)
			doors_end(x, g, "expired");
	}
}

/* ---- begins ------------------------------------------------------------------------------------ */

/* A free place, or that of the one that has been over for longest. */
static struct grant *place(struct doors *x)
{
	struct grant *best = NULL;

	for (size_t i = 0; i < DOORS_GRANTS; i++) {
		struct grant *g = &x->grants[i];

		if (g->state == GRANT_FREE)
			return g;
		if (g->state == GRANT_OVER && (!best || g->until < best->until))
			best = g;
	}
	return best;
}

static void copy(char *ret, size_t room, struct str s)
{
	snprintf(ret, room, "%.*s", (int)MIN(s.len, room - 1), s.ptr ? s.ptr : "");
}

static void refused(struct doors *x, const struct knocks_grant *g, const char *why)
{
	struct door_line l = {};

	line_text(&l, "event", STR("not-opened"));
	line_text(&l, "why", str_of(why));
	line_id(&l, g->id);
	line_text(&l, "account", g->account);
	line_prefix(&l, "source", &g->source);
	line_ports(&l, g->ports, g->n_ports);
	line_tell(x, &l);
}

/* Nobody who may come in can keep the others out. */
static unsigned open_of_key(const struct doors *x, struct str key)
{
	unsigned n = 0;

	for (size_t i = 0; i < DOORS_GRANTS; i++)
		n += (x->grants[i].state == GRANT_OPEN || x->grants[i].state == GRANT_WAITS) &&
		     str_eq(str_of(x->grants[i].keys[0]), key);
	return n;
}

static void begin(struct doors *x, const struct knocks_grant *k, enum grant_state state)
{
	struct grant *g = doors_by_id(x, k->id), before;
	struct door_line l = {};
	struct diag d = {};
	int r = 0;

	if (!g && open_of_key(x, k->keys[0]) >= GRANTS_OF_KEY) {
		refused(x, k, "too many grants of this key are open");
		return;
	}
	if (!g)
		g = place(x);
	if (!g) {
		refused(x, k, "too many grants are open");
		return;
	}
	before = *g;
	*g = (struct grant){ .state = state,
			     .source = k->source,
			     .n_ports = k->n_ports,
			     .asked = doors_realtime(),
			     .seconds = k->seconds };
	g->until =
		doors_boottime() + (state == GRANT_WAITS ? WAITS_MS : (int64_t)k->seconds * 1'000);
	memcpy(g->id, k->id, sizeof g->id);
	memcpy(g->ports, k->ports, sizeof g->ports);
	copy(g->account, sizeof g->account, k->account);
	copy(g->reason, sizeof g->reason, k->reason);
	copy(g->rule, sizeof g->rule, k->rule);
	for (size_t i = 0; i < KNOCK_SIGNATURES_MAX; i++)
		copy(g->keys[i], sizeof g->keys[i], k->keys[i]);
	x->changed = true;
	if (state == GRANT_WAITS)
		return;
	r = doors_set(x, g, &d);
	if (r < 0) {
		*g = before;
		doors_failed(x, r, &d);
		refused(x, k, r == -E2BIG ? "the network is too wide" : x->problem);
		return;
	}
	line_text(&l, "event", STR("opened"));
	line_grant(&l, g);
	line_number(&l, "seconds", g->seconds);
	line_tell(x, &l);
}

static bool same_ask(const struct grant *g, const struct knocks_grant *k)
{
	if (!str_eq(str_of(g->account), k->account) || !prefix_eq(&g->source, &k->source))
		return false;
	for (unsigned i = 0; i < k->n_ports; i++)
		if (!grant_has_port(g, k->ports[i]))
			return false;
	return true;
}

static int prolong(struct doors *x, struct grant *g, uint32_t seconds, const char *by)
{
	int64_t until = doors_boottime() + (int64_t)seconds * 1'000, before = g->until;
	struct door_line l = {};
	struct diag d = {};
	int r;

	g->until = MAX(g->until, until);
	r = doors_set(x, g, &d);
	if (r < 0) {
		g->until = before;
		doors_failed(x, r, &d);
		return r;
	}
	g->seconds = (uint32_t)MAX(seconds, g->seconds);
	x->changed = true;
	line_text(&l, "event", STR("extended"));
	line_text(&l, "by", str_of(by));
	line_grant(&l, g);
	line_number(&l, "seconds", seconds);
	line_tell(x, &l);
	return 0;
}

static void extend(struct doors *x, const struct knocks_grant *k)
{
	for (size_t i = 0; i < DOORS_GRANTS; i++)
		if (x->grants[i].state == GRANT_OPEN && same_ask(&x->grants[i], k)) {
			if (prolong(x, &x->grants[i], k->seconds, "request") < 0)
				refused(x, k, x->problem);
			return;
		}
	/* Its policy is that of a new one. */
	begin(x, k, GRANT_OPEN);
}

static void close_own(struct doors *x, const struct knocks_grant *k)
{
	for (size_t i = 0; i < DOORS_GRANTS; i++) {
		struct grant *g = &x->grants[i];
		bool any = false;

		for (unsigned p = 0; p < k->n_ports; p++)
			any |= grant_has_port(g, k->ports[p]);
		if (any && (g->state == GRANT_OPEN || g->state == GRANT_WAITS) &&
		    str_eq(str_of(g->account), k->account) && prefix_meets(&g->source, &k->source))
			doors_end(x, g, "closed by a request");
	}
}

int doors_take(struct doors *x, const struct knocks_grant *k)
{
	if (!doors_active(x))
		return 0;
	if (!x->ready) {
		refused(x, k, x->problem);
		return 0;
	}
	if (k->deed != KNOCKS_CLOSE) {
		if (!k->seconds || k->seconds > KNOCK_SECONDS_MAX)
			return -EBADMSG;
		if (k->seconds > x->longest) {
			refused(x, k, "longer than the policy gives");
			return 0;
		}
		for (unsigned i = 0; i < k->n_ports; i++) {
			bool found = false;

			for (size_t p = 0; p < x->n_ports; p++)
				found |= port_same(x->ports[p].port, k->ports[i]);
			/* It may have been opened for all a moment ago. */
			if (!found) {
				refused(x, k, "the port is not one that is shut");
				return 0;
			}
		}
	}
	switch (k->deed) {
	case KNOCKS_OPEN: begin(x, k, GRANT_OPEN); break;
	case KNOCKS_WAITS: begin(x, k, GRANT_WAITS); break;
	case KNOCKS_EXTEND: extend(x, k); break;
	case KNOCKS_CLOSE: close_own(x, k); break;
	default: return -EBADMSG;
	}
	doors_save(x);
	return 0;
}

/* ---- by hand ----------------------------------------------------------------------------------- */

struct chosen {
	struct str text;
	bool is_prefix, is_id;
	struct prefix prefix;
};

static struct chosen choose(struct str text)
{
	struct chosen c = { .text = text,
			    .is_id = text.len >= 4 && text.len <= (size_t)2 * KNOCK_ID };

	for (size_t i = 0; i < text.len; i++)
		c.is_id = c.is_id && (('0' <= text.ptr[i] && text.ptr[i] <= '9') ||
				      ('a' <= text.ptr[i] && text.ptr[i] <= 'f'));
	c.is_prefix = prefix_parse(text, &c.prefix) >= 0;
	return c;
}

static bool has_id(const struct chosen *c, const struct grant *g)
{
	char id[2 * KNOCK_ID + 1];

	if (!c->is_id)
		return false;
	sodium_bin2hex(id, sizeof id, g->id, KNOCK_ID);
	return str_starts(str_of(id), c->text);
}

static bool fits(const struct chosen *c, const struct grant *g, bool waiting)
{
	if (g->state != GRANT_OPEN && !(waiting && g->state == GRANT_WAITS))
		return false;
	return str_eq(c->text, STR("all")) || str_eq(c->text, str_of(g->account)) || has_id(c, g) ||
	       (c->is_prefix && prefix_meets(&c->prefix, &g->source));
}

int doors_change(struct doors *x, struct str which, uint32_t seconds)
{
	struct chosen c = choose(which);
	unsigned ids = 0;
	int n = 0;

	if (seconds > x->longest)
		return -ERANGE;
	if (!x->ready)
		return 0;
	for (size_t i = 0; i < DOORS_GRANTS; i++)
		ids += fits(&c, &x->grants[i], !seconds) && has_id(&c, &x->grants[i]) &&
		       !str_eq(c.text, str_of(x->grants[i].account));
	if (ids > 1)
		return -EINVAL;
	for (size_t i = 0; i < DOORS_GRANTS; i++) {
		struct grant *g = &x->grants[i];
		int r = 0;

		if (!fits(&c, g, !seconds))
			continue;
		if (seconds)
			r = prolong(x, g, seconds, "jit extend");
		else
			doors_end(x, g, "closed by jit close");
		if (r < 0)
			return r;
		n++;
	}
	doors_save(x);
	return n;
}
