/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is asked about when, how many at once, and what becomes of answers. */
#include "guard/knocks.h"
#include "guard/questions.h"
#include "tap.h"

static struct questions q;

static struct question request(unsigned char id, bool known)
{
	return (struct question){ .known = known, .id = { id }, .now = 1'000 + id, .since = 5 };
}

/* Asked for at `now`; NULL: there is no place. */
static struct question *add(unsigned char id, bool known, int64_t now)
{
	const struct question c = request(id, known);
	struct question *x = NULL;

	if (questions_add(&q, &c, STR("datagram"), &x) < 0)
		return NULL;
	if (question_ask(x, JUDGE_KEYS, STR("ann"), STR("key"), now) < 0)
		return NULL;
	return x;
}

static struct buf answer(const char *keys)
{
	struct judge_account a = { .may_log_in = true, .keys = { str_of(keys) }, .n_keys = 1 };
	struct buf b = BUF(ACCOUNT_ANSWER_MAX);

	is_int(knocks_put_account(&b, 0, &a), 0, "an answer");
	return b;
}

static void empty(void)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		if (q.list[i].state != QUESTION_FREE)
			question_end(&q, &q.list[i]);
	ok(!questions_wait(&q) && !q.bytes, "nothing is left");
}

static void places(void)
{
	const struct question again = request(1, true);
	struct question *x;
	unsigned n = 0;

	for (unsigned char i = 1; i <= QUESTIONS_STRANGERS; i++)
		n += add(i, false, 10) != NULL;
	is_int(n, QUESTIONS_STRANGERS, "places of strangers");
	is_int(questions_add(&q, &(struct question){ .id = { 99 } }, STR("d"), &x), -EBUSY,
	       "one more stranger");
	is_int(questions_add(&q, &again, STR("d"), &x), -EALREADY, "the same request again");
	for (unsigned char i = 50; add(i, true, 10); i++)
		n++;
	is_int(n, QUESTIONS_MAX, "the rest is for who knocked well");
	empty();
}

static void order(void)
{
	struct question *a = add(1, false, 10), *b = add(2, false, 10), *c = add(3, false, 10);
	struct question *known = add(4, true, 10), *last = add(5, true, 10);

	ok(questions_next(&q) == known, "who knocked well comes first");
	question_sent(known, 1, 10);
	ok(questions_next(&q) == last, "in the order in which they came");
	question_sent(last, 2, 10);
	ok(questions_next(&q) == a, "then strangers");
	question_sent(a, 3, 10);
	ok(questions_next(&q) == b, "  two of them");
	question_sent(b, 4, 10);
	ok(!questions_next(&q), "four programs at once");
	is_int(questions_take(&q, 1, 0, STR("")), 0, "one has answered");
	ok(questions_ready(&q, 20) == known, "it is judged anew");
	question_end(&q, known);
	ok(!questions_next(&q), "its place is not for a third stranger");
	known = add(6, true, 20);
	ok(questions_next(&q) == known, "but for who knocked well");
	question_end(&q, a);
	question_sent(known, 5, 20);
	ok(questions_next(&q) == c, "a stranger when another one is done");
	empty();
}

static void answers(void)
{
	struct question *x = add(1, true, 10);
	struct buf own(buf_release) b = answer("a key");
	struct judge_account got = {};
	struct str all = buf_view(&b);

	is_int(question_find(x, JUDGE_KEYS, STR("key"), &got), -EAGAIN, "not answered yet");
	is_int(question_find(x, JUDGE_PRINCIPALS, STR("key"), &got), -ENOENT, "another program");
	is_int(question_find(x, JUDGE_KEYS, STR("kex"), &got), -ENOENT, "another key");
	question_sent(x, 7, 10);
	is_int(questions_take(&q, 8, all.len, all), 0, "an answer to nobody");
	ok(!questions_ready(&q, 11), "  is nobody's");
	is_int(questions_take(&q, 7, all.len, str_sub(all, 0, 5)), 0, "a part");
	ok(!questions_ready(&q, 11), "  is not all");
	is_int(questions_take(&q, 7, all.len, all), -EBADMSG, "more than it should be");
	is_int(questions_take(&q, 7, all.len, str_sub(all, 5, all.len)), 0, "the rest");
	ok(questions_ready(&q, 11) == x, "it is there");
	is_int(question_find(x, JUDGE_KEYS, STR("key"), &got), 0, "and read");
	is_str(got.keys[0], STR("a key"), "  as it was sent");
	all = (struct str){ x->datagram, x->n };
	is_str(all, STR("datagram"), "with the request");
	all = buf_view(&b);
	for (unsigned i = 1; i < QUESTIONS_ANSWERS; i++) {
		char key[2] = { (char)('a' + i) };

		is_int(question_ask(x, JUDGE_KEYS, STR("ann"), str_of(key), 11), 0, "more");
		ok(questions_next(&q) == x, "  is asked");
		question_sent(x, 20 + i, 11);
		is_int(questions_take(&q, 20 + i, all.len, all), 0, "  and answered");
		ok(questions_ready(&q, 11) == x, "  and judged");
	}
	is_int(question_ask(x, JUDGE_KEYS, STR("ann"), STR("z"), 11), -E2BIG, "enough");
	ok(q.bytes == QUESTIONS_ANSWERS * all.len, "answers are counted");
	empty();
}

static void times(void)
{
	struct question *x = add(1, false, 10), *y = add(2, false, 10);
	struct judge_account got;

	question_sent(x, 1, 10);
	ok(!questions_ready(&q, 10 + QUESTION_ANSWER_MS - 1), "a program has its time");
	ok(questions_ready(&q, 10 + QUESTION_ANSWER_MS) == x, "  and no more");
	is_int(question_find(x, JUDGE_KEYS, STR("key"), &got), -ETIME, "  which is its answer");
	is_int(questions_take(&q, 1, 1, STR("x")), 0, "what it says later");
	is_int(question_find(x, JUDGE_KEYS, STR("key"), &got), -ETIME, "  does not count");
	question_end(&q, x);
	ok(!questions_ready(&q, 10 + QUESTION_WAIT_MS - 1) &&
		   questions_ready(&q, 10 + QUESTION_WAIT_MS) == y,
	   "whose turn does not come waits no longer than that");
	empty();
}

/* No answers fill the memory. */
static void memory(void)
{
	static char bytes[1 << 20];
	const struct str mega = { bytes, sizeof bytes };
	unsigned n = 0;

	for (unsigned char i = 1; i <= 4; i++) {
		struct question *x = add(i, true, 10);

		question_sent(x, i, 10);
		for (unsigned k = 0; k < 8 && x->state == QUESTION_SENT; k++, n++)
			is_int(questions_take(&q, i, 8 * mega.len, mega), 0, "a megabyte");
	}
	ok(q.bytes <= QUESTIONS_BYTES && n < 32, "all answers together are bounded");
	is_int(questions_take(&q, 1, ACCOUNT_ANSWER_MAX + 1, STR("")), 0, "one that is done");
	empty();
}

int main(void)
{
	places();
	order();
	answers();
	times();
	memory();
	return done();
}
