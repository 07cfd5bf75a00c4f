/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ftp: vsftpd, ProFTPD, Pure-FTPd, wu-ftpd, BSD's ftpd, and Dropbear's SSH. */
#include "events/program.h"
#include "events/template.h"

enum ftp_form {
	FTP_OTHER,
	FTP_FAILED,
	PROFTPD_FAILED,
	PURE_FAILED,
	FTPD_FAILED,
	FTPD_REFUSED,
	FTP_UNKNOWN,
	FTP_DONE,
	PROFTPD_DONE,
	PURE_DONE,
	FTPD_DONE,
	FTP_CONNECT,
	FTP_REPEATED,
	FTP_ROOT,
	FTP_LIMIT,
	FTP_TRANSFER,
	DROPBEAR_OTHER,
	DROPBEAR_FAILED,
	DROPBEAR_UNKNOWN,
	DROPBEAR_DONE,
	DROPBEAR_EXIT,
	DROPBEAR_CONNECT,
	FTP_N
};

#define SUCCEEDED                      \
	{                              \
		"attempt", "succeeded" \
	}
#define FTP .product = "linux", .service = "ftp", .also = { "vsftpd", "syslog" }
#define SSH .product = "linux", .service = "dropbear", .also = { "auth", "syslog" }
#define PEER "user", "src_ip", "src_host", "src_port"

/* clang-format off */
static const struct message_form forms[FTP_N] = {
	[FTP_OTHER] = { "", FTP },
	[FTP_FAILED] = { "FAIL LOGIN: ", { LOGIN, FAILURE, FAILED }, { PEER, "reason" }, FTP },
	[PROFTPD_FAILED] = { "(Login failed)", { LOGIN, FAILURE, FAILED }, { PEER, "reason" }, FTP },
	[PURE_FAILED] = { "Authentication failed for user", { LOGIN, FAILURE, FAILED }, { PEER, "reason" }, FTP },
	[FTPD_FAILED] = { "failed login from ", { LOGIN, FAILURE, FAILED }, { PEER, "reason" }, FTP },
	[FTPD_REFUSED] = { "FTP LOGIN FAILED FROM ", { LOGIN, FAILURE, FAILED }, { PEER, "reason" }, FTP },
	[FTP_UNKNOWN] = { "no such user", { LOGIN, FAILURE, FAILED, { "invalid_user", "true" } }, { PEER }, FTP },
	[FTP_DONE] = { "OK LOGIN: ", { LOGIN, SUCCESS, SUCCEEDED }, { PEER }, FTP },
	[PROFTPD_DONE] = { ": Login successful", { LOGIN, SUCCESS, SUCCEEDED }, { PEER }, FTP },
	[PURE_DONE] = { " is now logged in", { LOGIN, SUCCESS, SUCCEEDED }, { PEER }, FTP },
	[FTPD_DONE] = { "FTP LOGIN FROM ", { LOGIN, SUCCESS, SUCCEEDED }, { PEER }, FTP },
	[FTP_CONNECT] = { "connect", { CONNECT, SUCCESS }, { PEER }, FTP },
	[FTP_REPEATED] = { "repeated login failures", { LOGIN, FAILURE, { "reason",
	  "too many attempts" } }, { PEER }, FTP },
	[FTP_ROOT] = { "root login attempted", { LOGIN, FAILURE, FAILED, { "user", "root" } },
	  { "src_ip", "src_host" }, FTP },
	[FTP_LIMIT] = { "Maximum login attempts", { LOGIN, FAILURE, { "reason",
	  "too many attempts" } }, { PEER }, FTP },
	[FTP_TRANSFER] = { "LOAD: Client ", { { "action", "transfer" } }, { PEER, "command" },
	  FTP },
	[DROPBEAR_OTHER] = { "", SSH },
	[DROPBEAR_FAILED] = { "password attempt for '", { LOGIN, FAILURE, FAILED, { "method",
	  "password" } }, { PEER }, SSH },
	[DROPBEAR_UNKNOWN] = { "login attempt for nonexistent user", { LOGIN, FAILURE, FAILED,
	  { "invalid_user", "true" } }, { PEER }, SSH },
	[DROPBEAR_DONE] = { "auth succeeded for '", { LOGIN, SUCCESS, SUCCEEDED }, { PEER,
	  "method" }, SSH },
	[DROPBEAR_EXIT] = { "Exit before auth", { LOGIN, FAILURE }, { PEER, "reason" }, SSH },
	[DROPBEAR_CONNECT] = { "Child connection from ", { CONNECT }, { PEER }, SSH },
};
/* clang-format on */
const struct message_set ftp_set = { "ftp", "vsftpd, ProFTPD, Pure-FTPd, wu-ftpd, ftpd, Dropbear",
				     forms, FTP_N };
_Static_assert((int)FTP_N <= (int)FORMS_MAIL - (int)FORMS_FTP, "room for its forms");

#define MATCH(w, list, message) template_match(w, list, COUNT(list), forms, FORMS_FTP, message)

/* The name of a failed login is hostile, and so is the password of an anonymous one. */
/* clang-format off */
static const struct template vsftpd_templates[] = {
	{ FTP_FAILED, "[%U] FAIL LOGIN: Client \"%s\", \"%r\"" },
	{ FTP_FAILED, "[%U] FAIL LOGIN: Client \"%s\"" },
	{ FTP_FAILED, "%U FAIL LOGIN: Client \"%s\"" },
	{ FTP_DONE, "[%u] OK LOGIN: Client \"%s\", anon password \"%q\"" },
	{ FTP_DONE, "[%u] OK LOGIN: Client \"%s\"" },
	{ FTP_CONNECT, "CONNECT: Client \"%s\"" },
	{ FTP_TRANSFER, "[%u] OK DOWNLOAD: Client \"%s\", %c" },
	{ FTP_TRANSFER, "[%u] OK UPLOAD: Client \"%s\", %c" },
};
/* clang-format on */

bool vsftpd_message(struct program_state *s, const struct record *r, struct str message)
{
	struct str rest = message, pid;

	(void)r;
	if (EAT(&rest, "[pid ") && UNTIL(&rest, "] ", &pid) && pid.len < 12)
		message = rest;
	return MATCH(&s->work, vsftpd_templates, message);
}

/* clang-format off */
static const struct template proftpd_templates[] = {
	{ PROFTPD_FAILED, "USER %U (Login failed): %r" },
	{ FTP_UNKNOWN, "USER %U: no such user found from %q" },
	{ FTP_UNKNOWN, "USER %U: no such user" },
	{ FTP_UNKNOWN, "no such user '%U'" },
	{ FTP_UNKNOWN, "%q no such user %q" },
	{ FTP_ROOT, "SECURITY VIOLATION: root login attempted." },
	{ FTP_ROOT, "SECURITY VIOLATION: Root login attempted." },
	{ FTP_ROOT, "SECURITY VIOLATION: root login attempted" },
	{ FTP_ROOT, "SECURITY VIOLATION: Root login attempted" },
	{ FTP_LIMIT, "Maximum login attempts (%q) exceeded" },
	{ FTP_LIMIT, "Maximum login attempts (%q) exceeded, %q" },
	{ PROFTPD_DONE, "USER %u: Login successful." },
	{ PROFTPD_DONE, "ANON %u: Login successful." },
	{ FTP_CONNECT, "FTP session opened." },
	{ FTP_CONNECT, "connected - local %q" },
};
/* clang-format on */

/* "server (name[address]): message", "server (name[address]) - message" */
bool proftpd_message(struct program_state *s, const struct record *r, struct str message)
{
	struct str rest = message, server, name, address;

	(void)r;
	if (!UNTIL(&rest, " (", &server) || !UNTIL(&rest, "[", &name) ||
	    !UNTIL(&rest, "])", &address) || !address_parse(address, NULL))
		return false;
	if (!EAT(&rest, ": ") && !EAT(&rest, " - ") && !EAT(&rest, " "))
		return false;
	if (!MATCH(&s->work, proftpd_templates, rest))
		return false;
	work_source(&s->work, address);
	return true;
}

/* clang-format off */
static const struct template pure_templates[] = {
	{ PURE_FAILED, "Authentication failed for user [%U]" },
	{ PURE_FAILED, "Authentication failed for user %U" },
	{ PURE_DONE, "%u is now logged in" },
	{ FTP_CONNECT, "New connection from %q" },
};
/* clang-format on */

/* "(?@1.2.3.4) [WARNING] message" */
bool pure_message(struct program_state *s, const struct record *r, struct str message)
{
	struct str rest = message, user, address, level;

	(void)r;
	if (!EAT(&rest, "(") || !UNTIL(&rest, "@", &user) || !UNTIL(&rest, ") [", &address) ||
	    !UNTIL(&rest, "] ", &level) || !MATCH(&s->work, pure_templates, rest))
		return false;
	work_source(&s->work, address);
	return true;
}

/* clang-format off */
static const struct template ftpd_templates[] = {
	{ FTPD_FAILED, "failed login from %h [%a]" },
	{ FTPD_REFUSED, "FTP LOGIN FAILED FROM %s, %u" },
	{ FTPD_REFUSED, "FTP LOGIN FAILED FROM %s" },
	{ FTP_REPEATED, "repeated login failures from %s (%h)" },
	{ FTP_REPEATED, "repeated login failures from %s" },
	{ FTPD_DONE, "ANONYMOUS FTP LOGIN FROM %h [%a], %q" },
	{ FTPD_DONE, "ANONYMOUS FTP LOGIN FROM %s, (%q" },
	{ FTPD_DONE, "FTP LOGIN FROM %h [%a], %u" },
	{ FTPD_DONE, "FTP LOGIN FROM %s as %u" },
	{ FTP_CONNECT, "connection from %s (%q) at %q" },
	{ FTP_CONNECT, "connection from %s at %q" },
};
/* clang-format on */

MESSAGE_BY_TEMPLATES(ftpd)

/* clang-format off */
static const struct template dropbear_templates[] = {
	{ DROPBEAR_FAILED, "Bad password attempt for '%U' from %x" },
	{ DROPBEAR_FAILED, "bad password attempt for '%U' from %x" },
	{ DROPBEAR_FAILED, "Bad PAM password attempt for '%U' from %x" },
	{ DROPBEAR_UNKNOWN, "Login attempt for nonexistent user from %x" },
	{ DROPBEAR_UNKNOWN, "login attempt for nonexistent user from %x" },
	{ DROPBEAR_UNKNOWN, "Login attempt for nonexistent user '%U' from %x" },
	{ DROPBEAR_DONE, "Password auth succeeded for '%u' from %x" },
	{ DROPBEAR_DONE, "PAM password auth succeeded for '%u' from %x" },
	{ DROPBEAR_DONE, "Pubkey auth succeeded for '%u' with %q from %x" },
	{ DROPBEAR_EXIT, "Exit before auth from <%x>: %r" },
	{ DROPBEAR_EXIT,
	  "Exit before auth (user '%U', %q fails): Max auth tries reached - user '%q' from %x" },
	{ DROPBEAR_EXIT, "Exit before auth (user '%U', %q fails): %r" },
	{ DROPBEAR_EXIT, "Exit before auth: %r" },
	{ DROPBEAR_CONNECT, "Child connection from %x" },
};
/* clang-format on */

bool dropbear_message(struct program_state *s, const struct record *r, struct str message)
{
	struct str rest = message, pid;
	struct clock clock = { .now = r->time };
	int64_t again;

	/* It may write process and time itself. */
	if (EAT(&rest, "[") && UNTIL(&rest, "] ", &pid) && pid.len < 12 &&
	    clock_bsd(&clock, &rest, &again) && EAT(&rest, " "))
		message = rest;
	return MATCH(&s->work, dropbear_templates, message);
}
