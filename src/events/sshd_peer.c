/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is at the other end of a message of sshd. */
#include "events/sshd.h"

static bool port_end(struct str *s, struct str *ret)
{
	struct str rest = *s, digits;

	if (!scan_number_end(&rest, &digits) || !EAT_END(&rest, " port "))
		return false;
	*ret = digits;
	*s = rest;
	return true;
}

bool sshd_from(struct str *s, bool ssh2, struct peer *ret)
{
	struct str rest = *s, port = {}, address;
	bool protocol = EAT_END(&rest, " ssh2") || EAT_END(&rest, " ssh1");
	bool complete = port_end(&rest, &port) && protocol;

	/* Versions before 7 leave out the one or the other, never the port alone. */
	if (!complete && (ssh2 || (protocol && !port.len)))
		return false;
	address = scan_word_end(rest);
	rest.len -= address.len;
	if (!address.len || !EAT_END(&rest, "from ") || (rest.len && !EAT_END(&rest, " ")))
		return false;
	*ret = (struct peer){ .user = rest, .address = address, .port = port, .named = true };
	*s = rest;
	return true;
}

bool sshd_remote(struct str s, struct peer *ret)
{
	struct peer p = {};
	struct str text = s;

	p.authenticating = EAT(&text, "authenticating user ");
	p.invalid = !p.authenticating && EAT(&text, "invalid user ");
	p.named = p.authenticating || p.invalid || EAT(&text, "user ");
	if (!port_end(&text, &p.port) && p.named)
		return false;
	p.address = scan_word_end(text);
	text.len -= p.address.len;
	if (!p.address.len || (p.named ? !EAT_END(&text, " ") : text.len))
		return false;
	p.user = text;
	*ret = p;
	return true;
}

bool sshd_address(struct str *s, struct peer *ret)
{
	struct peer p = {};
	struct str rest = *s, digits;
	uint32_t port;
	size_t n = 0;

	while (n < rest.len && rest.ptr[n] != ' ' && rest.ptr[n] != ',')
		n++;
	p.address = (struct str){ rest.ptr, n };
	rest = scan_skip(rest, n);
	/* "1.2.3.4: 14: No supported …" */
	if (n && p.address.ptr[n - 1] == ':') {
		p.address.len--;
		rest = (struct str){ rest.ptr - 1, rest.len + 1 };
	}
	digits = rest;
	if (EAT(&digits, " port ")) {
		p.port.ptr = digits.ptr;
		if (!scan_number(&digits, &port))
			return false;
		p.port.len = (size_t)(digits.ptr - p.port.ptr);
		rest = digits;
	}
	if (!p.address.len)
		return false;
	*ret = p;
	*s = rest;
	return true;
}

static void put_known(struct sshd_line *l)
{
	struct work *w = &l->s->work;

	if (!l->c || !l->c->address_len)
		return;
	work_put(w, FIELD_SRC_IP, work_copy(w, connection_address(l->c)));
	if (l->c->port_len)
		work_number(w, FIELD_SRC_PORT, work_copy(w, connection_port(l->c)));
}

/* Whether the connection is known to be that one already. */
static bool is_noted(const struct connection *c, const struct peer *p)
{
	return c && p->address.len && p->port.len && str_eq(p->address, connection_address(c)) &&
	       str_eq(p->port, connection_port(c));
}

void sshd_put_peer(struct sshd_line *l, const struct peer *p)
{
	struct work *w = &l->s->work;
	struct str address;

	if (w->e.idle && is_noted(l->c, p))
		return;
	address = work_address(w, p->address);
	if (w->e.idle) {
		if (l->c)
			connection_note(l->c, address, p->port);
		return;
	}
	if (p->named)
		work_put(w, FIELD_USER, p->user);
	if (p->invalid)
		work_say(w, FIELD_INVALID_USER, STR("true"));
	if (address.len) {
		if (l->c)
			connection_note(l->c, address, p->port);
		work_put(w, FIELD_SRC_IP, address);
		if (p->port.len)
			work_number(w, FIELD_SRC_PORT, p->port);
	} else if (!p->address.len || str_eq(p->address, STR("UNKNOWN"))) {
		put_known(l);
	} else if (l->c && l->c->address_len) {
		work_put(w, FIELD_SRC_HOST, p->address);
		put_known(l);
	} else {
		work_source(w, p->address);
		if (p->port.len)
			work_number(w, FIELD_SRC_PORT, p->port);
	}
}

void sshd_attempt(struct sshd_line *l, struct str what)
{
	work_put(&l->s->work, FIELD_ATTEMPT, what);
	l->s->work.e.idle = false;
}

void sshd_attempt_once(struct sshd_line *l, struct str what)
{
	if (l->c && l->c->flags & (CONNECTION_COUNTED | CONNECTION_OPENED))
		return;
	if (l->c)
		l->c->flags |= CONNECTION_COUNTED;
	sshd_attempt(l, what);
}
