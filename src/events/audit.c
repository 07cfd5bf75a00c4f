/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audit: logs of the Linux audit system (audit.log, ausearch --raw). Each record is an event, as SigmaHQ's rules want
 * it (type: EXECVE, a0 …); records of one serial number together make another one where they say that a
 * process was started, a file made or removed, or a connection opened.
 */
#include "events/audit.h"

#define RECORD .product = "linux", .service = "auditd"
#define PROCESS { "Image", "CommandLine", "CurrentDirectory", "User", "LogonId", "ProcessId", "ParentProcessId", "ParentImage", "ParentCommandLine" }

const struct message_form audit_forms[AUDIT_N] = {
	[AUDIT_RECORD] = { "", {}, { "type" }, RECORD },
	[AUDIT_LOGIN] = { "type=USER_", { { "action", "login" }, { "outcome", "success" } }, { "type", "user", "src_ip", "src_host" }, RECORD },
	[AUDIT_LOGIN_FAILED] = { "type=USER_", { { "action", "login" }, { "outcome", "failure" } }, { "type", "user", "src_ip", "src_host" }, RECORD },
	[AUDIT_PROCESS] = { "", {}, PROCESS, RECORD, .category = "process_creation" },
	[AUDIT_FILE] = { "", {}, { "TargetFilename", "Image", "User", "ProcessId" }, RECORD, .category = "file_event" },
	[AUDIT_FILE_DELETE] = { "", {}, { "TargetFilename", "Image", "User", "ProcessId" }, RECORD, .category = "file_delete" },
	[AUDIT_NETWORK] = { "", {}, { "DestinationIp", "DestinationPort", "Initiated", "Image", "User", "ProcessId" }, RECORD, .category = "network_connection" },
};
static const struct message_set set = { "audit", "records of the Linux audit system", audit_forms, AUDIT_N };
static const struct message_set *const sets[] = { &set };

static unsigned hex_digit(char c)
{
	if (scan_is_digit(c))
		return (unsigned)(c - '0');
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 16;
}

/*
 * Untrusted strings are quoted, or hexadecimal where they hold blanks, quotes or control characters
 * (auditd's audit_log_n_untrustedstring()).
 */
static bool is_untrusted(struct str type, struct str key)
{
	static const char *const names[] = { "comm", "exe",  "name", "cwd",  "cmd",  "acct", "key",
					     "proctitle", "path", "data", "file", "old", "new",
					     "vm", "ocomm", "dev", "watch" };

	if (str_eq(type, STR("EXECVE")) && key.len > 1 && *key.ptr == 'a' && scan_is_digit(key.ptr[1]))
		return true;
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(key, str_of(names[i])))
			return true;
	return false;
}

static struct str unhex(struct audit_state *s, struct str text)
{
	char *to = s->decoded + s->decoded_len;
	size_t n = 0;

	if (text.len < 2 || text.len % 2 || text.len / 2 > sizeof s->decoded - s->decoded_len)
		return text;
	for (size_t i = 0; i < text.len; i += 2) {
		unsigned high = hex_digit(text.ptr[i]), low = hex_digit(text.ptr[i + 1]);

		if (high > 15 || low > 15)
			return text;
		to[n++] = (char)(high << 4 | low);
	}
	s->decoded_len += n;
	return (struct str){ to, n };
}

/* The next "key=value"; quotes are taken off, and a value in single quotes is one. */
static bool next_value(struct audit_state *s, struct str type, struct str *rest, struct audit_value *v)
{
	size_t n = 0;

	while (rest->len && (*rest->ptr == ' ' || *rest->ptr == '\x1d' || *rest->ptr == '\''))
		*rest = scan_skip(*rest, 1);
	while (n < rest->len && rest->ptr[n] != '=' && rest->ptr[n] != ' ')
		n++;
	if (n >= rest->len)
		return false;
	v->key = (struct str){ rest->ptr, n };
	v->text = (struct str){};
	*rest = scan_skip(*rest, n + 1);
	if (rest->ptr[-1] == ' ') /* a word alone */
		return true;
	if (rest->len && *rest->ptr == '"') {
		*rest = scan_skip(*rest, 1);
		if (!scan_until(rest, '"', &v->text)) {
			v->text = *rest;
			rest->len = 0;
		}
		return true;
	}
	/* msg='op=login acct="root" …': its members follow. */
	if (rest->len && *rest->ptr == '\'') {
		*rest = scan_skip(*rest, 1);
		return true;
	}
	n = 0;
	while (n < rest->len && rest->ptr[n] != ' ' && rest->ptr[n] != '\x1d' && rest->ptr[n] != '\'')
		n++;
	v->text = (struct str){ rest->ptr, n };
	*rest = scan_skip(*rest, n);
	if (is_untrusted(type, v->key))
		v->text = unhex(s, v->text);
	return true;
}

static uint16_t number_of(struct audit_state *s, struct str key)
{
	struct audit_name *slot;
	uint32_t h = 0;

	if (!key.len || key.len > sizeof slot->text)
		return names_find(s->work.names, key);
	for (size_t i = 0; i < key.len; i++)
		h = h * 31 + (unsigned char)key.ptr[i];
	slot = &s->names[h % COUNT(s->names)];
	if (slot->len != key.len || memcmp(slot->text, key.ptr, key.len) != 0) {
		slot->len = (uint8_t)key.len;
		memcpy(slot->text, key.ptr, key.len);
		slot->id = names_find(s->work.names, key);
	}
	return slot->id;
}

static void put(struct audit_state *s, struct str key, struct str text)
{
	struct work *w = &s->work;
	uint16_t id = number_of(s, key);
	int64_t number;

	if (!id || w->e.n == WORK_VALUES || event_get(&w->e, id) ||
	    str_eq(text, STR("(null)")) || str_eq(text, STR("?")))
		return;
	w->values[w->e.n] = (struct event_value){ .field = id, .text = text };
	if (text.len && text.len < 19 && scan_is_digit(text.ptr[text.len - 1]) &&
	    str_to_int64(text, &number) == 0) {
		w->values[w->e.n].type = VALUE_NUMBER;
		w->values[w->e.n].number = number;
	}
	w->e.n++;
}

struct envelope {
	struct str node, type;
	int64_t time; /* milliseconds */
	uint64_t serial;
};

/* "[node=host ]type=EXECVE msg=audit(1364481363.243:24287): " */
static bool envelope(struct str *s, struct envelope *ret)
{
	struct str rest = *s, seconds, millis, serial;
	int64_t t, ms;

	*ret = (struct envelope){};
	if (EAT(&rest, "node="))
		ret->node = scan_word(&rest);
	if (!EAT(&rest, "type="))
		return false;
	ret->type = scan_word(&rest);
	if (!ret->type.len || !EAT(&rest, "msg=audit(") || !scan_until(&rest, '.', &seconds) ||
	    !scan_until(&rest, ':', &millis) || !scan_until(&rest, ')', &serial) ||
	    str_to_int64(seconds, &t) < 0 || str_to_int64(millis, &ms) < 0 || ms < 0 || ms > 999 ||
	    str_to_u64(serial, 10, &ret->serial) < 0 || t < 0 || t >= (int64_t)1 << 40)
		return false;
	EAT(&rest, ":");
	ret->time = t * 1000 + ms;
	*s = rest;
	return true;
}

static int flush(struct audit_state *s, struct audit_event *e, event_fn *emit, void *user)
{
	int r = e->time ? audit_joined(s, e, emit, user) : 0;

	e->time = 0;
	return r;
}

/* The event of a serial number; the one that waited longest makes room. */
static int pending(struct audit_state *s, const struct envelope *v, uint64_t line, event_fn *emit,
		   void *user, struct audit_event **ret)
{
	struct audit_event *oldest = &s->pending[0];
	int r = 0;

	for (size_t i = 0; i < AUDIT_PENDING; i++) {
		struct audit_event *e = &s->pending[i];

		if (e->time == v->time && e->serial == v->serial) {
			*ret = e;
			return 0;
		}
		if (!e->time || (oldest->time && e->line < oldest->line))
			oldest = e;
	}
	r = flush(s, oldest, emit, user);
	memset(oldest, 0, offsetof(struct audit_event, text));
	oldest->serial = v->serial;
	oldest->time = v->time;
	oldest->line = line;
	oldest->node = audit_keep(oldest, v->node);
	*ret = oldest;
	return r;
}

/* The end of an event is a record of its own. */
static int complete(struct audit_state *s, const struct envelope *v, event_fn *emit, void *user)
{
	for (size_t i = 0; i < AUDIT_PENDING; i++)
		if (s->pending[i].time == v->time && s->pending[i].serial == v->serial)
			return flush(s, &s->pending[i], emit, user);
	return 0;
}

/* Types of which a serial number has several. */
static bool is_part(struct str type)
{
	static const char *const names[] = { "SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE", "SOCKADDR" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(type, str_of(names[i])))
			return true;
	return false;
}

static bool is_login(struct str type)
{
	return str_eq(type, STR("USER_LOGIN")) || str_eq(type, STR("USER_AUTH")) ||
	       str_eq(type, STR("USER_ERR"));
}

/* Users log in: the same names as everywhere. */
static void put_login(struct audit_state *s, struct str name, struct str address, struct str host)
{
	struct work *w = &s->work;

	if (name.len && !str_eq(name, STR("(unknown)")) && !str_eq(name, STR("?")))
		work_some(w, FIELD_USER, name);
	if (address.len && !str_eq(address, STR("?")))
		work_source(w, address);
	else if (host.len && !str_eq(host, STR("?")))
		work_source(w, host);
}

static int record(struct audit_state *s, struct str line, uint64_t number, event_fn *emit, void *user)
{
	struct work *w = &s->work;
	struct str rest = line, name = {}, address = {}, host = {};
	struct audit_event *joined = NULL;
	struct audit_value v;
	struct envelope e;
	enum audit_form form = AUDIT_RECORD;
	int r = 0;

	if (!envelope(&rest, &e))
		return 1;
	s->decoded_len = 0;
	if (str_eq(e.type, STR("EOE")))
		return complete(s, &e, emit, user);
	if (is_part(e.type))
		r = pending(s, &e, number, emit, user, &joined);
	if (r)
		return r;
	if (is_login(e.type))
		form = str_contains(rest, STR("res=success")) || str_contains(rest, STR("res=1")) ?
			       AUDIT_LOGIN :
			       AUDIT_LOGIN_FAILED;
	work_begin(w, &audit_forms[form], form);
	put(s, STR("type"), e.type);
	while (next_value(s, e.type, &rest, &v)) {
		if (joined)
			audit_collect(joined, e.type, &v);
		if (str_eq(v.key, STR("acct")) || (!name.len && str_eq(v.key, STR("id"))))
			name = v.text;
		else if (str_eq(v.key, STR("addr")))
			address = v.text;
		else if (str_eq(v.key, STR("hostname")))
			host = v.text;
		put(s, v.key, v.text);
	}
	if (form != AUDIT_RECORD)
		put_login(s, name, address, host);
	work_some(w, FIELD_HOSTNAME, e.node);
	work_put(w, FIELD_MESSAGE, line);
	w->e.time = e.time * 1000;
	w->e.raw = line;
	w->e.record = number;
	if (joined && !joined->raw.len)
		joined->raw = audit_keep(joined, str_sub(line, 0, 1024));
	return emit(user, &w->e);
}

static int decode(void *state, const struct decode_context *x, struct str block, uint64_t first_line,
		  event_fn *emit, void *user, uint64_t *skipped)
{
	struct audit_state *s = state;
	struct str line;

	if (!s->started) {
		work_start(&s->work, x);
		s->started = true;
	}
	for (; scan_line(&block, &line); first_line++) {
		struct str probe = line;
		struct envelope e;
		int r = 0;

		if (!envelope(&probe, &e)) {
			*skipped += line.len > 0 && *line.ptr != '-';
			continue;
		}
		r = record(s, line, first_line, emit, user);
		if (r)
			return r;
	}
	return 0;
}

static int finish(void *state, const struct decode_context *x, event_fn *emit, void *user)
{
	struct audit_state *s = state;

	(void)x;
	for (;;) {
		struct audit_event *first = NULL;
		int r;

		for (size_t i = 0; i < AUDIT_PENDING; i++)
			if (s->pending[i].time && (!first || s->pending[i].line < first->line))
				first = &s->pending[i];
		if (!first)
			return 0;
		r = flush(s, first, emit, user);
		if (r)
			return r;
	}
}

static int64_t when(void *state, const struct decode_context *x, struct str block)
{
	struct str line;

	(void)state;
	(void)x;
	while (scan_line(&block, &line)) {
		struct envelope e;

		if (envelope(&line, &e))
			return e.time * 1000;
	}
	return EVENT_TIME_UNKNOWN;
}

static unsigned recognise(struct str head)
{
	unsigned lines = 0, good = 0;
	struct str line;

	while (lines < 16 && scan_line(&head, &line)) {
		struct envelope e;

		if (!line.len || *line.ptr == '-')
			continue;
		lines++;
		good += envelope(&line, &e);
	}
	return lines ? 97 * good / lines : 0;
}

const struct decoder decoder_audit = {
	.name = "audit",
	.summary = "audit.log of the Linux audit system, records and what they say together",
	.sets = sets,
	.n_sets = COUNT(sets),
	.state_size = sizeof(struct audit_state),
	.recognise = recognise,
	.decode = decode,
	.ordered = true,
	.when = when,
	.finish = finish,
};
