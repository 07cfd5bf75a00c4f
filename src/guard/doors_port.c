/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ports are shut, the change is confirmed, they are opened again. */
#include <stdio.h>

#include "guard/doors_work.h"

static struct shut_port *find_port(struct doors *x, struct knock_port p)
{
	for (size_t i = 0; i < x->n_ports; i++)
		if (port_same(x->ports[i].port, p))
			return &x->ports[i];
	return NULL;
}

/* After a failure: a table that shuts nothing is not left behind. */
static void leave_no_trace(struct doors *x)
{
	struct diag d = {};

	if (doors_active(x))
		return;
	x->n_conns = 0;
	x->ready = false;
	if (x->kernel && door_remove(x->kernel, &d) < 0)
		doors_failed(x, -EIO, &d);
}

int doors_shut(struct doors *x, const struct knock_port *list, size_t n, unsigned seconds,
	       struct diag *d)
{
	struct door_line l = {};
	struct knock_port new[JIT_PROTECTED_MAX];
	size_t n_new = 0, before = x->n_ports;
	unsigned found = 0;
	int r;

	for (size_t i = 0; i < n && n_new < JIT_PROTECTED_MAX; i++)
		if (!find_port(x, list[i]))
			new[n_new++] = list[i];
	if (!n_new)
		return -EALREADY;
	if (x->n_ports + n_new > JIT_PROTECTED_MAX)
		return diag_set(d, -ENOSPC, "", 0, "more than %u ports", JIT_PROTECTED_MAX);
	r = doors_restore(x, d);
	if (r >= 0)
		r = door_ensure(x->kernel, &found, d);
	if (r >= 0)
		r = doors_keep_all(x, new, n_new, d);
	if (r < 0) {
		leave_no_trace(x);
		return r;
	}
	for (size_t i = 0; i < n_new; i++)
		x->ports[x->n_ports++] = (struct shut_port){ new[i], true };
	x->pending_until = doors_boottime() + (int64_t)seconds * 1'000;
	x->changed = true;
	/* Who takes it back must know of it before it is done. */
	r = doors_write(x, true);
	if (r >= 0)
		r = doors_set_ports(x, d);
	if (r < 0) {
		x->n_ports = before;
		leave_no_trace(x);
		doors_save(x);
		return diag_set(d, r, "", 0, "%s", strerror(-r));
	}
	line_text(&l, "event", STR("shut"));
	line_ports(&l, new, n_new);
	line_number(&l, "seconds", seconds);
	line_tell(x, &l);
	return 0;
}

int doors_confirm(struct doors *x, const struct prefix *peer, uint16_t remote, uint16_t port,
		  struct diag *d)
{
	struct shut_port before[JIT_PROTECTED_MAX];
	struct door_line l = {};
	struct door_conn *c;
	int r;

	if (!doors_pending(x))
		return -ENOENT;
	r = doors_restore(x, d);
	if (r < 0)
		return r;
	doors_look(x);
	c = doors_find(x, peer, remote, port);
	if (!c)
		return diag_set(
			d, -EPERM, "", 0,
			"you are not connected to a port that is shut: log in anew, after a "
			"request, and confirm there");
	if (!c->granted)
		return diag_set(d, -EPERM, "", 0,
				"this connection is older than the change: make a request, log in "
				"anew, and confirm there");
	memcpy(before, x->ports, sizeof before);
	for (size_t i = 0; i < x->n_ports; i++)
		x->ports[i].pending = false;
	x->changed = true;
	r = doors_write(x, true);
	if (r >= 0)
		r = doors_set_ports(x, d);
	if (r < 0) {
		memcpy(x->ports, before, sizeof before);
		return diag_set(d, r, "", 0, "%s", strerror(-r));
	}
	line_text(&l, "event", STR("confirmed"));
	line_id(&l, c->id);
	line_prefix(&l, "from", peer);
	line_number(&l, "from_port", remote);
	line_tell(x, &l);
	return 0;
}

static bool listed(const struct knock_port *list, size_t n, struct knock_port p)
{
	for (size_t i = 0; i < n; i++)
		if (port_same(list[i], p))
			return true;
	return !n;
}

/* Grants that open nothing that is shut. */
static void end_idle(struct doors *x)
{
	for (size_t i = 0; i < DOORS_GRANTS; i++) {
		struct grant *g = &x->grants[i];
		bool any = false;

		for (unsigned k = 0; k < g->n_ports; k++)
			any |= find_port(x, g->ports[k]) != NULL;
		if (!any && (g->state == GRANT_OPEN || g->state == GRANT_WAITS)) {
			/* Everybody may come in: nobody is cut off. */
			g->state = GRANT_OVER;
			g->until = doors_boottime();
			snprintf(g->over, sizeof g->over, "the port is open again");
		}
	}
}

static int open_ports(struct doors *x, const struct knock_port *list, size_t n, struct diag *d)
{
	struct door_change changes[JIT_PROTECTED_MAX];

	if (!x->n_ports)
		return door_remove(x->kernel, d);
	for (size_t i = 0; i < n; i++)
		changes[i] = (struct door_change){ .what = DOOR_SHUT,
						   .remove = true,
						   .protocol = list[i].protocol,
						   .port = list[i].port };
	return door_apply(x->kernel, changes, n, d);
}

int doors_unshut(struct doors *x, const struct knock_port *list, size_t n, const char *why,
		 struct diag *d)
{
	struct shut_port before[JIT_PROTECTED_MAX];
	struct knock_port gone[JIT_PROTECTED_MAX];
	size_t n_before = x->n_ports, n_gone = 0, kept = 0;
	struct door_line l = {};
	int r;

	/* Where the file was lost, the table is taken away all the same. */
	/* Whatever became of the audit log. */
	r = x->kernel ? 0 : door_open(&x->kernel, d);
	if (r < 0)
		return r;
	if (!n_before && !n)
		return door_remove(x->kernel, d);
	memcpy(before, x->ports, sizeof before);
	for (size_t i = 0; i < n_before; i++) {
		if (listed(list, n, before[i].port))
			gone[n_gone++] = before[i].port;
		else
			x->ports[kept++] = before[i];
	}
	if (!n_gone)
		return -ENOENT;
	x->n_ports = kept;
	r = open_ports(x, gone, n_gone, d);
	if (r < 0) {
		memcpy(x->ports, before, sizeof before);
		x->n_ports = n_before;
		return r;
	}
	end_idle(x);
	x->changed = true;
	if (!x->n_ports) {
		x->n_conns = 0;
		x->ready = false;
	}
	line_text(&l, "event", str_of(why));
	line_ports(&l, gone, n_gone);
	line_tell(x, &l);
	/* The kernel has done it: a file that cannot be written is told, and written later. */
	r = doors_write(x, true);
	if (r < 0)
		doors_failed(x, r, &(struct diag){});
	else
		x->changed = false;
	return 0;
}
