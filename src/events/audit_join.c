/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <stdio.h>

#include "events/audit.h"

struct str audit_keep(struct audit_event *e, struct str text)
{
	char *p = e->text + e->used;
	size_t n = MIN(text.len, AUDIT_TEXT - e->used);

	if (n)
		memcpy(p, text.ptr, n);
	e->used = (uint16_t)(e->used + n);
	return (struct str){ p, n };
}

/* Arguments come in the order of their numbers: the text grows at its end. */
static void argument(struct audit_event *e, struct str text)
{
	if (!e->arguments.len) {
		e->arguments = audit_keep(e, text);
		return;
	}
	/* Something else was kept since: move on. */
	if (e->arguments.ptr + e->arguments.len != e->text + e->used) {
		struct str again = audit_keep(e, e->arguments);

		if (again.len < e->arguments.len)
			return;
		e->arguments = again;
	}
	e->arguments.len += audit_keep(e, STR(" ")).len;
	e->arguments.len += audit_keep(e, text).len;
}

static bool is_argument(struct str key)
{
	/* "a0", "a12"; "a0_len" and "a0[1]" are parts of a long one. */
	for (size_t i = 1; i < key.len; i++)
		if (!scan_is_digit(key.ptr[i]))
			return false;
	return key.len > 1 && *key.ptr == 'a';
}

/* "02000050CB007107…": family in the host's order, port and address in the network's. */
static void address(struct audit_event *e, struct str hex)
{
	unsigned char raw[28];
	char text[INET6_ADDRSTRLEN], port[8];
	size_t n = 0;
	bool v6;

	for (; n < sizeof raw && 2 * n + 1 < hex.len; n++) {
		char pair[3] = { hex.ptr[2 * n], hex.ptr[2 * n + 1], '\0' }, *end;
		unsigned long v = strtoul(pair, &end, 16);

		if (*end)
			return;
		raw[n] = (unsigned char)v;
	}
	if (n < 8 || (raw[0] != AF_INET && raw[0] != AF_INET6) || raw[1])
		return;
	v6 = raw[0] == AF_INET6;
	if (v6 && n < 24)
		return;
	if (!inet_ntop(raw[0], raw + (v6 ? 8 : 4), text, sizeof text))
		return;
	snprintf(port, sizeof port, "%u", (unsigned)raw[2] << 8 | raw[3]);
	e->address = audit_keep(e, str_of(text));
	e->port = audit_keep(e, str_of(port));
}

static void syscall_value(struct audit_event *e, const struct audit_value *v)
{
	const struct {
		const char *key;
		struct str *to;
	} parts[] = {
		{"exe",   &e->exe   },
                { "comm", &e->comm  },
                { "pid",  &e->pid   },
		{ "ppid", &e->parent},
                { "uid",  &e->uid   },
                { "UID",  &e->user  },
		{ "auid", &e->login },
	};

	for (size_t i = 0; i < COUNT(parts); i++)
		if (str_eq(v->key, str_of(parts[i].key)) && !parts[i].to->len)
			*parts[i].to = audit_keep(e, v->text);
	if (str_eq(v->key, STR("success")))
		e->success = str_eq(v->text, STR("yes"));
	/* By name where auditd enriches; by number on x86-64 and arm64. */
	if (str_eq(v->key, STR("SYSCALL")))
		e->connect = str_eq(v->text, STR("connect"));
	else if (str_eq(v->key, STR("syscall")))
		e->connect = str_eq(v->text, STR("42")) || str_eq(v->text, STR("203")) ||
			     str_eq(v->text, STR("connect"));
}

void audit_collect(struct audit_event *e, struct str type, const struct audit_value *v)
{
	if (str_eq(type, STR("SYSCALL"))) {
		syscall_value(e, v);
	} else if (str_eq(type, STR("EXECVE"))) {
		e->execve = true;
		if (is_argument(v->key))
			argument(e, v->text);
	} else if (str_eq(type, STR("CWD"))) {
		if (str_eq(v->key, STR("cwd")))
			e->cwd = audit_keep(e, v->text);
	} else if (str_eq(type, STR("PROCTITLE"))) {
		if (str_eq(v->key, STR("proctitle")))
			e->title = audit_keep(e, v->text);
	} else if (str_eq(type, STR("SOCKADDR"))) {
		if (str_eq(v->key, STR("saddr")))
			address(e, v->text);
	} else if (str_eq(type, STR("PATH"))) {
		if (str_eq(v->key, STR("name")) && e->n_paths < AUDIT_PATHS)
			e->paths[e->n_paths++] = audit_keep(e, v->text);
		if (str_eq(v->key, STR("nametype")) && e->n_paths) {
			e->created[e->n_paths - 1] |= str_eq(v->text, STR("CREATE"));
			e->deleted[e->n_paths - 1] |= str_eq(v->text, STR("DELETE"));
		}
	}
}

static struct audit_process *process(struct audit_state *s, struct str pid)
{
	uint32_t n;

	return scan_number(&pid, &n) && !pid.len ? &s->processes[n % AUDIT_PROCESSES] : NULL;
}

static void remember(struct audit_state *s, const struct audit_event *e, struct str line)
{
	struct audit_process *p = process(s, e->pid);
	struct str pid = e->pid;
	size_t image = MIN(e->exe.len, sizeof p->text / 2);
	size_t rest = MIN(line.len, sizeof p->text - image);

	if (!p || !scan_number(&pid, &p->pid))
		return;
	memcpy(p->text, e->exe.ptr, image);
	if (rest)
		memcpy(p->text + image, line.ptr, rest);
	p->image_len = (uint16_t)image;
	p->line_len = (uint16_t)rest;
}

static void put_parent(struct audit_state *s, const struct audit_event *e)
{
	const struct audit_process *p = process(s, e->parent);
	struct str parent = e->parent;
	uint32_t pid;

	if (!p || !scan_number(&parent, &pid) || p->pid != pid)
		return;
	work_some(&s->work, FIELD_SIGMA_PARENT_IMAGE, (struct str){ p->text, p->image_len });
	work_some(&s->work, FIELD_SIGMA_PARENT_COMMAND_LINE,
		  (struct str){ p->text + p->image_len, p->line_len });
}

static void begin(struct audit_state *s, const struct audit_event *e, enum audit_form form)
{
	struct work *w = &s->work;

	work_begin(w, &audit_forms[form], form);
	work_some(w, FIELD_SIGMA_IMAGE, e->exe);
	work_some(w, FIELD_SIGMA_USER, e->user.len ? e->user : e->uid);
	work_number(w, FIELD_SIGMA_PROCESS_ID, e->pid);
	work_some(w, FIELD_HOSTNAME, e->node);
	work_some(w, FIELD_MESSAGE, e->raw);
	w->e.time = e->time * 1000;
	w->e.raw = e->raw;
	w->e.record = e->line;
}

static int started(struct audit_state *s, struct audit_event *e, event_fn *emit, void *user)
{
	struct work *w = &s->work;
	struct str line = e->arguments.len ? e->arguments : e->title;
	int r;

	/* The title has NUL bytes between the arguments. */
	for (size_t i = 0; i < e->title.len; i++) {
		char *p = e->text + (e->title.ptr - e->text) + i;

		if (!*p)
			*p = ' ';
	}
	begin(s, e, AUDIT_PROCESS);
	work_some(w, FIELD_SIGMA_COMMAND_LINE, line);
	work_some(w, FIELD_SIGMA_CURRENT_DIRECTORY, e->cwd);
	work_some(w, FIELD_SIGMA_LOGON_ID, e->login);
	work_number(w, FIELD_SIGMA_PARENT_PROCESS_ID, e->parent);
	put_parent(s, e);
	r = emit(user, &w->e);
	remember(s, e, line);
	return r;
}

/* A name that is not absolute is meant below the working directory. */
static struct str absolute(struct audit_event *e, struct str path)
{
	struct str joined;

	if (!path.len || *path.ptr == '/' || !e->cwd.len)
		return path;
	joined = audit_keep(e, e->cwd);
	if (joined.len && joined.ptr[joined.len - 1] != '/')
		joined.len += audit_keep(e, STR("/")).len;
	joined.len += audit_keep(e, path).len;
	return joined;
}

int audit_joined(struct audit_state *s, struct audit_event *e, event_fn *emit, void *user)
{
	int r = 0;

	if (e->execve && e->exe.len)
		r = started(s, e, emit, user);
	for (unsigned i = 0; r == 0 && i < e->n_paths; i++) {
		if (!e->created[i] && !e->deleted[i])
			continue;
		begin(s, e, e->created[i] ? AUDIT_FILE : AUDIT_FILE_DELETE);
		work_put(&s->work, FIELD_SIGMA_TARGET_FILENAME, absolute(e, e->paths[i]));
		r = emit(user, &s->work.e);
	}
	if (r == 0 && e->connect && e->address.len) {
		begin(s, e, AUDIT_NETWORK);
		work_put(&s->work, FIELD_SIGMA_DESTINATION_IP, e->address);
		work_number(&s->work, FIELD_SIGMA_DESTINATION_PORT, e->port);
		work_say(&s->work, FIELD_SIGMA_INITIATED, STR("true"));
		r = emit(user, &s->work.e);
	}
	return r;
}
