/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#include "action/step.h"
#include "base/subprocess.h"

#define ASK_MS 30'000

bool unit_has_systemd(void) { return access("/run/systemd/system", F_OK) == 0; }

bool unit_of_openrc(const struct root *root)
{
	struct stat st;

	return root_stat(root, "/sbin/openrc-run", &st) >= 0 ||
	       root_stat(root, "/usr/sbin/openrc-run", &st) >= 0;
}

bool unit_name_is_plain(const char *name)
{
	size_t n = strlen(name);

	if (!n || n > 255 || name[0] == '-' || name[0] == '.')
		return false;
	for (const char *p = name; *p; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
		    !(*p >= '0' && *p <= '9') && !strchr("-_.@:\\", *p))
			return false;
	return true;
}

/* systemctl [--root DIR] VERB UNIT */
static void systemctl(const struct root *root, const char *verb, const char *unit,
		      char room[static 4200], const char *ret[static 6])
{
	size_t n = 0;

	ret[n++] = "systemctl";
	if (!root->live) {
		(void)snprintf(room, 4200, "--root=%s", root->path);
		ret[n++] = room;
	}
	ret[n++] = verb;
	ret[n++] = unit;
	ret[n] = NULL;
}

static int run(const struct root *root, const char *verb, const char *unit, struct diag *d)
{
	const char *argv[6];
	char room[4200];

	systemctl(root, verb, unit, room, argv);
	return step_program(argv, d);
}

static int ask(const struct root *root, const char *verb, const char *unit, struct buf *out,
	       int *ret_status)
{
	const char *argv[6];
	char room[4200];

	systemctl(root, verb, unit, room, argv);
	return subprocess_run(argv, ASK_MS, out, ret_status);
}

static int look_openrc(struct change *c, struct arena *a)
{
	const char *const show[] = { "rc-update", "show", "default", NULL };
	const char *const status[] = { "rc-service", c->unit, "status", NULL };
	const char *const exists[] = { "rc-service", "--exists", c->unit, NULL };
	own(buf_release) struct buf out = BUF(1 << 20), none = BUF(1 << 20);
	struct str text, line;
	bool enabled = false;
	int code = 0, r = subprocess_run(exists, ASK_MS, &none, &code);

	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	if (code)
		return -ENOENT;
	r = subprocess_run(show, ASK_MS, &out, &code);
	if (r < 0)
		return r;
	for (text = buf_view(&out); str_line(&text, &line, NULL);)
		enabled = enabled || str_eq(str_trim(str_cut(&line, '|')), str_of(c->unit));
	r = subprocess_run(status, ASK_MS, &none, &code);
	if (r < 0)
		return r;
	c->unit_enabled = arena_cstr(a, str_of(enabled ? "enabled" : "disabled"));
	c->unit_active = code == 0;
	return c->unit_enabled ? 0 : -ENOMEM;
}

/* ---- OpenRC of a tree: links in the folder of a runlevel ---------------------------------------- */

#define RUNLEVEL "/etc/runlevels/default"

static int look_tree(const struct root *root, struct change *c, struct arena *a)
{
	struct str script = arena_fmt(a, "/etc/init.d/%s", c->unit), *links;
	struct str pattern = arena_fmt(a, "/etc/runlevels/*/%s", c->unit);
	struct stat st;
	size_t n = 0;
	int r;

	if (!script.ptr || !pattern.ptr)
		return -ENOMEM;
	if (root_stat(root, script.ptr, &st) < 0)
		return -ENOENT;
	r = root_glob(root, pattern.ptr, a, &links, &n);
	c->unit_enabled = n ? "enabled" : "disabled";
	return r;
}

static int change_tree(const struct root *root, const char *unit, unsigned want, struct diag *d)
{
	char script[300];
	own(close_fd) int fd = -1;
	int r = root_open_dir(root, RUNLEVEL, &fd);

	(void)snprintf(script, sizeof script, "/etc/init.d/%s", unit);
	if (r >= 0 && want & UNIT_ENABLE && symlinkat(script, fd, unit) < 0 && errno != EEXIST)
		r = -errno;
	if (r >= 0 && want & (UNIT_DISABLE | UNIT_MASK) && unlinkat(fd, unit, 0) < 0 &&
	    errno != ENOENT)
		r = -errno;
	return r < 0 ? diag_set(d, r, RUNLEVEL, 0, "%s", strerror(-r)) : 0;
}

int unit_look(const struct root *root, struct change *c, struct arena *a, struct diag *d)
{
	own(buf_release) struct buf out = BUF(1 << 16), none = BUF(1 << 16);
	struct str state;
	int status = 0, r;

	if (unit_of_openrc(root)) {
		r = root->live ? look_openrc(c, a) : look_tree(root, c, a);
	} else {
		r = ask(root, "is-enabled", c->unit, &out, &status);
		if (r == -ENOENT)
			r = -EOPNOTSUPP;
		state = str_trim(buf_view(&out));
		if (r >= 0 && (!state.len || str_eq(state, STR("not-found"))))
			r = -ENOENT;
		if (r >= 0) {
			c->unit_enabled = arena_cstr(a, state);
			r = c->unit_enabled ? 0 : -ENOMEM;
		}
		c->unit_active = r >= 0 && root->live &&
				 ask(root, "is-active", c->unit, &none, &status) >= 0 &&
				 WIFEXITED(status) && !WEXITSTATUS(status);
	}
	if (r >= 0)
		return 0;
	return diag_set(d, r, NULL, 0, "%s: %s", c->unit,
			r == -ENOENT       ? "there is no such unit"
			: r == -EOPNOTSUPP ? "there is neither systemctl nor OpenRC to ask"
					   : strerror(-r));
}

static int change_openrc(const char *unit, unsigned want, struct diag *d)
{
	static const char *const services[] = {
		NULL, NULL, NULL, NULL, "start", "stop", "restart"
	};
	int r = 0;

	if (want & UNIT_ENABLE)
		r = step_program((const char *const[]){ "rc-update", "add", unit, "default", NULL },
				 d);
	if (r >= 0 && (want & (UNIT_DISABLE | UNIT_MASK)))
		r = step_program((const char *const[]){ "rc-update", "del", unit, "default", NULL },
				 d);
	for (unsigned i = 4; r >= 0 && i < COUNT(services); i++)
		if (want & 1u << i)
			r = step_program(
				(const char *const[]){ "rc-service", unit, services[i], NULL }, d);
	return r;
}

static int change_systemd(const struct root *root, const char *unit, unsigned want, struct diag *d)
{
	static const struct {
		unsigned bit;
		const char *verb;
	} order[] = {
		{UNIT_UNMASK,   "unmask" },
                { UNIT_DISABLE, "disable"},
                { UNIT_ENABLE,  "enable" },
		{ UNIT_STOP,    "stop"   },
                { UNIT_MASK,    "mask"   },
                { UNIT_START,   "start"  },
		{ UNIT_RESTART, "restart"},
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(order); i++)
		if ((want & order[i].bit) && (root->live || order[i].bit < UNIT_START))
			r = run(root, order[i].verb, unit, d);
	return r;
}

static int set(const struct root *root, const char *unit, unsigned want, struct diag *d)
{
	if (!unit_of_openrc(root))
		return change_systemd(root, unit, want, d);
	return root->live ? change_openrc(unit, want, d) : change_tree(root, unit, want, d);
}

int unit_change(const struct root *root, const struct change *c, struct diag *d)
{
	return set(root, c->unit, c->unit_want, d);
}

int unit_restore(const struct root *root, const struct change *c, struct diag *d)
{
	unsigned lasting = UNIT_ENABLE | UNIT_DISABLE | UNIT_MASK | UNIT_UNMASK, want = 0;
	bool masked = !strcmp(c->unit_enabled, "masked");

	if (c->unit_want & lasting) {
		if (c->unit_want & UNIT_MASK && !masked)
			want |= UNIT_UNMASK;
		if (!strcmp(c->unit_enabled, "enabled"))
			want |= UNIT_ENABLE;
		else if (!strcmp(c->unit_enabled, "disabled"))
			want |= UNIT_DISABLE;
		else if (masked)
			want |= UNIT_MASK;
	}
	if (c->unit_want & (UNIT_START | UNIT_STOP | UNIT_MASK))
		want |= c->unit_active ? UNIT_START : UNIT_STOP;
	return set(root, c->unit, want, d);
}
