/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the decoder finds in logs and asks the parent for: alerts, bans, limits, logins. */
#include "base/map.h"
#include "guard/alert.h"
#include "guard/decode_work.h"
#include "guard/ledger.h"
#include "guard/recall.h"

#define STRIKE_MS 20u
#define STRIKE_STEPS 6u /* doublings of it */
#define STRIKE_PAUSE_MS 10'000u

static struct prefix network_of(const struct prefix *p)
{
	return prefix_is_v4(p) ? *p : prefix_cut(p, MIN(p->bits, 64));
}

static struct offender *offender_of(struct decoder_child *x, const struct prefix *from,
				    uint32_t *ret_tag)
{
	struct prefix p = network_of(from);
	uint64_t hash = siphash13(x->seed, p.addr, sizeof p.addr);

	*ret_tag = (uint32_t)(hash >> 32) | 1;
	return &x->offenders[hash % OFFENDERS];
}

void decoder_remember(struct decoder_child *x, const struct prefix *from)
{
	uint32_t tag;
	struct offender *o = offender_of(x, from, &tag);

	*o = (struct offender){ .tag = tag };
}

static bool is_old(const struct event *e)
{
	return e->time != EVENT_TIME_UNKNOWN && decoder_now() - e->time > DECODE_BAN_AGE;
}

static int send_ban(struct decoder_child *x, const struct event *e, const struct prefix *from,
		    struct str rule, uint8_t weight)
{
	x->bans++;
	message_begin(&x->out, MESSAGE_BAN);
	message_put_prefix(&x->out, from);
	message_put_u8(&x->out, is_old(e));
	message_put_u8(&x->out, weight);
	message_put_i64(&x->out, e->time);
	message_put_str(&x->out, str_sub(rule, 0, LEDGER_RULE_MAX - 1));
	return decoder_tell(x);
}

static int strike_again(struct decoder_child *x, const struct event *e,
			const struct rule *const *rules, size_t n, const struct prefix *from)
{
	uint8_t weight = 0;
	struct str name = STR("");
	struct offender *o;
	uint32_t tag, now;

	for (size_t i = 0; i < n; i++)
		if (x->o->policy->weight[rules[i]->index] > weight) {
			weight = x->o->policy->weight[rules[i]->index];
			name = rules[i]->name;
		}
	if (!weight || !name.len || !from)
		return 0;
	o = offender_of(x, from, &tag);
	now = (uint32_t)monotonic_now_ms();
	if (o->tag != tag || now - o->told < STRIKE_MS << MIN(o->times / 8, STRIKE_STEPS) ||
	    is_old(e))
		return 0;
	o->times = now - o->told > STRIKE_PAUSE_MS ? 0 : o->times + 1;
	o->told = now;
	return send_ban(x, e, from, name, weight);
}

int decoder_match(void *user, const struct event *e, const struct rule *const *rules, size_t n)
{
	struct decoder_child *x = user;
	struct prefix from;
	bool login = false, known = policy_event_address(x->o->policy, e, &from);
	int r;

	x->dirty = true;
	lines_add(x->lines, known ? &from : NULL,
		  known ? STR("") : policy_event_account(x->o->policy, e), e->time, e->raw);
	for (size_t i = 0; !login && i < n; i++)
		login = x->o->policy->login[rules[i]->index];
	r = recall_put(&x->matches, x->o->policy, e, rules, n);
	if (r >= 0 && x->matches.len > MATCHES_MAX)
		r = decoder_history(x, TRAIL_MATCHES);
	if (r >= 0)
		r = strike_again(x, e, rules, n, known ? &from : NULL);
	if (r < 0 || !login || !known)
		return r;
	message_begin(&x->out, MESSAGE_LOGIN);
	message_put_prefix(&x->out, &from);
	message_put_u32(&x->out, policy_event_port(x->o->policy, e));
	message_put_str(&x->out, str_sub(policy_event_account(x->o->policy, e), 0, LOGIN_TEXT_MAX));
	message_put_str(&x->out, str_sub(policy_event_key(x->o->policy, e), 0, LOGIN_TEXT_MAX));
	return decoder_tell(x);
}

static struct str tags_of(const struct rule *r, char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_tags; i++) {
		struct str tag = r->tags[i];

		if (n + tag.len + 1 >= size)
			break;
		if (n)
			text[n++] = ' ';
		memcpy(text + n, tag.ptr, tag.len);
		n += tag.len;
	}
	return (struct str){ text, n };
}

static struct str field_text(const struct event *e, uint16_t field)
{
	const struct event_value *v = event_get(e, field);

	return v ? event_text(e, v) : STR("");
}

/*
 * A program that floods alone: its cgroup is to be limited. Where many programs of one cgroup do so
 * together that would hit the ones that do not. 1: it was asked for.
 */
static int send_limit(struct decoder_child *x, const struct event *e)
{
	uint64_t id;
	int r;

	if (!x->sensing || !str_eq(field_text(e, x->flood_scope), STR("process")) ||
	    str_to_u64(field_text(e, x->cgroup_id), 10, &id) < 0)
		return 0;
	message_begin(&x->out, MESSAGE_LIMIT);
	message_put_u64(&x->out, id);
	message_put_str(&x->out, str_sub(field_text(e, x->cgroup), 0, DECODE_CGROUP_MAX));
	r = decoder_tell(x);
	return r < 0 ? r : 1;
}

/* What came before the deciding line, which is the latest one of its address. */
static void find_lines(const struct decoder_child *x, const struct alert *a,
		       struct guard_alert *alert)
{
	struct str found[ALERT_LINES + 1];
	struct prefix from = alert->from;
	bool known = alert->has_from || policy_event_address(x->o->policy, a->event, &from);
	size_t n;

	if (a->count < 2)
		return;
	n = lines_find(x->lines, known ? &from : NULL, alert->account, a->first, found,
		       COUNT(found));
	for (size_t i = 0; i < n && alert->n_lines < ALERT_LINES; i++)
		if (i || !str_eq(found[0], str_sub(a->event->raw, 0, LINES_TEXT)))
			alert->lines[alert->n_lines++] = found[i];
}

static int on_alert(void *user, const struct alert *a)
{
	struct decoder_child *x = user;
	const struct policy *p = x->o->policy;
	enum config_deed deed = p->deeds[a->rule->index];
	struct guard_alert alert = {
		.level = (uint8_t)a->rule->level,
		.late = !x->sensing && live_late(x->live),
		.time = a->event->time,
		.first = a->first,
		.last = a->last,
		.count = a->count,
		.rule = a->rule->name.len ? a->rule->name : a->rule->id,
		.id = a->rule->id,
		.title = a->rule->title,
		.account = policy_event_account(p, a->event),
		.evidence = a->event->raw,
	};
	char tags[ALERT_TEXT_MAX];
	struct live_status s = {};
	int r = 0;

	if (deed == DEED_IGNORE)
		return 0;
	alert.has_from = policy_alert_address(p, a, &alert.from);
	if (deed == DEED_BAN && alert.has_from) {
		alert.ban = true;
		r = send_ban(x, a->event, &alert.from, alert.rule, LEDGER_WEIGHT_MAX);
		decoder_remember(x, &alert.from);
	} else {
		r = send_limit(x, a->event);
		alert.ban = r > 0;
	}
	if (r < 0)
		return r;
	if (!x->sensing && a->event->file < live_count(x->live))
		live_status(x->live, a->event->file, &s);
	alert.source = str_of(x->sensing ? "sensor" : s.name ? s.name : "");
	alert.tags = tags_of(a->rule, tags, sizeof tags);
	find_lines(x, a, &alert);
	x->alerts++;
	message_begin(&x->out, MESSAGE_ALERT);
	alert_put(&x->out, &alert);
	return decoder_tell(x);
}

int decoder_event(void *user, const struct event *e)
{
	struct decoder_child *x = user;
	int r = hunt_event(x->o->policy->hunt, e, on_alert, x);

	return r > 0 ? 0 : r;
}
