/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "guard/alert.h"
#include "guard/child.h"
#include "guard/keys.h"
#include "guard/knocks.h"
#include "guard/questions.h"

#define PIECE ((size_t)128 << 10) /* of an answer, in one message */

struct keeper {
	struct child_link parent;
	struct root root, proc;
	struct keys *keys;
	bool command; /* asks programs, not files */
	unsigned workers;
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

struct lookup {
	uint32_t number;
	struct prefix from;
	uint8_t program; /* an enum judge_program; 0: none */
	struct str account, key;
};

static int look_up(struct keeper *x, const struct lookup *l)
{
	struct arena own(arena_release) a = { .limit = (size_t)32 << 20 };
	struct buf own(buf_release) answer = BUF(ACCOUNT_ANSWER_MAX);
	struct judge_account found = {};
	struct str address;
	char text[NET_ADDR_TEXT];
	int r;

	address = net_addr_format(knocks_address(&l->from), text);
	if (l->program)
		r = keys_run_command(x->keys, (enum judge_program)l->program, l->account, address,
				     l->key, &a, &found);
	else
		r = keys_look_up(x->keys, l->account, address, &a, &found);
	if (knocks_put_account(&answer, MIN(r, 0), r < 0 ? NULL : &found) < 0) {
		buf_reset(&answer);
		answer.error = 0;
		if (knocks_put_account(&answer, -EFBIG, NULL) < 0)
			return -ENOMEM;
	}
	return send_answer(x, l->number, buf_view(&answer));
}

static int send_error(struct keeper *x, uint32_t number, int error)
{
	struct buf own(buf_release) answer = BUF(4'096);

	if (knocks_put_account(&answer, error, NULL) < 0)
		return -ENOMEM;
	return send_answer(x, number, buf_view(&answer));
}

/* Programs may take seconds: each has a process that waits for it. */
static int look_up_aside(struct keeper *x, const struct lookup *l)
{
	pid_t self = getpid(), pid;

	while (x->workers && waitpid(-1, NULL, WNOHANG) > 0)
		x->workers--;
	if (x->workers >= QUESTIONS_AT_ONCE)
		return send_error(x, l->number, -EAGAIN);
	/* What it reads is of use to the next one as well. */
	if (keys_load(x->keys) < 0)
		return send_error(x, l->number, -EIO);
	pid = fork();
	if (pid < 0)
		return send_error(x, l->number, -errno);
	if (pid) {
		x->workers++;
		return 0;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != self)
		_exit(EXIT_FAILURE);
	_exit(look_up(x, l) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int take_lookup(struct keeper *x, struct message *m)
{
	struct lookup l = { .number = message_u32(m) };

	l.from = message_prefix(m);
	l.program = message_u8(m);
	l.account = message_str(m, KNOCK_ACCOUNT_MAX);
	l.key = message_str(m, KNOCK_MAX);
	if (!message_end(m) || l.program > JUDGE_PRINCIPALS || x->command != (l.program > 0))
		return -EBADMSG;
	return x->command ? look_up_aside(x, &l) : look_up(x, &l);
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

/* To read, to become the program's user, to end what it has started. */
static int give_up_rights(void)
{
	const unsigned wanted =
		1u << CAP_DAC_READ_SEARCH | 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_KILL;
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = {};

	if (geteuid() || syscall(SYS_capget, &head, caps) < 0)
		return 0;
	caps[0].permitted &= wanted;
	caps[0].effective = caps[0].permitted;
	caps[0].inheritable = 0;
	caps[1] = (struct __user_cap_data_struct){};
	return syscall(SYS_capset, &head, caps) < 0 ? -errno : 0;
}

/* What it runs starts where sshd starts it. */
static int prepare_command(void) { return chdir("/") < 0 ? -errno : give_up_rights(); }

static int serve(int fd, bool command)
{
	static struct keeper keeper;
	struct keeper *x = &keeper;
	int r;

	x->parent.fd = fd;
	x->command = command;
	x->root = x->proc = ROOT_NONE;
	r = root_open("/", true, &x->root);
	if (r >= 0 && root_open("/proc", true, &x->proc) < 0)
		x->proc = ROOT_NONE;
	if (r >= 0)
		r = command ? prepare_command() : confine(x);
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

int keys_main(void *data, int fd)
{
	(void)data;
	return serve(fd, false);
}

int keys_command_main(void *data, int fd)
{
	(void)data;
	return serve(fd, true);
}
