/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pam: messages of PAM's modules, whatever program they stand in. */
#include "events/program.h"
#include "events/template.h"

enum pam_form {
	PAM_OTHER,
	PAM_FAILURE,
	PAM_MORE,
	PAM_UNKNOWN,
	PAM_OPENED,
	PAM_CLOSED,
	PAM_CHANGED,
	PAM_EXPIRED,
	PAM_LOCKED,
	PAM_TALLY,
	PAM_NOT_MET,
	PAM_CODE,
	PAM_N
};

#define LOGIN { "action", "login" }
#define FAILURE { "outcome", "failure" }
#define SUCCESS { "outcome", "success" }
#define SOURCE .product = "linux", .service = "auth", .also = { "syslog" }

static const struct message_form forms[PAM_N] = {
	[PAM_OTHER] = { "", SOURCE },
	[PAM_FAILURE] = { "authentication failure", { LOGIN, FAILURE }, { "attempt", "user", "src_ip", "src_host", "service", "tty", "uid" }, SOURCE },
	[PAM_MORE] = { " more authentication failure", { LOGIN, FAILURE }, { "user", "src_ip", "src_host", "service", "tty", "uid" }, SOURCE },
	[PAM_UNKNOWN] = { "check pass; user unknown", { LOGIN, FAILURE, { "invalid_user", "true" } }, { "service" }, SOURCE },
	[PAM_OPENED] = { "session opened for user ", { { "action", "session_open" }, SUCCESS }, { "user", "target_user", "uid", "service" }, SOURCE },
	[PAM_CLOSED] = { "session closed for user ", { { "action", "session_close" } }, { "target_user", "service" }, SOURCE },
	[PAM_CHANGED] = { "password changed for ", { { "action", "password_change" }, SUCCESS }, { "target_user", "service" }, SOURCE },
	[PAM_EXPIRED] = { "expired", { LOGIN, FAILURE, { "reason", "expired" } }, { "user", "service" }, SOURCE },
	[PAM_LOCKED] = { "Consecutive login failures for user ", { { "action", "account_lock" } }, { "target_user", "service" }, SOURCE },
	[PAM_TALLY] = { " tally ", { { "action", "account_lock" } }, { "target_user", "service" }, SOURCE },
	[PAM_NOT_MET] = { "not met by user ", { LOGIN, FAILURE }, { "user", "reason", "service" }, SOURCE },
	[PAM_CODE] = { "Invalid verification code", { LOGIN, FAILURE, { "method", "otp" } }, { "user", "service" }, SOURCE },
};
const struct message_set pam_set = { "pam", "modules of PAM", forms, PAM_N };
_Static_assert((int)PAM_N <= (int)FORMS_ACCOUNT - (int)FORMS_PAM, "room for its forms");

static const struct template templates[] = {
	{ PAM_UNKNOWN, "check pass; user unknown" },
	{ PAM_OPENED, "session opened for user %t(uid=%q) by %u(uid=%i)" },
	{ PAM_OPENED, "session opened for user %t by %u(uid=%i)" },
	{ PAM_CLOSED, "session closed for user %T" },
	{ PAM_CHANGED, "password changed for %T" },
	{ PAM_EXPIRED, "account %u has expired (%q" },
	{ PAM_EXPIRED, "expired password for user %u (%q" },
	{ PAM_LOCKED, "Consecutive login failures for user %t account temporarily locked" },
	{ PAM_TALLY, "user %t (%i) tally %q, deny %q" },
	{ PAM_NOT_MET, "requirement \"%r\" not met by user \"%U\"" },
	{ PAM_CODE, "Invalid verification code for %U" },
	{ PAM_CODE, "Invalid verification code" },
};

/* "pam_unix(sshd:auth): ", "(pam_unix) ", "pam_unix: ", or of older ones in the name of the program. */
struct module {
	struct str name, service;
	bool legacy;
};

static bool module_of(const struct record *r, struct str *s, struct module *ret)
{
	struct str rest = *s, name, where;

	*ret = (struct module){};
	if (EAT(&rest, "(pam_")) {
		if (!UNTIL(&rest, ") ", &name) || name.len > 24)
			return false;
		ret->name = name;
		ret->legacy = true;
	} else if (EAT(&rest, "pam_")) {
		size_t n = 0;

		while (n < rest.len && n < 32 && rest.ptr[n] != '(' && rest.ptr[n] != ':' &&
		       rest.ptr[n] != ' ')
			n++;
		ret->name = (struct str){ rest.ptr, n };
		rest = scan_skip(rest, n);
		if (EAT(&rest, "(")) {
			if (!UNTIL(&rest, "): ", &where) || where.len > 64)
				return false;
			ret->service = where;
			if (memchr(where.ptr, ':', where.len))
				scan_until(&where, ':', &ret->service);
		} else if (!EAT(&rest, ": ")) {
			return false;
		}
	} else {
		name = r->program;
		if (!UNTIL(&name, "(pam_", &ret->service))
			return false;
		EAT_END(&name, ")");
		ret->name = name;
		ret->legacy = true;
	}
	*s = rest;
	return true;
}

/* Value of " key=" up to the next blank. */
static struct str value_of(struct str s, struct str key)
{
	struct str value;

	if (!scan_until_text(&s, key, &value))
		return (struct str){};
	return scan_word(&s);
}

/* "rhost=HOST[ [ ]user=NAME]" at the start, to its end. */
static bool remote(struct str s, struct str *host, struct str *user)
{
	*host = scan_word(&s);
	while (s.len && s.ptr[s.len - 1] == ' ')
		s.len--;
	scan_blanks(&s);
	*user = (struct str){};
	if (!s.len)
		return true;
	if (!EAT(&s, "user="))
		return false;
	*user = s;
	return true;
}

/*
 * "logname= uid=0 euid=0 tty=ssh ruser=NAME rhost=HOST  user=NAME". ruser is the name that was asked for where a
 * daemon sets it, user one that pam_unix knows: what looks like rhost before the last one that fits
 * belongs to ruser. pam_sss names unknown users, too, but its callers leave ruser empty: there the
 * first one counts.
 */
static void put_failure(struct work *w, const struct record *r, const struct module *m, struct str s)
{
	static const struct str rhost = { " rhost=", 7 };
	bool first = str_eq(m->name, STR("sss")) || str_starts(r->program, STR("sshd")) ||
		     str_eq(m->service, STR("sshd"));
	struct str host = {}, user = {}, ruser = {}, head = s;

	for (size_t i = 0; i + rhost.len <= s.len; i++) {
		struct str h, u, before;

		if (memcmp(s.ptr + i, rhost.ptr, rhost.len) != 0 ||
		    !remote(scan_skip(s, i + rhost.len), &h, &u))
			continue;
		host = h;
		user = u;
		head = (struct str){ s.ptr, i };
		ruser = head;
		if (!UNTIL(&ruser, " ruser=", &before))
			ruser = (struct str){};
		if (first)
			break;
	}
	if (user.len || ruser.len)
		work_put(w, FIELD_USER, user.len ? user : ruser);
	if (host.len)
		work_source(w, host);
	work_some(w, FIELD_TTY, value_of(head, STR(" tty=")));
	work_number(w, FIELD_UID, value_of(head, STR(" uid=")));
}

/* Programs that say it once more, in the same log. */
static bool says_it_again(struct str service)
{
	static const char *const names[] = { "sshd", "su", "su-l", "sudo", "sudo-i", "login" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(service, str_of(names[i])))
			return true;
	return false;
}

static struct str service_of(const struct record *r, const struct module *m)
{
	struct str name = r->program;

	if (m->service.len)
		return m->service;
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] == '(')
			name.len = i;
	return name;
}

static bool is_failure(struct str s)
{
	uint32_t n;

	return EAT(&s, "authentication failure;") ||
	       (EAT(&s, "PAM ") && scan_number(&s, &n) && EAT(&s, " more authentication failure"));
}

bool pam_message(struct program_state *s, const struct record *r, struct str message)
{
	struct work *w = &s->work;
	struct module m;
	struct str service;
	bool more = false;

	if (!module_of(r, &message, &m)) {
		/* Some daemons pass the words on without the module. */
		m = (struct module){};
		if (!is_failure(message))
			return false;
	}
	service = service_of(r, &m);
	if (is_failure(message)) {
		more = *message.ptr == 'P';
		work_begin(w, &forms[more ? PAM_MORE : PAM_FAILURE],
			   FORMS_PAM + (more ? PAM_MORE : PAM_FAILURE));
		if (!more && (m.legacy || !says_it_again(service)))
			work_put(w, FIELD_ATTEMPT, STR("failed"));
		put_failure(w, r, &m, message);
	} else if (!template_match(w, templates, COUNT(templates), forms, FORMS_PAM, message)) {
		work_begin(w, &forms[PAM_OTHER], FORMS_PAM + PAM_OTHER);
	}
	work_put(w, FIELD_SERVICE, service);
	return true;
}
