/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/alert.h"
#include "detect/rule.h"

const char *alert_done_text(enum alert_done d)
{
	static const char *const texts[DONE_N] = {
		[DONE_NOTHING] = "",
		[DONE_BANNED] = "banned",
		[DONE_WOULD_BAN] = "would be banned (mode observe)",
		[DONE_ALREADY] = "is banned already",
		[DONE_ALLOWED] = "not banned: on the allow list",
		[DONE_SESSION] = "not banned: somebody is logged in from there",
		[DONE_LOCAL] = "not banned: an address of this machine's own",
		[DONE_FAILED] = "could not be banned",
		[DONE_OLD] = "not banned: too long ago",
		[DONE_LIMITED] = "its cgroup is limited",
		[DONE_CUT] = "its cgroup may send nothing new",
		[DONE_WOULD_LIMIT] = "its cgroup would be limited (mode observe)",
		[DONE_WOULD_CUT] = "its cgroup would be kept from sending (mode observe)",
		[DONE_SPARED] = "not limited: its cgroup is the root's or the daemon's own",
		[DONE_UNLIMITED] = "its cgroup could not be limited",
	};

	return d < DONE_N ? texts[d] : "";
}

void message_put_prefix(struct message_out *o, const struct prefix *p)
{
	message_put_bytes(o, p->addr, sizeof p->addr);
	message_put_u8(o, p->bits);
}

struct prefix message_prefix(struct message *m)
{
	struct prefix p = {}, cut;

	message_bytes(m, p.addr, sizeof p.addr);
	p.bits = message_u8(m);
	if (p.bits > PREFIX_HOST) {
		m->bad = true;
		return (struct prefix){};
	}
	cut = prefix_cut(&p, p.bits);
	if (!prefix_eq(&cut, &p))
		m->bad = true;
	return p;
}

static void put_text(struct message_out *o, struct str s, size_t max)
{
	message_put_str(o, str_sub(s, 0, max));
}

void alert_put(struct message_out *o, const struct guard_alert *a)
{
	message_put_u8(o, a->ban);
	message_put_u8(o, a->level);
	message_put_u8(o, a->late);
	message_put_u8(o, a->has_from);
	message_put_prefix(o, &a->from);
	message_put_i64(o, a->time);
	message_put_i64(o, a->first);
	message_put_i64(o, a->last);
	message_put_u64(o, a->count);
	put_text(o, a->rule, ALERT_TEXT_MAX);
	put_text(o, a->id, ALERT_TEXT_MAX);
	put_text(o, a->title, ALERT_TEXT_MAX);
	put_text(o, a->tags, ALERT_TEXT_MAX);
	put_text(o, a->account, ALERT_TEXT_MAX);
	put_text(o, a->source, ALERT_TEXT_MAX);
	put_text(o, a->evidence, ALERT_EVIDENCE_MAX);
	message_put_u8(o, (uint8_t)MIN(a->n_lines, ALERT_LINES));
	for (size_t i = 0; i < a->n_lines && i < ALERT_LINES; i++)
		put_text(o, a->lines[i], ALERT_LINE_MAX);
}

static bool take_bool(struct message *m)
{
	uint8_t v = message_u8(m);

	m->bad |= v > 1;
	return v == 1;
}

bool alert_take(struct message *m, struct guard_alert *ret)
{
	struct guard_alert a = {};

	a.ban = take_bool(m);
	a.level = message_u8(m);
	a.late = take_bool(m);
	a.has_from = take_bool(m);
	a.from = message_prefix(m);
	a.time = message_i64(m);
	a.first = message_i64(m);
	a.last = message_i64(m);
	a.count = message_u64(m);
	a.rule = message_str(m, ALERT_TEXT_MAX);
	a.id = message_str(m, ALERT_TEXT_MAX);
	a.title = message_str(m, ALERT_TEXT_MAX);
	a.tags = message_str(m, ALERT_TEXT_MAX);
	a.account = message_str(m, ALERT_TEXT_MAX);
	a.source = message_str(m, ALERT_TEXT_MAX);
	a.evidence = message_str(m, ALERT_EVIDENCE_MAX);
	a.n_lines = message_u8(m);
	if (a.n_lines > ALERT_LINES)
		return false;
	for (size_t i = 0; i < a.n_lines; i++)
		a.lines[i] = message_str(m, ALERT_LINE_MAX);
	if (!message_end(m) || a.level >= LEVEL_N)
		return false;
	*ret = a;
	return true;
}
