/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * daemon: logins and refusals of Gitea, Proxmox, Webmin, OpenVPN, BIND, OpenSMTPD, pfSense and
 * xrdp.
 */
#include "events/program.h"
#include "events/template.h"

enum daemon_form {
	DAEMON_OTHER,
	DAEMON_GITEA,
	DAEMON_PROXMOX,
	DAEMON_WEBMIN_FAILED,
	DAEMON_WEBMIN_LOGIN,
	DAEMON_OPENVPN,
	DAEMON_OPENVPN_FAILED,
	DAEMON_BIND,
	DAEMON_SMTPD,
	DAEMON_PFSENSE,
	DAEMON_XRDP,
	DAEMON_N
};

#define FROM(name) .product = "linux", .service = name, .also = { "syslog" }
#define PEER "user", "src_ip", "src_host", "src_port"

/* clang-format off */
static const struct message_form forms[DAEMON_N] = {
	[DAEMON_OTHER] = { "", FROM("daemon") },
	[DAEMON_GITEA] = { "Failed authentication attempt for ", { LOGIN, FAILURE, FAILED },
	  { PEER }, FROM("gitea") },
	[DAEMON_PROXMOX] = { "authentication failure; rhost=", { LOGIN, FAILURE, FAILED }, { PEER,
	  "reason" }, FROM("proxmox") },
	[DAEMON_WEBMIN_FAILED] = { "Invalid login as ", { LOGIN, FAILURE, FAILED }, { PEER },
	  FROM("webmin") },
	[DAEMON_WEBMIN_LOGIN] = { "Successful login as ", { LOGIN, SUCCESS, { "attempt",
	  "succeeded" } }, { PEER }, FROM("webmin") },
	[DAEMON_OPENVPN] = { " TLS Error: ", { { "action", "connect" }, FAILURE }, { PEER,
	  "reason" }, FROM("openvpn") },
	[DAEMON_OPENVPN_FAILED] = { " TLS Auth Error: ", { LOGIN, FAILURE, FAILED }, { PEER },
	  FROM("openvpn") },
	[DAEMON_BIND] = { " denied", { { "action", "request" }, FAILURE }, { PEER, "command" },
	  FROM("named") },
	[DAEMON_SMTPD] = { "event=failed-command ", { LOGIN, FAILURE }, { PEER, "command",
	  "reason" }, FROM("smtpd") },
	[DAEMON_PFSENSE] = { "webConfigurator authentication error", { LOGIN, FAILURE, FAILED },
	  { PEER }, FROM("pfsense") },
	[DAEMON_XRDP] = { "AUTHFAIL: user=", { LOGIN, FAILURE, FAILED }, { PEER }, FROM("xrdp") },
};
/* clang-format on */
const struct message_set daemon_set = {
	"daemon", "Gitea, Proxmox, Webmin, OpenVPN, BIND, OpenSMTPD, pfSense, xrdp", forms, DAEMON_N
};
_Static_assert((int)DAEMON_N <= (int)FORMS_END - (int)FORMS_DAEMON, "room for its forms");

/* Names are the client's; what follows them is the program's. */
/* clang-format off */
static const struct template templates[] = {
	{ DAEMON_GITEA, "Failed authentication attempt for %u from %x: %q" },
	{ DAEMON_GITEA, "Failed authentication attempt for %U from %s" },
	{ DAEMON_PROXMOX, "authentication failure; rhost=%a user=%u msg=%r" },
	{ DAEMON_WEBMIN_FAILED, "Invalid login as %U from %s" },
	{ DAEMON_WEBMIN_LOGIN, "Successful login as %u from %s" },
	{ DAEMON_OPENVPN_FAILED, "%x TLS Auth Error: %q" },
	{ DAEMON_OPENVPN, "%x TLS Error: %r" },
	{ DAEMON_BIND, "client %q %a#%p (%q): %c denied" },
	{ DAEMON_BIND, "client %a#%p (%q): %c denied" },
	{ DAEMON_BIND, "client %a#%p: %c denied" },
	{ DAEMON_SMTPD,
	  "%q smtp event=failed-command address=%a host=%h command=\"%c\" result=\"535 %r\"" },
	{ DAEMON_SMTPD,
	  "%q smtp event=failed-command address=%a host=%h command=\"AUTH %c\" result=\"503 %r\"" },
	{ DAEMON_PFSENSE, "%q: webConfigurator authentication error for user '%U' from: %s" },
	{ DAEMON_XRDP, "AUTHFAIL: user=%U ip=%s time=%q" },
};
/* clang-format on */

bool daemon_message(struct program_state *s, const struct record *r, struct str message)
{
	struct str rest = message, before;

	(void)r;
	/* Gitea writes its own time and level in front. */
	if (UNTIL(&rest, "Failed authentication attempt for ", &before) && before.len < 200)
		message = scan_skip(message, before.len);
	rest = message;
	if (EAT(&rest, "[") && UNTIL(&rest, "] ", &before) && before.len <= 5 &&
	    str_starts(rest, STR("AUTHFAIL: ")))
		message = rest;
	return template_match(&s->work, templates, COUNT(templates), forms, FORMS_DAEMON, message);
}
