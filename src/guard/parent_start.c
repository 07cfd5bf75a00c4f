/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "guard/parent.h"

#define PRIORITY (-10)
#define NOBODY_ID 65532 /* where the configured user is not there: no file belongs to it */

struct refusals {
	unsigned n;
	char first[600];
};

static void note_rule(void *user, const struct rule_text *t, const struct rule *rule,
		      const struct diag *d)
{
	struct refusals *r = user;

	(void)t, (void)rule;
	if (d && !r->n++)
		diag_text(d, r->first, sizeof r->first);
}

int parent_configure(struct parent *p, struct diag *d)
{
	own(guard_config_release) struct guard_config c = {};
	own(arena_release) struct arena texts = { .limit = (size_t)512 << 20 };
	own(policy_release) struct policy policy = {};
	struct guard_rules rules = {};
	struct refusals refusals = {};
	struct sink_config sinks[SINKS_MAX];
	size_t n_sinks;
	int r = guard_config_read(p->config_path, !p->o->config, &c, d);

	if (r >= 0 && !c.n_sources)
		r = config_default_sources(&c);
	if (r >= 0)
		r = notify_sinks(&c, p->config_path, &c.arena, sinks, &n_sinks, d);
	if (r >= 0)
		r = p->o->load_rules(p->o->user, &c, &texts, &rules);
	if (r >= 0)
		r = policy_new(&c, rules.list, rules.n, note_rule, &refusals, &policy, d);
	if (r < 0)
		return diag_set(d, r, p->config_path, 0, "%s", strerror(-r));
	if (refusals.n)
		parent_log("%u rules are left out; the first: %s", refusals.n, refusals.first);
	policy_release(&p->policy);
	guard_config_release(&p->config);
	arena_release(&p->rule_texts);
	p->config = take(c);
	p->rule_texts = take(texts);
	p->policy = take(policy);
	return 0;
}

/* ---- folders and files --------------------------------------------------------------------- */

static int make_folders(const char *path, mode_t mode)
{
	char part[1'024];

	snprintf(part, sizeof part, "%s", path);
	for (char *s = strchr(part + 1, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
		*s = '/';
	}
	return mkdir(part, mode) < 0 && errno != EEXIST ? -errno : 0;
}

static int open_state(struct parent *p)
{
	const char *path = p->config.state.ptr;
	struct stat st;
	int r = make_folders(path, 0700);

	if (r >= 0)
		p->state = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r < 0 || p->state < 0 || fstat(p->state, &st) < 0) {
		r = r < 0 ? r : -errno;
		parent_log("%s: %s", path, strerror(-r));
		return r;
	}
	if ((st.st_uid && st.st_uid != geteuid()) || (st.st_mode & 022)) {
		parent_log("%s: others may write there (owner %u, mode %o)", path, st.st_uid,
			   st.st_mode & 07777);
		return -EPERM;
	}
	p->lock = openat(p->state, "guard.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (p->lock < 0 || flock(p->lock, LOCK_EX | LOCK_NB) < 0) {
		r = -errno;
		parent_log("%s/guard.lock: %s", path,
			   r == -EWOULDBLOCK ? "another guard runs with this state" : strerror(-r));
		return r;
	}
	return 0;
}

static void find_user(struct parent *p)
{
	const struct passwd *pw = getpwnam(p->config.user.ptr);

	p->user = (struct child_user){ .uid = pw && pw->pw_uid ? pw->pw_uid : NOBODY_ID,
				       .gid = pw && pw->pw_gid ? pw->pw_gid : NOBODY_ID,
				       .root = geteuid() == 0 };
	if (!pw)
		parent_log("there is no user '%s': processes without privileges run as %d",
			   p->config.user.ptr, NOBODY_ID);
}

/* Members of the group may talk to it; without the group only root. */
static int open_socket(struct parent *p)
{
	const char *path = p->config.socket.ptr, *slash = strrchr(path, '/');
	const struct group *group = getgrnam(p->config.group.ptr);
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char folder[1'024];
	mode_t mask;
	int r = 0;

	snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
	if (strlen(path) >= sizeof a.sun_path || (folder[0] && make_folders(folder, 0755) < 0))
		r = -ENAMETOOLONG;
	if (r >= 0)
		memcpy(a.sun_path, path, strlen(path));
	if (r >= 0)
		p->listen = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (r >= 0 && p->listen < 0)
		r = -errno;
	/* The lock says that no other guard of this state runs: what is there is of an old one. */
	if (r >= 0)
		unlink(path);
	mask = umask(0177);
	/* The socket is born with its group: no right to give files away is needed. */
	if (r >= 0 && group && setegid(group->gr_gid) < 0)
		group = NULL;
	if (r >= 0 &&
	    (bind(p->listen, (const void *)&a, sizeof a) < 0 || listen(p->listen, 16) < 0))
		r = -errno;
	umask(mask);
	if (group && setegid(getgid()) < 0)
		r = -errno;
	if (r >= 0 && group && chmod(path, 0660) < 0)
		r = -errno;
	if (r < 0)
		parent_log("%s: %s", path, strerror(-r));
	return r;
}

/* ---- sources ---------------------------------------------------------------------------------- */

static int open_source(const struct config_source *s, struct live_source *ret)
{
	static const enum live_kind kinds[] = {
		[SOURCE_FILE] = LIVE_FILE,    [SOURCE_JOURNAL] = LIVE_JOURNAL,
		[SOURCE_AUDIT] = LIVE_AUDIT,  [SOURCE_SYSLOG] = LIVE_DATAGRAM,
		[SOURCE_UDP] = LIVE_DATAGRAM, [SOURCE_TCP] = LIVE_STREAM,
	};
	int r = 0;

	*ret = (struct live_source){ .kind = kinds[s->kind], .name = s->path.ptr, .fd = -1 };
	for (size_t i = 0; i < n_decoders; i++)
		if (str_eq(s->format, str_of(decoders[i]->name)))
			ret->format = decoders[i];
	if (s->kind == SOURCE_AUDIT) {
		ret->name = "audit";
		r = live_door_audit(&ret->fd);
	}
	if (s->kind == SOURCE_SYSLOG)
		r = live_door_listen(LIVE_DATAGRAM, s->path.ptr, &ret->fd);
	if (s->kind == SOURCE_UDP || s->kind == SOURCE_TCP)
		r = live_door_listen(ret->kind, s->path.ptr + strlen("udp:"), &ret->fd);
	if (s->kind == SOURCE_JOURNAL && !s->path.len)
		ret->name =
			access("/var/log/journal", F_OK) ? "/run/log/journal" : "/var/log/journal";
	return r;
}

static void close_sources(struct parent *p)
{
	for (size_t i = 0; i < p->n_sources; i++)
		close_fd(&p->sources[i].fd);
	free(p->sources);
	p->sources = NULL;
	p->n_sources = 0;
	live_door_release(&p->door);
}

/* What the kernel refuses is named; the daemon goes on without. */
static void open_sensors(struct parent *p)
{
	struct sensor_options o = { .names = hunt_names(p->policy.hunt) };
	int r;

	sensors_release(&p->sensors);
	if (!p->config.sensors)
		return;
	r = sensors_open(&o, &p->sensors);
	if (r < 0)
		parent_log("sensors: %s", r == -ENOTSUP ? "built without" : strerror(-r));
	for (unsigned i = 0; p->sensors && i < SENSOR_N; i++) {
		struct sensor_state s;

		sensors_state(p->sensors, (enum sensor_id)i, &s);
		if (!s.running)
			parent_log("sensor %s does not run: %s", s.name,
				   s.reason ? s.reason : strerror(-s.error));
	}
	if (r < 0)
		sensors_release(&p->sensors);
	parent_renew_limits(p);
}

int parent_open_sources(struct parent *p)
{
	int r;

	close_sources(p);
	open_sensors(p);
	p->sources = calloc(p->config.n_sources + 1, sizeof *p->sources);
	p->n_sources = p->sources ? p->config.n_sources : 0;
	for (size_t i = 0; i < p->n_sources; i++)
		p->sources[i].fd = -1;
	r = p->sources ? live_door_new(&p->door) : -ENOMEM;
	for (size_t i = 0; r >= 0 && i < p->n_sources; i++) {
		struct live_source *s = &p->sources[i];
		int e = open_source(&p->config.sources[i], s);

		/* A source that is not to be had does not keep the others from being watched. */
		if (e < 0) {
			parent_report(p, LEVEL_MEDIUM, "guard_source", "%s cannot be watched: %s",
				      s->name, strerror(-e));
			s->kind = LIVE_FILE;
		}
		r = live_door_add(p->door, s->kind, s->name, &(uint32_t){ 0 });
	}
	return r;
}

/* ---- children ------------------------------------------------------------------------------------ */

static int start_decoder(struct parent *p)
{
	struct child *c = &p->children[ROLE_DECODER];
	struct decode_options o = { .policy = &p->policy,
				    .sources = p->sources,
				    .n_sources = p->n_sources };
	int keep[LIVE_SOURCES_MAX + 5], r;
	size_t n = 0;

	r = live_door_renew(p->door);
	if (r < 0)
		return r;
	o.inotify = live_door_inotify(p->door);
	o.sensors = p->sensors;
	o.skim = p->poisoned >= 2;
	trail_segments(&p->trail, o.segments);
	if (p->sensors && sensors_fd(p->sensors) >= 0)
		keep[n++] = sensors_fd(p->sensors);
	if (o.inotify >= 0)
		keep[n++] = o.inotify;
	for (int i = 0; i < 2; i++)
		if (o.segments[i] >= 0)
			keep[n++] = o.segments[i];
	for (size_t i = 0; i < o.n_sources && i < LIVE_SOURCES_MAX; i++)
		if (p->sources[i].fd >= 0)
			keep[n++] = p->sources[i].fd;
	p->trail_seen = p->trail.size;
	r = child_start(c, &p->user, keep, n, decode_main, &o);
	close_fd(&o.segments[0]);
	close_fd(&o.segments[1]);
	return r;
}

/* It opens what it needs as root and then gives that up by itself (sensor/integrity.h). */
static int start_integrity(struct parent *p)
{
	const struct child_user root = {};
	struct integrity_options o = { .policy = &p->policy,
				       .level = p->config.alert_level,
				       .state = p->config.state.ptr,
				       .config = INTEGRITY_CONFIG };

	if (!p->config.integrity)
		return 0;
	return child_start(&p->children[ROLE_SENSOR], &root, NULL, 0, integrity_main, &o);
}

int parent_start_child(struct parent *p, enum message_role role)
{
	struct child *c = &p->children[role];
	struct control_options control = { .listen = p->listen };
	const struct group *group;

	switch (role) {
	case ROLE_DECODER: return start_decoder(p);
	case ROLE_CONTROL:
		group = getgrnam(p->config.group.ptr);
		control.group = group ? group->gr_gid : 0;
		return child_start(c, &p->user, &p->listen, 1, control_main, &control);
	case ROLE_SENSOR: return start_integrity(p);
	case ROLE_NET: return notify_start(c, &p->user, &p->config, p->state, p->o->foreground);
	case ROLE_CLOUD: return parent_start_cloud(p);
	case ROLE_KNOCK: return parent_start_knock(p);
	case ROLE_KEYS:
	case ROLE_COMMAND: return parent_start_keys(p, role);
	default: return 0;
	}
}

static int new_ledger(const struct guard_config *g, struct ledger **ret, struct diag *d)
{
	struct ledger_config c = { .threshold = LEDGER_WEIGHT_MAX,
				   .ban_first = g->ban_time,
				   .ban_factor = g->ban_growth,
				   .ban_max = g->ban_longest,
				   .forget = g->ban_forget,
				   .hosts_v4 = g->ban_networks,
				   .hosts_v6 = g->ban_networks,
				   .max_bans = g->ban_most };

	return ledger_new(&c, ret, d);
}

static int keep_piece(void *user, struct str bytes) { return buf_str(user, bytes); }

int parent_renew_ledger(struct parent *p, struct diag *d)
{
	struct buf b = BUF((size_t)512 << 20);
	struct ledger *ledger = NULL;
	int64_t now = parent_now(p);
	int r = new_ledger(&p->config, &ledger, d);

	if (r >= 0)
		r = ledger_save(p->ledger, now, keep_piece, &b);
	if (r >= 0)
		r = ledger_restore(ledger, buf_view(&b), now, d);
	buf_release(&b);
	if (r < 0) {
		ledger_free(&ledger);
		return r;
	}
	ledger_free(&p->ledger);
	p->ledger = ledger;
	return 0;
}

int parent_open(struct parent *p)
{
	struct diag d = {};
	char text[600];
	int r;

	/* Attacks are load, too: each password that is tried costs sshd milliseconds. */
	if (!getpriority(PRIO_PROCESS, 0) && setpriority(PRIO_PROCESS, 0, PRIORITY) < 0)
		parent_log("it runs with the priority of others: %s", strerror(errno));
	find_user(p);
	machine_open(&p->machine);
	p->own_cgroup = machine_cgroup();
	r = open_state(p);
	if (r < 0)
		return r;
	r = new_ledger(&p->config, &p->ledger, &d);
	if (r < 0) {
		parent_log("%s: [bans]: %s", p->config_path, diag_text(&d, text, sizeof text));
		return r;
	}
	parent_load_state(p);
	r = trail_open(&p->trail, p->state, &d);
	if (r < 0) {
		parent_log("guard.history: %s", d.reason[0] ? d.reason : strerror(-r));
		return r;
	}
	if (d.reason[0])
		parent_log("%s", diag_text(&d, text, sizeof text));
	r = open_socket(p);
	if (r >= 0)
		parent_open_jit(p);
	if (r >= 0)
		r = parent_open_sources(p);
	return r < 0 ? r : parent_open_bans(p);
}

void parent_close(struct parent *p)
{
	for (unsigned i = 0; i < ROLE_N; i++)
		child_release(&p->children[i]);
	close_sources(p);
	sensors_release(&p->sensors);
	machine_release(&p->machine);
	trail_release(&p->trail);
	ban_close(&p->ban);
	ledger_free(&p->ledger);
	if (p->listen >= 0)
		unlink(p->config.socket.ptr);
	close_fd(&p->listen);
	if (p->can_cut)
		nl_close(&p->cut);
	doors_release(&p->doors);
	jit_policy_release(&p->jit);
	buf_release(&p->notes);
	close_fd(&p->journal);
	close_fd(&p->lock);
	close_fd(&p->state);
	close_fd(&p->signals);
	free(p->items);
	free(p->allowed);
	policy_release(&p->policy);
	arena_release(&p->rule_texts);
	guard_config_release(&p->config);
}
