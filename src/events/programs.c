/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/program.h"

#define REPEAT_MAX 100U

static const struct message_form other_forms[] = {
	{"", .product = "linux", .also = { "syslog" }},
};
static const struct message_set other_set = { "other", "programs without forms of their own",
					      other_forms, COUNT(other_forms) };

const struct message_set *const program_sets[PROGRAM_SETS] = { &other_set, &sshd_set };

/* A program by the name in the envelope, without path and what follows '(' or '/'. */
static const struct program {
	const char name[24];
	uint8_t len;
	uint16_t forms;
	const struct message_set *set;
	program_fn *message;
} programs[] = {
#define PROGRAM(name, forms, set, message)                     \
	{                                                      \
		name, sizeof(name) - 1, forms, &(set), message \
	}
	PROGRAM("sshd", FORMS_SSHD, sshd_set, sshd_message),
	PROGRAM("sshd-session", FORMS_SSHD, sshd_set, sshd_message),
	PROGRAM("sshd-auth", FORMS_SSHD, sshd_set, sshd_message),
};

static struct str program_name(struct str s)
{
	size_t n = 0;

	if (s.len && *s.ptr == '/')
		s = str_basename(s);
	while (n < s.len && s.ptr[n] != '(' && s.ptr[n] != '/')
		n++;
	return (struct str){ s.ptr, n };
}

/* Lines of one program come in a row. */
static const struct program *program_of(struct program_state *s, struct str full)
{
	struct str name;

	if (full.len && full.len == s->last_len && !memcmp(full.ptr, s->last_name, full.len))
		return s->last;
	name = program_name(full);
	s->last = NULL;
	for (const struct program *p = programs; p < programs + COUNT(programs); p++)
		if (p->len == name.len && !memcmp(p->name, name.ptr, name.len))
			s->last = p;
	s->last_len = full.len <= sizeof s->last_name ? (uint8_t)full.len : 0;
	if (s->last_len)
		memcpy(s->last_name, full.ptr, full.len);
	return s->last;
}

/* rsyslog: "message repeated 5 times: [ Failed password …]" */
static struct str repeated(struct str s, uint32_t *times)
{
	struct str rest = s;
	uint32_t n;

	*times = 1;
	if (!EAT(&rest, "message repeated ") || !scan_number(&rest, &n) ||
	    !EAT(&rest, " times: [") || !EAT_END(&rest, "]"))
		return s;
	scan_blanks(&rest);
	*times = MAX(MIN(n, REPEAT_MAX), 1);
	return rest;
}

static void put_envelope(struct work *w, const struct record *r)
{
	if (r->hostname.len)
		work_put(w, FIELD_HOSTNAME, r->hostname);
	if (r->program.len)
		work_put(w, FIELD_PROGRAM, r->program);
	if (r->pid.len)
		work_number(w, FIELD_PID, r->pid);
	if (r->facility.len)
		work_put(w, FIELD_FACILITY, r->facility);
	if (r->severity.len)
		work_put(w, FIELD_SEVERITY, r->severity);
	work_put(w, FIELD_MESSAGE, r->message);
}

int program_emit(struct program_state *s, const struct record *r, event_fn *emit, void *user)
{
	const struct program *p = program_of(s, r->program);
	struct work *w = &s->work;
	struct str message;
	uint32_t times;

	message = repeated(r->message, &times);
	for (uint32_t i = 0; i < times; i++) {
		int result;

		if (!p || !p->message(s, r, message))
			work_begin(w, p ? p->set->forms : other_forms, p ? p->forms : FORMS_OTHER);
		put_envelope(w, r);
		w->e.time = r->time;
		w->e.raw = r->raw;
		w->e.record = r->number;
		result = emit(user, &w->e);
		if (result)
			return result;
	}
	return 0;
}
