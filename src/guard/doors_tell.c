/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "guard/doors_work.h"
#include "guard/text.h"

#define LIST_PAGE 48u /* grants: each may be 2 KB of JSON */

void ports_text(const struct knock_port *list, size_t n, char *ret, size_t room)
{
	size_t at = 0;

	*ret = '\0';
	for (size_t i = 0; i < n && at + JIT_PORT_TEXT < room; i++) {
		char one[JIT_PORT_TEXT];
		struct str s = jit_port_format(list[i], one);

		at += (size_t)snprintf(ret + at, room - at, "%s%.*s", i ? " " : "", STR_FMT(s));
	}
}

static char *room_for_text(struct door_line *l)
{
	return l->n_texts < COUNT(l->texts) ? l->texts[l->n_texts++] : NULL;
}

static void add(struct door_line *l, const char *name, struct str s, bool plain)
{
	if (l->n < COUNT(l->fields))
		l->fields[l->n++] = (struct chain_field){ name, s, plain };
}

void line_text(struct door_line *l, const char *name, struct str s)
{
	if (s.len)
		add(l, name, s, false);
}

void line_number(struct door_line *l, const char *name, int64_t v)
{
	char *text = room_for_text(l);

	if (!text)
		return;
	snprintf(text, sizeof l->texts[0], "%" PRId64, v);
	add(l, name, str_of(text), true);
}

void line_prefix(struct door_line *l, const char *name, const struct prefix *p)
{
	char *text = room_for_text(l);

	if (text)
		line_text(l, name, prefix_format(p, text));
}

void line_ports(struct door_line *l, const struct knock_port *list, size_t n)
{
	char *text = room_for_text(l);

	if (!text)
		return;
	ports_text(list, n, text, sizeof l->texts[0]);
	line_text(l, "ports", str_of(text));
}

void line_id(struct door_line *l, const unsigned char id[static KNOCK_ID])
{
	char *text = room_for_text(l);

	if (!text)
		return;
	sodium_bin2hex(text, sizeof l->texts[0], id, KNOCK_ID);
	line_text(l, "id", str_of(text));
}

void line_grant(struct door_line *l, const struct grant *g)
{
	line_id(l, g->id);
	line_text(l, "account", str_of(g->account));
	line_prefix(l, "source", &g->source);
	line_ports(l, g->ports, g->n_ports);
}

int doors_record(struct doors *x, int64_t now, const struct chain_field *fields, size_t n)
{
	return x->chain ? chain_add(x->chain, now, fields, n) : -EBADF;
}

/* What happened is not undone because the disk is full; that it is not in the log is told. */
void line_tell(struct doors *x, const struct door_line *l)
{
	struct diag d = {};
	int r = doors_record(x, doors_realtime(), l->fields, l->n);

	if (r < 0)
		doors_failed(x, r, (diag_set(&d, r, CHAIN_LOG, 0, "%s", strerror(-r)), &d));
}

/* ---- for people -------------------------------------------------------------------------------- */

static void put_ports(const struct doors *x, struct buf *b)
{
	bool pending = false;

	buf_puts(b, ",\"shut\":[");
	for (size_t i = 0; i < x->n_ports; i++) {
		char port[JIT_PORT_TEXT];
		struct str s = jit_port_format(x->ports[i].port, port);

		buf_fmt(b, "%s{\"port\":\"%.*s\",\"confirmed\":%s}", i ? "," : "", STR_FMT(s),
			x->ports[i].pending ? "false" : "true");
		pending |= x->ports[i].pending;
	}
	buf_putc(b, ']');
	if (pending)
		buf_fmt(b, ",\"confirm_within\":%" PRId64,
			MAX(x->pending_until - doors_boottime(), 0) / 1'000);
}

static void put_kept(const struct doors *x, struct buf *b)
{
	buf_puts(b, ",\"kept\":[");
	for (size_t i = 0, n = 0; i < x->n_conns; i++) {
		char peer[PREFIX_TEXT];

		if (x->conns[i].kept)
			buf_fmt(b, "%s\"%s\"", n++ ? "," : "",
				prefix_format(&x->conns[i].conn.peer, peer).ptr);
	}
	buf_putc(b, ']');
}

void doors_put_status(struct doors *x, struct buf *b)
{
	struct ban_counters dropped = {};
	struct diag d = {};
	unsigned states[GRANT_STATES] = {};

	for (size_t i = 0; i < DOORS_GRANTS; i++)
		states[x->grants[i].state]++;
	put_ports(x, b);
	put_kept(x, b);
	buf_fmt(b, ",\"listen\":%u,\"open\":%u,\"waiting\":%u,\"connections\":%zu", x->listen,
		states[GRANT_OPEN], states[GRANT_WAITS], x->n_conns);
	buf_fmt(b, ",\"sessions\":\"%s\"", x->keep_sessions ? "keep" : "end");
	if (x->kernel && doors_active(x) && door_dropped(x->kernel, &dropped, &d) >= 0)
		buf_fmt(b, ",\"packets_dropped\":%" PRIu64, dropped.packets);
	if (doors_left_behind(x))
		buf_puts(b, ",\"left_behind\":true");
	if (x->verified.fault) {
		buf_puts(b, ",\"audit\":");
		text_json(b, str_of(chain_fault_text(x->verified.fault)));
	}
	if (x->error) {
		buf_puts(b, ",\"jit_problem\":");
		text_json(b, str_of(x->problem));
	}
}

static void put_text(struct buf *b, const char *name, const char *s)
{
	if (!*s)
		return;
	buf_fmt(b, ",\"%s\":", name);
	text_json(b, str_of(s));
}

static void put_grant(const struct grant *g, struct buf *b)
{
	static const char *const states[GRANT_STATES] = { "", "waits", "open", "over" };
	char text[160], id[2 * KNOCK_ID + 1], time[32], source[PREFIX_TEXT];
	int64_t left = g->until - doors_boottime();

	sodium_bin2hex(id, sizeof id, g->id, KNOCK_ID);
	ports_text(g->ports, g->n_ports, text, sizeof text);
	buf_fmt(b, "{\"grant\":\"%s\",\"state\":\"%s\",\"ports\":\"%s\",\"source\":\"%s\"", id,
		states[g->state], text, prefix_format(&g->source, source).ptr);
	put_text(b, "account", g->account);
	put_text(b, "reason", g->reason);
	put_text(b, "rule", g->rule);
	put_text(b, "key", g->keys[0]);
	put_text(b, "second_key", g->keys[1]);
	put_text(b, "over", g->over);
	buf_fmt(b, ",\"asked\":\"%s\",\"seconds\":%u", text_time(g->asked * 1'000, time),
		g->seconds);
	if (g->state == GRANT_OVER)
		buf_fmt(b, ",\"seconds_ago\":%" PRId64, -left / 1'000);
	else
		buf_fmt(b, ",\"seconds_left\":%" PRId64, (left + 999) / 1'000);
	buf_fmt(b, ",\"connections\":%u,\"logins\":%u}\n", g->connections, g->logins);
}

bool doors_put_list(const struct doors *x, size_t page, struct buf *b)
{
	static const enum grant_state order[] = { GRANT_OPEN, GRANT_WAITS, GRANT_OVER };

	size_t at = 0;

	for (size_t k = 0; k < COUNT(order); k++)
		for (size_t i = 0; i < DOORS_GRANTS; i++) {
			if (x->grants[i].state != order[k])
				continue;
			if (at++ / LIST_PAGE == page)
				put_grant(&x->grants[i], b);
		}
	return at > (page + 1) * LIST_PAGE;
}
