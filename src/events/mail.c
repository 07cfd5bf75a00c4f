/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mail: Postfix, Dovecot, Courier, Cyrus, sendmail, UW-IMAP. */
#include "events/mail.h"

#define MAIL                     \
	{                        \
		"action", "mail" \
	}
#define SUCCEEDED                      \
	{                              \
		"attempt", "succeeded" \
	}
#define FROM(name) .product = "linux", .service = name, .also = { "mail", "syslog" }
#define PEER "user", "src_ip", "src_host", "src_port"

/* clang-format off */
const struct message_form mail_forms[MAIL_N] = {
	[POSTFIX_OTHER] = { "", FROM("postfix") },
	[POSTFIX_SASL] = { " authentication failed:", { LOGIN, FAILURE, FAILED }, { PEER,
	  "method", "reason" }, FROM("postfix") },
	[POSTFIX_SASL_LOST] = { " authentication failed: Connection lost", { { "action",
	  "error" } }, { PEER, "method", "reason" }, FROM("postfix") },
	[POSTFIX_LOGIN] = { ", sasl_username=", { LOGIN, SUCCESS, SUCCEEDED }, { PEER, "method" },
	  FROM("postfix") },
	[POSTFIX_REJECT] = { "reject: ", { MAIL, FAILURE }, { PEER, "command", "reason" },
	  FROM("postfix") },
	[POSTFIX_AUTH] = { " auth=0/", { LOGIN, FAILURE }, { PEER }, FROM("postfix") },
	[POSTFIX_ABUSE] = { " from ", { MAIL, FAILURE }, { PEER, "reason" }, FROM("postfix") },
	[POSTFIX_LOST] = { "", { CONNECT, FAILURE }, { PEER, "reason" }, FROM("postfix") },
	[POSTFIX_LEFT] = { "lost connection after DATA", { { "action", "disconnect" } }, { PEER },
	  FROM("postfix") },
	[POSTFIX_CONNECT] = { "connect from ", { CONNECT }, { PEER }, FROM("postfix") },
	[DOVECOT_OTHER] = { "", FROM("dovecot") },
	[DOVECOT_FAILED] = { "rip=", { LOGIN, FAILURE, FAILED }, { PEER, "method", "reason",
	  "dst_ip" }, FROM("dovecot") },
	[DOVECOT_ABORTED] = { "rip=", { CONNECT, FAILURE }, { PEER, "method", "reason",
	  "dst_ip" }, FROM("dovecot") },
	[DOVECOT_WORKER] = { "", { LOGIN, FAILURE }, { PEER, "reason", "method" },
	  FROM("dovecot") },
	[DOVECOT_LOGIN] = { "Login: user=<", { LOGIN, SUCCESS, SUCCEEDED }, { PEER, "method",
	  "dst_ip" }, FROM("dovecot") },
	[EXIM_OTHER] = { "", FROM("exim") },
	[EXIM_FAILED] = { " authenticator failed for ", { LOGIN, FAILURE, FAILED }, { PEER,
	  "method", "reason" }, FROM("exim") },
	[EXIM_ABUSE] = { "SMTP ", { CONNECT, FAILURE }, { PEER, "reason" }, FROM("exim") },
	[EXIM_REJECT] = { "H=", { MAIL, FAILURE }, { PEER, "reason" }, FROM("exim") },
	[EXIM_NAME] = { " found for ", { { "action", "lookup" }, FAILURE }, { PEER },
	  FROM("exim") },
	[EXIM_LOGIN] = { " P=esmtp", { LOGIN, SUCCESS, SUCCEEDED }, { PEER, "method" },
	  FROM("exim") },
	[COURIER_OTHER] = { "", FROM("courier") },
	[COURIER_FAILED] = { "LOGIN FAILED", { LOGIN, FAILURE, FAILED }, { PEER, "method" },
	  FROM("courier") },
	[COURIER_LOGIN] = { "LOGIN, user=", { LOGIN, SUCCESS, SUCCEEDED }, { PEER },
	  FROM("courier") },
	[COURIER_SMTP] = { "535 Authentication failed", { LOGIN, FAILURE, FAILED }, { PEER },
	  FROM("courier") },
	[COURIER_REJECT] = { "error,relay=", { MAIL, FAILURE }, { PEER, "reason" },
	  FROM("courier") },
	[CYRUS_OTHER] = { "", FROM("cyrus") },
	[CYRUS_FAILED] = { "badlogin: ", { LOGIN, FAILURE, FAILED }, { PEER, "method", "reason" },
	  FROM("cyrus") },
	[CYRUS_LOGIN] = { "login: ", { LOGIN, SUCCESS, SUCCEEDED }, { PEER, "method" },
	  FROM("cyrus") },
	[SENDMAIL_OTHER] = { "", FROM("sendmail") },
	[SENDMAIL_FAILED] = { "AUTH failure (", { LOGIN, FAILURE, FAILED }, { PEER, "method",
	  "reason" }, FROM("sendmail") },
	[SENDMAIL_ATTACK] = { "possible SMTP attack: ", { LOGIN, FAILURE, FAILED }, { PEER,
	  "reason" }, FROM("sendmail") },
	[UWIMAP_FAILED] = { "Login failed user=", { LOGIN, FAILURE, FAILED }, { PEER },
	  FROM("courier") },
};
/* clang-format on */
const struct message_set mail_set = { "mail", "Postfix, Dovecot, Exim, Courier, Cyrus, sendmail",
				      mail_forms, MAIL_N };
_Static_assert((int)MAIL_N <= (int)FORMS_SYSTEM - (int)FORMS_MAIL, "room for its forms");

/* The server writes the client's name and address first; what the client said comes behind. */
/* clang-format off */
static const struct template postfix_templates[] = {
	{ POSTFIX_SASL_LOST,
	  "warning: %h[%a]: SASL %m authentication failed: Connection lost to %q" },
	{ POSTFIX_SASL, "warning: %h[%a]: SASL %m authentication failed: %r, sasl_username=%u" },
	{ POSTFIX_SASL,
	  "warning: %h[%a]:%p: SASL %m authentication failed: %r, sasl_username=%u" },
	{ POSTFIX_SASL, "warning: %h[%a]: SASL %m authentication failed:%r" },
	{ POSTFIX_SASL, "warning: %h[%a]:%p: SASL %m authentication failed:%r" },
	{ POSTFIX_LOGIN, "%q: client=%h[%a], sasl_method=%m, sasl_username=%u" },
	{ POSTFIX_LOGIN, "%q: client=%h[%a]:%p, sasl_method=%m, sasl_username=%u" },
	{ POSTFIX_REJECT, "%q: reject: %c from %h[%a]: %r" },
	{ POSTFIX_REJECT, "%q: reject: %c from %h[%a]:%p: %r" },
	{ POSTFIX_REJECT, "%q: milter-reject: %c from %h[%a]: %r" },
	{ POSTFIX_AUTH, "disconnect from %h[%a] %q auth=0/%q" },
	{ POSTFIX_AUTH, "disconnect from %h[%a] auth=0/%q" },
	{ POSTFIX_LEFT, "lost connection after DATA from %h[%a]" },
	{ POSTFIX_LEFT, "lost connection after DATA (%q bytes) from %h[%a]" },
	{ POSTFIX_LOST, "lost connection after %q from %h[%a]" },
	{ POSTFIX_LOST, "lost connection after %q from %h[%a]:%p" },
	{ POSTFIX_LOST, "%q: lost connection after %q from %h[%a]" },
	{ POSTFIX_LOST, "%q: lost connection after %q from %h[%a]:%p" },
	{ POSTFIX_ABUSE, "%r after %q from %h[%a]: %q" },
	{ POSTFIX_ABUSE, "%r after %q from %h[%a]:%p" },
	{ POSTFIX_ABUSE, "%r after %q from %h[%a]" },
	{ POSTFIX_ABUSE, "%r after %q from %h[%a]:" },
	{ POSTFIX_ABUSE, "warning: non-SMTP command from %h[%a]: %q" },
	{ POSTFIX_LOST, "PREGREET %q from %h[%a]:%p: %q" },
	{ POSTFIX_LOST, "HANGUP %q from %h[%a]:%p in tests %q" },
	{ POSTFIX_LOST, "DNSBL rank %q for %h[%a]:%p" },
	{ POSTFIX_LOST, "COMMAND %r LIMIT from %h[%a]:%p after %q" },
	{ POSTFIX_LOST, "warning: %r rate limit exceeded: %q from %h[%a] for service %q" },
	{ POSTFIX_LOST, "warning: hostname %h does not resolve to address %a: %r" },
	{ POSTFIX_LOST, "warning: hostname %h does not resolve to address %a" },
	{ POSTFIX_CONNECT, "connect from %h[%a]:%p" },
	{ POSTFIX_CONNECT, "connect from %h[%a]" },
};
/* clang-format on */

bool postfix_message(struct program_state *s, const struct record *r, struct str message)
{
	(void)r;
	return MAIL_MATCH(&s->work, postfix_templates, message);
}

/* clang-format off */
static const struct template courier_templates[] = {
	{ COURIER_FAILED, "LOGIN FAILED, user=%U, ip=[%a], port=[%p]" },
	{ COURIER_FAILED, "LOGIN FAILED, user=%U, ip=[%a]" },
	{ COURIER_FAILED, "LOGIN FAILED, method=%m, ip=[%a], port=[%p]" },
	{ COURIER_FAILED, "LOGIN FAILED, method=%m, ip=[%a]" },
	{ COURIER_LOGIN, "LOGIN, user=%u, ip=[%a], %q" },
	{ COURIER_SMTP, "error,relay=%a,port=%p,msg=\"535 Authentication failed.\",%q" },
	{ COURIER_SMTP, "error,relay=%a,msg=\"535 Authentication failed.\",%q" },
	{ COURIER_REJECT, "error,relay=%a,%r" },
	{ UWIMAP_FAILED, "Login failed user=%U auth=%q host=%h [%a]" },
	{ UWIMAP_FAILED, "Login failed user=%U auth=%q host=[%a]" },
};
/* clang-format on */

bool courier_message(struct program_state *s, const struct record *r, struct str message)
{
	(void)r;
	return MAIL_MATCH(&s->work, courier_templates, message);
}

/* clang-format off */
static const struct template cyrus_templates[] = {
	{ CYRUS_FAILED, "badlogin: %h [%a] plaintext %u SASL(%r" },
	{ CYRUS_FAILED, "badlogin: %h [%a] %m [SASL(%r" },
	{ CYRUS_FAILED, "badlogin: [%a] %m [SASL(%r" },
	{ CYRUS_FAILED, "badlogin: %h[%a] %m [SASL(%r" },
	{ CYRUS_FAILED, "badlogin: [%a] %m (%u) [SASL(%r" },
	{ CYRUS_FAILED, "badlogin: %h [%a] %r" },
	{ CYRUS_FAILED, "badlogin: [%a] %r" },
	{ CYRUS_LOGIN, "login: %h [%a] %u %m User logged in %q" },
	{ CYRUS_LOGIN, "login: [%a] %u %m User logged in %q" },
	{ UWIMAP_FAILED, "Login failed user=%U auth=%q host=%h [%a]" },
	{ UWIMAP_FAILED, "Login failed user=%U auth=%q host=[%a]" },
	{ COURIER_FAILED, "LOGIN FAILED, user=%U, ip=[%a], port=[%p]" },
	{ COURIER_FAILED, "LOGIN FAILED, user=%U, ip=[%a]" },
	{ COURIER_FAILED, "LOGIN FAILED, method=%m, ip=[%a]" },
};
/* clang-format on */

/* imapd and pop3d are names of Courier's and of Cyrus'. */
bool cyrus_message(struct program_state *s, const struct record *r, struct str message)
{
	(void)r;
	return MAIL_MATCH(&s->work, cyrus_templates, message);
}

/* "[name ][address][ (may be forged)]" to its end */
static bool relay(struct work *w, struct str s)
{
	struct str address;

	EAT_END(&s, " (may be forged)");
	address = scan_word_end(s);
	if (address.len < 3 || *address.ptr != '[' || !address_parse(address, NULL))
		return false;
	work_source(w, address);
	return true;
}

/* "ID: AUTH failure (LOGIN): reason, [user=NAME, ]relay=…", "ID: RELAY: possible SMTP …" */
bool sendmail_message(struct program_state *s, const struct record *r, struct str message)
{
	static const struct str words = { ", relay=", 8 };
	struct work *w = &s->work;
	struct str rest = message, id, method, reason, user;
	size_t n;

	(void)r;
	if (!UNTIL(&rest, ": ", &id))
		return false;
	if (!EAT(&rest, "AUTH failure (")) {
		struct str source = rest;

		if (!UNTIL(&rest, ": possible SMTP attack: ", &source))
			return false;
		work_begin(w, &mail_forms[SENDMAIL_ATTACK], FORMS_MAIL + SENDMAIL_ATTACK);
		work_put(w, FIELD_REASON, rest);
		return relay(w, source);
	}
	if (!UNTIL(&rest, "): ", &method))
		return false;
	for (n = rest.len;
	     n >= words.len && memcmp(rest.ptr + n - words.len, words.ptr, words.len) != 0; n--)
		;
	if (n < words.len)
		return false;
	work_begin(w, &mail_forms[SENDMAIL_FAILED], FORMS_MAIL + SENDMAIL_FAILED);
	if (!relay(w, scan_skip(rest, n)))
		return false;
	reason = (struct str){ rest.ptr, n - words.len };
	user = reason;
	if (UNTIL(&user, ", user=", &reason))
		work_put(w, FIELD_USER, user);
	work_put(w, FIELD_METHOD, method);
	work_put(w, FIELD_REASON, reason);
	return true;
}
