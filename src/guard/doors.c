/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <time.h>

#include "action/cut.h"
#include "guard/doors_work.h"

#define REFILL_MS 3'600'000
#define RETRY_MS 500

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t = {};

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1'000 + t.tv_nsec / 1'000'000;
}

int64_t doors_boottime(void) { return clock_ms(CLOCK_BOOTTIME); }
int64_t doors_realtime(void) { return clock_ms(CLOCK_REALTIME); }

void doors_failed(struct doors *x, int error, const struct diag *d)
{
	x->error = error;
	if (d->reason[0])
		diag_text(d, x->problem, sizeof x->problem);
	else
		snprintf(x->problem, sizeof x->problem, "%s", strerror(-error));
}

void doors_policy(struct doors *x, const struct jit_policy *p)
{
	x->keep_sessions = p->keep_sessions;
	x->listen = p->listen;
	x->longest = 0;
	for (size_t i = 0; i < p->n_rules; i++)
		if (!p->rules[i].deny)
			x->longest = MAX(x->longest, p->rules[i].longest);
}

bool doors_pending(const struct doors *x)
{
	for (size_t i = 0; i < x->n_ports; i++)
		if (x->ports[i].pending)
			return true;
	return false;
}

static bool is_confirmed(const struct doors *x)
{
	for (size_t i = 0; i < x->n_ports; i++)
		if (!x->ports[i].pending)
			return true;
	return false;
}

/* ---- the kernel -------------------------------------------------------------------------------- */

static uint64_t pending_ms(const struct doors *x)
{
	return (uint64_t)MAX(x->pending_until - doors_boottime(), 1);
}

/* The ports, and that of the knocks, which else is told to be unreachable: an answer. */
int doors_set_ports(struct doors *x, struct diag *d)
{
	struct door_change list[JIT_PROTECTED_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < x->n_ports; i++)
		list[n++] = (struct door_change){ .what = DOOR_SHUT,
						  .protocol = x->ports[i].port.protocol,
						  .port = x->ports[i].port.port,
						  .ms = x->ports[i].pending ? pending_ms(x) : 0 };
	list[n++] = (struct door_change){ .what = DOOR_SHUT,
					  .protocol = IPPROTO_UDP,
					  .port = x->listen,
					  .ms = is_confirmed(x) ? 0 : pending_ms(x) };
	return door_apply(x->kernel, list, n, d);
}

/* Everything anew, which changes nothing that is there. */
static int refill(struct doors *x, struct diag *d)
{
	int r = 0;

	x->refilled = doors_boottime();
	for (size_t i = 0; r >= 0 && i < x->n_conns; i++) {
		const struct door_conn *c = &x->conns[i];
		struct door_change k = { .what = DOOR_KEEP,
					 .protocol = IPPROTO_TCP,
					 .port = c->conn.port,
					 .remote = c->conn.remote,
					 .from = c->conn.peer,
					 .ms = DOORS_KEEP_MS };

		if (c->kept)
			r = door_apply(x->kernel, &k, 1, d);
	}
	for (size_t i = 0; r >= 0 && i < DOORS_GRANTS; i++)
		if (x->grants[i].state == GRANT_OPEN)
			r = doors_set(x, &x->grants[i], d);
	return r < 0 ? r : doors_set_ports(x, d);
}

static void ensure(struct doors *x)
{
	unsigned found = 0;
	struct diag d = {};
	int r = door_ensure(x->kernel, &found, &d);

	/* Connections that go on are kept for a day at a time. */
	if (r >= 0 && (found || doors_boottime() - x->refilled > REFILL_MS))
		r = refill(x, &d);
	if (r < 0)
		doors_failed(x, r, &d);
	else
		x->error = 0;
}

/* ---- opening ----------------------------------------------------------------------------------- */

static int open_tools(struct doors *x, struct diag *d)
{
	int r = x->kernel ? 0 : door_open(&x->kernel, d);

	if (r >= 0 && x->cut.fd < 0) {
		r = cut_open(&x->cut, d);
		x->can_end = r >= 0;
		if (r == -EOPNOTSUPP) {
			*d = (struct diag){};
			r = nl_open(NETLINK_SOCK_DIAG, &x->cut);
		}
	}
	if (r < 0 || x->chain)
		return r;
	r = chain_open(x->state, doors_realtime(), &x->chain, &x->verified);
	return r < 0 ? diag_set(d, r, CHAIN_LOG, 0, "the audit log cannot be opened: %s",
				strerror(-r))
		     : 0;
}

static void read_boot(char ret[static KNOCKS_BOOT_MAX])
{
	int fd own(close_fd) = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, ret, KNOCKS_BOOT_MAX - 1);
	struct str s = str_trim((struct str){ ret, n > 0 ? (size_t)n : 0 });

	memmove(ret, s.ptr, s.len);
	ret[s.len] = '\0';
}

/* Ports that nobody confirmed. */
static int roll_back(struct doors *x, const char *why, struct diag *d)
{
	struct knock_port list[JIT_PROTECTED_MAX];
	size_t n = 0;

	for (size_t i = 0; i < x->n_ports; i++)
		if (x->ports[i].pending)
			list[n++] = x->ports[i].port;
	return n ? doors_unshut(x, list, n, why, d) : 0;
}

/* Nothing of another boot is in the kernel: grants are over, what was not confirmed is taken back. */
static void forget(struct doors *x)
{
	for (size_t i = 0; i < DOORS_GRANTS; i++) {
		struct grant *g = &x->grants[i];

		if (g->state != GRANT_WAITS && g->state != GRANT_OPEN)
			continue;
		g->state = GRANT_OVER;
		g->until = doors_boottime();
		(void)snprintf(g->over, sizeof g->over, "the machine was started anew");
	}
	x->n_conns = 0;
	x->pending_until = 0;
	x->changed = true;
}

int doors_restore(struct doors *x, struct diag *d)
{
	unsigned found = 0;
	int r = open_tools(x, d);

	if (r < 0 || x->ready)
		return r;
	r = door_ensure(x->kernel, &found, d);
	/* A table that was not there has let everybody in who is here now. */
	for (size_t i = 0; r >= 0 && found & BAN_CREATED && i < x->n_ports; i++) {
		struct diag inner = {};
		int e = doors_keep_all(x, &x->ports[i].port, 1, &inner);

		if (e < 0)
			doors_failed(x, e, &inner);
	}
	if (r >= 0)
		r = refill(x, d);
	x->ready = r >= 0;
	return r;
}

bool doors_left_behind(struct doors *x)
{
	struct diag d = {};

	if (doors_active(x) || (!x->kernel && door_open(&x->kernel, &d) < 0))
		return false;
	return door_is_there(x->kernel);
}

int doors_open(struct doors *x, int state, struct diag *d)
{
	char boot[KNOCKS_BOOT_MAX] = "";
	int r;

	x->state = state;
	x->listen = x->listen ? x->listen : JIT_PORT;
	read_boot(x->boot);
	r = doors_read(x, boot, d);
	if (r < 0 && r != -ENOENT)
		return r;
	if (doors_left_behind(x))
		return diag_set(
			d, -EEXIST, "", 0,
			"the table inet holdfast_jit shuts ports that no file names: holdfast jit "
			"disable takes it away");
	if (r < 0)
		return 0;
	if (strcmp(boot, x->boot) != 0)
		forget(x);
	if (doors_active(x))
		r = doors_restore(x, d);
	doors_tick(x);
	return r;
}

void doors_release(struct doors *x)
{
	doors_save(x);
	door_close(&x->kernel);
	if (x->cut.fd >= 0)
		nl_close(&x->cut);
	chain_close(&x->chain);
	*x = DOORS_NONE;
}

/* ---- time ---------------------------------------------------------------------------------------- */

void doors_tick(struct doors *x)
{
	struct diag d = {};
	int r = 0;

	if (!doors_active(x))
		return;
	r = doors_restore(x, &d);
	if (r < 0) {
		doors_failed(x, r, &d);
		return;
	}
	doors_expire(x);
	if (doors_pending(x) && x->pending_until <= doors_boottime())
		r = roll_back(x, "rolled-back", &d);
	if (r < 0)
		doors_failed(x, r, &d);
	if (!doors_active(x))
		return;
	if (doors_boottime() - x->looked >= 1'000) {
		ensure(x);
		doors_look(x);
	}
	doors_save(x);
}

int64_t doors_next(const struct doors *x)
{
	int64_t at = INT64_MAX, now = doors_boottime();

	if (!doors_active(x))
		return at;
	if (doors_pending(x))
		at = x->pending_until;
	for (size_t i = 0; i < DOORS_GRANTS; i++)
		if (x->grants[i].state == GRANT_OPEN || x->grants[i].state == GRANT_WAITS)
			at = MIN(at, x->grants[i].until);
	/* What cannot be done now is tried again, but not at once. */
	return at == INT64_MAX ? at : MAX(at - now, x->error ? RETRY_MS : 0);
}

void doors_save(struct doors *x)
{
	int r;

	if (!x->changed || x->state < 0)
		return;
	r = doors_write(x, false);
	if (r < 0)
		doors_failed(x, r, &(struct diag){});
	else
		x->changed = false;
}
