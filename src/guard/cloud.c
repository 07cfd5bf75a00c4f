/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/cloud.h"
#include <poll.h>

#include "guard/alert.h"

#define WAIT_MS 30'000  /* then somebody else's changes are looked for */
#define FAULT_MS 1'000  /* the back end has pauses of its own */
#define TELL_MS 600'000 /* the same fault is told so often */

struct cloud {
	struct child_link parent;
	struct ban *ban;
	struct ban_item items[CLOUD_ITEMS];
	struct prefix prefixes[CLOUD_ITEMS];
	char fault[300]; /* that was told last */
	int64_t told;
};

void cloud_put(struct message_out *o, enum cloud_what what, const struct ban_item *items, size_t n)
{
	message_begin(o, MESSAGE_BANS);
	message_put_u8(o, (uint8_t)what);
	message_put_u32(o, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		message_put_prefix(o, &items[i].prefix);
		message_put_u32(o, items[i].seconds);
	}
}

static int tell_problem(struct cloud *x, const struct diag *d, int error)
{
	char text[sizeof x->fault];
	int64_t now = monotonic_now_ms();

	if (d->reason[0])
		diag_text(d, text, sizeof text);
	else
		text_safe(str_of(strerror(-error)), text, sizeof text);
	if (!strcmp(text, x->fault) && now - x->told < TELL_MS)
		return 0;
	memcpy(x->fault, text, sizeof text);
	x->told = now;
	message_begin(&x->parent.out, MESSAGE_PROBLEM);
	message_put_str(&x->parent.out, str_of(text));
	return message_send(x->parent.fd, &x->parent.out);
}

static int take_bans(struct cloud *x, struct message *m)
{
	uint8_t what = message_u8(m);
	uint32_t n = message_u32(m);
	struct diag d = {};
	int r = 0;

	if (m->bad || what >= CLOUD_N || n > CLOUD_ITEMS)
		return -EBADMSG;
	for (uint32_t i = 0; i < n; i++) {
		x->prefixes[i] = message_prefix(m);
		x->items[i] = (struct ban_item){ x->prefixes[i], message_u32(m), 0 };
	}
	if (!message_end(m))
		return -EBADMSG;
	if (what == CLOUD_ALLOW)
		r = ban_allow(x->ban, x->prefixes, n, &d);
	else if (n && what == CLOUD_ADD)
		r = ban_add(x->ban, x->items, n, NULL, &d);
	else if (n)
		r = ban_remove(x->ban, x->items, n, NULL, &d);
	return r < 0 ? tell_problem(x, &d, r) : 0;
}

static int on_message(void *user, struct message *m)
{
	struct cloud *x = user;

	return m->type == MESSAGE_BANS ? take_bans(x, m) : -EBADMSG;
}

/* Everything that waits, before the network is asked. */
static int hear_all(struct cloud *x, int wait)
{
	struct pollfd p = { .fd = x->parent.fd, .events = POLLIN };
	int r = 0;

	while (r >= 0 && !x->parent.stop && poll(&p, 1, wait) > 0) {
		r = child_hear(&x->parent, on_message, x);
		wait = 0;
	}
	return r;
}

static int turn(struct cloud *x)
{
	struct diag d = {};
	unsigned found = 0;
	int wait = WAIT_MS, next = -1, r, told = 0;

	r = ban_ensure(x->ban, &found, &d);
	if (r >= 0)
		r = ban_tick(x->ban, &next, &d);
	if (r < 0) {
		told = tell_problem(x, &d, r);
		wait = FAULT_MS;
	} else if (next >= 0) {
		wait = MIN(next, WAIT_MS);
		x->fault[0] = '\0';
	}
	return told < 0 ? told : hear_all(x, wait);
}

int cloud_main(void *data, int fd)
{
	static struct cloud cloud;
	struct cloud *x = &cloud;
	struct ban_config c = { .kind = BAN_AZURE, .azure = data };
	struct diag d = {};
	int r;

	x->parent.fd = fd;
	r = child_confine_net(-1);
	if (r >= 0)
		r = ban_open(&c, &x->ban, &d);
	message_begin(&x->parent.out, MESSAGE_READY);
	if (r >= 0)
		r = message_send(fd, &x->parent.out);
	else if (tell_problem(x, &d, r) < 0)
		return r;
	while (r >= 0 && !x->parent.stop)
		r = turn(x);
	ban_close(&x->ban);
	return r == -EPIPE ? 0 : r;
}
