/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dovecot: the login processes say how a connection ended; the auth process says so earlier, too. */
#include "events/mail.h"

/* Most tries that one line stands for. */
#define TRIES_MAX 20U

/* The last place where words stand; what follows them. */
static bool after_last(struct str s, struct str words, struct str *ret)
{
	for (size_t n = s.len; n >= words.len; n--) {
		if (memcmp(s.ptr + n - words.len, words.ptr, words.len) != 0)
			continue;
		*ret = scan_skip(s, n);
		return true;
	}
	return false;
}

static struct str word_to_comma(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.ptr[n] != ',' && s.ptr[n] != ' ')
		n++;
	return (struct str){ s.ptr, n };
}

/* "user=<NAME>, method=PLAIN, rip=1.2.3.4, lip=…": the name may look like all that. */
static bool put_client(struct work *w, struct str s)
{
	struct str rip, lip, method, user, rest = s, before;

	if (!after_last(s, STR("rip="), &rip))
		return false;
	if (after_last(s, STR(" lip="), &lip))
		work_some(w, FIELD_DST_IP, work_address(w, word_to_comma(lip)));
	s.len = (size_t)(rip.ptr - s.ptr);
	rip = word_to_comma(rip);
	if (!address_parse(rip, NULL))
		return false;
	work_source(w, rip);
	if (after_last(s, STR("method="), &method)) {
		work_put(w, FIELD_METHOD, word_to_comma(method));
		s.len = (size_t)(method.ptr - s.ptr) - (sizeof("method=") - 1);
	}
	rest = s;
	if (UNTIL(&rest, "user=<", &before)) {
		const char *end = rest.len ? memrchr(rest.ptr, '>', rest.len) : NULL;

		user = (struct str){ rest.ptr, end ? (size_t)(end - rest.ptr) : rest.len };
		work_some(w, FIELD_USER, user);
	}
	return true;
}

/* Why it ended: the last parenthesis before ": user=<" or ": rip=". */
static bool ended(struct program_state *s, struct str reason, struct str client)
{
	struct work *w = &s->work;
	struct str text, tries = reason, before;
	enum mail_form form = DOVECOT_ABORTED;
	uint32_t n = 1;

	if (UNTIL(&tries, "(auth failed, ", &before)) {
		form = DOVECOT_FAILED;
		scan_number(&tries, &n);
	} else if (str_contains(reason, STR(" auth failed)")) ||
		   (str_contains(reason, STR("(tried to use dis")) &&
		    str_contains(reason, STR(" auth)")))) {
		form = DOVECOT_FAILED;
	} else if (!str_contains(reason, STR("auth")) && !str_contains(reason, STR("TLS"))) {
		return false;
	}
	mail_begin(w, form);
	if (!put_client(w, client))
		return false;
	text = str_trim(reason);
	work_put(w, FIELD_REASON, text);
	s->repeat = MAX(MIN(n, TRIES_MAX), 1);
	return true;
}

static bool login(struct program_state *s, struct str message)
{
	struct str rest = message, reason, client;

	EAT(&rest, "Info: ");
	if (EAT(&rest, "Login: ")) {
		mail_begin(&s->work, DOVECOT_LOGIN);
		return put_client(&s->work, rest);
	}
	reason = rest;
	/* The client's part begins with the name, where there is one. */
	client = rest;
	if (!UNTIL(&client, ": user=<", &reason)) {
		client = rest;
		if (!UNTIL(&client, ": method=", &reason)) {
			client = rest;
			if (!UNTIL(&client, ": rip=", &reason)) {
				client = rest;
				if (!UNTIL(&client, " rip=", &reason))
					return false;
			}
		}
	}
	client = (struct str){ rest.ptr + reason.len, rest.len - reason.len };
	return ended(s, reason, client);
}

static const char *const drivers[] = { "pam(",	  "sql(",    "ldap(",	"passwd-file(",
				       "passwd(", "shadow(", "static(", "lua(",
				       "bsdauth(", "dict(",  "oauth2(", "auth(" };
static const char *const reasons[] = { "pam_authenticate() failed: ", "unknown user",
				       "Password mismatch", "password mismatch", "invalid credentials" };

static bool is_reason(struct str s)
{
	EAT(&s, "Info: ");
	for (size_t i = 0; i < COUNT(drivers); i++) {
		struct str rest = s;

		/* "sql: Password mismatch" of version 2.4 */
		if (scan_eat(&rest, drivers[i], strlen(drivers[i]) - 1) && EAT(&rest, ": "))
			s = rest;
	}
	for (size_t i = 0; i < COUNT(reasons); i++)
		if (str_starts(s, str_of(reasons[i])))
			return true;
	return false;
}

/* "NAME,ADDRESS", "NAME,ADDRESS,<session>", "NAME,ADDRESS,sasl:login", "NAME,ADDRESS," */
static bool put_arguments(struct work *w, struct str s)
{
	struct str address;

	for (unsigned i = 0; i < 2; i++) {
		ssize_t comma = str_rfind(s, ',');

		if (comma < 0)
			return false;
		address = scan_skip(s, (size_t)comma + 1);
		s.len = (size_t)comma;
		if (address_parse(address, NULL)) {
			work_source(w, address);
			work_put(w, FIELD_USER, s);
			return true;
		}
	}
	return false;
}

/* "[…]driver(NAME,ADDRESS[,<session>]): reason" */
static bool worker(struct program_state *s, struct str message)
{
	struct str rest = message, secret = message, before;
	size_t begin = rest.len, end = 0;

	/* What was typed as a password is hostile, too. */
	if (UNTIL(&secret, " (given password: ", &before))
		rest = before;
	for (size_t i = 0; i < COUNT(drivers); i++) {
		const char *p = memmem(rest.ptr, rest.len, drivers[i], strlen(drivers[i]));
		size_t at = p ? (size_t)(p - rest.ptr) + strlen(drivers[i]) : rest.len;

		/* "auth(default): pam(…" */
		if (at < begin && (!p || memcmp(p, "auth(default)", 13) != 0))
			begin = at;
	}
	for (size_t n = rest.len; n > begin + 3; n--) {
		if (rest.ptr[n - 1] == ' ' && rest.ptr[n - 2] == ':' &&
		    (rest.ptr[n - 3] == ')' || rest.ptr[n - 3] == '>') &&
		    is_reason(scan_skip(rest, n))) {
			end = n - 2;
			break;
		}
	}
	if (end <= begin)
		return false;
	mail_begin(&s->work, DOVECOT_WORKER);
	work_put(&s->work, FIELD_REASON, scan_skip(rest, end + 2));
	rest = (struct str){ rest.ptr + begin, end - begin };
	/* "NAME,ADDRESS,sasl:login)<session>" of version 2.4 */
	if (rest.len && rest.ptr[rest.len - 1] == '>') {
		const char *p = memrchr(rest.ptr, ')', rest.len);

		if (p && p[1] == '<')
			rest.len = (size_t)(p - rest.ptr) + 1;
	}
	return EAT_END(&rest, ")") && put_arguments(&s->work, rest);
}

/* "dovecot: imap-login: …", and of its own log "imap-login: Info: …" */
bool dovecot_message(struct program_state *s, const struct record *r, struct str message)
{
	struct str rest = message, process;

	if (str_ends(r->program, STR("-login")))
		return login(s, message);
	if (UNTIL(&rest, ": ", &process) && str_ends(process, STR("-login")))
		return login(s, rest);
	return worker(s, message);
}
