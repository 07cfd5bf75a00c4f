/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/alert.h"
#include "guard/child.h"
#include "guard/keys.h"
#include "guard/knocks.h"

#define PIECE ((size_t)128 << 10) /* of an answer, in one message */

struct keeper {
	struct child_link parent;
	struct root root, proc;
	struct keys *keys;
};

static int send_answer(struct keeper *x, uint32_t number, struct str text)
{
	size_t at = 0;
	int r;

	do {
		struct str piece = str_sub(text, at, at + PIECE);

		message_begin(&x->parent.out, MESSAGE_ACCOUNT);
		message_put_u32(&x->parent.out, number);
		message_put_u32(&x->parent.out, (uint32_t)text.len);
		message_put_str(&x->parent.out, piece);
		r = message_send(x->parent.fd, &x->parent.out);
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

static int on_message(void *user, struct message *m)
{
	struct keeper *x = user;

	return m->type == MESSAGE_LOOKUP ? take_lookup(x, m) : -EBADMSG;
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
	x->parent.fd = fd;
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
	message_begin(&x->parent.out, MESSAGE_READY);
	if (r >= 0)
		r = message_send(fd, &x->parent.out);
	while (r >= 0 && !x->parent.stop)
		r = child_hear(&x->parent, on_message, x);
	keys_free(&x->keys);
	root_release(&x->proc);
	root_release(&x->root);
	return r == -EPIPE ? 0 : r;
}
