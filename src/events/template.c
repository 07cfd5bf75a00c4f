/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/template.h"

#define CAPTURES 12U

struct capture {
	char code;
	struct str text;
};

static const uint8_t fields[26] = {
	['b' - 'a'] = FIELD_DATABASE,    ['c' - 'a'] = FIELD_COMMAND,  ['e' - 'a'] = FIELD_DST_PORT,
	['f' - 'a'] = FIELD_PROTOCOL,    ['g' - 'a'] = FIELD_GROUP,    ['h' - 'a'] = FIELD_SRC_HOST,
	['i' - 'a'] = FIELD_UID,         ['j' - 'a'] = FIELD_GID,      ['k' - 'a'] = FIELD_HOME,
	['l' - 'a'] = FIELD_SHELL,       ['m' - 'a'] = FIELD_METHOD,   ['n' - 'a'] = FIELD_SESSION,
	['o' - 'a'] = FIELD_MODULE,      ['p' - 'a'] = FIELD_SRC_PORT, ['r' - 'a'] = FIELD_REASON,
	['t' - 'a'] = FIELD_TARGET_USER, ['u' - 'a'] = FIELD_USER,     ['v' - 'a'] = FIELD_SERVICE,
	['w' - 'a'] = FIELD_PWD,         ['y' - 'a'] = FIELD_TTY,
};

static char lower(char c) { return (char)(c | 32); }

static bool fits(char code, struct str text)
{
	switch (lower(code)) {
	case 'a': return address_parse(text, NULL);
	case 'x':
		return text.len && memchr(text.ptr, ':', text.len) &&
		       !memchr(text.ptr, ' ', text.len);
	case 's':
	case 'm': return text.len && !memchr(text.ptr, ' ', text.len);
	case 'e':
	case 'p':
	case 'i':
	case 'j':
		for (size_t i = 0; i < text.len; i++)
			if (!scan_is_digit(text.ptr[i]))
				return false;
		return text.len > 0;
	default: return true;
	}
}

/* Cuts what comes before the words, which are cut off, too. */
static bool before(struct str *s, struct str words, bool last, struct str *ret)
{
	if (!words.len) {
		*ret = *s;
		*s = scan_skip(*s, s->len);
		return true;
	}
	if (!last)
		return scan_until_text(s, words, ret);
	for (size_t at = s->len; at >= words.len; at--) {
		if (memcmp(s->ptr + at - words.len, words.ptr, words.len) != 0)
			continue;
		*ret = (struct str){ s->ptr, at - words.len };
		*s = scan_skip(*s, at);
		return true;
	}
	return false;
}

static bool match(const char *text, struct str s, struct capture *captures, size_t *ret_n)
{
	size_t n = 0, words = (size_t)(strchrnul(text, '%') - text);

	if (!scan_eat(&s, text, words))
		return false;
	for (text += words; *text && n < CAPTURES; text += 2 + words) {
		struct capture *c = &captures[n++];

		words = (size_t)(strchrnul(text + 2, '%') - text - 2);
		c->code = text[1];
		if (!before(&s, (struct str){ text + 2, words }, c->code < 'a', &c->text) ||
		    !fits(c->code, c->text))
			return false;
	}
	*ret_n = n;
	return !s.len;
}

static void put(struct work *w, const struct capture *c)
{
	char code = lower(c->code);

	switch (code) {
	case 'q': break;
	case 'h':
		if (!str_eq(c->text, STR("unknown")))
			work_some(w, FIELD_SRC_HOST, c->text);
		break;
	case 'r': work_some(w, FIELD_REASON, str_trim(c->text)); break;
	case 'x': work_endpoint(w, c->text); break;
	case 'a':
	case 's': work_source(w, c->text); break;
	case 'd': work_put(w, FIELD_DST_IP, work_address(w, c->text)); break;
	case 'e':
	case 'i':
	case 'j':
	case 'p': work_number(w, fields[code - 'a'], c->text); break;
	default: work_put(w, fields[code - 'a'], c->text);
	}
}

const struct template *template_match(struct work *w, const struct template *list, size_t n,
				      const struct message_form *forms, unsigned first,
				      struct str message)
{
	struct capture captures[CAPTURES];
	size_t found;

	while (message.len && message.ptr[message.len - 1] == ' ')
		message.len--;
	for (const struct template *t = list; t < list + n; t++) {
		if (*t->text != '%' && (!message.len || *t->text != *message.ptr))
			continue;
		if (!match(t->text, message, captures, &found))
			continue;
		work_begin(w, &forms[t->form], first + t->form);
		for (size_t i = 0; i < found; i++)
			put(w, &captures[i]);
		return t;
	}
	return NULL;
}
