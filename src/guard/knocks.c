/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/knocks.h"

#include <linux/if_packet.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "guard/alert.h"
#include "guard/child.h"
#include "guard/packet.h"

#define BATCH 128u
#define FLOOD 16u /* packets at once that all are nothing */
#define HEAP_MS 1 /* then so long others gather: the socket holds thirty times as many */
#define PACKET_MAX (KNOCK_MAX + 128U) /* with headers and options */
#define ANSWER_MS 3'000 /* for a look-up (KEYS_COMMAND_MS is less) or a line of the log */
#define COUNTS_MS 1'000
#define COUNTERS 11u

struct knocks {
	struct knocks_options *o;
	int fd;
	struct judge *judge;
	struct budget *budget;
	struct replay *replay;
	struct judgement judgement;
	net_addr from; /* of the request that is being judged */
	struct knock_port shut[JIT_PROTECTED_MAX];
	uint32_t asked; /* number of the last look-up */
	struct buf account;
	bool stop, written;
	int write_error;
	bool looking, looked; /* for an account: asked for, here */
	bool flooded;         /* what came last was nothing but junk */
	uint64_t packets, lost;
	uint64_t told[COUNTERS];
	int64_t told_at;
	struct message_out out;
	char in[MESSAGE_MAX];
	char bytes[BATCH][PACKET_MAX];
};

static int64_t realtime_ms(void)
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

static int take_account(struct knocks *x, struct message *m)
{
	uint32_t number = message_u32(m), total = message_u32(m);
	struct str part = message_str(m, MESSAGE_MAX);

	if (!message_end(m) || total > ACCOUNT_ANSWER_MAX)
		return -EBADMSG;
	/* Of one that was not waited for any more. */
	if (number != x->asked || !x->looking)
		return 0;
	buf_str(&x->account, part);
	if (x->account.error || x->account.len > total)
		return -EBADMSG;
	x->looked = x->account.len == total;
	return 0;
}

static int take_written(struct knocks *x, struct message *m)
{
	x->write_error = (int)message_u32(m);
	x->written = true;
	return message_end(m) ? 0 : -EBADMSG;
}

static int answer_handed(struct knocks *x, uint32_t client, enum judge_outcome outcome,
			 const char *why)
{
	message_begin(&x->out, MESSAGE_HEARD);
	message_put_u32(&x->out, client);
	message_put_u8(&x->out, (uint8_t)outcome);
	message_put_str(&x->out, str_of(why ? why : ""));
	return message_send(x->fd, &x->out);
}

static int take_handed(struct knocks *x, struct message *m);

/* One message. judging: a request is looked at; nobody else's may come between. */
static int hear(struct knocks *x, bool judging)
{
	struct message m = {};
	int r = message_receive(x->fd, x->in, ROLE_PARENT, PHASE_RUN, &m);

	if (r <= 0)
		return r < 0 ? r : -EPIPE;
	switch (m.type) {
	case MESSAGE_PING:
		message_begin(&x->out, MESSAGE_PONG);
		r = message_end(&m) ? message_send(x->fd, &x->out) : -EBADMSG;
		break;
	case MESSAGE_STOP:
		x->stop = true;
		r = 0;
		break;
	case MESSAGE_DOORS: r = take_doors(x, &m); break;
	case MESSAGE_WRITTEN: r = take_written(x, &m); break;
	case MESSAGE_ACCOUNT: r = take_account(x, &m); break;
	case MESSAGE_HANDED:
		r = judging ? answer_handed(x, message_u32(&m), JUDGE_DROPPED, "busy: try again")
			    : take_handed(x, &m);
		break;
	default: r = -EBADMSG;
	}
	message_release(&m);
	return r;
}

/* Until the answer is there. -ETIME; -EPIPE: the parent is gone. */
static int wait_for(struct knocks *x, const bool *answered)
{
	int64_t until = monotonic_now_ms() + ANSWER_MS;

	while (!*answered && !x->stop) {
		struct pollfd p = { .fd = x->fd, .events = POLLIN };
		int64_t left = until - monotonic_now_ms();
		int n = left > 0 ? poll(&p, 1, (int)left) : 0, r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ETIME;
		r = hear(x, true);
		if (r < 0)
			return r;
	}
	return x->stop ? -ECANCELED : 0;
}

/* program: an enum judge_program, or 0 for the files. */
static int fetch(struct knocks *x, unsigned program, struct str account, struct str key,
		 struct arena *a, struct judge_account *ret)
{
	const struct prefix from = knocks_prefix(x->from, net_is_v4(x->from) ? 32 : 128);
	struct judge_account found;
	struct str text;
	int r;

	buf_reset(&x->account);
	x->account.error = 0;
	x->looking = true;
	x->looked = false;
	message_begin(&x->out, MESSAGE_LOOKUP);
	message_put_u32(&x->out, ++x->asked);
	message_put_prefix(&x->out, &from);
	message_put_u8(&x->out, (uint8_t)program);
	message_put_str(&x->out, account);
	message_put_str(&x->out, key);
	r = message_send(x->fd, &x->out);
	if (r >= 0)
		r = wait_for(x, &x->looked);
	x->looking = false;
	if (r < 0)
		return r;
	text = arena_str(a, buf_view(&x->account));
	r = text.ptr ? knocks_read_account(text, &found) : -ENOMEM;
	if (r < 0)
		return r;
	*ret = found;
	return 0;
}

/* A judge_lookup. */
static int look_up(void *user, struct str account, struct arena *a, struct judge_account *ret)
{
	return fetch(user, 0, account, STR(""), a, ret);
}

/* A judge_ask. */
static int ask(void *user, enum judge_program program, struct str account, struct str key,
	       struct arena *a, struct judge_account *ret)
{
	return fetch(user, program, account, key, a, ret);
}

/* A judge_record. */
static int record(void *user, int64_t now, const struct chain_field *fields, size_t n)
{
	struct knocks *x = user;
	int r;

	if (n > KNOCKS_FIELDS_MAX)
		return -EMSGSIZE;
	message_begin(&x->out, MESSAGE_RECORD);
	message_put_i64(&x->out, now);
	message_put_u8(&x->out, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		message_put_u8(&x->out, fields[i].plain);
		message_put_str(&x->out,
				(struct str){ fields[i].name, strlen(fields[i].name) + 1 });
		message_put_str(&x->out, fields[i].text);
	}
	x->written = false;
	r = message_send(x->fd, &x->out);
	if (r >= 0)
		r = wait_for(x, &x->written);
	return r < 0 ? r : MIN(x->write_error, 0);
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
	knocks_put(&x->out, &g);
	return message_send(x->fd, &x->out);
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

/* Somebody on the machine brought a request that another one made. */
static int take_handed(struct knocks *x, struct message *m)
{
	uint32_t client = message_u32(m);
	uint8_t sourced = message_u8(m);
	struct prefix from = message_prefix(m);
	struct str text = message_str(m, KNOCK_MAX);
	char datagram[KNOCK_MAX];
	int r;

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
	judge_handed(x->judge, text, x->from, realtime_ms(), monotonic_now_ms(), &x->judgement);
	r = carry_out(x);
	return r < 0 ? r : answer_handed(x, client, x->judgement.outcome, x->judgement.why);
}

static int take_packet(struct knocks *x, struct str bytes)
{
	int64_t begun = monotonic_now_ms();
	struct packet p;

	x->packets++;
	if (!packet_parse(bytes, x->o->policy->listen, &p))
		return 0;
	x->from = p.from;
	judge_datagram(x->judge, p.payload, p.from, realtime_ms(), begun, &x->judgement);
	/* Looking up and writing down wait for others. */
	if (x->judgement.outcome != JUDGE_DROPPED)
		budget_charge(x->budget, p.from, begun, monotonic_now_ms());
	return carry_out(x);
}

static int take_packets(struct knocks *x, int fd)
{
	struct mmsghdr list[BATCH] = {};
	struct iovec places[BATCH];
	unsigned junk = 0;
	int n, r = 0;

	for (size_t i = 0; i < BATCH; i++) {
		places[i] = (struct iovec){ x->bytes[i], PACKET_MAX };
		list[i].msg_hdr.msg_iov = &places[i];
		list[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(fd, list, BATCH, MSG_DONTWAIT, NULL);
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
	const uint64_t now[COUNTERS] = { x->packets, x->lost,  c.unmarked, c.over_budget,
					 c.refused,  c.waits,  c.opened,   c.closed,
					 c.left_out, b.prefix, b.total };
	int64_t at = monotonic_now_ms();

	if (at - x->told_at < COUNTS_MS || !memcmp(now, x->told, sizeof now))
		return 0;
	count_lost(x);
	x->told_at = at;
	memcpy(x->told, now, sizeof now);
	message_begin(&x->out, MESSAGE_KNOCKS);
	for (size_t i = 0; i < COUNTERS; i++)
		message_put_u64(&x->out, now[i]);
	return message_send(x->fd, &x->out);
}

static int turn(struct knocks *x)
{
	struct pollfd p[3] = {
		{.fd = x->fd,             .events = POLLIN},
		{ .fd = x->o->sockets[0], .events = POLLIN},
		{ .fd = x->o->sockets[1], .events = POLLIN},
	};
	/* To be woken for each packet costs more than the packet. */
	int n = x->flooded ? poll(p, 1, HEAP_MS) : 0, r = 0;

	x->flooded &= n > 0;
	if (n == 0)
		n = poll(p, COUNT(p), COUNTS_MS);
	if (n < 0 && errno != EINTR)
		return -errno;
	if (p[0].revents)
		r = hear(x, false);
	for (size_t i = 1; r >= 0 && i < COUNT(p); i++)
		if (p[i].revents)
			r = take_packets(x, p[i].fd);
	return r < 0 ? r : tell_counts(x);
}

static int tell_problem(struct knocks *x, const char *text)
{
	message_begin(&x->out, MESSAGE_PROBLEM);
	message_put_str(&x->out, str_of(text));
	return message_send(x->fd, &x->out);
}

/* Everything that needs more than what is left behind the sandbox's door. */
static int prepare(struct knocks *x, struct diag *d)
{
	struct judge_setup setup = { .host = &x->o->host,
				     .policy = x->o->policy,
				     .record = record,
				     .lookup = look_up,
				     .ask = ask,
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
		r = replay_open(x->o->folder, str_of(x->o->boot), realtime_ms(),
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
	x->fd = fd;
	r = prepare(x, &d);
	if (r >= 0)
		r = confine(x);
	message_begin(&x->out, MESSAGE_READY);
	if (r >= 0)
		r = message_send(fd, &x->out);
	if (d.reason[0] && tell_problem(x, diag_text(&d, text, sizeof text)) < 0)
		return -EPIPE;
	while (r >= 0 && !x->stop)
		r = turn(x);
	judge_free(&x->judge);
	budget_free(&x->budget);
	replay_close(&x->replay);
	knock_host_clear(&x->o->host);
	buf_release(&x->account);
	return r == -EPIPE || r == -ECANCELED ? 0 : r;
}
