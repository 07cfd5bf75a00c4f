/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/session.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/root.h"

#define PARENTS_MAX 64

/* Files of /proc have no size: root_read() reads to their end. */
static int read_text(struct arena *a, struct str *ret, const char *fmt, ...) PRINTF(3, 4);
static int read_text(struct arena *a, struct str *ret, const char *fmt, ...)
{
	struct root own(root_release) proc = ROOT_NONE;
	char path[128];
	va_list ap;
	int r = root_open("/proc", true, &proc);

	va_start(ap, fmt);
	(void)vsnprintf(path, sizeof path, fmt, ap);
	va_end(ap);
	return r < 0 ? r : root_read(&proc, path, (size_t)1 << 20, a, ret, NULL);
}

/* proc(5): "PID (NAME) STATE PPID PGRP SESSION TTY …", the 22nd is the start. */
int session_process_read(long pid, struct session_process *ret)
{
	struct arena own(arena_release) a = {};
	struct session_process p = { .pid = pid };
	struct str text, word;
	ssize_t from, to;
	int64_t n = 0;
	int r = read_text(&a, &text, "%ld/stat", pid);

	if (r < 0)
		return r;
	from = str_find(text, '(');
	to = str_rfind(text, ')');
	if (from < 0 || to < from)
		return -EBADMSG;
	(void)snprintf(p.name, sizeof p.name, "%.*s", (int)(to - from - 1), text.ptr + from + 1);
	text = str_sub(text, (size_t)to + 1, text.len);
	for (int field = 3; field <= 22 && (word = str_word(&text)).ptr; field++) {
		if (field == 3 || str_to_int64(word, &n) < 0)
			continue;
		if (field == 4)
			p.parent = (long)n;
		else if (field == 6)
			p.leader = (long)n;
		else if (field == 7)
			p.tty = (uint64_t)n;
		else if (field == 22)
			p.start = (uint64_t)n;
	}
	*ret = p;
	return 0;
}

/* The value in a list of "NAME=VALUE" with NULs between. */
static struct str variable(struct str environment, struct str name)
{
	while (environment.len) {
		struct str one = str_cut(&environment, '\0');

		if (str_starts(one, name))
			return str_sub(one, name.len, one.len);
	}
	return (struct str){};
}

void session_connection(char *ret, size_t size)
{
	struct arena own(arena_release) a = { .limit = (size_t)128 << 20 };
	const char *mine = getenv("SSH_CONNECTION");
	struct session_process p = { .parent = getppid() };

	(void)snprintf(ret, size, "%s", mine ? mine : "");
	for (int i = 0; !mine && i < PARENTS_MAX && p.parent > 1; i++) {
		struct str text, found;

		if (read_text(&a, &text, "%ld/environ", p.parent) >= 0) {
			found = variable(text, STR("SSH_CONNECTION="));
			if (found.ptr) {
				(void)snprintf(ret, size, "%.*s", STR_FMT(found));
				return;
			}
		}
		if (session_process_read(p.parent, &p) < 0)
			return;
	}
}

/* They live as long as the login does; of login(1) that is its shell, the leader. */
static bool is_door(const char *name)
{
	return !strcmp(name, "sshd") || !strcmp(name, "sshd-session") || !strcmp(name, "dropbear");
}

static int64_t to_ms(uint64_t ticks)
{
	long hz = sysconf(_SC_CLK_TCK);

	return (int64_t)(ticks * 1000 / (uint64_t)(hz > 0 ? hz : 100));
}

/* When the process began that came with the login: the child of sshd's listener. */
static void find_login(struct session *s)
{
	struct session_process p, leader, doors[PARENTS_MAX];
	size_t n = 0;

	if (session_process_read(getpid(), &p) < 0)
		return;
	s->tty = p.tty;
	if (p.leader > 0 && session_process_read(p.leader, &leader) >= 0)
		s->began_ms = to_ms(leader.start);
	for (int i = 0; i < PARENTS_MAX && p.parent > 1; i++) {
		if (session_process_read(p.parent, &p) < 0)
			break;
		if (is_door(p.name))
			doors[n++] = p;
	}
	/* The outermost is the listener, where it still lives. */
	if (n)
		s->began_ms = to_ms(doors[n > 1 ? n - 2 : 0].start);
}

static uint32_t read_number(const char *path)
{
	struct arena own(arena_release) a = {};
	struct str text;
	uint64_t n;

	if (read_text(&a, &text, "%s", path) < 0 || str_to_u64(str_trim(text), 10, &n) < 0 ||
	    n >= UINT32_MAX)
		return UINT32_MAX;
	return (uint32_t)n;
}

static void find_account(struct session *s)
{
	const char *sudo = getenv("SUDO_USER");
	char room[16384];
	struct passwd pw, *found = NULL;
	uid_t uid = s->login_uid != UINT32_MAX ? s->login_uid : getuid();

	if (s->login_uid == UINT32_MAX && sudo && !getuid()) {
		(void)snprintf(s->login, sizeof s->login, "%s", sudo);
		return;
	}
	if (getpwuid_r(uid, &pw, room, sizeof room, &found) == 0 && found)
		(void)snprintf(s->login, sizeof s->login, "%s", found->pw_name);
}

void session_boot_id(char ret[static 40])
{
	struct arena own(arena_release) a = {};
	struct str text = {};

	(void)!read_text(&a, &text, "sys/kernel/random/boot_id");
	text = str_trim(text);
	(void)snprintf(ret, 40, "%.*s", STR_FMT(text));
}

int64_t session_boot_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

void session_self(struct session *ret)
{
	struct session s = {};

	session_connection(s.connection, sizeof s.connection);
	s.audit = read_number("self/sessionid");
	s.login_uid = read_number("self/loginuid");
	session_boot_id(s.boot);
	find_login(&s);
	find_account(&s);
	*ret = s;
}

int session_is_new(const struct session *now, const struct session *then, int64_t since_ms,
		   struct diag *d)
{
	bool ssh = now->connection[0] || then->connection[0];

	if (strcmp(now->boot, then->boot) != 0)
		return 0;
	if (now->connection[0] && !strcmp(now->connection, then->connection))
		return diag_set(d, -EPERM, NULL, 0,
				"this is the login that made the change; log in anew");
	if (now->audit != SESSION_AUDIT_NONE && now->audit == then->audit)
		return diag_set(d, -EPERM, NULL, 0,
				"this is the login that made the change (audit session %u); "
				"log in anew",
				now->audit);
	if (!ssh && now->tty == then->tty)
		return diag_set(d, -EPERM, NULL, 0,
				"this is the terminal that made the change; log in anew");
	/* A start has the precision of a tick. */
	if (!now->began_ms || now->began_ms + 20 < since_ms)
		return diag_set(d, -EPERM, NULL, 0,
				"this login began before the change; log in anew");
	return 0;
}
