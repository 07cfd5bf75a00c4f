/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections to ports that are shut: which grant each came by, and its end. */
#include <netinet/in.h>

#include "guard/doors_work.h"

#define LOOK_MS 50

static struct door_change keep_of(const struct conn *c, bool remove)
{
	return (struct door_change){ .what = DOOR_KEEP,
				     .remove = remove,
				     .protocol = IPPROTO_TCP,
				     .port = c->port,
				     .remote = c->remote,
				     .from = c->peer,
				     .ms = DOORS_KEEP_MS };
}

struct door_conn *doors_find(struct doors *x, const struct prefix *peer, uint16_t remote,
			     uint16_t port)
{
	for (size_t i = 0; i < x->n_conns; i++) {
		struct conn *c = &x->conns[i].conn;

		if (c->remote == remote && (!port || c->port == port) && prefix_eq(&c->peer, peer))
			return &x->conns[i];
	}
	return NULL;
}

/* What comes in by lo is not asked for a grant. */
static bool is_own(const struct conn *c)
{
	return prefix_is_v4(&c->peer) ? c->peer.addr[12] == 127
				      : c->peer.bits == PREFIX_HOST && c->peer.addr[15] == 1 &&
						!memcmp(c->peer.addr, (char[15]){}, 15);
}

static void tell(struct doors *x, const struct door_conn *c, const char *event)
{
	struct door_line l = {};

	line_text(&l, "event", str_of(event));
	if (c->granted)
		line_id(&l, c->id);
	line_prefix(&l, "from", &c->conn.peer);
	line_number(&l, "from_port", c->conn.remote);
	line_number(&l, "port", c->conn.port);
	if (!strcmp(event, "disconnected"))
		line_number(&l, "seconds", (doors_boottime() - c->begun) / 1'000);
	line_tell(x, &l);
}

static struct door_conn *add(struct doors *x, const struct conn *c)
{
	struct door_conn *n;

	if (x->n_conns == DOORS_CONNS)
		return NULL;
	n = &x->conns[x->n_conns++];
	*n = (struct door_conn){ .conn = *c, .begun = doors_boottime() };
	return n;
}

static void note(struct doors *x, const struct conn *c)
{
	struct door_conn *known = doors_find(x, &c->peer, c->remote, c->port);
	struct grant *g;

	if (known) {
		known->conn = *c;
		known->seen = true;
		return;
	}
	g = doors_granted(x, &c->peer, (struct knock_port){ IPPROTO_TCP, c->port });
	if (!g || is_own(c))
		return;
	known = add(x, c);
	if (!known)
		return;
	known->seen = known->granted = true;
	memcpy(known->id, g->id, KNOCK_ID);
	g->connections++;
	x->changed = true;
	tell(x, known, "connected");
}

static void gone(struct doors *x, size_t i)
{
	struct door_conn c = x->conns[i];
	struct door_change k = keep_of(&c.conn, true);
	struct diag d = {};

	x->conns[i] = x->conns[--x->n_conns];
	x->changed |= c.kept;
	if (c.kept && door_apply(x->kernel, &k, 1, &d) < 0)
		doors_failed(x, -EIO, &d);
	tell(x, &c, "disconnected");
}

void doors_look(struct doors *x)
{
	struct conn list[DOORS_CONNS];
	int r = 0;

	x->looked = doors_boottime();
	for (size_t i = 0; i < x->n_conns; i++)
		x->conns[i].seen = false;
	for (size_t i = 0; r >= 0 && i < x->n_ports; i++) {
		size_t n = 0;

		if (x->ports[i].port.protocol != IPPROTO_TCP)
			continue;
		r = conn_list(&x->cut, x->ports[i].port.port, list, COUNT(list), &n);
		for (size_t k = 0; r >= 0 && k < n; k++)
			note(x, &list[k]);
	}
	if (r < 0) {
		doors_failed(x, r, &(struct diag){});
		return;
	}
	for (size_t i = x->n_conns; i-- > 0;)
		if (!x->conns[i].seen)
			gone(x, i);
}

int doors_keep_all(struct doors *x, const struct knock_port *ports, size_t n, struct diag *d)
{
	struct conn list[DOORS_CONNS];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		size_t found = 0;

		if (ports[i].protocol != IPPROTO_TCP)
			continue;
		r = conn_list(&x->cut, ports[i].port, list, COUNT(list), &found);
		if (r >= 0 && found == COUNT(list))
			return diag_set(d, -E2BIG, "", 0,
					"port %u has more than %u connections: some would end",
					ports[i].port, DOORS_CONNS - 1);
		for (size_t k = 0; r >= 0 && k < found; k++) {
			struct door_change c = keep_of(&list[k], false);
			struct door_conn *known;

			if (is_own(&list[k]))
				continue;
			r = door_apply(x->kernel, &c, 1, d);
			known = doors_find(x, &list[k].peer, list[k].remote, list[k].port);
			if (!known)
				known = add(x, &list[k]);
			if (known)
				known->kept = true;
		}
	}
	return r < 0 ? diag_set(d, r, "", 0, "connections cannot be looked at: %s", strerror(-r))
		     : 0;
}

/* Only those that nothing else lets go on. */
static int leave_one(struct doors *x, const struct conn *c, bool keep)
{
	struct door_conn *known = doors_find(x, &c->peer, c->remote, c->port);
	struct door_change k = keep_of(c, false);
	struct diag d = {};
	int r;

	if ((known && known->kept) || is_own(c) ||
	    doors_granted(x, &c->peer, (struct knock_port){ IPPROTO_TCP, c->port }))
		return 0;
	r = keep ? door_apply(x->kernel, &k, 1, &d) : x->can_end ? conn_end(&x->cut, c) : 0;
	if (r < 0) {
		doors_failed(x, r, &d);
		return 0;
	}
	if (keep && !known)
		known = add(x, c);
	if (keep && known)
		known->kept = true;
	return 1;
}

unsigned doors_leave(struct doors *x, const struct grant *g, bool keep)
{
	struct conn list[DOORS_CONNS];
	unsigned ended = 0;

	for (unsigned i = 0; i < g->n_ports; i++) {
		size_t n = 0;
		int r;

		if (g->ports[i].protocol != IPPROTO_TCP)
			continue;
		r = conn_list(&x->cut, g->ports[i].port, list, COUNT(list), &n);
		if (r < 0)
			doors_failed(x, r, &(struct diag){});
		for (size_t k = 0; k < n; k++)
			if (prefix_has(&g->source, &list[k].peer))
				ended += (unsigned)leave_one(x, &list[k], keep);
	}
	return ended;
}

void doors_login(struct doors *x, const struct prefix *peer, uint16_t remote, struct str account,
		 struct str key)
{
	struct door_conn *c;
	struct door_line l = {};
	struct grant *g;

	if (!x->ready || !doors_active(x) || !remote)
		return;
	c = doors_find(x, peer, remote, 0);
	/* It asks the kernel for all of them: not for each line of a log. */
	if (!c && doors_boottime() - x->looked >= LOOK_MS) {
		doors_look(x);
		c = doors_find(x, peer, remote, 0);
	}
	if (!c)
		return;
	g = c->granted ? doors_by_id(x, c->id) : NULL;
	if (g) {
		g->logins++;
		x->changed = true;
	}
	line_text(&l, "event", STR("login"));
	if (c->granted)
		line_id(&l, c->id);
	line_text(&l, "account", account);
	line_text(&l, "key", key);
	line_prefix(&l, "from", peer);
	line_number(&l, "from_port", remote);
	line_number(&l, "port", c->conn.port);
	line_tell(x, &l);
}
