/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/term.h"
#include "detect/rule.h"
#include "guard/alert.h"
#include "guard/fold.h"
#include "guard/kept.h"
#include "guard/notify.h"
#include "guard/who.h"

#define STOP_SECONDS 3 /* for what waits when the daemon ends */

struct notify {
	const struct notify_options *o;
	struct child_link parent;
	char host[256];
	struct fold *fold;
	struct sinks *sinks;
	struct who who;
	uint64_t next_id;
};

struct told {
	struct alert_deed deed;
	struct guard_alert alert;
};

static bool take_notice(struct message *m, struct told *ret)
{
	struct told n = {};
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

/* What to do, by the first tag that says something. */
static struct str advice_of(const struct told *t)
{
	static const struct {
		const char *tag, *advice;
	} list[] = {
		{"attack.t1078",
                 "Somebody got in. Ask who it was; if nobody knows, end the session, lock the account, "
		  "look at what was changed (holdfast hunt, holdfast integrity check)."         },
		{ "attack.t1110",
                 "Passwords are guessed. Let sshd take keys only (holdfast explain "
		  "ssh-password-auth) and close the port to the world."                         },
		{ "attack.t1595",
                 "Somebody looks around. Keep what need not be public off the net."             },
		{ "attack.t1190",
                 "A known flaw was tried. See that the service is up to date (holdfast assess)."},
		{ "attack.t1498",
                 "This machine attacks others. Find the process that is named, stop it, keep it for "
		  "evidence; the machine was entered some time before."                         },
		{ "attack.persistence",
                 "Something was put in place to come back. Compare it with the package's file; look "
		  "who did it."								 },
	};

	for (size_t i = 0; i < COUNT(list); i++)
		if (str_contains(t->alert.tags, str_of(list[i].tag)))
			return str_of(list[i].advice);
	return STR("");
}

/* The advice, behind what is known of the account. */
static struct str advice_with_account(struct notify *x, const struct told *t, char *text,
				      size_t size)
{
	struct str advice = advice_of(t), who;
	int n;

	if (!who_find(&x->who, t->alert.account, &who))
		return advice;
	n = snprintf(text, size, "%.*s%s%.*s", STR_FMT(str_sub(who, 0, 200)), advice.len ? " " : "",
		     STR_FMT(advice));
	return (struct str){ text, MIN((size_t)MAX(n, 0), size - 1) };
}

static struct str done_of(const struct alert_deed *d, char *text, size_t size)
{
	int n = 0;

	if (d->done == DONE_BANNED || d->done == DONE_WOULD_BAN)
		n = snprintf(text, size, "%s for %u s%s", alert_done_text(d->done), d->seconds,
			     d->times > 1 ? ", not for the first time" : "");
	else if (d->done == DONE_LIMITED || d->done == DONE_WOULD_LIMIT)
		n = snprintf(text, size, "%s: %u packets a second for %u s",
			     alert_done_text(d->done), d->times, d->seconds);
	else if (d->done == DONE_CUT || d->done == DONE_WOULD_CUT)
		n = snprintf(text, size, "%s for %u s", alert_done_text(d->done), d->seconds);
	else
		n = snprintf(text, size, "%s", alert_done_text(d->done));
	return (struct str){ text, MIN((size_t)MAX(n, 0), size - 1) };
}

static void write_line(struct notify *x, const struct notice *n)
{
	struct buf b = BUF(NOTICE_MAX);
	struct str s;

	if (notice_put(n, NOTICE_TEXT, &b) >= 0)
		buf_putc(&b, '\n');
	s = buf_view(&b);
	(void)x;
	while (!b.error && s.len) {
		ssize_t k = write(STDOUT_FILENO, s.ptr, s.len);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		s = str_sub(s, (size_t)k, s.len);
	}
	buf_release(&b);
}

static int tell(void *user, const struct notice *n)
{
	struct notify *x = user;

	if (x->o->foreground)
		write_line(x, n);
	return sinks_tell(x->sinks, n);
}

static int take_told(struct notify *x, const struct told *t)
{
	const struct guard_alert *a = &t->alert;
	char from[PREFIX_TEXT], done[160], advice[640];
	struct notice n = {
		.id = x->next_id++,
		.level = a->level,
		.late = a->late,
		.time = a->time,
		.first = a->first,
		.last = a->last,
		.count = a->count,
		.host = str_of(x->host),
		.rule = a->rule,
		.title = a->title,
		.rule_id = a->id,
		.tags = a->tags,
		.account = a->account,
		.source = a->source,
		.done = done_of(&t->deed, done, sizeof done),
		.advice = advice_with_account(x, t, advice, sizeof advice),
		.evidence = { a->evidence },
		.n_evidence = a->evidence.len != 0,
	};

	static_assert(ALERT_LINES < NOTICE_EVIDENCE);
	for (size_t i = 0; i < a->n_lines; i++)
		n.evidence[n.n_evidence++] = a->lines[i];
	if (a->has_from)
		n.from = prefix_format(&a->from, from);
	return fold_add(x->fold, &n, monotonic_now_ms() * 1'000, tell, x);
}

static int on_message(void *user, struct message *m)
{
	struct notify *x = user;
	struct told t;

	return m->type == MESSAGE_NOTICE && take_notice(m, &t) ? take_told(x, &t) : -EBADMSG;
}

static int turn(struct notify *x)
{
	int64_t wait = fold_wait(x->fold, monotonic_now_ms() * 1'000);
	struct pollfd p = { .fd = x->parent.fd, .events = POLLIN };
	int n = poll(&p, 1, wait < 0 ? -1 : (int)MIN(wait / 1'000 + 1, 60'000));
	int r = 0;

	if (n < 0 && errno != EINTR)
		return -errno;
	if (n > 0)
		r = child_hear(&x->parent, on_message, x);
	return r < 0 ? r : fold_tick(x->fold, monotonic_now_ms() * 1'000, x->parent.stop, tell, x);
}

static bool uses_network(const struct notify_options *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->sinks[i].kind != SINK_FILE)
			return true;
	return false;
}

/* Names, certificates and the spools; nothing else of the file system. */
static int confine(const struct notify_options *o)
{
	struct sandbox_path spool = { o->spool, SANDBOX_READ | SANDBOX_WRITE };
	struct sandbox_state state;

	if (uses_network(o))
		return child_confine_net(o->spool);
	return sandbox_enter(SANDBOX_TELL, &spool, o->spool >= 0, &state);
}

int notify_main(void *data, int fd)
{
	static struct notify notify;
	struct notify *x = &notify;
	struct diag d = {};
	int r;

	x->o = data;
	x->parent.fd = fd;
	x->who.fd = x->o->who;
	if (gethostname(x->host, sizeof x->host - 1) < 0 ||
	    getrandom(&x->next_id, sizeof x->next_id, 0) != sizeof x->next_id)
		return -EIO;
	r = confine(x->o);
	if (r >= 0)
		r = fold_new((int64_t)x->o->fold * 1'000'000, &x->fold);
	if (r >= 0)
		r = sinks_new(x->o->sinks, x->o->n, x->o->spool, &x->sinks, &d);
	message_begin(&x->parent.out, MESSAGE_READY);
	if (r >= 0)
		r = message_send(fd, &x->parent.out);
	while (r >= 0 && !x->parent.stop)
		r = turn(x);
	who_release(&x->who);
	fold_release(&x->fold);
	sinks_release(&x->sinks, STOP_SECONDS);
	return r == -EPIPE ? 0 : r;
}

/* Born with the group of the process that uses it; no right to give files away is needed. */
static int open_spool(int state, gid_t group)
{
	gid_t before = getegid();
	int fd = -1;

	if (setegid(group) < 0)
		return -1;
	if (mkdirat(state, "spool", 0770) == 0 || errno == EEXIST)
		fd = openat(state, "spool", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (setegid(before) < 0 || (fd >= 0 && fchmod(fd, 0770) < 0))
		close_fd(&fd);
	return fd;
}

static int open_file(const char *path)
{
	struct stat st;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		      0640);

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		close_fd(&fd);
	return fd;
}

int notify_start(struct child *c, const struct child_user *user, const struct guard_config *config,
		 int state, bool foreground)
{
	own(arena_release) struct arena a = { .limit = (size_t)1 << 20 };
	struct notify_options o = {
		.foreground = foreground, .fold = config->fold, .spool = -1, .who = -1
	};
	int keep[SINKS_MAX + 3], r;
	size_t n = 0, k = 0;
	struct diag d = {};

	r = notify_sinks(config, NULL, &a, o.sinks, &o.n, &d);
	if (r < 0)
		return r;
	for (size_t i = 0; i < o.n; i++) {
		if (o.sinks[i].kind == SINK_FILE) {
			o.sinks[i].fd = open_file(o.sinks[i].url);
			if (o.sinks[i].fd < 0) {
				fprintf(stderr,
					"holdfast: guard: alerts cannot be written to %s: %s\n",
					o.sinks[i].url, strerror(errno));
				continue;
			}
			keep[n++] = o.sinks[i].fd;
		}
		o.sinks[k++] = o.sinks[i];
	}
	o.n = k;
	if (o.n < SINKS_MAX && kept_open(state, &keep[n]) == 0)
		o.sinks[o.n++] = (struct sink_config){ .kind = SINK_FILE,
						       .format = NOTICE_JSON,
						       .level = LEVEL_LOW,
						       .fd = keep[n++],
						       .url = "" };
	o.spool = open_spool(state, user->gid);
	if (o.spool >= 0)
		keep[n++] = o.spool;
	if (who_open(state, &o.who) == 0)
		keep[n++] = o.who;
	r = child_start(c, user, keep, n, notify_main, &o);
	for (size_t i = 0; i < n; i++)
		close(keep[i]);
	return r;
}
