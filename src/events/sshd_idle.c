/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages of sshd about a connection that was counted already: most of what is written during an attack, and
 * nobody wants an event of it. Each is what sshd_message() would make of it, or left to that.
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

bool sshd_is_idle(struct program_state *s, enum sshd_shape shape, const struct sshd_process *p,
		  struct str message)
{
	const struct form_work *f = &s->work.forms[FORMS_SSHD + shapes[shape].form];
	struct str rest = scan_skip(message, shapes[shape].words.len);
	struct connection *c;

	if (!f->idle || !f->ready || message.ptr[message.len - 1] == ' ')
		return false;
	c = connection_at(&s->connections, p->pid, p->host, p->time);
	if (!c->remote_len ||
	    !(c->flags & (CONNECTION_COUNTED | CONNECTION_OPENED | CONNECTION_PROBED)) ||
	    c->flags & CONNECTION_PENDING)
		return false;
	switch (shape) {
	case SSHD_SHAPE_FAILED: return is_failed_again(c, rest);
	case SSHD_SHAPE_RECEIVED:
		return c->flags & (CONNECTION_COUNTED | CONNECTION_OPENED) && is_received(c, rest);
	case SSHD_SHAPE_INVALID: return false;
	default: return is_closed(c, rest);
	}
}
