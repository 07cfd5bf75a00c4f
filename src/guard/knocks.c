/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/knocks_work.h"

#include <linux/if_packet.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "guard/alert.h"

#define FLOOD 16u /* packets at once that all are nothing */
#define HEAP_MS 1 /* then so long others gather: the socket holds thirty times as many */
#define COUNTS_MS 1'000
#define TURN_MS 100 /* while a program is asked */

int64_t knocks_realtime_ms(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1'000 + t.tv_nsec / 1'000'000;
}

/* ---- the parent ------------------------------------------------------------------------------- */

static int take_doors(struct knocks *x, struct message *m)
{
	struct knock_port list[JIT_PROTECTED_MAX];
	size_t n = knocks_take_ports(m, list, COUNT(list));

	if (!message_end(m))
		return -EBADMSG;
	memcpy(x->shut, list, n * sizeof *list);
	x->o->policy->protect = (struct jit_ports){ .list = x->shut, .n = n, .cap = n };
	return 0;
}

static int answer_handed(struct knocks *x, uint32_t client, enum judge_outcome outcome,
			 const char *why)
{
	message_begin(&x->parent.out, MESSAGE_HEARD);
	message_put_u32(&x->parent.out, client);
	message_put_u8(&x->parent.out, (uint8_t)outcome);
	message_put_str(&x->parent.out, str_of(why ? why : ""));
	return message_send(x->parent.fd, &x->parent.out);
}

static int take_handed(struct knocks *x, struct message *m);

/* While a request is judged nobody else's may come between. */
int knocks_hear(void *user, struct message *m)
{
	struct knocks *x = user;

	switch (m->type) {
	case MESSAGE_DOORS: return take_doors(x, m);
	case MESSAGE_WRITTEN: return knocks_take_written(x, m);
	case MESSAGE_ACCOUNT: return knocks_take_account(x, m);
	case MESSAGE_HANDED:
		return x->judging
			       ? answer_handed(x, message_u32(m), JUDGE_DROPPED, "busy: try again")
			       : take_handed(x, m);
	default: return -EBADMSG;
	}
}

/* ---- requests --------------------------------------------------------------------------------- */

static struct prefix source_of(const struct knocks *x)
{
	const struct judgement *j = &x->judgement;
	const struct knock *k = j->knock;

	if (j->outcome != JUDGE_CLOSE)
		return knocks_prefix(j->decision.source, j->decision.bits);
	if (k->sourced)
		return knocks_prefix(k->source, k->bits);
	return knocks_prefix(x->from, net_is_v4(x->from) ? 32 : 128);
}

static int tell_grant(struct knocks *x)
{
	const struct judgement *j = &x->judgement;
	const struct knock *k = j->knock;
	struct knocks_grant g = {
		.deed = j->outcome == JUDGE_WAITS   ? KNOCKS_WAITS
			: j->outcome == JUDGE_CLOSE ? KNOCKS_CLOSE
			: k->action == KNOCK_EXTEND ? KNOCKS_EXTEND
						    : KNOCKS_OPEN,
		.source = source_of(x),
		.seconds = j->decision.seconds,
		.n_ports = k->n_ports,
		.account = k->account,
		.reason = k->reason,
		.rule = j->decision.rule ? j->decision.rule->name : STR(""),
		.keys = {str_of(j->keys[0]), str_of(j->keys[1])},
	};

	memcpy(g.id, k->id, sizeof g.id);
	memcpy(g.ports, k->ports, sizeof g.ports);
	knocks_put(&x->parent.out, &g);
	return message_send(x->parent.fd, &x->parent.out);
}

static int carry_out(struct knocks *x)
{
	switch (x->judgement.outcome) {
	case JUDGE_OPEN:
	case JUDGE_CLOSE:
	case JUDGE_WAITS: return tell_grant(x);
	default: return 0;
	}
}

/* What is not bounded by a budget: what was handed over, and what is judged anew. */
static int judge_one(struct knocks *x, struct str text, int64_t now)
{
	const struct judgement *j = &x->judgement;
	int r;

	x->datagram = text;
	x->judging = true;
	judge_handed(x->judge, text, x->from, now, monotonic_now_ms(), &x->judgement);
	x->judging = false;
	r = carry_out(x);
	if (r < 0 || !x->handed || j->outcome == JUDGE_ASKS)
		return r;
	return answer_handed(x, x->client, j->outcome, j->why);
}

/* Somebody on the machine brought a request that another one made. */
static int take_handed(struct knocks *x, struct message *m)
{
	uint32_t client = message_u32(m);
	uint8_t sourced = message_u8(m);
	struct prefix from = message_prefix(m);
	struct str text = message_str(m, KNOCK_MAX);
	char datagram[KNOCK_MAX];

	if (!message_end(m) || sourced > 1)
		return -EBADMSG;
	/* The buffer that it is in is needed for answers. */
	memcpy(datagram, text.ptr, text.len);
	text.ptr = datagram;
	x->from = knocks_address(&from);
	if (!sourced) {
		struct knock_opened *o = &x->judgement.opened;
		enum knock_fault fault = knock_open(&x->o->host, text, o);

		if (fault != KNOCK_GOOD)
			return answer_handed(x, client, JUDGE_REFUSED, knock_fault_text(fault));
		if (!o->knock.sourced)
			return answer_handed(x, client, JUDGE_REFUSED,
					     "the request names no source: say --from ADDRESS");
		x->from = o->knock.source;
	}
	x->handed = true;
	x->client = client;
	return judge_one(x, text, knocks_realtime_ms());
}

/* Again, those whose programs have answered. */
static int settle_questions(struct knocks *x)
{
	struct question *q;
	int r = 0;

	while (r >= 0 && (q = questions_ready(&x->questions, monotonic_now_ms()))) {
		x->question = q;
		x->from = q->from;
		x->handed = q->handed;
		x->client = q->client;
		r = judge_one(x, (struct str){ q->datagram, q->n }, q->now);
		x->question = NULL;
		if (x->judgement.outcome != JUDGE_ASKS)
			question_end(&x->questions, q);
	}
	return r < 0 ? r : knocks_send_questions(x);
}

static int take_packet(struct knocks *x, struct str bytes)
{
	int64_t begun = monotonic_now_ms();
	struct packet p;

	x->packets++;
	if (!packet_parse(bytes, x->o->policy->listen, &p))
		return 0;
	x->from = p.from;
	x->datagram = p.payload;
	x->handed = false;
	x->judging = true;
	if (p.payload.len == p.size)
		judge_datagram(x->judge, p.payload, p.from, knocks_realtime_ms(), begun,
			       &x->judgement);
	else
		judge_junk(x->judge, p.size < KNOCK_MIN || p.size > KNOCK_MAX, p.from,
			   knocks_realtime_ms(), begun, &x->judgement);
	x->judging = false;
	/* Looking up and writing down wait for others. */
	if (x->judgement.outcome != JUDGE_DROPPED)
		budget_charge(x->budget, p.from, begun, monotonic_now_ms());
	return carry_out(x);
}

static int take_packets(struct knocks *x, int fd)
{
	struct mmsghdr list[KNOCKS_BATCH] = {};
	struct iovec places[KNOCKS_BATCH];
	unsigned junk = 0;
	int n, r = 0;

	for (size_t i = 0; i < KNOCKS_BATCH; i++) {
		places[i] = (struct iovec){ x->bytes[i], KNOCKS_PACKET_MAX };
		list[i].msg_hdr.msg_iov = &places[i];
		list[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(fd, list, KNOCKS_BATCH, MSG_DONTWAIT, NULL);
	/* An interface that went away says so once. */
	if (n < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENETDOWN ? 0 : -errno;
	for (int i = 0; r >= 0 && i < n; i++) {
		x->judgement.outcome = JUDGE_DROPPED;
		if (!(list[i].msg_hdr.msg_flags & MSG_TRUNC))
			r = take_packet(x, (struct str){ x->bytes[i], list[i].msg_len });
		junk += x->judgement.outcome == JUDGE_DROPPED;
	}
	x->flooded |= junk >= FLOOD && junk == (unsigned)n;
	return r;
}

/* ---- the loop --------------------------------------------------------------------------------- */

static void count_lost(struct knocks *x)
{
	for (size_t i = 0; i < COUNT(x->o->sockets); i++) {
		struct tpacket_stats s = {};
		socklen_t n = sizeof s;

		if (x->o->sockets[i] >= 0 &&
		    getsockopt(x->o->sockets[i], SOL_PACKET, PACKET_STATISTICS, &s, &n) == 0)
			x->lost += s.tp_drops;
	}
}

static int tell_counts(struct knocks *x)
{
	const struct judge_counts c = judge_counts(x->judge);
	const struct budget_counts b = budget_counts(x->budget);
	const uint64_t now[KNOCKS_COUNTERS] = { x->packets, x->lost,  c.unmarked, c.over_budget,
						c.refused,  c.waits,  c.opened,   c.closed,
						c.left_out, b.prefix, b.total };
	int64_t at = monotonic_now_ms();

	if (at - x->told_at < COUNTS_MS || !memcmp(now, x->told, sizeof now))
		return 0;
	count_lost(x);
	x->told_at = at;
	memcpy(x->told, now, sizeof now);
	message_begin(&x->parent.out, MESSAGE_KNOCKS);
	for (size_t i = 0; i < KNOCKS_COUNTERS; i++)
		message_put_u64(&x->parent.out, now[i]);
	return message_send(x->parent.fd, &x->parent.out);
}

static int turn(struct knocks *x)
{
	struct pollfd p[3] = {
		{.fd = x->parent.fd,      .events = POLLIN},
		{ .fd = x->o->sockets[0], .events = POLLIN},
		{ .fd = x->o->sockets[1], .events = POLLIN},
	};
	/* To be woken for each packet costs more than the packet. */
	int n = x->flooded ? poll(p, 1, HEAP_MS) : 0, r = 0;

	x->flooded &= n > 0;
	if (n == 0)
		n = poll(p, COUNT(p), questions_wait(&x->questions) ? TURN_MS : COUNTS_MS);
	if (n < 0 && errno != EINTR)
		return -errno;
	if (p[0].revents)
		r = child_hear(&x->parent, knocks_hear, x);
	for (size_t i = 1; r >= 0 && i < COUNT(p); i++)
		if (p[i].revents)
			r = take_packets(x, p[i].fd);
	if (r >= 0)
		r = settle_questions(x);
	x->judging = true;
	judge_tick(x->judge, knocks_realtime_ms(), monotonic_now_ms());
	x->judging = false;
	return r < 0 ? r : tell_counts(x);
}

static int tell_problem(struct knocks *x, const char *text)
{
	message_begin(&x->parent.out, MESSAGE_PROBLEM);
	message_put_str(&x->parent.out, str_of(text));
	return message_send(x->parent.fd, &x->parent.out);
}

/* Everything that needs more than what is left behind the sandbox's door. */
static int prepare(struct knocks *x, struct diag *d)
{
	struct judge_setup setup = { .host = &x->o->host,
				     .policy = x->o->policy,
				     .record = knocks_record,
				     .lookup = knocks_look_up,
				     .ask = knocks_ask,
				     .user = x };
	uint64_t seed[2];
	int r = sodium_init() < 0 ? -EIO : 0;

	tzset();
	randombytes_buf(seed, sizeof seed);
	x->account = BUF(ACCOUNT_ANSWER_MAX);
	memcpy(x->shut, x->o->shut, x->o->n_shut * sizeof *x->shut);
	x->o->policy->protect =
		(struct jit_ports){ .list = x->shut, .n = x->o->n_shut, .cap = x->o->n_shut };
	if (r == 0)
		r = replay_open(x->o->folder, str_of(x->o->boot), knocks_realtime_ms(),
				(int64_t)x->o->policy->skew * 1'000, &x->replay, d);
	if (r == 0)
		r = budget_new(&budget_defaults, seed, &x->budget);
	setup.budget = x->budget;
	setup.replay = x->replay;
	return r < 0 ? r : judge_new(&setup, &x->judge);
}

static int confine(const struct knocks *x)
{
	struct sandbox_path folder = { x->o->folder, SANDBOX_READ | SANDBOX_WRITE };
	struct sandbox_state state;

	return sandbox_enter(SANDBOX_KNOCK, &folder, 1, &state);
}

int knocks_main(void *data, int fd)
{
	static struct knocks knocks;
	struct knocks *x = &knocks;
	struct diag d = {};
	char text[600];
	int r;

	x->o = data;
	x->parent.fd = fd;
	r = prepare(x, &d);
	if (r >= 0)
		r = confine(x);
	message_begin(&x->parent.out, MESSAGE_READY);
	if (r >= 0)
		r = message_send(fd, &x->parent.out);
	if (d.reason[0] && tell_problem(x, diag_text(&d, text, sizeof text)) < 0)
		return -EPIPE;
	while (r >= 0 && !x->parent.stop)
		r = turn(x);
	judge_free(&x->judge);
	budget_free(&x->budget);
	replay_close(&x->replay);
	knock_host_clear(&x->o->host);
	buf_release(&x->account);
	return r == -EPIPE || r == -ECANCELED ? 0 : r;
}
