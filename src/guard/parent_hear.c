/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What children ask for: all that the privileged process ever does for them. */
#include <fcntl.h>
#include <systemd/sd-daemon.h>

#include "guard/parent.h"

static int take_ready(struct parent *p, struct child *c, struct message *m)
{
	if (!message_end(m))
		return -EBADMSG;
	c->phase = PHASE_RUN;
	child_flush(c);
	if (c->role == ROLE_CLOUD)
		parent_fill_cloud(p);
	for (unsigned i = ROLE_DECODER; i < ROLE_N; i++)
		if (p->children[i].pid && p->children[i].phase == PHASE_START)
			return 0;
	sd_notify(0, "READY=1");
	return 0;
}

/* It has to begin anew, and can no longer open what it needs for that. */
static int take_renew(struct parent *p, struct child *c, struct message *m)
{
	if (!message_end(m))
		return -EBADMSG;
	c->renew = true;
	c->phase = PHASE_STOP;
	message_begin(&p->out, MESSAGE_STOP);
	if (message_send(c->fd, &p->out) < 0)
		child_kill(c, "it does not take messages");
	return 0;
}

static int take_problem(struct parent *p, struct child *c, struct message *m)
{
	struct str text = message_str(m, 1'024);

	if (!message_end(m))
		return -EBADMSG;
	p->counts_own.problems++;
	parent_report(p, LEVEL_MEDIUM, "guard_problem", "%s: %.*s", message_role_name(c->role),
		      STR_FMT(text));
	return 0;
}

static int take_ban(struct parent *p, struct message *m)
{
	struct prefix from = message_prefix(m);
	uint8_t old = message_u8(m), weight = message_u8(m);
	int64_t time = message_i64(m);
	struct str rule = message_str(m, LEDGER_RULE_MAX);

	(void)time;
	if (!message_end(m) || old > 1 || !weight || !rule.len)
		return -EBADMSG;
	parent_strike(p, &from, rule, weight, old);
	return 0;
}

/* Goes on to whoever tells people, behind what was done. Nothing in it is looked at but one byte. */
static int take_alert(struct parent *p, const struct child *c, struct message *m)
{
	struct alert_deed deed = {};
	uint8_t ban = message_u8(m);

	if (m->bad || ban > (c->role == ROLE_DECODER))
		return -EBADMSG;
	if (ban)
		deed = p->last_deed;
	p->counts_own.alerts++;
	message_begin(&p->out, MESSAGE_NOTICE);
	message_put_u8(&p->out, (uint8_t)deed.done);
	message_put_u32(&p->out, deed.seconds);
	message_put_u32(&p->out, deed.times);
	message_put_u8(&p->out, ban);
	message_put_bytes(&p->out, m->rest.ptr, m->rest.len);
	child_tell(&p->children[ROLE_NET], &p->out);
	return 0;
}

static int take_login(struct parent *p, struct message *m)
{
	if (parent_jit_login(p, m) < 0)
		return -EBADMSG;
	/* sshd writes the line before the session is there; a little later it is. */
	p->sessions_wanted = true;
	return 0;
}

static int take_limit(struct parent *p, struct message *m)
{
	uint64_t cgroup = message_u64(m);
	struct str path = message_str(m, DECODE_CGROUP_MAX);

	if (!message_end(m))
		return -EBADMSG;
	parent_limit(p, cgroup, path);
	return 0;
}

static int take_history(struct parent *p, struct message *m)
{
	uint8_t kind = message_u8(m);
	int before = p->trail.error, r;

	if (m->bad || (kind != TRAIL_MATCHES && kind != TRAIL_CURSOR))
		return -EBADMSG;
	r = trail_append(&p->trail, (enum trail_kind)kind, m->rest);
	if (r < 0) {
		p->counts_own.history_errors++;
		if (!before)
			parent_report(p, LEVEL_HIGH, "guard_state",
				      "What was read cannot be kept in %.*s (%s): after a restart "
				      "it is read again",
				      STR_FMT(p->config.state), strerror(-r));
	}
	return 0;
}

static int take_open(struct parent *p, struct child *c, struct message *m)
{
	uint32_t source = message_u32(m);
	uint8_t want = message_u8(m);
	uint32_t k = message_u32(m);
	struct live_opened got = { .fd = -1, .watch = -1, .folder = -1, .target = -1 };
	int r;

	if (!message_end(m) || want > LIVE_OLDER)
		return -EBADMSG;
	r = live_door_open(p->door, source, (enum live_want)want, k, &got);
	message_begin(&p->out, MESSAGE_FILE);
	message_put_u32(&p->out, (uint32_t)r);
	message_put_u32(&p->out, (uint32_t)got.watch);
	message_put_u32(&p->out, (uint32_t)got.folder);
	message_put_u32(&p->out, (uint32_t)got.target);
	if (r >= 0 && got.fd >= 0)
		message_put_fd(&p->out, got.fd);
	r = message_send(c->fd, &p->out);
	close_fd(&got.fd);
	/* It waits for this answer, so there is room; where there is none it is not honest. */
	return r == -EPIPE ? 0 : r < 0 ? -EBADMSG : 0;
}

static int take_counts(struct parent *p, struct message *m)
{
	struct str text = message_str(m, sizeof p->counts);

	if (!message_end(m))
		return -EBADMSG;
	memcpy(p->counts, text.ptr, text.len);
	p->n_counts = text.len;
	return 0;
}

static int take_message(struct parent *p, struct child *c, struct message *m)
{
	switch (m->type) {
	case MESSAGE_READY: return take_ready(p, c, m);
	case MESSAGE_PONG: return message_end(m) ? 0 : -EBADMSG;
	case MESSAGE_PROBLEM: return take_problem(p, c, m);
	case MESSAGE_RENEW: return take_renew(p, c, m);
	case MESSAGE_BAN: return take_ban(p, m);
	case MESSAGE_ALERT: return take_alert(p, c, m);
	case MESSAGE_LIMIT: return take_limit(p, m);
	case MESSAGE_LOGIN: return take_login(p, m);
	case MESSAGE_HISTORY:
		/* Bans do not wait for the disk. */
		parent_apply(p);
		return take_history(p, m);
	case MESSAGE_OPEN: return take_open(p, c, m);
	case MESSAGE_COUNTS: return take_counts(p, m);
	case MESSAGE_RECORD:
	case MESSAGE_GRANT:
	case MESSAGE_KNOCKS:
	case MESSAGE_HEARD:
	case MESSAGE_LOOKUP:
	case MESSAGE_ACCOUNT: return parent_hear_jit(p, m);
	case MESSAGE_ASK: parent_answer(p, m); return 0;
	default: return -EBADMSG;
	}
}

int parent_hear(struct parent *p, struct child *c)
{
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < PARENT_BATCH; i++) {
		struct message m = {};

		r = message_receive(c->fd, p->in, c->role, c->phase, &m);
		/* The end is told by SIGCHLD; one that only closed its socket is soon taken for hung. */
		if (r == 0) {
			close_fd(&c->fd);
			break;
		}
		if (r < 0)
			break;
		c->heard = monotonic_now_ms();
		r = take_message(p, c, &m);
		message_release(&m);
	}
	parent_apply(p);
	return r == -EAGAIN ? 0 : r;
}
