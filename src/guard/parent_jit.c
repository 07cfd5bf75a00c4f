/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Just-in-time access: what its two processes and people ask of the parent. */
#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "guard/keys.h"
#include "guard/packet.h"
#include "guard/parent.h"
#include "guard/text.h"

#define HOST_KEY_FILE "/etc/ssh/ssh_host_ed25519_key"
#define POLICY_NAME "jit.conf"
#define RETRY_MS 5'000

/* ---- the policy -------------------------------------------------------------------------------- */

/* Beside the daemon's own configuration; none: what policy.h says stands without one. */
static int read_policy(const struct parent *p, struct jit_policy *ret, struct diag *d)
{
	struct arena a own(arena_release) = { .limit = 4 * CONF_MAX };
	const char *slash = strrchr(p->config_path, '/');
	struct str folder = { p->config_path, slash ? (size_t)(slash - p->config_path) + 1 : 0 };
	struct str path = arena_cat(&a, folder, STR(POLICY_NAME), STR("")), text;
	int r = path.ptr ? file_read(path.ptr, CONF_MAX, &a, &text) : -ENOMEM;

	if (r == -ENOENT)
		return jit_policy_default(ret);
	if (r < 0)
		return diag_set(d, r, path.ptr, 0, "%s", file_error(r));
	return jit_policy_parse(text, path.ptr, ret, d);
}

void parent_configure_jit(struct parent *p)
{
	struct jit_policy new = {};
	struct diag d = {};
	int r = read_policy(p, &new, &d);

	p->jit_problem[0] = '\0';
	if (r < 0) {
		diag_text(&d, p->jit_problem, sizeof p->jit_problem);
		parent_report(p, LEVEL_HIGH, "guard_configuration",
			      "The policy of just-in-time access was not taken: %s",
			      p->jit_problem);
		return;
	}
	jit_policy_release(&p->jit);
	p->jit = new;
	doors_policy(&p->doors, &p->jit);
}

void parent_open_jit(struct parent *p)
{
	struct diag d = {};
	char text[600];
	int r;

	if (sodium_init() < 0)
		parent_log("no random numbers");
	parent_configure_jit(p);
	r = doors_open(&p->doors, p->state, &d);
	if (r < 0 || d.reason[0])
		parent_report(p, LEVEL_HIGH, "guard_jit", "Just-in-time access: %s",
			      d.reason[0] ? diag_text(&d, text, sizeof text) : strerror(-r));
}

/* ---- processes --------------------------------------------------------------------------------- */

static int read_host_key(struct knock_host *ret, struct diag *d)
{
	struct arena a own(arena_release) = { .limit = (size_t)64 << 10 };
	struct host_key key;
	struct str text;
	int r = file_read(HOST_KEY_FILE, 16 << 10, &a, &text);

	if (r < 0)
		return diag_set(d, r, HOST_KEY_FILE, 0, "%s", file_error(r));
	r = host_key_read(text, &key);
	sodium_memzero((char *)text.ptr, text.len);
	if (r == 0)
		r = knock_host_of(&key, ret);
	sodium_memzero(&key, sizeof key);
	return r < 0 ? diag_set(d, r, HOST_KEY_FILE, 0,
				"not a host key of ed25519 without a pass "
				"phrase")
		     : 0;
}

/* Born with the group of the process that uses it, as the spool is. */
static int open_folder(const struct parent *p, int *ret)
{
	gid_t mine = getegid();
	int fd own(close_fd) = -1;
	int r = 0;

	if (setegid(p->user.gid) < 0 && p->user.root)
		return -errno;
	if (mkdirat(p->state, "knock", 0770) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0)
		fd = openat(p->state, "knock", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r == 0 && (fd < 0 || fchmod(fd, 0770) < 0))
		r = -errno;
	if (setegid(mine) < 0)
		r = -errno;
	if (r < 0)
		return r;
	*ret = take_fd(&fd);
	return 0;
}

static int prepare(struct parent *p, struct knocks_options *o, struct diag *d)
{
	int r = read_host_key(&o->host, d);

	if (r == 0 && !p->jit.n_rules && p->jit_problem[0])
		r = diag_set(d, -EINVAL, "", 0, "%s", p->jit_problem);
	if (r == 0)
		r = packet_open(false, p->jit.listen, &o->sockets[0], d);
	/* A machine without IPv6 has no such packets. */
	if (r == 0 && packet_open(true, p->jit.listen, &o->sockets[1], d) < 0)
		o->sockets[1] = -1;
	if (r == 0)
		r = open_folder(p, &o->folder);
	return r;
}

static void release(struct knocks_options *o)
{
	knock_host_clear(&o->host);
	close_fd(&o->sockets[0]);
	close_fd(&o->sockets[1]);
	close_fd(&o->folder);
}

int parent_try_jit(struct parent *p, struct diag *d)
{
	struct knocks_options o = {
		.policy = &p->jit, .sockets = {-1, -1},
                     .folder = -1
	};
	int r = 0;

	/* A process that runs has the policy that it was started with. */
	if (!doors_active(&p->doors))
		parent_configure_jit(p);
	if (p->jit_problem[0])
		r = diag_set(d, -EINVAL, "", 0, "%s", p->jit_problem);
	if (r == 0)
		r = prepare(p, &o, d);
	release(&o);
	return r;
}

static int start_knock(struct parent *p, struct diag *d)
{
	struct knocks_options o = {
		.policy = &p->jit, .sockets = {-1, -1},
                     .folder = -1
	};
	struct knock_port ports[JIT_PROTECTED_MAX];
	int keep[3], r = prepare(p, &o, d);
	size_t n = 0;

	for (size_t i = 0; i < p->doors.n_ports; i++)
		ports[i] = p->doors.ports[i].port;
	o.shut = ports;
	o.n_shut = p->doors.n_ports;
	memcpy(o.boot, p->doors.boot, sizeof o.boot);
	for (size_t i = 0; i < COUNT(o.sockets); i++)
		if (o.sockets[i] >= 0)
			keep[n++] = o.sockets[i];
	if (o.folder >= 0)
		keep[n++] = o.folder;
	if (r == 0)
		r = child_start(&p->children[ROLE_KNOCK], &p->user, keep, n, knocks_main, &o);
	release(&o);
	return r;
}

int parent_start_knock(struct parent *p)
{
	struct diag d = {};
	char text[600];
	int r;

	if (!doors_active(&p->doors))
		return 0;
	r = start_knock(p, &d);
	if (r >= 0)
		return 0;
	/* Nobody can come in now but who is in: it is tried again, and told once. */
	p->children[ROLE_KNOCK].retry_at = monotonic_now_ms() + RETRY_MS;
	if (!p->jit_told)
		parent_report(p, LEVEL_CRITICAL, "guard_jit",
			      "Requests for access are not taken: %s",
			      d.reason[0] ? diag_text(&d, text, sizeof text) : strerror(-r));
	p->jit_told = true;
	return 0;
}

/* It becomes a user who may read everything by itself (base/sandbox.h). */
int parent_start_keys(struct parent *p, enum message_role role)
{
	const struct child_user root = {};

	if (!doors_active(&p->doors))
		return 0;
	return child_start(&p->children[role], &root, NULL, 0,
			   role == ROLE_KEYS ? keys_main : keys_command_main, NULL);
}

static void stop(struct parent *p, struct child *c)
{
	c->retry_at = 0;
	if (!c->pid || c->phase == PHASE_STOP)
		return;
	c->phase = PHASE_STOP;
	message_begin(&p->out, MESSAGE_STOP);
	if (message_send(c->fd, &p->out) < 0)
		child_kill(c, "it does not take messages");
}

void parent_settle_jit(struct parent *p)
{
	static const enum message_role roles[] = { ROLE_KEYS, ROLE_KNOCK, ROLE_COMMAND };

	for (size_t i = 0; i < COUNT(roles) && !p->stopping && !p->reloading; i++) {
		struct child *c = &p->children[roles[i]];

		if (!doors_active(&p->doors))
			stop(p, c);
		else if (!c->pid && !c->retry_at && roles[i] != ROLE_COMMAND &&
			 parent_start_child(p, roles[i]) < 0)
			c->retry_at = monotonic_now_ms() + RETRY_MS;
	}
}

void parent_tell_doors(struct parent *p)
{
	struct knock_port ports[JIT_PROTECTED_MAX];

	for (size_t i = 0; i < p->doors.n_ports; i++)
		ports[i] = p->doors.ports[i].port;
	message_begin(&p->out, MESSAGE_DOORS);
	knocks_put_ports(&p->out, ports, p->doors.n_ports);
	if (p->children[ROLE_KNOCK].pid && p->children[ROLE_KNOCK].phase != PHASE_STOP)
		child_tell(&p->children[ROLE_KNOCK], &p->out);
}

void parent_tick_jit(struct parent *p)
{
	size_t before = p->doors.n_ports;
	char problem[sizeof p->doors.problem];
	bool failing = p->doors.error;

	/* What failed since is told, also where it is mended by now. */
	memcpy(problem, p->doors.problem, sizeof problem);
	doors_tick(&p->doors);
	if (p->doors.error)
		memcpy(problem, p->doors.problem, sizeof problem);
	failing |= p->doors.error != 0;
	if (p->doors.n_ports != before) {
		parent_report(p, LEVEL_MEDIUM, "guard_jit",
			      "Ports that were to be shut are open again: nobody confirmed it");
		parent_tell_doors(p);
	}
	parent_settle_jit(p);
	if (failing && !p->jit_told)
		parent_report(p, LEVEL_HIGH, "guard_jit", "Just-in-time access: %s", problem);
	p->jit_told = failing || p->children[ROLE_KNOCK].retry_at;
}

/* ---- messages ---------------------------------------------------------------------------------- */

/* Nobody answers who asks: whoever wants to know why finds it with `jit status`. */
static void note_refused(struct parent *p, const struct chain_field *fields, size_t n)
{
	static const char *const names[] = { "from", "account", "why", "id", "skew_ms" };
	struct buf b own(buf_release) = BUF(sizeof p->jit_refused - 1);
	bool refused = false;
	int64_t number = 0;

	for (size_t i = 0; i < n; i++)
		refused |=
			!strcmp(fields[i].name, "event") && str_eq(fields[i].text, STR("refused"));
	for (size_t i = 0; refused && i < n; i++)
		for (size_t k = 0; k < COUNT(names); k++) {
			if (strcmp(fields[i].name, names[k]) != 0)
				continue;
			if (fields[i].plain && str_to_int64(fields[i].text, &number) < 0)
				continue;
			buf_fmt(&b, ",\"%s\":", names[k]);
			if (fields[i].plain)
				buf_fmt(&b, "%lld", (long long)number);
			else
				text_json(&b, fields[i].text);
		}
	if (!refused || b.error || !b.len)
		return;
	memcpy(p->jit_refused, b.ptr, b.len);
	p->jit_refused[b.len] = '\0';
	p->jit_refused_at = monotonic_now_ms();
}

static int take_record(struct parent *p, struct message *m)
{
	struct chain_field fields[KNOCKS_FIELDS_MAX];
	int64_t now;
	size_t n;
	int r;

	if (!knocks_take_record(m, &now, fields, &n))
		return -EBADMSG;
	r = doors_record(&p->doors, now, fields, n);
	note_refused(p, fields, n);
	message_begin(&p->out, MESSAGE_WRITTEN);
	message_put_u32(&p->out, (uint32_t)r);
	child_tell(&p->children[ROLE_KNOCK], &p->out);
	return 0;
}

static int take_grant(struct parent *p, struct message *m)
{
	struct knocks_grant g;

	return knocks_take(m, &g) ? doors_take(&p->doors, &g) : -EBADMSG;
}

static int take_knocks(struct parent *p, struct message *m)
{
	for (size_t i = 0; i < PARENT_KNOCKS; i++)
		p->knocks[i] = message_u64(m);
	return message_end(m) ? 0 : -EBADMSG;
}

static int take_heard(struct parent *p, struct message *m)
{
	static const char *const words[] = {
		[JUDGE_WAITS] = "waits", [JUDGE_OPEN] = "granted", [JUDGE_CLOSE] = "closed"
	};
	uint32_t client = message_u32(m);
	uint8_t outcome = message_u8(m);
	struct str why = message_str(m, 256);
	char text[64];

	if (!message_end(m) || outcome > JUDGE_CLOSE)
		return -EBADMSG;
	if (outcome < JUDGE_WAITS) {
		parent_page(p, client, PAGE_ERROR, why.len ? why : STR("refused"));
		return 0;
	}
	snprintf(text, sizeof text, "{\"outcome\":\"%s\"}\n", words[outcome]);
	parent_page(p, client, PAGE_LAST, str_of(text));
	return 0;
}

static void answer_unknown(struct parent *p, uint32_t number)
{
	struct buf b own(buf_release) = BUF(4'096);

	if (knocks_put_account(&b, -EAGAIN, NULL) < 0)
		return;
	message_begin(&p->out, MESSAGE_ACCOUNT);
	message_put_u32(&p->out, number);
	message_put_u32(&p->out, (uint32_t)b.len);
	message_put_str(&p->out, buf_view(&b));
	child_tell(&p->children[ROLE_KNOCK], &p->out);
}

/* Where sshd's configuration has programs that say whose keys count, who runs them is started by the first question. */
static int take_lookup(struct parent *p, struct message *m)
{
	uint32_t number = message_u32(m);
	struct prefix from = message_prefix(m);
	uint8_t program = message_u8(m);
	struct str account = message_str(m, KNOCK_ACCOUNT_MAX), key = message_str(m, KNOCK_MAX);
	enum message_role role = program ? ROLE_COMMAND : ROLE_KEYS;
	struct child *keys = &p->children[role];

	if (!message_end(m))
		return -EBADMSG;
	if (role == ROLE_COMMAND && !keys->pid && !keys->retry_at &&
	    parent_start_child(p, role) < 0)
		keys->retry_at = monotonic_now_ms() + RETRY_MS;
	if (!keys->pid || keys->phase == PHASE_STOP || keys->queued) {
		answer_unknown(p, number);
		return 0;
	}
	message_begin(&p->out, MESSAGE_LOOKUP);
	message_put_u32(&p->out, number);
	message_put_prefix(&p->out, &from);
	message_put_u8(&p->out, program);
	message_put_str(&p->out, account);
	message_put_str(&p->out, key);
	child_tell(keys, &p->out);
	return 0;
}

static int take_account(struct parent *p, struct message *m)
{
	message_begin(&p->out, MESSAGE_ACCOUNT);
	message_put_bytes(&p->out, m->rest.ptr, m->rest.len);
	if (p->children[ROLE_KNOCK].pid)
		child_tell(&p->children[ROLE_KNOCK], &p->out);
	return 0;
}

int parent_hear_jit(struct parent *p, struct message *m)
{
	switch (m->type) {
	case MESSAGE_RECORD: return take_record(p, m);
	case MESSAGE_GRANT: return take_grant(p, m);
	case MESSAGE_KNOCKS: return take_knocks(p, m);
	case MESSAGE_HEARD: return take_heard(p, m);
	case MESSAGE_LOOKUP: return take_lookup(p, m);
	case MESSAGE_ACCOUNT: return take_account(p, m);
	default: return -EBADMSG;
	}
}

int parent_jit_login(struct parent *p, struct message *m)
{
	struct prefix from = message_prefix(m);
	uint32_t port = message_u32(m);
	struct str account = message_str(m, LOGIN_TEXT_MAX), key = message_str(m, LOGIN_TEXT_MAX);

	if (!message_end(m) || port > UINT16_MAX)
		return -EBADMSG;
	doors_login(&p->doors, &from, (uint16_t)port, account, key);
	return 0;
}
