/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "events/json_work.h"

/* First part of a path, and what follows the dot. */
static struct str part(struct str path, struct str *rest)
{
	struct str first;

	*rest = path;
	if (scan_until(rest, '.', &first))
		return first;
	*rest = (struct str){};
	return path;
}

static struct str find(const struct json_state *s, const char *path)
{
	for (size_t i = 0; i < s->flat.n; i++)
		if (s->flat.list[i].kind != JSON_RAW &&
		    str_eq(s->flat.list[i].path, str_of(path)))
			return s->flat.list[i].text;
	return (struct str){};
}

/* EXECVE.ARGV as a0, a1 …: the elements are in the text of the array. */
static void put_arguments(struct json_state *s, struct str array)
{
	const char *p = array.ptr, *end = p + array.len;

	for (unsigned i = 0; i < 64 && p < end; i++) {
		const char *begin;
		char name[8];

		while (p < end && *p != '"')
			p++;
		begin = p < end ? ++p : p;
		while (p < end && *p != '"')
			p += 1 + (*p == '\\');
		if (p >= end)
			return;
		snprintf(name, sizeof name, "a%u", i);
		json_put(s, names_find(s->keys.names, str_of(name)),
			 (struct str){ begin, (size_t)(p - begin) }, JSON_STRING);
		p++;
	}
}

static bool is_record(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z') && name.ptr[i] != '_' &&
		    !scan_is_digit(name.ptr[i]))
			return false;
	return name.len > 1 && !str_eq(name, STR("ID")) && !str_eq(name, STR("NODE"));
}

/* Whether the record that is being made has this member already: the next element of PATH. */
static bool repeats(const struct json_state *s, size_t from, size_t to, struct str path)
{
	for (size_t i = from; i < to; i++)
		if (s->flat.list[i].kind != JSON_RAW && str_eq(s->flat.list[i].path, path))
			return true;
	return false;
}

static int emit_record(struct json_state *s, size_t from, size_t to, event_fn *emit, void *user)
{
	struct str rest, type = part(s->flat.list[from].path, &rest);

	if (!is_record(type) || to == from)
		return 0;
	json_begin(s, JSON_RECORD);
	json_put_name(s, "type", type);
	for (size_t i = from; i < to; i++) {
		const struct json_value *v = &s->flat.list[i];

		part(v->path, &rest);
		if (str_eq(v->path, STR("EXECVE.ARGV")) && v->kind == JSON_RAW)
			put_arguments(s, v->text);
		else if (rest.len)
			json_put(s, names_find(s->keys.names, rest), v->text, v->kind);
	}
	json_put_name(s, "hostname", find(s, "NODE"));
	json_put_name(s, "message", s->event.raw);
	return emit(user, &s->event);
}

static int emit_process(struct json_state *s, event_fn *emit, void *user)
{
	struct str line = find(s, "EXECVE.ARGV"), user_name = find(s, "SYSCALL.UID");

	if (!line.len)
		line = find(s, "PROCTITLE.ARGV");
	json_begin(s, JSON_PROCESS);
	json_put_name(s, "Image", find(s, "SYSCALL.exe"));
	json_put_name(s, "CommandLine", line);
	json_put_name(s, "CurrentDirectory", find(s, "CWD.cwd"));
	json_put_name(s, "User", user_name.len ? user_name : find(s, "SYSCALL.uid"));
	json_put_name(s, "LogonId", find(s, "SYSCALL.auid"));
	json_put_name(s, "ProcessId", find(s, "SYSCALL.pid"));
	json_put_name(s, "ParentProcessId", find(s, "SYSCALL.ppid"));
	json_put_name(s, "ParentImage", find(s, "PARENT_INFO.exe"));
	json_put_name(s, "ParentCommandLine", find(s, "PARENT_INFO.ARGV"));
	json_put_name(s, "hostname", find(s, "NODE"));
	json_put_name(s, "message", s->event.raw);
	return emit(user, &s->event);
}

int json_laurel(struct json_state *s, struct str id, event_fn *emit, void *user)
{
	size_t from = 0;
	struct str rest, seconds;
	int64_t whole, millis = 0;
	bool process = false;
	int r = 0;

	/* "1628602815.266:2365" */
	rest = id;
	if (scan_until(&rest, '.', &seconds) && str_to_int64(seconds, &whole) == 0 &&
	    whole < (int64_t)1 << 40) {
		struct str ms;

		if (scan_until(&rest, ':', &ms) && str_to_int64(ms, &millis) == 0 && millis < 1000)
			s->event.time = (whole * 1000 + millis) * 1000;
	}
	for (size_t i = 0; r == 0 && i <= s->flat.n; i++) {
		struct str type = {}, now;

		if (i < s->flat.n) {
			type = part(s->flat.list[i].path, &rest);
			process |= str_eq(type, STR("EXECVE"));
			now = part(s->flat.list[from].path, &rest);
			if (i == from || (str_eq(type, now) &&
					  (s->flat.list[i].kind == JSON_RAW ||
					   !repeats(s, from, i, s->flat.list[i].path))))
				continue;
		}
		if (i > from)
			r = emit_record(s, from, i, emit, user);
		from = i;
	}
	return r == 0 && process ? emit_process(s, emit, user) : r;
}
