/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the process that takes requests asks of the parent: whose keys count, and a line of the log. */
#include <poll.h>

#include "guard/alert.h"
#include "guard/knocks_work.h"

#define ANSWER_MS 3'000 /* for files or a line of the log */

int knocks_take_account(struct knocks *x, struct message *m)
{
	uint32_t number = message_u32(m), total = message_u32(m);
	struct str part = message_str(m, MESSAGE_MAX);

	if (!message_end(m) || total > ACCOUNT_ANSWER_MAX)
		return -EBADMSG;
	if (!x->looking || number != x->looking)
		return questions_take(&x->questions, number, total, part);
	buf_str(&x->account, part);
	if (x->account.error || x->account.len > total)
		return -EBADMSG;
	x->looked = x->account.len == total;
	return 0;
}

int knocks_take_written(struct knocks *x, struct message *m)
{
	x->write_error = (int)message_u32(m);
	x->written = true;
	return message_end(m) ? 0 : -EBADMSG;
}

/* Until the answer is there. -ETIME; -EPIPE: the parent is gone. */
static int wait_for(struct knocks *x, const bool *answered)
{
	int64_t until = monotonic_now_ms() + ANSWER_MS;

	while (!*answered && !x->parent.stop) {
		struct pollfd p = { .fd = x->parent.fd, .events = POLLIN };
		int64_t left = until - monotonic_now_ms();
		int n = left > 0 ? poll(&p, 1, (int)left) : 0, r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ETIME;
		r = child_hear(&x->parent, knocks_hear, x);
		if (r < 0)
			return r;
	}
	return x->parent.stop ? -ECANCELED : 0;
}

/* program: an enum judge_program, or 0 for the files. Its number. */
static int send_look_up(struct knocks *x, unsigned program, net_addr address, struct str account,
			struct str key, uint32_t *ret)
{
	const struct prefix from = knocks_prefix(address, net_is_v4(address) ? 32 : 128);

	x->asked += 1 + !(x->asked + 1);
	*ret = x->asked;
	message_begin(&x->parent.out, MESSAGE_LOOKUP);
	message_put_u32(&x->parent.out, x->asked);
	message_put_prefix(&x->parent.out, &from);
	message_put_u8(&x->parent.out, (uint8_t)program);
	message_put_str(&x->parent.out, account);
	message_put_str(&x->parent.out, key);
	return message_send(x->parent.fd, &x->parent.out);
}

int knocks_look_up(void *user, struct str account, struct arena *a, struct judge_account *ret)
{
	struct knocks *x = user;
	struct judge_account found;
	struct str text;
	int r;

	buf_reset(&x->account);
	x->account.error = 0;
	x->looked = false;
	r = send_look_up(x, 0, x->from, account, STR(""), &x->looking);
	if (r >= 0)
		r = wait_for(x, &x->looked);
	x->looking = 0;
	if (r < 0)
		return r;
	text = arena_str(a, buf_view(&x->account));
	r = text.ptr ? knocks_read_account(text, &found) : -ENOMEM;
	if (r < 0)
		return r;
	*ret = found;
	return 0;
}

int knocks_ask(void *user, enum judge_program program, struct str account, struct str key,
	       struct arena *a, struct judge_account *ret)
{
	struct knocks *x = user;
	struct question *q = x->question;
	struct question c = { .known = budget_is_known(x->budget, x->from),
			      .handed = x->handed,
			      .client = x->client,
			      .from = x->from,
			      .now = knocks_realtime_ms(),
			      .since = monotonic_now_ms() };
	int r = q ? question_find(q, program, key, ret) : -ENOENT;

	(void)a;
	if (r != -ENOENT)
		return r;
	r = 0;
	if (!q) {
		memcpy(c.id, x->judgement.opened.knock.id, sizeof c.id);
		r = questions_add(&x->questions, &c, x->datagram, &q);
	}
	if (r >= 0)
		r = question_ask(q, program, account, key, monotonic_now_ms());
	if (r < 0 && q && !x->question)
		question_end(&x->questions, q);
	return r < 0 ? r : -EINPROGRESS;
}

int knocks_record(void *user, int64_t now, const struct chain_field *fields, size_t n)
{
	struct knocks *x = user;
	struct message_out *o = &x->parent.out;
	int r;

	if (n > KNOCKS_FIELDS_MAX)
		return -EMSGSIZE;
	message_begin(o, MESSAGE_RECORD);
	message_put_i64(o, now);
	message_put_u8(o, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		message_put_u8(o, fields[i].plain);
		message_put_str(o, (struct str){ fields[i].name, strlen(fields[i].name) + 1 });
		message_put_str(o, fields[i].text);
	}
	x->written = false;
	r = message_send(x->parent.fd, o);
	if (r >= 0)
		r = wait_for(x, &x->written);
	return r < 0 ? r : MIN(x->write_error, 0);
}

int knocks_send_questions(struct knocks *x)
{
	struct question *q;

	while ((q = questions_next(&x->questions))) {
		uint32_t number;
		int r = send_look_up(x, q->program, q->from, q->account, q->key, &number);

		if (r < 0)
			return r;
		question_sent(q, number, monotonic_now_ms());
	}
	return 0;
}
