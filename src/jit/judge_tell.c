/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the audit log has of a datagram. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "jit/judge_work.h"

#define FIELDS_MAX 20U
#define TOKEN 1'000U

static const char *const events[] = {
	[JUDGE_DROPPED] = "dropped", [JUDGE_REFUSED] = "refused", [JUDGE_WAITS] = "waits",
	[JUDGE_OPEN] = "granted",    [JUDGE_CLOSE] = "closed",
};
static const char *const actions[] = {
	[KNOCK_OPEN] = "open",
	[KNOCK_CLOSE] = "close",
	[KNOCK_EXTEND] = "extend",
	[KNOCK_APPROVE] = "approve",
};

struct fields {
	struct chain_field list[FIELDS_MAX];
	size_t n;
};

static void text(struct fields *f, const char *name, struct str s)
{
	if (s.len && f->n < FIELDS_MAX)
		f->list[f->n++] = (struct chain_field){ name, s, false };
}

static void plain(struct fields *f, const char *name, struct str s)
{
	if (f->n < FIELDS_MAX)
		f->list[f->n++] = (struct chain_field){ name, s, true };
}

struct texts {
	char from[NET_ADDR_TEXT], source[NET_ADDR_TEXT + 4];
	char id[2 * KNOCK_ID + 1], subject[2 * KNOCK_ID + 1];
	char ports[KNOCK_PORTS_MAX * JIT_PORT_TEXT], seconds[12], skew[24], left_out[24];
};

static void ports_text(const struct knock *k, char *ret, size_t room)
{
	size_t n = 0;

	for (unsigned i = 0; i < k->n_ports; i++) {
		char one[JIT_PORT_TEXT];
		struct str s = jit_port_format(k->ports[i], one);

		n += (size_t)snprintf(ret + n, room - n, "%s%.*s", i ? " " : "", STR_FMT(s));
	}
}

/* What the request says; nobody may have signed it. */
static void add_knock(struct fields *f, const struct knock *k, int64_t now, struct texts *t)
{
	sodium_bin2hex(t->id, sizeof t->id, k->id, KNOCK_ID);
	text(f, "id", str_of(t->id));
	text(f, "action", str_of(actions[k->action]));
	if (k->action == KNOCK_APPROVE) {
		sodium_bin2hex(t->subject, sizeof t->subject, k->subject, KNOCK_ID);
		text(f, "subject", str_of(t->subject));
	}
	text(f, "account", k->account);
	ports_text(k, t->ports, sizeof t->ports);
	text(f, "ports", str_of(t->ports));
	text(f, "reason", k->reason);
	/* Times before 1970 and beyond the end are no requests: see knock_open(). */
	snprintf(t->skew, sizeof t->skew, "%" PRId64, k->time / 2 - now / 2);
	if (k->time < INT64_MAX / 2)
		snprintf(t->skew, sizeof t->skew, "%" PRId64, k->time - now);
	plain(f, "skew_ms", str_of(t->skew));
}

static void add_decision(struct fields *f, const struct judge_case *c, struct texts *t)
{
	const struct jit_decision *d = &c->ret->decision;
	char address[NET_ADDR_TEXT];
	struct str s;

	if (d->rule)
		text(f, "rule", d->rule->name);
	if (c->ret->outcome != JUDGE_OPEN && c->ret->outcome != JUDGE_WAITS)
		return;
	s = net_addr_format(d->source, address);
	snprintf(t->source, sizeof t->source, "%.*s/%u", STR_FMT(s), d->bits);
	text(f, "source", str_of(t->source));
	snprintf(t->seconds, sizeof t->seconds, "%" PRIu32, d->seconds);
	plain(f, "seconds", str_of(t->seconds));
}

/* Whether strangers may have one more line. */
static bool has_room(struct judge *j, int64_t monotonic)
{
	int64_t passed = monotonic > j->lines_at ? monotonic - j->lines_at : 0;
	const uint64_t most = (uint64_t)JUDGE_LINES_BURST * TOKEN;

	j->lines_at = MAX(j->lines_at, monotonic);
	j->lines = passed > (int64_t)(most / JUDGE_LINES_RATE)
			   ? most
			   : MIN(most, j->lines + (uint64_t)passed * JUDGE_LINES_RATE);
	if (j->lines < TOKEN)
		return false;
	j->lines -= TOKEN;
	return true;
}

int judge_tell(struct judge_case *c)
{
	struct judge *j = c->judge;
	struct judgement *r = c->ret;
	struct fields f = {};
	struct texts t = {};
	int e;

	if (!c->trusted && !has_room(j, c->monotonic)) {
		j->left_out++;
		j->counts.left_out++;
		return 0;
	}
	text(&f, "event", str_of(events[r->outcome]));
	text(&f, "from", net_addr_format(c->from, t.from));
	if (r->why)
		text(&f, "why", str_of(r->why));
	if (r->opened.knock.action)
		add_knock(&f, &r->opened.knock, c->now, &t);
	text(&f, "key", str_of(r->keys[0]));
	text(&f, "second_key", str_of(r->keys[1]));
	if (r->keys[0][0])
		plain(&f, "signed", c->trusted ? STR("true") : STR("false"));
	add_decision(&f, c, &t);
	if (j->left_out) {
		snprintf(t.left_out, sizeof t.left_out, "%" PRIu64, j->left_out);
		plain(&f, "left_out", str_of(t.left_out));
	}
	e = j->setup.record ? j->setup.record(j->setup.user, c->now, f.list, f.n)
			    : chain_add(j->setup.chain, c->now, f.list, f.n);
	if (e == 0)
		j->left_out = 0;
	r->told = e == 0;
	return e;
}
