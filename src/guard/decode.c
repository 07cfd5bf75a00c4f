/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "base/map.h"
#include "events/zone.h"
#include "guard/alert.h"
#include "guard/child.h"
#include "guard/decode.h"
#include "guard/ledger.h"
#include "guard/lines.h"
#include "guard/recall.h"
#include "guard/text.h"
#include "guard/trail.h"

#define CURSOR_MAX ((size_t)128 << 10)
#define MATCHES_MAX ((size_t)32 << 10) /* then they are sent, without a cursor */
#define CHECKPOINT_MS 1'000            /* at the latest, where something was read */
#define COUNTS_MS 200
#define SENSOR_BATCH 4'096

/*
 * Correlations tell again only when a count has doubled. Who was banned and comes back is counted by
 * the ledger, too; of one who does not stop (the mode is observe, the packet filter fails) less and
 * less often is told, until there was a pause. A table of the latest: where two share a place the
 * older one is forgotten.
 */
#define OFFENDERS 16'384u
#define STRIKE_MS 20u
#define STRIKE_STEPS 6u /* doublings of it */
#define STRIKE_PAUSE_MS 10'000u
struct offender {
	uint32_t tag;  /* 0: free */
	uint32_t told; /* ms, of a clock that wraps around */
	uint32_t times;
};

struct decoder_child {
	const struct decode_options *o;
	int fd;
	struct live *live;
	struct zone *zone;
	struct message_out out;
	char in[MESSAGE_MAX];
	struct buf matches, cursor;
	struct lines *lines;
	bool stop, dirty;
	bool sensing;                            /* the event at hand is a sensor's */
	uint16_t flood_scope, cgroup_id, cgroup; /* fields of it */
	bool stale;                              /* something was read since the counts were sent */
	int64_t checked, counted;
	uint64_t alerts, bans, recalled;
	struct offender offenders[OFFENDERS];
	uint64_t seed[2];
};

/* ---- whom a ban was asked for before --------------------------------------- */

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

static void remember_offender(struct decoder_child *x, const struct prefix *from)
{
	uint32_t tag;
	struct offender *o = offender_of(x, from, &tag);

	*o = (struct offender){ .tag = tag };
}

static int64_t now_us(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1'000'000 + t.tv_nsec / 1'000;
}

static int tell(struct decoder_child *x) { return message_send(x->fd, &x->out); }

static int tell_type(struct decoder_child *x, enum message_type type)
{
	message_begin(&x->out, type);
	return tell(x);
}

static int tell_problem(struct decoder_child *x, const char *text)
{
	message_begin(&x->out, MESSAGE_PROBLEM);
	message_put_str(&x->out, str_of(text));
	return tell(x);
}

/* ---- history --------------------------------------------------------------- */

static int send_history(struct decoder_child *x, enum trail_kind kind)
{
	struct str matches = buf_view(&x->matches);
	struct str cursor = kind == TRAIL_CURSOR ? buf_view(&x->cursor) : STR("");
	int r;

	message_begin(&x->out, MESSAGE_HISTORY);
	message_put_u8(&x->out, (uint8_t)kind);
	message_put_str(&x->out, matches);
	message_put_str(&x->out, cursor);
	r = tell(x);
	buf_reset(&x->matches);
	return r;
}

static int send_counts(struct decoder_child *x);

static int checkpoint(struct decoder_child *x)
{
	int r;

	struct buf last = x->cursor;

	x->cursor = BUF(CURSOR_MAX);
	r = live_save(x->live, &x->cursor);
	if (r >= 0 && (x->matches.len || !str_eq(buf_view(&last), buf_view(&x->cursor))))
		r = send_history(x, TRAIL_CURSOR);
	buf_release(&last);
	x->dirty = false;
	x->checked = monotonic_now_ms();
	if (r >= 0 && x->checked - x->counted >= COUNTS_MS)
		r = send_counts(x);
	return r;
}

static int recall_alert(void *user, const struct alert *a)
{
	struct decoder_child *x = user;
	struct prefix from;

	if (x->o->policy->deeds[a->rule->index] == DEED_BAN &&
	    policy_alert_address(x->o->policy, a, &from))
		remember_offender(x, &from);
	return 0;
}

struct loading {
	struct recall *recall;
	struct buf cursor;
};

static int load_record(void *user, enum trail_kind kind, struct str body)
{
	struct loading *l = user;
	struct str cursor;
	int r = recall_body(l->recall, body, &cursor);

	/* A damaged record was written by another version: what it says is lost, no more. */
	if (r == -EBADMSG)
		return 0;
	if (r >= 0 && kind == TRAIL_CURSOR) {
		buf_reset(&l->cursor);
		r = buf_str(&l->cursor, cursor);
	}
	return r;
}

static int load_history(struct decoder_child *x, struct buf *ret_cursor)
{
	struct loading l = { .cursor = BUF(CURSOR_MAX) };
	int r = recall_new(x->o->policy, recall_alert, x, &l.recall);

	for (int i = 0; r >= 0 && i < 2; i++)
		if (x->o->segments[i] >= 0)
			r = trail_read(x->o->segments[i], load_record, &l);
	x->recalled = l.recall ? recall_count(l.recall) : 0;
	recall_release(&l.recall);
	if (r < 0)
		buf_release(&l.cursor);
	else
		*ret_cursor = l.cursor;
	return r;
}

/* ---- what is found --------------------------------------------------------- */

static bool is_old(const struct event *e)
{
	return e->time != EVENT_TIME_UNKNOWN && now_us() - e->time > DECODE_BAN_AGE;
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
	return tell(x);
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

static int on_match(void *user, const struct event *e, const struct rule *const *rules, size_t n)
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
		r = send_history(x, TRAIL_MATCHES);
	if (r >= 0)
		r = strike_again(x, e, rules, n, known ? &from : NULL);
	if (r < 0 || !login || !known)
		return r;
	message_begin(&x->out, MESSAGE_LOGIN);
	message_put_prefix(&x->out, &from);
	message_put_u32(&x->out, policy_event_port(x->o->policy, e));
	message_put_str(&x->out, str_sub(policy_event_account(x->o->policy, e), 0, LOGIN_TEXT_MAX));
	message_put_str(&x->out, str_sub(policy_event_key(x->o->policy, e), 0, LOGIN_TEXT_MAX));
	return tell(x);
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
	r = tell(x);
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
		remember_offender(x, &alert.from);
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
	return tell(x);
}

static int on_event(void *user, const struct event *e)
{
	struct decoder_child *x = user;
	int r = hunt_event(x->o->policy->hunt, e, on_alert, x);

	return r > 0 ? 0 : r;
}

/* ---- counts, for guard status --------------------------------------------------------------- */

static void put_source(struct buf *b, const struct live_status *s, bool first)
{
	static const char *const kinds[] = { "file", "journal", "audit", "datagram", "stream" };

	buf_puts(b, first ? "" : ",");
	buf_puts(b, "{\"name\":");
	text_json(b, str_of(s->name ? s->name : ""));
	buf_fmt(b, ",\"kind\":\"%s\",\"format\":", kinds[MIN((size_t)s->kind, COUNT(kinds) - 1)]);
	text_json(b, str_of(s->decoder ? s->decoder->name : ""));
	buf_fmt(b, ",\"open\":%s,\"polled\":%s,\"problem\":", s->open ? "true" : "false",
		s->polled ? "true" : "false");
	text_json(b, str_of(s->problem ? s->problem : ""));
#define NUMBER(field) buf_fmt(b, ",\"" #field "\":%llu", (unsigned long long)s->field)
	NUMBER(lines);
	NUMBER(events);
	NUMBER(skipped);
	NUMBER(copies);
	NUMBER(late);
	NUMBER(cut);
	NUMBER(dropped);
	NUMBER(rotations);
	NUMBER(truncations);
	NUMBER(gaps);
	NUMBER(behind);
#undef NUMBER
	buf_putc(b, '}');
}

static void put_sensor(struct buf *b, const struct sensors *sensors, enum sensor_id id)
{
	struct sensor_state s;

	sensors_state(sensors, id, &s);
	buf_fmt(b,
		"%s{\"name\":\"%s\",\"running\":%s,\"events\":%llu,\"lost\":%llu,\"bad\":%llu,"
		"\"reason\":",
		id ? "," : "", s.name, s.running ? "true" : "false", (unsigned long long)s.events,
		(unsigned long long)s.lost, (unsigned long long)s.bad);
	text_json(b, str_of(s.reason ? s.reason : ""));
	buf_putc(b, '}');
}

static int send_counts(struct decoder_child *x)
{
	struct buf b = BUF(MESSAGE_BODY - 64);
	struct hunt_stats stats;
	size_t n = live_count(x->live);
	int r;

	hunt_stats(x->o->policy->hunt, &stats);
	buf_fmt(&b,
		"{\"events\":%llu,\"matched\":%llu,\"groups\":%llu,\"evicted\":%llu,"
		"\"memory\":%zu,\"recalled\":%llu,\"alerts\":%llu,\"ban_requests\":%llu,"
		"\"sources\":[",
		(unsigned long long)stats.events, (unsigned long long)stats.matched,
		(unsigned long long)stats.correlations.groups,
		(unsigned long long)stats.correlations.evicted, stats.correlations.bytes,
		(unsigned long long)x->recalled, (unsigned long long)x->alerts,
		(unsigned long long)x->bans);
	for (size_t i = 0; i < n && b.len < b.limit - 4'096; i++) {
		struct live_status s;

		live_status(x->live, (uint32_t)i, &s);
		put_source(&b, &s, !i);
	}
	buf_puts(&b, "],\"sensors\":[");
	for (unsigned i = 0; x->o->sensors && i < SENSOR_N; i++)
		put_sensor(&b, x->o->sensors, (enum sensor_id)i);
	buf_puts(&b, "]}");
	message_begin(&x->out, MESSAGE_COUNTS);
	message_put_str(&x->out, buf_view(&b));
	r = b.error ? 0 : tell(x);
	buf_release(&b);
	x->counted = monotonic_now_ms();
	x->stale = false;
	return r;
}

/* ---- messages of the parent ------------------------------------------------ */

static int take_message(struct decoder_child *x, struct message *m)
{
	if (m->type == MESSAGE_USERS) {
		struct str passwd = message_str(m, MESSAGE_BODY);

		if (x->o->sensors && message_end(m))
			sensors_users(x->o->sensors, passwd);
	}
	if (!message_end(m))
		return -EBADMSG;
	if (m->type == MESSAGE_PING) {
		int r = send_counts(x);

		return r < 0 ? r : tell_type(x, MESSAGE_PONG);
	}
	if (m->type == MESSAGE_STOP)
		x->stop = true;
	return m->type == MESSAGE_STOP || m->type == MESSAGE_USERS ? 0 : -EBADMSG;
}

/* The parent opens the file and passes it on. Other messages may come before its answer. */
static int open_source(void *user, uint32_t source, enum live_want want, uint32_t k,
		       struct live_opened *ret)
{
	struct decoder_child *x = user;
	struct message m = {};
	int r, error;

	message_begin(&x->out, MESSAGE_OPEN);
	message_put_u32(&x->out, source);
	message_put_u8(&x->out, (uint8_t)want);
	message_put_u32(&x->out, k);
	r = tell(x);
	while (r >= 0) {
		r = message_receive(x->fd, x->in, ROLE_PARENT, PHASE_RUN, &m);
		if (r <= 0)
			return r < 0 ? r : -EPIPE;
		if (m.type == MESSAGE_FILE)
			break;
		r = take_message(x, &m);
		message_release(&m);
	}
	if (r < 0)
		return r;
	error = (int)message_u32(&m);
	ret->watch = (int)message_u32(&m);
	ret->folder = (int)message_u32(&m);
	ret->target = (int)message_u32(&m);
	ret->fd = -1;
	if (m.n_fds) {
		ret->fd = m.fds[0];
		m.n_fds = 0;
	}
	return error;
}

/* ---- life ------------------------------------------------------------------ */

static int open_live(struct decoder_child *x, struct str cursor,
		     const struct reader_filter *filters, int inotify)
{
	struct live_options o = {
		.names = hunt_names(x->o->policy->hunt),
		.filters = filters,
		.zone = x->zone,
		.inotify = inotify,
		/* A source that is new: what correlations can remember of it. */
		.since = now_us() - DECODE_BAN_AGE,
		.open = open_source,
		.user = x,
	};
	struct diag d = {};
	char text[600];
	int r = live_new(&o, &x->live);

	for (size_t i = 0; r >= 0 && i < x->o->n_sources; i++)
		r = live_add(x->live, &x->o->sources[i], &(uint32_t){ 0 });
	if (r < 0 || !cursor.len)
		return r;
	r = live_restore(x->live, cursor, &d);
	if (r == -EBADMSG)
		r = tell_problem(x, diag_text(&d, text, sizeof text));
	return r;
}

static int pass_event(void *user, const struct event *e)
{
	(void)user;
	(void)e;
	return 0;
}

/*
 * Filters without texts: lines are counted and not decoded, so that what cannot be read without
 * harm is left behind.
 */
static int skim(struct decoder_child *x, struct buf *cursor)
{
	struct reader_filter *none = calloc(n_decoders, sizeof *none);
	int r = none ? open_live(x, buf_view(cursor), none, -1) : -ENOMEM;

	if (r >= 0)
		r = live_run_once(x->live, pass_event, x);
	if (r >= 0)
		r = checkpoint(x);
	if (r >= 0) {
		buf_reset(cursor);
		r = buf_str(cursor, buf_view(&x->cursor));
	}
	live_release(&x->live);
	free(none);
	if (r >= 0)
		r = tell_problem(x, "what stood next in the logs ended the process several times; "
				    "up to 1 MiB of it was passed over without being looked at");
	return r;
}

/* 0; 1: the parent is gone. */
static int hear(struct decoder_child *x)
{
	struct pollfd p = { .fd = x->fd, .events = POLLIN };
	struct message m = {};
	int r = 0;

	while (r >= 0 && poll(&p, 1, 0) > 0) {
		r = message_receive(x->fd, x->in, ROLE_PARENT, PHASE_RUN, &m);
		if (r <= 0)
			return r < 0 ? r : 1;
		r = take_message(x, &m);
		message_release(&m);
	}
	return r;
}

static int wait_for(struct decoder_child *x)
{
	struct pollfd p[3] = {
		{.fd = x->fd,					   .events = POLLIN},
		{ .fd = live_fd(x->live),                               .events = POLLIN},
		{ .fd = x->o->sensors ? sensors_fd(x->o->sensors) : -1, .events = POLLIN},
	};
	/* What was read and matched nothing moves the cursor, too, but not at once. */
	int timeout = x->stale ? COUNTS_MS : x->dirty ? CHECKPOINT_MS : -1, r;

	r = poll(p, 3, timeout);
	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	if (p[1].revents || p[2].revents)
		x->dirty = x->stale = true;
	return !r && x->stale ? send_counts(x) : 0;
}

/* 1: there may be more. */
static int sense(struct decoder_child *x)
{
	ssize_t n = 0;

	if (!x->o->sensors)
		return 0;
	x->sensing = true;
	n = sensors_read(x->o->sensors, SENSOR_BATCH, on_event, x);
	x->sensing = false;
	return n < 0 ? (int)n : n == SENSOR_BATCH;
}

static int work(struct decoder_child *x)
{
	int r = 0;

	while (!x->stop) {
		uint64_t before = x->matches.len;
		bool more, found = false;

		int sensed;

		r = live_run_once(x->live, on_event, x);
		sensed = r < 0 ? r : sense(x);
		if (sensed < 0)
			return sensed;
		more = r > 0 || sensed > 0;
		found = x->matches.len != before || x->dirty;
		x->dirty |= more;
		if (found && (x->matches.len || monotonic_now_ms() - x->checked >= CHECKPOINT_MS))
			r = checkpoint(x);
		if (r >= 0)
			r = hear(x);
		if (r)
			return r < 0 ? r : 0;
		if (!more && !x->stop)
			r = wait_for(x);
		if (r < 0)
			return r;
	}
	return checkpoint(x);
}

static void find_fields(struct decoder_child *x)
{
	const struct names *names = hunt_names(x->o->policy->hunt);

	x->flood_scope = names_find(names, STR("FloodScope"));
	x->cgroup_id = names_find(names, STR("CgroupId"));
	x->cgroup = names_find(names, STR("Cgroup"));
}

int decode_main(void *data, int fd)
{
	static struct decoder_child child;
	struct decoder_child *x = &child;
	struct buf cursor = BUF(CURSOR_MAX);
	int r;

	x->o = data;
	x->fd = fd;
	x->matches = BUF(MATCHES_MAX + RECALL_MATCH_MAX);
	x->cursor = BUF(CURSOR_MAX);
	if (getrandom(x->seed, sizeof x->seed, 0) != sizeof x->seed)
		return -EIO;
	/* Times without a zone are of this machine's; the files of zones are out of reach later. */
	if (zone_open(NULL, &x->zone) < 0)
		x->zone = NULL;
	r = lines_new(&x->lines);
	if (r >= 0)
		r = child_confine(SANDBOX_DECODE);
	if (r >= 0)
		r = load_history(x, &cursor);
	if (r >= 0 && x->o->skim)
		r = skim(x, &cursor);
	if (r >= 0)
		r = open_live(x, buf_view(&cursor), hunt_filters(x->o->policy->hunt),
			      x->o->inotify);
	buf_release(&cursor);
	hunt_on_match(x->o->policy->hunt, on_match, x);
	find_fields(x);
	if (r >= 0)
		r = tell_type(x, MESSAGE_READY);
	if (r >= 0)
		r = send_counts(x);
	if (r >= 0)
		r = work(x);
	live_release(&x->live);
	lines_release(&x->lines);
	return r == -EPIPE ? 0 : r;
}
