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

#define SOURCE .product = "linux", .service = "auth", .also = { "syslog" }

/* clang-format off */
static const struct message_form forms[PAM_N] = {
	[PAM_OTHER] = { "", SOURCE },
	[PAM_FAILURE] = { "authentication failure", { LOGIN, FAILURE }, { "attempt", "user",
	  "src_ip", "src_host", "service", "tty", "uid" }, SOURCE },
	[PAM_MORE] = { " more authentication failure", { LOGIN, FAILURE }, { "user", "src_ip",
	  "src_host", "service", "tty", "uid" }, SOURCE },
	[PAM_UNKNOWN] = { "check pass; user unknown", { LOGIN, FAILURE, { "invalid_user",
	  "true" } }, { "service" }, SOURCE },
	[PAM_OPENED] = { "session opened for user ", { { "action", "session_open" }, SUCCESS },
	  { "user", "target_user", "uid", "service" }, SOURCE },
	[PAM_CLOSED] = { "session closed for user ", { { "action", "session_close" } },
	  { "target_user", "service" }, SOURCE },
	[PAM_CHANGED] = { "password changed for ", { { "action", "password_change" }, SUCCESS },
	  { "target_user", "service" }, SOURCE },
	[PAM_EXPIRED] = { "expired", { LOGIN, FAILURE, { "reason", "expired" } }, { "user",
	  "service" }, SOURCE },
	[PAM_LOCKED] = { "Consecutive login failures for user ", { { "action", "account_lock" } },
	  { "target_user", "service" }, SOURCE },
	[PAM_TALLY] = { " tally ", { { "action", "account_lock" } }, { "target_user", "service" },
	  SOURCE },
	[PAM_NOT_MET] = { "not met by user ", { LOGIN, FAILURE }, { "user", "reason", "service" },
	  SOURCE },
	[PAM_CODE] = { "Invalid verification code", { LOGIN, FAILURE, { "method", "otp" } },
	  { "user", "service" }, SOURCE },
};
/* clang-format on */
const struct message_set pam_set = { "pam", "modules of PAM", forms, PAM_N };
_Static_assert((int)PAM_N <= (int)FORMS_ACCOUNT - (int)FORMS_PAM, "room for its forms");

/* clang-format off */
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
/* clang-format on */

/*
 * "pam_unix(sshd:auth): ", "(pam_unix) ", "pam_unix: ", or of older ones in the name of the
 * program.
 */
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
			if (!scan_until(&rest, ')', &where) || where.len > 64 || !EAT(&rest, ": "))
				return false;
			for (n = 0; n < where.len && where.ptr[n] != ':'; n++)
				;
			ret->service = (struct str){ where.ptr, n };
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
 * "logname= uid=0 euid=0 tty=ssh ruser=NAME rhost=HOST  user=NAME". ruser is the name that was
 * asked for where a daemon sets it, user one that pam_unix knows: what looks like rhost before
 * the last one that fits belongs to ruser. pam_sss names unknown users, too, but its callers
 * leave ruser empty: there the first one counts.
 */
static void put_failure(struct work *w, const struct record *r, const struct module *m,
			struct str s)
{
	static const struct str rhost = { " rhost=", 7 };
	bool first = IS(m->service, "sshd") || IS(r->program, "sshd") || IS(m->name, "sss");
	struct str host = {}, user = {}, ruser = {}, head = s, rest = s, before;

	while (scan_until_text(&rest, rhost, &before)) {
		struct str h, u;

		if (!remote(rest, &h, &u))
			continue;
		host = h;
		user = u;
		head = (struct str){ s.ptr, (size_t)(rest.ptr - s.ptr) - rhost.len };
		if (first)
			break;
	}
	ruser = head;
	if (user.len || !UNTIL(&ruser, " ruser=", &before))
		ruser = (struct str){};
	if (user.len || ruser.len)
		work_put(w, FIELD_USER, user.len ? user : ruser);
	if (host.len)
		work_source(w, host);
	if (w->id[FIELD_TTY])
		work_some(w, FIELD_TTY, value_of(head, STR(" tty=")));
	if (w->id[FIELD_UID])
		work_number(w, FIELD_UID, value_of(head, STR(" uid=")));
}

/* Programs that say it once more, in the same log. */
static bool says_it_again(struct str service)
{
	return IS(service, "sshd") || IS(service, "su") || IS(service, "sudo") ||
	       IS(service, "login") || IS(service, "su-l") || IS(service, "sudo-i");
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
			work_say(w, FIELD_ATTEMPT, STR("failed"));
		put_failure(w, r, &m, message);
	} else if (!template_match(w, templates, COUNT(templates), forms, FORMS_PAM, message)) {
		work_begin(w, &forms[PAM_OTHER], FORMS_PAM + PAM_OTHER);
	}
	work_put(w, FIELD_SERVICE, service);
	return true;
}
