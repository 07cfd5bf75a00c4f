/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "guard/kept.h"
#include "guard/parent.h"

#define STOP_MS 5'000 /* children that have not ended by then are killed */
#define TICK_MS 1'000
#define PING_MS 5'000

void parent_log(const char *fmt, ...)
{
	char text[1024], safe[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "holdfast: guard: %s\n", text_safe(str_of(text), safe, sizeof safe));
}

static int64_t realtime_us(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1'000'000 + t.tv_nsec / 1'000;
}

static int64_t boottime(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

int64_t parent_now(const struct parent *p) { return p->clock_start + boottime(); }

void parent_report(struct parent *p, int level, const char *rule, const char *fmt, ...)
{
	struct guard_alert a = { .level = (uint8_t)level, .time = realtime_us(), .count = 1 };
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	a.first = a.last = a.time;
	a.rule = a.id = str_of(rule);
	a.title = str_of(text);
	a.source = STR("guard");
	parent_log("%s", text);
	message_begin(&p->out, MESSAGE_NOTICE);
	message_put_u8(&p->out, DONE_NOTHING);
	message_put_u32(&p->out, 0);
	message_put_u32(&p->out, 0);
	alert_put(&p->out, &a);
	child_tell(&p->children[ROLE_NET], &p->out);
}

/* ---- children ------------------------------------------------------------------------------- */

/*
 * A decoder that ends by its own doing, again and again at the same place of the logs, is harmed by
 * what stands there. Who kills it from outside (kill -9, out of memory) does not make it skip.
 */
static void note_progress(struct parent *p, enum message_role role, int status)
{
	int by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (role != ROLE_DECODER)
		return;
	if (p->trail.size != p->trail_seen)
		p->poisoned = 0;
	else if (by == SIGSEGV || by == SIGBUS || by == SIGABRT || by == SIGILL || by == SIGFPE ||
		 by == SIGSYS || p->silent)
		p->poisoned++;
	p->silent = false;
}

static void bury(struct parent *p, pid_t pid, int status)
{
	for (unsigned i = ROLE_DECODER; i < ROLE_N; i++) {
		struct child *c = &p->children[i];

		if (c->pid != pid)
			continue;
		if (!child_ended(c, status)) {
			if (c->renew && !p->stopping && !p->reloading)
				c->retry_at = monotonic_now_ms();
			c->renew = false;
			return;
		}
		c->renew = false;
		note_progress(p, (enum message_role)i, status);
		if (!p->stopping)
			parent_report(
				p, LEVEL_HIGH, "guard_process_ended",
				"The %s process of the daemon ended (%s); it is started again "
				"(%u times so far)",
				message_role_name((enum message_role)i), c->last_end, c->crashes);
	}
}

static void reap(struct parent *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		bury(p, pid, status);
}

static void revive(struct parent *p)
{
	int64_t now = monotonic_now_ms();

	for (unsigned i = ROLE_DECODER; i < ROLE_N && !p->stopping; i++) {
		struct child *c = &p->children[i];
		int r;

		if (c->pid || !c->retry_at || now < c->retry_at)
			continue;
		r = parent_start_child(p, (enum message_role)i);
		if (r < 0) {
			parent_log("%s: cannot be started: %s",
				   message_role_name((enum message_role)i), strerror(-r));
			c->retry_at = now + 5'000;
		}
	}
}

static void ask_children(struct parent *p)
{
	int64_t now = monotonic_now_ms();

	for (unsigned i = ROLE_DECODER; i < ROLE_N; i++) {
		struct child *c = &p->children[i];

		if (!c->pid)
			continue;
		if (now - c->heard > (i == ROLE_CLOUD ? CHILD_CLOUD_SILENT_MS : CHILD_SILENT_MS)) {
			child_kill(c, "it did not answer");
			p->silent = i == ROLE_DECODER;
			c->heard = now;
		} else if (now - c->heard > PING_MS && c->phase == PHASE_RUN) {
			message_begin(&p->out, MESSAGE_PING);
			if (message_send(c->fd, &p->out) < 0)
				continue;
		}
	}
}

static void stop_children(struct parent *p)
{
	for (unsigned i = ROLE_DECODER; i < ROLE_N; i++) {
		struct child *c = &p->children[i];

		c->retry_at = 0;
		/* Whoever tells people goes last: others may still say something. */
		if (!c->pid || (i == ROLE_NET && p->children[ROLE_DECODER].pid))
			continue;
		if (c->phase == PHASE_STOP)
			continue;
		child_flush(c);
		c->phase = PHASE_STOP;
		message_begin(&p->out, MESSAGE_STOP);
		if (message_send(c->fd, &p->out) < 0)
			child_kill(c, "it does not take messages");
	}
}

static bool all_ended(const struct parent *p)
{
	for (unsigned i = ROLE_DECODER; i < ROLE_N; i++)
		if (p->children[i].pid)
			return false;
	return true;
}

static void begin_stop(struct parent *p)
{
	p->stop_by = monotonic_now_ms() + STOP_MS;
	stop_children(p);
}

/* ---- signals ----------------------------------------------------------------------------------- */

static void take_signals(struct parent *p)
{
	struct signalfd_siginfo s;

	while (read(p->signals, &s, sizeof s) == sizeof s) {
		switch (s.ssi_signo) {
		case SIGCHLD: reap(p); break;
		case SIGHUP: p->reloading = true; break;
		default:
			if (!p->stopping)
				sd_notify(0, "STOPPING=1");
			p->stopping = true;
			begin_stop(p);
		}
	}
}

static int open_signals(struct parent *p)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->signals < 0 ? -errno : 0;
}

/* ---- the loop ------------------------------------------------------------------------------------- */

static void tick(struct parent *p)
{
	int64_t now = monotonic_now_ms();

	if (p->sessions_wanted && now - p->sessions_at >= 100)
		parent_sessions(p);
	if (p->cuts_wanted && now - p->sessions_at >= 100)
		parent_bans_settled(p);
	if (!doors_next(&p->doors))
		parent_tick_jit(p);
	if (now - p->tick_at < TICK_MS)
		return;
	p->tick_at = now;
	ask_children(p);
	parent_tick_machine(p);
	parent_tick_bans(p);
	parent_tick_jit(p);
	parent_saved(p);
	if (now - p->saved_at >= 60'000 && p->ledger_changed)
		parent_save_later(p);
	(void)!kept_turn(p->state);
	sd_notify(0, "WATCHDOG=1");
}

static int next_timeout(const struct parent *p)
{
	int64_t now = monotonic_now_ms(), at = p->tick_at + TICK_MS;
	int64_t door = doors_next(&p->doors);

	if (door < TICK_MS)
		at = MIN(at, now + door);

	for (unsigned i = ROLE_DECODER; i < ROLE_N; i++)
		if (!p->children[i].pid && p->children[i].retry_at)
			at = MIN(at, p->children[i].retry_at);
	if (p->sessions_wanted || p->cuts_wanted)
		at = MIN(at, p->sessions_at + 100);
	if (p->stopping || p->reloading)
		at = MIN(at, p->stop_by);
	return (int)MAX(at - now, 0);
}

static void hear_all(struct parent *p, const struct pollfd *polls, struct child *const *owners,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct child *c = owners[i];

		if (polls[i].revents & POLLOUT)
			child_flush(c);
		if (!(polls[i].revents & (POLLIN | POLLHUP)))
			continue;
		if (parent_hear(p, c) < 0) {
			parent_report(
				p, LEVEL_CRITICAL, "guard_process_misbehaved",
				"The %s process said what it may not say: taken over, or a fault",
				message_role_name(c->role));
			child_kill(c, "it said what it may not say");
		}
	}
}

static int turn(struct parent *p)
{
	struct pollfd polls[ROLE_N + 1] = {
		{.fd = p->signals, .events = POLLIN}
	};
	struct child *owners[ROLE_N];
	size_t n = 0;

	for (unsigned i = ROLE_DECODER; i < ROLE_N; i++) {
		struct child *c = &p->children[i];

		if (!c->pid || c->fd < 0)
			continue;
		owners[n] = c;
		polls[1 + n++] = (struct pollfd){
			.fd = c->fd,
			.events =
				(short)(POLLIN | (c->first && c->phase == PHASE_RUN ? POLLOUT : 0))
		};
	}
	if (poll(polls, n + 1, next_timeout(p)) < 0 && errno != EINTR)
		return -errno;
	hear_all(p, polls + 1, owners, n);
	if (polls[0].revents)
		take_signals(p);
	revive(p);
	tick(p);
	return 0;
}

static int reload(struct parent *p)
{
	struct diag d = {};
	char text[700];
	int r;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)monotonic_now_ms() * 1'000);
	/* Whoever reads the logs ends with a cursor, and the next one begins there. */
	begin_stop(p);
	while (!all_ended(p)) {
		r = turn(p);
		if (r < 0)
			return r;
		stop_children(p);
		if (monotonic_now_ms() > p->stop_by)
			for (unsigned i = ROLE_DECODER; i < ROLE_N; i++)
				child_kill(&p->children[i], "it did not end when asked to");
	}
	p->reloading = false;
	r = parent_configure(p, &d);
	if (r >= 0)
		r = parent_renew_ledger(p, &d);
	if (r < 0)
		parent_report(p, LEVEL_HIGH, "guard_configuration",
			      "The new configuration was not taken: %s",
			      diag_text(&d, text, sizeof text));
	else
		parent_log("configuration read again");
	parent_configure_jit(p);
	p->counts_own.reloads++;
	r = parent_open_sources(p);
	if (r >= 0)
		r = parent_open_bans(p);
	for (unsigned i = ROLE_N - 1; r >= 0 && i >= ROLE_DECODER; i--)
		r = parent_start_child(p, (enum message_role)i);
	sd_notify(0, "READY=1");
	return r;
}

static int loop(struct parent *p)
{
	int r = 0;

	while (r >= 0 && !(p->stopping && all_ended(p))) {
		r = turn(p);
		if (r >= 0 && p->reloading && !p->stopping)
			r = reload(p);
		if (!p->stopping)
			continue;
		stop_children(p);
		if (monotonic_now_ms() > p->stop_by)
			for (unsigned i = ROLE_DECODER; i < ROLE_N; i++)
				child_kill(&p->children[i], "it did not end when asked to");
	}
	return r;
}

static void init(struct parent *p, const struct guard_options *o)
{
	p->o = o;
	p->config_path = o->config ? o->config : CONFIG_PATH;
	p->signals = p->state = p->lock = p->listen = p->journal = -1;
	p->trail = TRAIL_NONE;
	p->machine = MACHINE_NONE;
	p->doors = DOORS_NONE;
	p->started = realtime_us();
	p->clock_start = p->started / 1'000'000 - boottime();
	for (unsigned i = 0; i < ROLE_N; i++) {
		p->children[i].role = (enum message_role)i;
		p->children[i].fd = -1;
	}
}

int guard_run(const struct guard_options *o)
{
	struct parent *p = calloc(1, sizeof *p);
	struct diag d = {};
	char text[700];
	int r = p ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	init(p, o);
	r = parent_configure(p, &d);
	if (r < 0)
		parent_log("%s", d.reason[0] ? diag_text(&d, text, sizeof text) : strerror(-r));
	if (r >= 0)
		r = open_signals(p);
	if (r >= 0)
		r = parent_open(p);
	for (unsigned i = ROLE_N - 1; r >= 0 && i >= ROLE_DECODER; i--)
		r = parent_start_child(p, (enum message_role)i);
	if (r >= 0) {
		parent_log("mode %s", p->config.enforce ? "enforce" : "observe: nobody is banned");
		r = loop(p);
		parent_save_state(p);
	}
	parent_close(p);
	free(p);
	return r;
}
