/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/file.h"
#include "guard/alert.h"
#include "guard/child.h"
#include "guard/watch.h"
#include "sensor/integrity.h"

#define BATCH 4'096

struct watch {
	const struct integrity_options *o;
	struct child_link parent;
	struct fim *fim;
	const struct fim_change *change; /* at hand */
	char database[1'024];
	bool renewing;
	struct arena arena; /* of the configuration */
	struct fim_config config;
};

static int tell(struct watch *x) { return message_send(x->parent.fd, &x->parent.out); }

static int hear(struct watch *x)
{
	struct pollfd p = { .fd = x->parent.fd, .events = POLLIN };
	int r = 0;

	while (r >= 0 && poll(&p, 1, 0) > 0)
		r = child_hear(&x->parent, NULL, NULL);
	return r;
}

/* Reading everything for the first time takes its time; the parent wants to hear something. */
static int progress(void *user, uint64_t files, uint64_t bytes)
{
	struct watch *x = user;
	int r = hear(x);

	(void)files, (void)bytes;
	return r < 0 ? r : x->parent.stop ? -ECANCELED : 0;
}

struct line {
	char *text;
	size_t size, n;
};

static void more(struct line *l, const char *fmt, ...) PRINTF(2, 3);
static void more(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->n, l->size - l->n, fmt, ap);
	va_end(ap);
	l->n = MIN(l->n + (size_t)MAX(n, 0), l->size - 1);
}

/* "/etc/passwd (accounts) changed by /usr/bin/vi (vi /etc/passwd), user root, parent bash" */
/* NOLINTNEXTLINE(readability-non-const-parameter): more() writes to it. */
static struct str describe(const struct fim_change *c, char *text, size_t size)
{
	struct line l = { text, size, 0 };

	more(&l, "%.*s (%s) %s", STR_FMT(c->path), fim_class_name(c->class),
	     fim_what_name(c->what));
	if (c->old_path.len)
		more(&l, ", before %.*s", STR_FMT(c->old_path));
	if (c->process.pid)
		more(&l, ", by %.*s (%.*s), process %lld", STR_FMT(c->process.image),
		     STR_FMT(c->process.command_line), (long long)c->process.pid);
	if (c->process.user.len)
		more(&l, ", user %.*s", STR_FMT(c->process.user));
	if (c->process.parent_image.len)
		more(&l, ", started by %.*s", STR_FMT(c->process.parent_image));
	if (c->package.len)
		more(&l, ", package %.*s: %s", STR_FMT(c->package), fim_origin_name(c->origin));
	if (c->offline)
		more(&l, ", while nobody watched");
	return (struct str){ text, l.n };
}

static int send_alert(struct watch *x, struct guard_alert *a)
{
	message_begin(&x->parent.out, MESSAGE_ALERT);
	alert_put(&x->parent.out, a);
	return tell(x);
}

static int on_rule(void *user, const struct alert *a)
{
	struct watch *x = user;
	char text[ALERT_EVIDENCE_MAX];
	struct guard_alert alert = {
		.level = (uint8_t)a->rule->level,
		.time = a->event->time,
		.first = a->first,
		.last = a->last,
		.count = a->count,
		.rule = a->rule->name.len ? a->rule->name : a->rule->id,
		.id = a->rule->id,
		.title = a->rule->title,
		.account = x->change->process.user,
		.source = STR("integrity"),
		.evidence = describe(x->change, text, sizeof text),
	};

	if (x->o->policy->deeds[a->rule->index] == DEED_IGNORE)
		return 0;
	return send_alert(x, &alert);
}

static int on_change(void *user, const struct fim_change *c)
{
	struct watch *x = user;
	char text[ALERT_EVIDENCE_MAX], rule[64], title[ALERT_TEXT_MAX];
	struct guard_alert alert = { .level = (uint8_t)MIN(c->severity, LEVEL_N - 1u),
				     .time = c->time,
				     .first = c->time,
				     .last = c->time,
				     .count = 1,
				     .late = c->offline,
				     .account = c->process.user,
				     .source = STR("integrity") };
	struct event e;
	int r;

	x->change = c;
	r = fim_event(x->fim, c, &e);
	if (r >= 0)
		r = hunt_event(x->o->policy->hunt, &e, on_rule, x);
	if (r < 0)
		return r;
	/* What a package brought is as its maker wants it. */
	if (c->origin == FIM_ORIGIN_PACKAGE && c->what != FIM_GAP)
		alert.level = LEVEL_INFORMATIONAL;
	if ((enum rule_level)alert.level < x->o->level)
		return 0;
	snprintf(rule, sizeof rule, "integrity_%s", fim_class_name(c->class));
	if (c->text.len)
		snprintf(title, sizeof title, "%.*s", STR_FMT(c->text));
	else
		snprintf(title, sizeof title, "File %s: %.*s", fim_what_name(c->what),
			 STR_FMT(c->path));
	alert.rule = alert.id = str_of(rule);
	alert.title = str_of(title);
	alert.evidence = describe(c, text, sizeof text);
	return send_alert(x, &alert);
}

/* The owner has accepted changes: the baseline is another one. The parent asks to stop. */
static int renew(struct watch *x)
{
	struct fim_status s;

	fim_status(x->fim, &s);
	if (!s.replaced || x->renewing)
		return 0;
	x->renewing = true;
	message_begin(&x->parent.out, MESSAGE_RENEW);
	return tell(x);
}

static int tell_problem(struct watch *x, const struct diag *d)
{
	char text[700];

	message_begin(&x->parent.out, MESSAGE_PROBLEM);
	message_put_str(&x->parent.out, str_of(diag_text(d, text, sizeof text)));
	return tell(x);
}

/* The owner's, or what is built in; one that is wrong is told and not used. */
static int read_config(struct watch *x)
{
	struct diag d = {};
	struct str text;
	int r;

	x->config = fim_config_default;
	x->arena.limit = CONFIG_MAX * 8;
	r = file_read(x->o->config, CONFIG_MAX, &x->arena, &text);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		r = diag_set(&d, r, x->o->config, 0, "%s", file_error(r));
	else
		r = fim_config_parse(text, x->o->config, &x->arena, &x->config, &d);
	if (r < 0)
		x->config = fim_config_default;
	return r < 0 && r != -ENOMEM ? tell_problem(x, &d) : r;
}

static int work(struct watch *x)
{
	int r = 0;

	while (r >= 0 && !x->parent.stop) {
		struct pollfd p[2] = {
			{.fd = x->parent.fd,    .events = POLLIN},
			{ .fd = fim_fd(x->fim), .events = POLLIN},
		};
		ssize_t n;

		if (poll(p, 2, fim_timeout(x->fim)) < 0 && errno != EINTR)
			return -errno;
		n = fim_read(x->fim, BATCH, on_change, x);
		r = n < 0 ? (int)n : hear(x);
		if (r >= 0)
			r = renew(x);
	}
	return r;
}

int integrity_main(void *data, int fd)
{
	static struct watch watch;
	struct watch *x = &watch;
	struct fim_options o = { .database = x->database };
	struct sandbox_state state;
	struct diag d = {};
	int r;

	x->o = data;
	x->parent.fd = fd;
	o.names = hunt_names(x->o->policy->hunt);
	snprintf(x->database, sizeof x->database, "%s/integrity.db", x->o->state);
	r = read_config(x);
	o.config = &x->config;
	if (r >= 0)
		r = fim_open(&o, &x->fim, &d);
	if (r >= 0)
		r = fim_confine(x->fim, &state);
	message_begin(&x->parent.out, MESSAGE_READY);
	if (r >= 0)
		r = tell(x);
	if (r >= 0)
		r = fim_start(x->fim, on_change, progress, x);
	if (r >= 0)
		r = work(x);
	if (r < 0 && d.reason[0] && tell_problem(x, &d) < 0)
		return r;
	fim_release(&x->fim);
	arena_release(&x->arena);
	return r == -EPIPE || r == -ECANCELED ? 0 : r;
}
