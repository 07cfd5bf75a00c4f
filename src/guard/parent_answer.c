/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the control child asks for. */
#include <time.h>

#include "guard/parent.h"
#include "guard/text.h"

#define PAGE_MAX (MESSAGE_BODY - 64)

void parent_page(struct parent *p, uint32_t client, enum control_page how, struct str body)
{
	message_begin(&p->out, MESSAGE_PAGE);
	message_put_u32(&p->out, client);
	message_put_u8(&p->out, (uint8_t)how);
	message_put_str(&p->out, body);
	child_tell(&p->children[ROLE_CONTROL], &p->out);
}

static void send_error(struct parent *p, uint32_t client, const char *why)
{
	parent_page(p, client, PAGE_ERROR, str_of(why));
}

static void put_number(struct buf *b, const char *name, uint64_t v)
{
	buf_fmt(b, ",\"%s\":%llu", name, (unsigned long long)v);
}

static void put_prefix(struct buf *b, const char *name, const struct prefix *p)
{
	char text[PREFIX_TEXT];

	buf_fmt(b, ",\"%s\":\"%s\"", name, prefix_format(p, text).ptr);
}

static void put_child(struct buf *b, const struct child *c, bool first)
{
	buf_fmt(b, "%s{\"name\":\"%s\",\"pid\":%d,\"crashes\":%u,\"lost\":%llu,\"last_end\":",
		first ? "" : ",", message_role_name(c->role), c->pid, c->crashes,
		(unsigned long long)c->lost);
	text_json(b, str_of(c->last_end));
	buf_putc(b, '}');
}

static void put_counts(struct buf *b, struct parent *p)
{
	struct parent_counts *n = &p->counts_own;
	struct ban_counters dropped = {};
	struct ledger_counts l;
	struct diag d = {};

	ledger_count(p->ledger, &l);
	put_number(b, "tracked", l.tracked);
	put_number(b, "bans", l.bans);
	put_number(b, "network_bans", l.groups);
	put_number(b, "bans_total", l.banned);
	put_number(b, "refused", l.refused);
	put_number(b, "pushed_out", l.pushed_out);
	put_number(b, "alerts", n->alerts);
	put_number(b, "floods_limited", n->limits);
	put_number(b, "connections_cut", n->cut);
	put_number(b, "table_repaired", n->repaired);
	put_number(b, "reloads", n->reloads);
	put_number(b, "problems", n->problems);
	put_number(b, "state_errors", n->history_errors);
	put_number(b, "sessions", p->sessions.n);
	put_number(b, "own_addresses", p->n_own);
	put_number(b, "allowed", p->config.n_allow + p->n_allowed);
	if (p->ban && ban_dropped(p->ban, &dropped, &d) >= 0) {
		put_number(b, "packets_dropped", dropped.packets);
		put_number(b, "bytes_dropped", dropped.bytes);
	}
}

static void put_floods(struct buf *b, const struct parent *p)
{
	static const char *const names[] = { "report", "limit", "cut" };
	int64_t now = monotonic_now_ms();
	bool first = true;

	buf_fmt(b, ",\"flood\":\"%s\",\"limited\":[", names[p->config.flood]);
	for (size_t i = 0; i < FLOODS_MAX; i++) {
		const struct flood_limit *f = &p->floods[i];

		if (!f->cgroup || f->until <= now)
			continue;
		buf_fmt(b, "%s{\"cgroup\":%llu,\"pps\":%u,\"seconds_left\":%lld,\"path\":",
			first ? "" : ",", (unsigned long long)f->cgroup, f->pps,
			(long long)(f->until - now + 999) / 1'000);
		text_json(b, str_of(f->path));
		buf_putc(b, '}');
		first = false;
	}
	buf_putc(b, ']');
}

static void answer_status(struct parent *p, uint32_t client)
{
	struct buf b = BUF(PAGE_MAX);
	char time[32];

	buf_fmt(&b,
		"{\"version\":\"" HOLDFAST_VERSION "\",\"mode\":\"%s\",\"pid\":%d,"
		"\"started\":\"%s\",\"backend\":\"%s\",\"problem\":",
		p->config.enforce ? "enforce" : "observe", getpid(), text_time(p->started, time),
		p->ban ? ban_kind_name(p->ban_kind) : "none");
	text_json(&b, str_of(p->ban_problem));
	put_number(&b, "rules", p->policy.n_rules);
	put_counts(&b, p);
	put_floods(&b, p);
	buf_puts(&b, ",\"processes\":[");
	for (unsigned i = ROLE_DECODER; i < ROLE_N; i++)
		if (p->children[i].pid || p->children[i].crashes)
			put_child(&b, &p->children[i], i == ROLE_DECODER);
	buf_puts(&b, "]}\n");
	/* The decoder's own words, as one line: whoever reads them takes them for hostile. */
	if (p->n_counts && p->n_counts + b.len < PAGE_MAX &&
	    !memchr(p->counts, '\n', p->n_counts)) {
		buf_add(&b, p->counts, p->n_counts);
		buf_putc(&b, '\n');
	}
	parent_page(p, client, PAGE_LAST, buf_view(&b));
	buf_release(&b);
}

struct listing {
	struct buf b;
	uint64_t at, first;
	int64_t now;
	bool more;
};

static int list_ban(void *user, const struct ledger_decision *d)
{
	struct listing *l = user;
	char text[PREFIX_TEXT];

	if (l->at++ < l->first)
		return 0;
	if (l->at > l->first + CONTROL_BANS_PAGE) {
		l->more = true;
		return -ECANCELED;
	}
	buf_fmt(&l->b, "{\"ban\":\"%s\",\"seconds_left\":%u,\"times\":%u}\n",
		prefix_format(&d->prefix, text).ptr, d->seconds, d->times);
	return 0;
}

static void answer_bans(struct parent *p, uint32_t client, uint64_t first)
{
	struct listing l = { .b = BUF(PAGE_MAX), .first = first, .now = parent_now(p) };
	int r = ledger_bans(p->ledger, l.now, list_ban, &l);

	if ((r < 0 && r != -ECANCELED) || l.b.error)
		send_error(p, client, "the list cannot be made");
	else
		parent_page(p, client, l.more ? PAGE_MORE : PAGE_LAST, buf_view(&l.b));
	buf_release(&l.b);
}

static void put_seconds(struct buf *b, const char *name, int64_t seconds)
{
	char time[32];

	if (seconds)
		buf_fmt(b, ",\"%s\":\"%s\"", name, text_time(seconds * 1'000'000, time));
}

static void answer_why(struct parent *p, uint32_t client, const struct prefix *a)
{
	struct buf b = BUF(PAGE_MAX);
	char text[PREFIX_TEXT];
	struct ledger_why w;

	ledger_why(p->ledger, a, parent_now(p), &w);
	buf_fmt(&b, "{\"address\":\"%s\",\"known\":%s,\"banned\":%s,\"allowed\":%s,\"session\":%s",
		prefix_format(a, text).ptr, w.known ? "true" : "false", w.banned ? "true" : "false",
		w.allowed ? "true" : "false", w.session ? "true" : "false");
	put_prefix(&b, "host", &w.host);
	put_number(&b, "detections", w.strikes);
	put_number(&b, "times_banned", w.times);
	put_seconds(&b, "first", w.first);
	put_seconds(&b, "last", w.last);
	if (w.banned) {
		put_prefix(&b, "by", &w.by);
		put_seconds(&b, "since", w.since);
		put_seconds(&b, "until", w.until);
	}
	put_prefix(&b, "network", &w.group);
	put_number(&b, "network_hosts", w.group_hosts);
	buf_fmt(&b, ",\"enforced\":%s,\"rules\":[", p->config.enforce ? "true" : "false");
	for (size_t i = 0; i < LEDGER_WHY_RULES && w.rules[i].len; i++) {
		buf_puts(&b, i ? "," : "");
		text_json(&b, w.rules[i]);
	}
	buf_puts(&b, "]}\n");
	parent_page(p, client, PAGE_LAST, buf_view(&b));
	buf_release(&b);
}

static void answer_unban(struct parent *p, uint32_t client, const struct prefix *a)
{
	int r = ledger_unban(p->ledger, a, parent_decided, p);

	if (r == -ENOENT)
		send_error(p, client, "that is not banned");
	else if (r < 0)
		send_error(p, client, strerror(-r));
	else
		parent_page(p, client, PAGE_LAST, STR(""));
	parent_save_state(p);
}

static void answer_ban(struct parent *p, uint32_t client, const struct prefix *a, uint64_t seconds)
{
	struct ledger_verdict v = {};
	int r = -EINVAL;

	if (seconds && seconds <= (uint64_t)BAN_SECONDS_MAX)
		r = ledger_ban(p->ledger, a, (uint32_t)seconds, parent_now(p), &v);
	if (r < 0) {
		send_error(p, client, "an address (or /24, /48, /64) and 1 to 31622400 seconds");
		return;
	}
	p->last_deed.done = DONE_ALREADY;
	for (unsigned i = 0; i < v.n; i++)
		parent_carry_out(p, &v.list[i], STR("by_hand"));
	parent_apply(p);
	if (p->last_deed.done == DONE_BANNED || p->last_deed.done == DONE_ALREADY)
		parent_page(p, client, PAGE_LAST, STR(""));
	else
		send_error(p, client, alert_done_text(p->last_deed.done));
}

static int change_allowed(struct parent *p, const struct prefix *a, bool add)
{
	for (size_t i = 0; i < p->n_allowed; i++)
		if (prefix_eq(&p->allowed[i], a)) {
			if (!add)
				p->allowed[i] = p->allowed[--p->n_allowed];
			return 0;
		}
	if (!add)
		return -ENOENT;
	if (p->n_allowed == OWN_ALLOW_MAX)
		return -ENOSPC;
	p->allowed[p->n_allowed++] = *a;
	return 0;
}

static void answer_allow(struct parent *p, uint32_t client, const struct prefix *a, bool add)
{
	int r = change_allowed(p, a, add);

	if (r >= 0)
		r = parent_allow(p);
	if (r >= 0)
		r = parent_save_allowed(p);
	if (r == -ENOENT)
		send_error(p, client,
			   "that was not added by guard allow (see [allow] of the configuration)");
	else if (r < 0)
		send_error(p, client, strerror(-r));
	else
		parent_page(p, client, PAGE_LAST, STR(""));
}

static void answer_allowed(struct parent *p, uint32_t client)
{
	struct buf b = BUF(PAGE_MAX);
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < p->config.n_allow; i++)
		buf_fmt(&b, "{\"allow\":\"%s\",\"from\":\"configuration\"}\n",
			prefix_format(&p->config.allow[i], text).ptr);
	for (size_t i = 0; i < p->n_allowed; i++)
		buf_fmt(&b, "{\"allow\":\"%s\",\"from\":\"guard allow\"}\n",
			prefix_format(&p->allowed[i], text).ptr);
	for (size_t i = 0; i < p->n_own && b.len < PAGE_MAX - 256; i++)
		buf_fmt(&b, "{\"allow\":\"%s\",\"from\":\"this machine\"}\n",
			prefix_format(&p->own[i], text).ptr);
	for (size_t i = 0; i < p->sessions.n && b.len < PAGE_MAX - 256; i++)
		buf_fmt(&b, "{\"allow\":\"%s\",\"from\":\"session\"}\n",
			prefix_format(&p->sessions.list[i], text).ptr);
	parent_page(p, client, b.error ? PAGE_ERROR : PAGE_LAST,
		    b.error ? STR("the list is too long") : buf_view(&b));
	buf_release(&b);
}

void parent_answer(struct parent *p, struct message *m)
{
	uint32_t client = message_u32(m);
	uint8_t verb = message_u8(m);
	uint64_t number = message_u64(m);
	struct str word = message_str(m, CONTROL_LINE_MAX);
	struct prefix a = {};

	if (!message_end(m) || verb >= CONTROL_N) {
		send_error(p, client, "a request that is none");
		return;
	}
	if (verb >= CONTROL_JIT) {
		parent_jit_answer(p, client, (enum control_verb)verb, number, word);
		return;
	}
	if (verb != CONTROL_STATUS && verb != CONTROL_BANS && verb != CONTROL_ALLOWED &&
	    prefix_parse(word, &a) < 0) {
		send_error(p, client, "an address or a network is expected");
		return;
	}
	switch ((enum control_verb)verb) {
	case CONTROL_STATUS: return answer_status(p, client);
	case CONTROL_BANS: return answer_bans(p, client, number);
	case CONTROL_WHY: return answer_why(p, client, &a);
	case CONTROL_UNBAN: return answer_unban(p, client, &a);
	case CONTROL_BAN: return answer_ban(p, client, &a, number);
	case CONTROL_ALLOW:
	case CONTROL_DISALLOW: return answer_allow(p, client, &a, verb == CONTROL_ALLOW);
	case CONTROL_ALLOWED: return answer_allowed(p, client);
	default: return;
	}
}
