/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/questions.h"

#include <sodium.h>

#include "guard/knocks.h"

static unsigned count(const struct questions *q, bool sent, bool strangers)
{
	unsigned n = 0;

	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		const struct question *x = &q->list[i];

		n += x->state != QUESTION_FREE && (!sent || x->state == QUESTION_SENT) &&
		     (!strangers || !x->known);
	}
	return n;
}

static void hash_of(enum judge_program program, struct str key, unsigned char ret[static 32])
{
	const unsigned char kind = (unsigned char)program;

	crypto_generichash(ret, 32, (const unsigned char *)key.ptr, key.len, NULL, 0);
	/* One byte tells them apart. */
	ret[0] = kind;
}

int questions_add(struct questions *q, const struct question *c, struct str datagram,
		  struct question **ret)
{
	struct question *found = NULL;

	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		if (q->list[i].state == QUESTION_FREE)
			found = &q->list[i];
		else if (!memcmp(q->list[i].id, c->id, KNOCK_ID))
			return -EALREADY;
	}
	if (!found || datagram.len > sizeof found->datagram ||
	    (!c->known && count(q, false, true) >= QUESTIONS_STRANGERS))
		return -EBUSY;
	*found = (struct question){ .known = c->known,
				    .handed = c->handed,
				    .client = c->client,
				    .from = c->from,
				    .now = c->now,
				    .since = c->since,
				    .order = q->order++,
				    .n = datagram.len };
	memcpy(found->id, c->id, sizeof found->id);
	memcpy(found->datagram, datagram.ptr, datagram.len);
	*ret = found;
	return 0;
}

int question_find(const struct question *q, enum judge_program program, struct str key,
		  struct judge_account *ret)
{
	unsigned char what[32];

	hash_of(program, key, what);
	for (unsigned i = 0; i < q->n_answers; i++) {
		const struct question_answer *a = &q->answers[i];

		if (memcmp(a->what, what, sizeof what) != 0)
			continue;
		return a->error ? a->error : knocks_read_account(buf_view(&a->text), ret);
	}
	return -ENOENT;
}

int question_ask(struct question *q, enum judge_program program, struct str account, struct str key,
		 int64_t now)
{
	struct question_answer *a = &q->answers[q->n_answers];

	if (q->n_answers == QUESTIONS_ANSWERS || account.len > sizeof q->account_bytes ||
	    key.len > sizeof q->key_bytes)
		return -E2BIG;
	q->n_answers++;
	hash_of(program, key, a->what);
	a->error = -EAGAIN;
	a->text = BUF(ACCOUNT_ANSWER_MAX);
	q->program = program;
	memcpy(q->account_bytes, account.ptr, account.len);
	memcpy(q->key_bytes, key.ptr, key.len);
	q->account = (struct str){ q->account_bytes, account.len };
	q->key = (struct str){ q->key_bytes, key.len };
	q->until = now + QUESTION_WAIT_MS;
	q->state = QUESTION_WAITS;
	return 0;
}

static void drop_text(struct questions *q, struct question_answer *a)
{
	q->bytes -= a->text.len;
	buf_release(&a->text);
}

void question_end(struct questions *q, struct question *x)
{
	for (unsigned i = 0; i < x->n_answers; i++)
		drop_text(q, &x->answers[i]);
	x->n_answers = 0;
	x->state = QUESTION_FREE;
}

struct question *questions_next(struct questions *q)
{
	const bool full = count(q, true, true) >= QUESTIONS_AT_ONCE_STRANGERS;
	struct question *best = NULL;

	if (count(q, true, false) >= QUESTIONS_AT_ONCE)
		return NULL;
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		struct question *x = &q->list[i];

		if (x->state != QUESTION_WAITS || (!x->known && full))
			continue;
		if (!best || x->known > best->known ||
		    (x->known == best->known && x->order < best->order))
			best = x;
	}
	return best;
}

void question_sent(struct question *q, uint32_t number, int64_t now)
{
	q->number = number;
	q->until = now + QUESTION_ANSWER_MS;
	q->state = QUESTION_SENT;
}

bool questions_wait(const struct questions *q) { return count(q, false, false) > 0; }

static void answered(struct questions *q, struct question *x, int error)
{
	struct question_answer *a = &x->answers[x->n_answers - 1];

	if (error)
		drop_text(q, a);
	a->error = error;
	x->state = QUESTION_READY;
}

int questions_take(struct questions *q, uint32_t number, size_t total, struct str part)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		struct question *x = &q->list[i];
		struct buf *text;

		if (x->state != QUESTION_SENT || x->number != number)
			continue;
		text = &x->answers[x->n_answers - 1].text;
		if (total > ACCOUNT_ANSWER_MAX || part.len > total - MIN(total, text->len))
			return -EBADMSG;
		if (part.len > QUESTIONS_BYTES - q->bytes || buf_str(text, part) < 0) {
			answered(q, x, -ENOBUFS);
			return 0;
		}
		q->bytes += part.len;
		if (text->len == total)
			answered(q, x, 0);
		return 0;
	}
	return 0;
}

struct question *questions_ready(struct questions *q, int64_t now)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		struct question *x = &q->list[i];

		if ((x->state == QUESTION_WAITS || x->state == QUESTION_SENT) && now >= x->until)
			answered(q, x, -ETIME);
		if (x->state == QUESTION_READY)
			return x;
	}
	return NULL;
}
