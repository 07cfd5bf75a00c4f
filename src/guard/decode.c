/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "events/zone.h"
#include "guard/decode_work.h"
#include "guard/recall.h"

#define CURSOR_MAX ((size_t)128 << 10)
#define CHECKPOINT_MS 1'000 /* at the latest, where something was read */
#define SENSOR_BATCH 4'096

static int tell_type(struct decoder_child *x, enum message_type type)
{
	message_begin(&x->out, type);
	return decoder_tell(x);
}

static int tell_problem(struct decoder_child *x, const char *text)
{
	message_begin(&x->out, MESSAGE_PROBLEM);
	message_put_str(&x->out, str_of(text));
	return decoder_tell(x);
}

/* ---- history --------------------------------------------------------------- */

int decoder_history(struct decoder_child *x, enum trail_kind kind)
{
	struct str matches = buf_view(&x->matches);
	struct str cursor = kind == TRAIL_CURSOR ? buf_view(&x->cursor) : STR("");
	int r;

	message_begin(&x->out, MESSAGE_HISTORY);
	message_put_u8(&x->out, (uint8_t)kind);
	message_put_str(&x->out, matches);
	message_put_str(&x->out, cursor);
	r = decoder_tell(x);
	buf_reset(&x->matches);
	return r;
}

static int checkpoint(struct decoder_child *x)
{
	int r;

	struct buf last = x->cursor;

	x->cursor = BUF(CURSOR_MAX);
	r = live_save(x->live, &x->cursor);
	if (r >= 0 && (x->matches.len || !str_eq(buf_view(&last), buf_view(&x->cursor))))
		r = decoder_history(x, TRAIL_CURSOR);
	buf_release(&last);
	x->dirty = false;
	x->checked = monotonic_now_ms();
	if (r >= 0 && x->checked - x->counted >= COUNTS_MS)
		r = decoder_counts(x);
	return r;
}

static int recall_alert(void *user, const struct alert *a)
{
	struct decoder_child *x = user;
	struct prefix from;

	if (x->o->policy->deeds[a->rule->index] == DEED_BAN &&
	    policy_alert_address(x->o->policy, a, &from))
		decoder_remember(x, &from);
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
		int r = decoder_counts(x);

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
	r = decoder_tell(x);
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
		.since = decoder_now() - DECODE_BAN_AGE,
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
	return !r && x->stale ? decoder_counts(x) : 0;
}

/* 1: there may be more. */
static int sense(struct decoder_child *x)
{
	ssize_t n = 0;

	if (!x->o->sensors)
		return 0;
	x->sensing = true;
	n = sensors_read(x->o->sensors, SENSOR_BATCH, decoder_event, x);
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

		r = live_run_once(x->live, decoder_event, x);
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
	hunt_on_match(x->o->policy->hunt, decoder_match, x);
	find_fields(x);
	if (r >= 0)
		r = tell_type(x, MESSAGE_READY);
	if (r >= 0)
		r = decoder_counts(x);
	if (r >= 0)
		r = work(x);
	live_release(&x->live);
	lines_release(&x->lines);
	return r == -EPIPE ? 0 : r;
}
