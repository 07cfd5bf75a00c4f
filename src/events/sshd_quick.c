/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages of sshd about a connection that was counted already: most of what is written during an attack, and
 * nobody wants an event of it; and failed logins. Each is what sshd_message() would make of it, or left to that.
 */
#include "events/sshd.h"

/* clang-format off */
/* F(shape, form, "words") */
#define SHAPES(F)                                                          \
	F(SSHD_SHAPE_FAILED, SSHD_FAILED, "Failed password for ")          \
	F(SSHD_SHAPE_INVALID, SSHD_INVALID_USER, "Invalid user ")          \
	F(SSHD_SHAPE_RECEIVED, SSHD_RECEIVED, "Received disconnect from ") \
	F(SSHD_SHAPE_DISCONNECTED, SSHD_DISCONNECTED, "Disconnected from ") \
	F(SSHD_SHAPE_CLOSED, SSHD_CLOSED, "Connection closed by ")         \
	F(SSHD_SHAPE_RESET, SSHD_RESET, "Connection reset by ")

static const struct shape {
	struct str words;
	enum sshd_form form;
} shapes[SSHD_SHAPES] = {
#define F(shape, form, words) [shape] = { { words, sizeof(words) - 1 }, form },
	SHAPES(F)
#undef F
};
/* clang-format on */

/* No message of a shape is shorter. */
#define SHORTEST 32U

struct str sshd_shape_words(enum sshd_shape shape) { return shapes[shape].words; }

enum sshd_shape sshd_shape(struct str message)
{
	const char *p = message.ptr;

	if (message.len < SHORTEST || message.len > MESSAGE_MAX)
		return SSHD_NO_SHAPE;
#define F(shape, form, words)                                                           \
	if (!memcmp(p, words, 8) && !memcmp(p + 8, (words) + 8, sizeof(words) - 1 - 8)) \
		return shape;
	SHAPES(F)
#undef F
	return SSHD_NO_SHAPE;
}

static bool ends_with(struct str s, const char *text, size_t n)
{
	return s.len >= n && scan_same(s.ptr + s.len - n, text, n);
}

/* "[invalid user ]NAME from ADDRESS port N ssh2" of one that "Invalid user" counted. */
static bool is_failed_again(struct connection *c, struct str s)
{
	size_t n = c->remote_len;

	if (!(c->flags & CONNECTION_NAMED) || !EAT_END(&s, " ssh2") || !ends_with(s, c->remote, n))
		return false;
	s.len -= n;
	if (!EAT_END(&s, " from "))
		return false;
	c->flags &= (uint8_t)~CONNECTION_NAMED;
	return true;
}

/* "ADDRESS port N:11: what the client says" */
static bool is_received(const struct connection *c, struct str s)
{
	uint32_t code;

	if (s.len < c->remote_len || !scan_same(s.ptr, c->remote, c->remote_len))
		return false;
	s = scan_skip(s, c->remote_len);
	if (!EAT(&s, ":"))
		return false;
	scan_blanks(&s);
	return scan_number(&s, &code) && s.len && *s.ptr == ':';
}

/* "[authenticating user |invalid user |user ]NAME ADDRESS port N[ [preauth]]" */
static bool is_closed(struct connection *c, struct str s)
{
	(void)EAT_END(&s, " [preauth]");
	if (!ends_with(s, c->remote, c->remote_len))
		return false;
	s.len -= c->remote_len;
	if (s.len &&
	    ((!EAT(&s, "invalid user ") && !EAT(&s, "authenticating user ") && !EAT(&s, "user ")) ||
	     !s.len || s.ptr[s.len - 1] != ' '))
		return false;
	connection_forget(c);
	return true;
}

/* "NAME from ADDRESS port N" */
struct plain {
	struct str name, address, port;
	uint32_t number; /* of the port */
};

/* As sshd_from() reads it, to the end of a text; false: it may be anything. */
static inline bool plain_from(struct str s, struct plain *ret)
{
	const char *end = s.ptr + s.len, *port, *address;
	size_t digits;
	int blanks;

	if (s.len < 20)
		return false;
	digits = scan_digits_end_8(end, &ret->number);
	port = end - digits;
	if (!digits || digits > 5 || port - s.ptr < 19 || memcmp(port - 6, " port ", 6) != 0)
		return false;
	ret->port = (struct str){ port, digits };
	end = port - 6;
	blanks = scan_find_16(end - 16, ' ');
	if (!blanks)
		return false;
	address = end - 15 + (31 - __builtin_clz((unsigned)blanks));
	ret->address = (struct str){ address, (size_t)(end - address) };
	if (!address_is_v4(ret->address) || address - s.ptr < 6 ||
	    memcmp(address - 6, " from ", 6) != 0)
		return false;
	ret->name = (struct str){ s.ptr, (size_t)(address - 6 - s.ptr) };
	return true;
}

static inline void put_plain(struct work *w, struct connection *c, const struct plain *p,
			     bool invalid)
{
	const char *end = p->port.ptr + p->port.len;

	connection_note_plain(c, (struct str){ p->address.ptr, (size_t)(end - p->address.ptr) },
			      p->port.len);
	work_say(w, FIELD_ATTEMPT, STR("failed"));
	work_put(w, FIELD_USER, p->name);
	if (invalid)
		work_say(w, FIELD_INVALID_USER, STR("true"));
	work_put(w, FIELD_SRC_IP, p->address);
	work_known_number(w, FIELD_SRC_PORT, p->port, p->number);
}

/* "Invalid user NAME from ADDRESS port N" */
static bool read_invalid(struct program_state *s, struct connection *c, struct str text)
{
	struct plain p __attribute__((uninitialized));

	if (!plain_from(text, &p))
		return false;
	work_begin(&s->work, &sshd_forms[SSHD_INVALID_USER], FORMS_SSHD + SSHD_INVALID_USER);
	c->flags = CONNECTION_NAMED | CONNECTION_COUNTED;
	put_plain(&s->work, c, &p, false);
	return true;
}

/* "Failed password for [invalid user ]NAME from ADDRESS port N ssh2" that counts */
static bool read_failed(struct program_state *s, struct connection *c, struct str text)
{
	static const char words[] = "password for ";
	struct str method = { text.ptr - (sizeof words - 1), sizeof "password" - 1 };
	struct plain p __attribute__((uninitialized));
	bool invalid;

	if (c->flags & CONNECTION_NAMED || !EAT_END(&text, " ssh2") || !plain_from(text, &p))
		return false;
	invalid = EAT(&p.name, "invalid user ");
	/* Other servers' words. */
	if (!invalid && p.name.len > 5 &&
	    (EAT(&p.name, "user ") || *p.name.ptr == '<' || *p.name.ptr == 'i'))
		return false;
	work_begin(&s->work, &sshd_forms[SSHD_FAILED], FORMS_SSHD + SSHD_FAILED);
	c->flags |= CONNECTION_COUNTED;
	put_plain(&s->work, c, &p, invalid);
	work_put(&s->work, FIELD_METHOD, method);
	return true;
}

static bool is_idle(const struct program_state *s, enum sshd_shape shape, struct connection *c,
		    struct str text)
{
	const struct form_work *f = &s->work.forms[FORMS_SSHD + shapes[shape].form];

	if (!f->idle || !f->ready || !c->remote_len || c->flags & CONNECTION_PENDING ||
	    !(c->flags & (CONNECTION_COUNTED | CONNECTION_OPENED | CONNECTION_PROBED)))
		return false;
	switch (shape) {
	case SSHD_SHAPE_FAILED: return is_failed_again(c, text);
	case SSHD_SHAPE_RECEIVED:
		return c->flags & (CONNECTION_COUNTED | CONNECTION_OPENED) && is_received(c, text);
	case SSHD_SHAPE_INVALID: return false;
	default: return is_closed(c, text);
	}
}

enum sshd_quick sshd_quick(struct program_state *s, enum sshd_shape shape,
			   const struct sshd_process *p, struct str message)
{
	struct str text = scan_skip(message, shapes[shape].words.len);
	struct connection *c;

	if (message.ptr[message.len - 1] == ' ')
		return SSHD_UNREAD;
	c = connection_at(&s->connections, p->pid, p->host, p->time);
	if (is_idle(s, shape, c, text))
		return SSHD_IDLE;
	if ((shape == SSHD_SHAPE_INVALID && read_invalid(s, c, text)) ||
	    (shape == SSHD_SHAPE_FAILED && read_failed(s, c, text)))
		return SSHD_EVENT;
	return SSHD_UNREAD;
}
