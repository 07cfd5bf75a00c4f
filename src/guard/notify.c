/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/term.h"
#include "detect/rule.h"
#include "guard/alert.h"
#include "guard/notify.h"
#include "guard/text.h"

#define LINE_MAX_BYTES ((size_t)32 << 10)

struct notify {
	const struct notify_options *o;
	int fd;
	struct term term;
	struct message_out out;
	char in[MESSAGE_MAX];
	struct buf line;
	bool stop;
};

struct notice {
	struct alert_deed deed;
	struct guard_alert alert;
};

static bool take_notice(struct message *m, struct notice *ret)
{
	struct notice n = {};
	uint8_t done = message_u8(m);

	n.deed.seconds = message_u32(m);
	n.deed.times = message_u32(m);
	if (m->bad || done >= DONE_N)
		return false;
	n.deed.done = (enum alert_done)done;
	if (!alert_take(m, &n.alert))
		return false;
	*ret = n;
	return true;
}

static void put_text(struct buf *b, const char *name, struct str s)
{
	buf_fmt(b, ",\"%s\":", name);
	text_json(b, s);
}

static void put_json(struct buf *b, const struct notice *n)
{
	const struct guard_alert *a = &n->alert;
	char time[32], address[PREFIX_TEXT];

	buf_fmt(b, "{\"time\":\"%s\"", text_time(a->time, time));
	put_text(b, "level", str_of(rule_level_name((enum rule_level)a->level)));
	put_text(b, "rule", a->rule);
	put_text(b, "id", a->id);
	put_text(b, "title", a->title);
	if (a->has_from)
		put_text(b, "from", prefix_format(&a->from, address));
	put_text(b, "account", a->account);
	buf_fmt(b, ",\"count\":%llu", (unsigned long long)a->count);
	put_text(b, "first", str_of(text_time(a->first, time)));
	put_text(b, "last", str_of(text_time(a->last, time)));
	put_text(b, "tags", a->tags);
	put_text(b, "source", a->source);
	buf_fmt(b, ",\"late\":%s", a->late ? "true" : "false");
	put_text(b, "done", str_of(alert_done_text(n->deed.done)));
	if (n->deed.seconds)
		buf_fmt(b, ",\"ban_seconds\":%u,\"ban_times\":%u", n->deed.seconds, n->deed.times);
	put_text(b, "evidence", a->evidence);
	buf_puts(b, "}\n");
}

static void put_line(struct notify *x, const struct notice *n)
{
	static const enum term_style styles[LEVEL_N] = { TERM_DIM, TERM_PLAIN, TERM_YELLOW,
							 TERM_RED, TERM_RED };
	const struct guard_alert *a = &n->alert;
	char time[32], text[1'024], address[PREFIX_TEXT];
	struct buf *b = &x->line;

	buf_fmt(b, "%s %s%-8s%s %s", text_time(a->time, time), term_on(&x->term, styles[a->level]),
		rule_level_name((enum rule_level)a->level), term_off(&x->term),
		text_safe(a->title, text, sizeof text));
	if (a->has_from)
		buf_fmt(b, " from %s", prefix_format(&a->from, address).ptr);
	if (a->account.len)
		buf_fmt(b, " (account %s)", text_safe(a->account, text, sizeof text));
	if (a->count > 1)
		buf_fmt(b, ", %llu times", (unsigned long long)a->count);
	if (n->deed.done)
		buf_fmt(b, ": %s", alert_done_text(n->deed.done));
	if (n->deed.done == DONE_BANNED || n->deed.done == DONE_WOULD_BAN)
		buf_fmt(b, " for %u s", n->deed.seconds);
	buf_fmt(b, "%s\n", a->late ? " [late]" : "");
}

static void write_out(int fd, struct buf *b)
{
	struct str s = buf_view(b);

	while (!b->error && s.len) {
		ssize_t n = write(fd, s.ptr, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		s = str_sub(s, (size_t)n, s.len);
	}
	buf_reset(b);
}

static int tell(struct notify *x, const struct notice *n)
{
	if (x->o->foreground) {
		put_line(x, n);
		write_out(STDOUT_FILENO, &x->line);
	}
	for (size_t i = 0; i < x->o->n_files; i++) {
		put_json(&x->line, n);
		write_out(x->o->files[i], &x->line);
	}
	return 0;
}

static int hear(struct notify *x)
{
	struct message m = {};
	struct notice n;
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
	case MESSAGE_NOTICE:
		r = take_notice(&m, &n) ? tell(x, &n) : -EBADMSG;
		break;
	default:
		r = -EBADMSG;
	}
	message_release(&m);
	return r;
}

int notify_main(void *data, int fd)
{
	static struct notify notify;
	struct notify *x = &notify;
	int r;

	x->o = data;
	x->fd = fd;
	x->term = term_of(STDOUT_FILENO);
	x->line = BUF(LINE_MAX_BYTES);
	r = child_confine(SANDBOX_DECODE);
	message_begin(&x->out, MESSAGE_READY);
	if (r >= 0)
		r = message_send(fd, &x->out);
	while (r >= 0 && !x->stop)
		r = hear(x);
	return r == -EPIPE ? 0 : r;
}

int notify_start(struct child *c, const struct child_user *user, const struct guard_config *config,
		 struct notify_options *o)
{
	int r;

	o->config = config;
	for (size_t i = 0; i < config->n_sinks && o->n_files < COUNT(o->files); i++) {
		int fd = -1;

		if (str_eq(config->sinks[i].kind, STR("file")))
			fd = open(config->sinks[i].words[0].ptr,
				  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
				  0640);
		if (fd >= 0)
			o->files[o->n_files++] = fd;
	}
	r = child_start(c, user, o->files, o->n_files, notify_main, o);
	for (size_t i = 0; i < o->n_files; i++)
		close_fd(&o->files[i]);
	return r;
}
