/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of sshd about connections. */
#include "events/sshd.h"

static bool has(const struct sshd_line *l, unsigned flags) { return l->c && l->c->flags & flags; }

static void failure(struct sshd_line *l, struct str what)
{
	work_say(&l->s->work, FIELD_OUTCOME, STR("failure"));
	sshd_attempt(l, what);
}

/* The end of a connection: what it was, where no line before said it. */
static void conclude(struct sshd_line *l, const struct peer *p)
{
	bool address = p->address.len || (l->c && l->c->address_len);

	if (has(l, CONNECTION_PENDING) && address) {
		failure(l, STR("failed"));
		l->c->flags &= (uint8_t)~CONNECTION_PENDING;
		l->c->flags |= CONNECTION_COUNTED;
	} else if (has(l, CONNECTION_COUNTED | CONNECTION_OPENED | CONNECTION_PROBED)) {
		return;
	} else if (p->invalid || p->authenticating || (p->named && l->preauth)) {
		failure(l, STR("abandoned"));
	} else if (l->preauth || has(l, CONNECTION_BROKEN)) {
		failure(l, STR("probe"));
	}
	if (l->c)
		l->c->flags |= CONNECTION_PROBED;
}

/*
 * Whether nobody wants an event of the form, which is no attempt: it was counted before, and the
 * address is known.
 */
static bool is_idle(const struct sshd_line *l, enum sshd_form form, unsigned counted)
{
	return l->c && l->c->address_len && l->c->flags & counted &&
	       !(l->c->flags & CONNECTION_PENDING) && sshd_idle(l, form);
}

/* Its "ADDRESS port N". Ports may be anything, and addresses end in a colon. */
static bool eat_known(struct str *s, const struct connection *c, bool at_end)
{
	size_t n = c->remote_len;

	if (!n)
		return false;
	return at_end ? scan_eat_end(s, c->remote, n) : scan_eat(s, c->remote, n);
}

/* What sshd_remote() would read, of the connection's own address. */
static bool is_known_remote(const struct sshd_line *l)
{
	struct str s = l->text;

	if (!eat_known(&s, l->c, true))
		return false;
	if (!s.len)
		return true;
	return (EAT(&s, "authenticating user ") || EAT(&s, "invalid user ") || EAT(&s, "user ")) &&
	       s.len && s.ptr[s.len - 1] == ' ';
}

bool sshd_closed(struct sshd_line *l, enum sshd_form form)
{
	struct peer p;

	if (is_idle(l, form, CONNECTION_COUNTED | CONNECTION_OPENED | CONNECTION_PROBED) &&
	    is_known_remote(l)) {
		sshd_begin(l, form);
		connection_forget(l->c);
		return true;
	}
	if (!sshd_remote(l->text, &p))
		return false;
	sshd_begin(l, form);
	conclude(l, &p);
	sshd_put_peer(l, &p);
	if (l->c)
		connection_forget(l->c);
	return true;
}

/* "ADDRESS port N:11: what the client says" */
bool sshd_received(struct sshd_line *l, enum sshd_form form)
{
	bool idle = is_idle(l, form, CONNECTION_COUNTED | CONNECTION_OPENED);
	struct str rest = l->text, reason;
	struct peer p;
	uint32_t code;

	idle = idle && eat_known(&rest, l->c, false);
	if ((!idle && !sshd_address(&rest, &p)) || !EAT(&rest, ":"))
		return false;
	scan_blanks(&rest);
	if (!scan_number(&rest, &code) || !EAT(&rest, ":"))
		return false;
	scan_blanks(&rest);
	reason = rest;
	sshd_begin(l, form);
	if (idle)
		return true;
	if (has(l, CONNECTION_PENDING)) {
		conclude(l, &p);
	} else if (!has(l, CONNECTION_COUNTED | CONNECTION_OPENED)) {
		if (EAT_END(&rest, "Auth fail")) {
			failure(l, STR("failed"));
			if (l->c)
				l->c->flags |= CONNECTION_COUNTED;
		} else if (code == 14) { /* RFC 4253, 11.1: no more methods */
			failure(l, STR("abandoned"));
			if (l->c)
				l->c->flags |= CONNECTION_PROBED;
		}
	}
	sshd_put_peer(l, &p);
	work_put(&l->s->work, FIELD_REASON, reason);
	return true;
}

#define CHANGE "Change of username or service not allowed: ("

/*
 * "REMOTE: Change of …: (NAME,service) -> (NAME,service)": both names are the client's, the
 * first one twice.
 */
static bool changed_remote(struct str s, struct peer *ret)
{
	static const struct str words = { ": " CHANGE, sizeof(": " CHANGE) - 1 };

	for (size_t i = 0; i + words.len <= s.len; i++) {
		struct str again = scan_skip(s, i + words.len);

		if (memcmp(s.ptr + i, words.ptr, words.len) != 0 ||
		    !sshd_remote((struct str){ s.ptr, i }, ret) || !ret->named)
			continue;
		if (scan_eat(&again, ret->user.ptr, ret->user.len) && again.len &&
		    *again.ptr == ',')
			return true;
	}
	return false;
}

/* After "Disconnecting", before the message. */
static bool disconnecting_remote(struct str s, struct peer *ret, struct str *message)
{
	struct str head = s;

	if (EAT_END(&head, ": Too many authentication failures")) {
		*message = scan_skip(s, head.len + 2);
		return sshd_remote(head, ret);
	}
	if (changed_remote(s, ret)) {
		*message = STR("Change of username or service not allowed");
		return true;
	}
	for (size_t i = s.len; i-- > 1;) {
		if (s.ptr[i] != ' ' || s.ptr[i - 1] != ':')
			continue;
		*message = scan_skip(s, i + 1);
		if (sshd_remote((struct str){ s.ptr, i - 1 }, ret))
			return true;
	}
	return false;
}

/* " REMOTE: message" or, before 7.4, ": message" */
bool sshd_disconnecting(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, message;
	struct peer p = {};
	bool counted = true;

	if (EAT(&rest, ": "))
		message = rest;
	else if (!EAT(&rest, " ") || !disconnecting_remote(rest, &p, &message))
		return false;
	if (str_starts(message, STR("Too many authentication failures"))) {
		struct str name = message;

		form = SSHD_TOO_MANY;
		if (EAT(&name, "Too many authentication failures for ")) {
			p.user = name;
			p.named = true;
		}
	} else if (str_starts(message, STR("Change of username or service not allowed"))) {
		form = SSHD_CHANGED;
	} else {
		counted = false;
	}
	sshd_begin(l, form);
	if (counted && (p.address.len || (l->c && l->c->address_len)))
		sshd_attempt_once(l, STR("failed"));
	else if (counted && l->c && !(l->c->flags & CONNECTION_COUNTED))
		l->c->flags |= CONNECTION_PENDING;
	sshd_put_peer(l, &p);
	if (!counted)
		work_put(&l->s->work, FIELD_REASON, message);
	return true;
}

/* "ADDRESS port N" or, from 9.8 on, "connection from ADDRESS to ADDRESS, pid = N" */
bool sshd_timeout(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, to;
	struct peer p;

	if (EAT(&rest, "connection from ")) {
		if (!sshd_address(&rest, &p) || !EAT(&rest, " to ") ||
		    !UNTIL(&rest, ", pid = ", &to))
			return false;
		/* That of the process that had the connection. */
		if (l->c)
			l->c = connection_of(&l->s->connections, rest, l->r->hostname, l->r->time);
	} else if (!sshd_address(&rest, &p) || rest.len) {
		return false;
	}
	sshd_begin(l, form);
	if (!has(l, CONNECTION_COUNTED | CONNECTION_PROBED))
		sshd_attempt(l, STR("probe"));
	sshd_put_peer(l, &p);
	if (l->c)
		connection_forget(l->c);
	return true;
}

/* "NAME@ADDRESS (ADDRESS)", "ADDRESS" */
bool sshd_refused(struct sshd_line *l, enum sshd_form form)
{
	struct peer p = { .address = scan_word_end(l->text) };

	if (p.address.len > 2 && *p.address.ptr == '(' && EAT_END(&p.address, ")"))
		p.address = scan_skip(p.address, 1);
	if (!p.address.len)
		return false;
	sshd_begin(l, form);
	sshd_put_peer(l, &p);
	return true;
}

/* "[ADDRESS]:port" at the start. */
static bool endpoint(struct str *s, struct str *address, struct str *port)
{
	uint32_t n;

	if (!EAT(s, "[") || !UNTIL(s, "]:", address))
		return false;
	port->ptr = s->ptr;
	if (!scan_number(s, &n))
		return false;
	port->len = (size_t)(s->ptr - port->ptr);
	return true;
}

/* "3 from [A]:1 on [B]:22 past MaxStartups", "… penalty: failed authentication" */
bool sshd_dropped(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, to, to_port;
	struct peer p = {};
	uint32_t n;

	if (!scan_number(&rest, &n) || !EAT(&rest, " from ") ||
	    !endpoint(&rest, &p.address, &p.port) || !EAT(&rest, " on ") ||
	    !endpoint(&rest, &to, &to_port))
		return false;
	scan_blanks(&rest);
	/* The listening process says so of all: it has no connection. */
	l->c = NULL;
	sshd_begin(l, form);
	sshd_put_peer(l, &p);
	work_put(&l->s->work, FIELD_DST_IP, work_address(&l->s->work, to));
	work_number(&l->s->work, FIELD_DST_PORT, to_port);
	work_put(&l->s->work, FIELD_REASON, rest);
	return true;
}

/* "ADDRESS port N[ on ADDRESS port N[ rdomain …]]" */
bool sshd_connection(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text;
	struct peer p, here;

	if (!sshd_address(&rest, &p))
		return false;
	if (l->c)
		connection_forget(l->c);
	sshd_begin(l, form);
	sshd_put_peer(l, &p);
	if (EAT(&rest, " on ") && sshd_address(&rest, &here)) {
		work_put(&l->s->work, FIELD_DST_IP, work_address(&l->s->work, here.address));
		work_number(&l->s->work, FIELD_DST_PORT, here.port);
	}
	return true;
}

/* Of patched servers: "Version;Remote: 192.0.2.1-1780;Protocol: 2.0;…" */
bool sshd_ltype(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, kind, remote;
	struct peer p = {};
	ssize_t dash;

	if (!UNTIL(&rest, ";Remote: ", &kind) || !scan_until(&rest, ';', &remote))
		return false;
	dash = str_rfind(remote, '-');
	if (dash <= 0)
		return false;
	p.address = (struct str){ remote.ptr, (size_t)dash };
	p.port = scan_skip(remote, (size_t)dash + 1);
	sshd_begin(l, form);
	sshd_put_peer(l, &p);
	return true;
}

static void probe(struct sshd_line *l, const struct peer *p)
{
	if (p->address.len || (l->c && l->c->address_len)) {
		if (!has(l, CONNECTION_COUNTED | CONNECTION_OPENED))
			sshd_attempt(l, STR("probe"));
		if (l->c)
			l->c->flags |= CONNECTION_PROBED;
	} else if (l->c) {
		l->c->flags |= CONNECTION_BROKEN;
	}
}

/* "ADDRESS[ port N]", or "'what was sent' from ADDRESS[ port N]" */
bool sshd_ident(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text;
	struct peer p;

	if (form == SSHD_BAD_IDENT ? !sshd_from(&rest, false, &p)
				   : !sshd_address(&rest, &p) || rest.len)
		return false;
	p.named = false;
	sshd_begin(l, form);
	probe(l, &p);
	sshd_put_peer(l, &p);
	return true;
}

/* Connections that broke before a login; the reason, and maybe who it was. */
bool sshd_broken(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, reason = rest;
	struct peer p = {};

	if (form == SSHD_BANNER) {
		if (!sshd_address(&rest, &p) || !EAT(&rest, ": "))
			return false;
		reason = rest;
	} else if (form == SSHD_NO_MATCH) {
		reason = (struct str){ rest.ptr - sizeof("no matching ") + 1,
				       rest.len + sizeof("no matching ") - 1 };
	} else if (form == SSHD_DISPATCH) {
		size_t n;

		if (!EAT(&rest, "from ") && !EAT(&rest, "to "))
			return false;
		for (n = rest.len; n > 1 && (rest.ptr[n - 1] != ' ' || rest.ptr[n - 2] != ':'); n--)
			;
		if (n < 2 || !sshd_remote((struct str){ rest.ptr, n - 2 }, &p))
			return false;
		reason = scan_skip(rest, n);
	}
	sshd_begin(l, form);
	probe(l, &p);
	sshd_put_peer(l, &p);
	work_put(&l->s->work, FIELD_REASON, reason);
	return true;
}

/* "with REMOTE: no matching …", "a key exchange method" */
bool sshd_negotiate(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, head;
	struct peer p = {};

	if (EAT(&rest, "with ")) {
		if (!UNTIL(&rest, ": no ", &head) || !sshd_remote(head, &p))
			return false;
		/* "no" belongs to the reason. */
		rest = (struct str){ rest.ptr - 3, rest.len + 3 };
	}
	sshd_begin(l, form);
	probe(l, &p);
	sshd_put_peer(l, &p);
	work_put(&l->s->work, FIELD_REASON, rest);
	return true;
}

bool sshd_address_first(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text;
	struct peer p;

	if (!sshd_address(&rest, &p))
		return false;
	sshd_begin(l, form);
	probe(l, &p);
	sshd_put_peer(l, &p);
	return true;
}

/* "A maps to NAME, but this does not …", "NAME [A] failed…", "TYPE FINGERPRINT revoked …" */
bool sshd_reason(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, name = {};
	struct peer p = {};

	if (form == SSHD_MAPS) {
		if (!sshd_address(&rest, &p) || !EAT(&rest, " maps to ") ||
		    !scan_until(&rest, ',', &name))
			return false;
	} else if (form == SSHD_REVERSE) {
		if (!UNTIL(&rest, " [", &name) || !scan_until(&rest, ']', &p.address))
			return false;
	} else if (!str_contains(rest, STR(" revoked"))) {
		return false;
	}
	sshd_begin(l, form);
	sshd_put_peer(l, &p);
	if (name.len)
		work_put(&l->s->work, FIELD_SRC_HOST, name);
	return true;
}

/* What needs no more than its connection. */
bool sshd_plain(struct sshd_line *l, enum sshd_form form)
{
	struct work *w = &l->s->work;
	struct str rest = l->text, part;
	struct peer p = {};

	if (form == SSHD_SESSION) { /* "shell on pts/0 for root from A port N id 0" */
		if (!UNTIL(&rest, " for ", &part) || !UNTIL(&rest, " from ", &p.user))
			return false;
		part = p.user;
		if (!sshd_address(&rest, &p))
			return false;
		p.user = part;
		p.named = true;
	} else if (form == SSHD_SUBSYSTEM) { /* "sftp by user root" */
		if (!UNTIL(&rest, " by user ", &part))
			return false;
		p.user = scan_word(&rest);
		p.named = true;
	} else if (form == SSHD_PENALTY) { /* "ipv4: new 1.2.3.4/32 deferred penalty of …" */
		if (!UNTIL(&rest, ": ", &part) ||
		    (EAT(&rest, "new "), !scan_until(&rest, '/', &p.address)))
			return false;
		l->c = NULL;
	}
	sshd_begin(l, form);
	if (form == SSHD_LISTENING && sshd_address(&rest, &p)) { /* "0.0.0.0 port 22." */
		work_put(w, FIELD_DST_IP, work_address(w, p.address));
		work_number(w, FIELD_DST_PORT, p.port);
		return true;
	}
	if (form != SSHD_SIGNAL && form != SSHD_THROTTLE && form != SSHD_LISTENING)
		sshd_put_peer(l, &p);
	if (form == SSHD_SUBSYSTEM)
		work_put(w, FIELD_COMMAND, part);
	if (form == SSHD_CERTIFICATE)
		work_put(w, FIELD_REASON, l->text);
	return true;
}
