/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exim: its main log, also by way of syslog. */
#include "events/mail.h"

/*
 * The end of a host as Exim writes it: "name (helo) [address]:port I=[local]:25 Ci=7 …", read backwards: what follows
 * the address has a fixed form.
 */
static bool host_end(struct work *w, struct str s)
{
	for (unsigned i = 0; i < 8; i++) {
		struct str word = scan_word_end(s), address = word, rest;

		if (word.len > 2 && *word.ptr == '[') {
			rest = scan_skip(word, 1);
			if (!scan_until(&rest, ']', &address) || !address_parse(address, NULL))
				return false;
			work_source(w, address);
			if (EAT(&rest, ":"))
				work_number(w, FIELD_SRC_PORT, rest);
			return true;
		}
		if (!word.len || word.len == s.len || !memchr(word.ptr, '=', word.len))
			return false;
		s.len -= word.len + 1;
	}
	return false;
}

/* The start of one: "[name ][(helo) ][address]…": the helo has no blanks. */
static bool host_start(struct work *w, struct str s)
{
	for (unsigned i = 0; i < 4 && s.len; i++) {
		struct str word = scan_word(&s), address, rest;

		if (word.len > 2 && *word.ptr == '[') {
			rest = scan_skip(word, 1);
			if (!scan_until(&rest, ']', &address) || !address_parse(address, NULL))
				return false;
			work_source(w, address);
			if (EAT(&rest, ":"))
				work_number(w, FIELD_SRC_PORT, rest);
			return true;
		}
	}
	return false;
}

/* "NAME authenticator failed for HOST: 535 Incorrect authentication data (set_id=USER)" */
static bool failed(struct work *w, struct str s)
{
	struct str method, host, user, before;

	if (!UNTIL(&s, " authenticator failed for ", &method))
		return false;
	if (!UNTIL(&s, ": 535 ", &host))
		return false;
	mail_begin(w, EXIM_FAILED);
	work_put(w, FIELD_METHOD, scan_word_end(method));
	user = s;
	if (UNTIL(&user, " (set_id=", &before)) {
		EAT_END(&user, ")");
		work_put(w, FIELD_USER, user);
	}
	work_put(w, FIELD_REASON, UNTIL(&s, " (set_id=", &before) ? before : s);
	return host_end(w, host);
}

/* What a line begins with, and where the host stands after it. */
static const struct opening {
	struct str words, before_host;
	bool last;
	enum mail_form form;
} openings[] = {
	{ { "SMTP protocol error in \"", 24 }, { " H=", 3 }, true, EXIM_ABUSE },
	{ { "SMTP protocol synchronization error", 35 }, { " H=", 3 }, false, EXIM_ABUSE },
	{ { "SMTP call from ", 15 }, { "from ", 5 }, false, EXIM_ABUSE },
	{ { "SMTP connection from ", 21 }, { "from ", 5 }, false, EXIM_ABUSE },
	{ { "no MAIL in SMTP connection from ", 32 }, { "from ", 5 }, false, EXIM_ABUSE },
	{ { "no host name found for IP address ", 34 }, { "address ", 8 }, false, EXIM_NAME },
	{ { "no IP address found for host ", 29 }, { "connection from ", 16 }, true, EXIM_NAME },
	{ { "H=", 2 }, { "H=", 2 }, false, EXIM_REJECT },
};

static struct str host_after(struct str s, struct str words, bool last)
{
	struct str before;

	if (!last)
		return scan_until_text(&s, words, &before) ? s : (struct str){};
	for (size_t n = s.len; n >= words.len; n--)
		if (!memcmp(s.ptr + n - words.len, words.ptr, words.len))
			return scan_skip(s, n);
	return (struct str){};
}

static bool is_wanted(enum mail_form form, struct str s)
{
	static const char *const signs[] = { " rejected ", " sender verify fail ", " dropped by ",
					     " dropped: ", " closed by DROP " };

	for (size_t i = 0; i < COUNT(signs); i++)
		if (str_contains(s, str_of(signs[i])))
			return true;
	return form != EXIM_REJECT && !str_starts(s, STR("SMTP connection from "));
}

static bool other(struct work *w, struct str s)
{
	for (const struct opening *o = openings; o < openings + COUNT(openings); o++) {
		struct str host;

		if (!str_starts(s, o->words) || !is_wanted(o->form, s))
			continue;
		host = host_after(s, o->before_host, o->last);
		mail_begin(w, o->form);
		if (o->form == EXIM_NAME && address_parse(host, NULL)) {
			work_source(w, host);
			return true;
		}
		if (o->form != EXIM_NAME)
			work_put(w, FIELD_REASON, s);
		return host_start(w, host);
	}
	return false;
}

/* "1abc-000-00 <= sender H=host P=esmtpsa A=login:name S=…" */
static bool received(struct work *w, struct str s)
{
	struct str before, host, method, user;

	if (!UNTIL(&s, " <= ", &before) || memchr(before.ptr, ' ', before.len) ||
	    !UNTIL(&s, " H=", &before) || !UNTIL(&s, " A=", &host))
		return false;
	user = scan_word(&s);
	mail_begin(w, EXIM_LOGIN);
	if (!scan_until(&user, ':', &method))
		return false;
	work_put(w, FIELD_METHOD, method);
	work_put(w, FIELD_USER, user);
	return host_start(w, host);
}

bool exim_message(struct program_state *s, const struct record *r, struct str message)
{
	struct str rest = message, word;
	struct clock clock = { .now = r->time };
	int64_t again;

	/* By way of syslog it may write the time again; then the process id, then the message id. */
	if (clock_iso(&clock, &rest, &again))
		scan_blanks(&rest);
	else
		rest = message;
	message = rest;
	if (EAT(&rest, "[") && scan_until(&rest, ']', &word) && word.len < 12 && EAT(&rest, " "))
		message = rest;
	rest = message;
	word = scan_word(&rest);
	if (word.len == 16 && word.ptr[6] == '-' && rest.len && *rest.ptr != '<')
		message = rest;
	return failed(&s->work, message) || other(&s->work, message) || received(&s->work, message);
}
