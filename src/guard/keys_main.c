/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/alert.h"
#include "guard/child.h"
#include "guard/keys.h"
#include "guard/knocks.h"

#define PIECE ((size_t)128 << 10) /* of an answer, in one message */

struct keeper {
	int fd;
	struct root root, proc;
	struct keys *keys;
	struct message_out out;
	char in[MESSAGE_MAX];
	bool stop;
};

static int send_answer(struct keeper *x, uint32_t number, struct str text)
{
	size_t at = 0;
	int r;

	do {
		struct str piece = str_sub(text, at, at + PIECE);

		message_begin(&x->out, MESSAGE_ACCOUNT);
		message_put_u32(&x->out, number);
		message_put_u32(&x->out, (uint32_t)text.len);
		message_put_str(&x->out, piece);
		r = message_send(x->fd, &x->out);
		at += PIECE;
	} while (r >= 0 && at < text.len);
	return r;
}

static int take_lookup(struct keeper *x, struct message *m)
{
	struct arena own(arena_release) a = { .limit = (size_t)32 << 20 };
	struct buf own(buf_release) answer = BUF(ACCOUNT_ANSWER_MAX);
	uint32_t number = message_u32(m);
	struct prefix from = message_prefix(m);
	struct str account = message_str(m, KNOCK_ACCOUNT_MAX);
	struct judge_account found = {};
	char text[NET_ADDR_TEXT];
	int r;

	if (!message_end(m))
		return -EBADMSG;
	r = keys_look_up(x->keys, account, net_addr_format(knocks_address(&from), text), &a,
			 &found);
	if (knocks_put_account(&answer, MIN(r, 0), r < 0 ? NULL : &found) < 0) {
		buf_reset(&answer);
		answer.error = 0;
		if (knocks_put_account(&answer, -EFBIG, NULL) < 0)
			return -ENOMEM;
	}
	return send_answer(x, number, buf_view(&answer));
}

static int hear(struct keeper *x)
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
	case MESSAGE_LOOKUP: r = take_lookup(x, &m); break;
	default: r = -EBADMSG;
	}
	message_release(&m);
	return r;
}

static int confine(const struct keeper *x)
{
	const struct sandbox_path paths[] = {
		{x->root.fd,  SANDBOX_READ},
		{ x->proc.fd, SANDBOX_READ},
	};
	struct sandbox_state state;

	return sandbox_enter(SANDBOX_KEYS, paths, x->proc.fd < 0 ? 1 : 2, &state);
}

int keys_main(void *data, int fd)
{
	static struct keeper keeper;
	struct keeper *x = &keeper;
	int r;

	(void)data;
	x->fd = fd;
	x->root = x->proc = ROOT_NONE;
	r = root_open("/", true, &x->root);
	if (r >= 0 && root_open("/proc", true, &x->proc) < 0)
		x->proc = ROOT_NONE;
	if (r >= 0)
		r = confine(x);
	if (r >= 0)
		r = keys_new(&x->root, x->proc.fd < 0 ? NULL : &x->proc, &x->keys);
	/* The first to ask need not wait for it. */
	if (r >= 0)
		r = keys_load(x->keys);
	message_begin(&x->out, MESSAGE_READY);
	if (r >= 0)
		r = message_send(fd, &x->out);
	while (r >= 0 && !x->stop)
		r = hear(x);
	keys_free(&x->keys);
	root_release(&x->proc);
	root_release(&x->root);
	return r == -EPIPE ? 0 : r;
}
