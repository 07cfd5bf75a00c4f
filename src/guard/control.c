/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "guard/child.h"
#include "guard/control.h"
#include "guard/text.h"

#define GROUPS_MAX 256u
#define OUT_MAX ((size_t)1 << 20)

struct client {
	int fd; /* -1: free */
	int64_t until;
	char line[CONTROL_LINE_MAX];
	size_t n;
	struct buf out;
	size_t sent;
	bool asked, done;
	bool stranger;                  /* is answered with a refusal, whatever it asks */
	struct control_request request; /* words lie in line */
	uint64_t next;                  /* bans: the first of the next page */
};

struct control {
	const struct control_options *o;
	struct child_link parent;
	struct client clients[CONTROL_CLIENTS];
};

int control_parse(struct str line, struct control_request *ret, const char **why)
{
	static const struct {
		const char *name;
		size_t least, most;
	} verbs[] = {
#define X(id, name, least, most) { name, least, most },
		CONTROL_VERBS(X)
#undef X
	};
	struct control_request q = { .verb = CONTROL_N };
	struct str word = str_word(&line);

	for (unsigned i = 0; i < COUNT(verbs); i++)
		if (str_eq(word, str_of(verbs[i].name)))
			q.verb = (enum control_verb)i;
	if (q.verb == CONTROL_N) {
		*why = "there is no such request";
		return -EINVAL;
	}
	while (q.n < COUNT(q.words) && (word = str_word(&line)).ptr)
		q.words[q.n++] = word;
	if (q.n < verbs[q.verb].least || q.n > verbs[q.verb].most || str_word(&line).ptr) {
		*why = "another number of words is expected";
		return -EINVAL;
	}
	*ret = q;
	return 0;
}

/* ---- who may ask ----------------------------------------------------------- */

static bool may_ask(const struct control *x, int fd)
{
	struct ucred cred;
	socklen_t n = sizeof cred;
	gid_t groups[GROUPS_MAX];

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
		return false;
	if (!cred.uid)
		return true;
	if (!x->o->group)
		return false;
	if (cred.gid == x->o->group)
		return true;
	n = sizeof groups;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n) < 0)
		return false;
	for (size_t i = 0; i < n / sizeof *groups; i++)
		if (groups[i] == x->o->group)
			return true;
	return false;
}

/* ---- clients --------------------------------------------------------------- */

static void drop(struct client *c)
{
	close_fd(&c->fd);
	buf_release(&c->out);
	*c = (struct client){ .fd = -1 };
}

static void refuse(struct client *c, const char *why)
{
	buf_puts(&c->out, "{\"error\":");
	text_json(&c->out, str_of(why));
	buf_puts(&c->out, "}\n");
	c->done = true;
}

static void accept_client(struct control *x)
{
	int fd = accept4(x->o->listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *free_one = NULL;

	if (fd < 0)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS && !free_one; i++)
		if (x->clients[i].fd < 0)
			free_one = &x->clients[i];
	if (!free_one) {
		close(fd);
		return;
	}
	*free_one = (struct client){ .fd = fd,
				     .out = BUF(OUT_MAX),
				     .until = monotonic_now_ms() + CONTROL_PATIENCE_MS };
	free_one->stranger = !may_ask(x, fd);
}

static int ask(struct control *x, struct client *c)
{
	struct str second = c->request.n > 1 ? c->request.words[1] : STR("");
	uint64_t number = c->next;

	if (c->request.n > 1 && str_to_u64(second, 10, &number) < 0) {
		refuse(c, "a number of seconds is expected");
		return 0;
	}
	message_begin(&x->parent.out, MESSAGE_ASK);
	message_put_u32(&x->parent.out, (uint32_t)(c - x->clients));
	message_put_u8(&x->parent.out, (uint8_t)c->request.verb);
	message_put_u64(&x->parent.out, number);
	message_put_str(&x->parent.out, c->request.n ? c->request.words[0] : STR(""));
	c->asked = true;
	return message_send(x->parent.fd, &x->parent.out);
}

static int take_line(struct control *x, struct client *c)
{
	struct str line = { c->line, c->n };
	const char *why;

	line = str_cut(&line, '\n');
	if (c->stranger) {
		refuse(c, "permission denied: only root and members of the group may ask");
		return 0;
	}
	if (control_parse(line, &c->request, &why) < 0) {
		refuse(c, why);
		return 0;
	}
	if (c->request.verb == CONTROL_BANS && c->request.n &&
	    str_to_u64(c->request.words[0], 10, &c->next) < 0) {
		refuse(c, "a number is expected");
		return 0;
	}
	return ask(x, c);
}

static int read_client(struct control *x, struct client *c)
{
	ssize_t n = read(c->fd, c->line + c->n, sizeof c->line - c->n);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		drop(c);
		return 0;
	}
	c->n += (size_t)n;
	if (memchr(c->line, '\n', c->n))
		return take_line(x, c);
	if (c->n == sizeof c->line)
		refuse(c, "the request is too long");
	return 0;
}

/* Where a list goes on, the next page is asked for once this one is gone. */
static int write_client(struct control *x, struct client *c)
{
	ssize_t n = send(c->fd, c->out.ptr + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0) {
		drop(c);
		return 0;
	}
	c->sent += (size_t)n;
	c->until = monotonic_now_ms() + CONTROL_PATIENCE_MS;
	if (c->sent < c->out.len)
		return 0;
	c->sent = 0;
	buf_reset(&c->out);
	if (c->done)
		drop(c);
	else if (!c->asked)
		return ask(x, c);
	return 0;
}

/* ---- the parent ------------------------------------------------------------ */

static int take_page(struct control *x, struct message *m)
{
	uint32_t number = message_u32(m);
	uint8_t how = message_u8(m);
	struct str body = message_str(m, MESSAGE_MAX);
	struct client *c;

	if (!message_end(m) || number >= CONTROL_CLIENTS || how > PAGE_ERROR)
		return -EBADMSG;
	c = &x->clients[number];
	if (c->fd < 0 || !c->asked)
		return 0;
	c->asked = false;
	c->next += CONTROL_BANS_PAGE;
	if (how == PAGE_ERROR) {
		char text[512];

		snprintf(text, sizeof text, "%.*s", STR_FMT(body));
		refuse(c, text);
		return 0;
	}
	buf_str(&c->out, body);
	if (how == PAGE_LAST) {
		buf_puts(&c->out, "{\"ok\":true}\n");
		c->done = true;
	}
	if (c->out.error)
		drop(c);
	return 0;
}

static int on_message(void *user, struct message *m)
{
	struct control *x = user;

	return m->type == MESSAGE_PAGE ? take_page(x, m) : -EBADMSG;
}

static int serve(struct control *x, struct client *c, short revents)
{
	if (revents & POLLOUT)
		return write_client(x, c);
	if (revents & POLLIN)
		return read_client(x, c);
	if (revents & (POLLHUP | POLLERR | POLLNVAL))
		drop(c);
	return 0;
}

static int turn(struct control *x)
{
	struct pollfd p[CONTROL_CLIENTS + 2] = {
		{.fd = x->parent.fd,  .events = POLLIN},
		{ .fd = x->o->listen, .events = POLLIN},
	};
	int64_t now = monotonic_now_ms();
	int timeout = -1, r = 0;

	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct client *c = &x->clients[i];

		if (c->fd >= 0 && now >= c->until)
			drop(c);
		p[i + 2].fd = c->fd;
		if (c->fd < 0)
			continue;
		timeout = 1'000;
		p[i + 2].events = (short)(c->out.len ? POLLOUT : c->asked ? 0 : POLLIN);
	}
	if (poll(p, COUNT(p), timeout) < 0 && errno != EINTR)
		return -errno;
	if (p[0].revents)
		r = child_hear(&x->parent, on_message, x);
	for (size_t i = 0; r >= 0 && i < CONTROL_CLIENTS; i++)
		if (x->clients[i].fd >= 0 && p[i + 2].fd == x->clients[i].fd)
			r = serve(x, &x->clients[i], p[i + 2].revents);
	if (r >= 0 && p[1].revents)
		accept_client(x);
	return r;
}

int control_main(void *data, int fd)
{
	static struct control control;
	struct control *x = &control;
	int r;

	x->o = data;
	x->parent.fd = fd;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		x->clients[i].fd = -1;
	r = child_confine(SANDBOX_CONTROL);
	message_begin(&x->parent.out, MESSAGE_READY);
	if (r >= 0)
		r = message_send(fd, &x->parent.out);
	while (r >= 0 && !x->parent.stop)
		r = turn(x);
	return r == -EPIPE ? 0 : r;
}
