/* SPDX-License-Identifier: GPL-3.0-or-later */
/* database: MySQL, MariaDB, PostgreSQL, SQL Server; their own logs and by way of syslog. */
#include "events/program.h"
#include "events/template.h"

enum database_form {
	MYSQL_OTHER,
	MYSQL_DENIED,
	MYSQL_ABORTED,
	MYSQL_BLOCKED,
	POSTGRES_OTHER,
	POSTGRES_CONNECT,
	POSTGRES_LOGIN,
	POSTGRES_FAILED,
	POSTGRES_REFUSED,
	POSTGRES_MISSING,
	MSSQL_FAILED,
	MSSQL_BROKEN,
	DATABASE_N
};

#define FROM(name) .service = name, .category = "database", .also = { "syslog" }
#define PEER "user", "src_ip", "src_host", "src_port", "database"

/* clang-format off */
static const struct message_form forms[DATABASE_N] = {
	[MYSQL_OTHER] = { "", FROM("mysql") },
	[MYSQL_DENIED] = { "Access denied for user '", { LOGIN, FAILURE, FAILED }, { PEER },
	  FROM("mysql") },
	[MYSQL_ABORTED] = { "Aborted connection ", { CONNECT, FAILURE }, { PEER, "reason" },
	  FROM("mysql") },
	[MYSQL_BLOCKED] = { " is blocked because of many connection errors", { CONNECT, FAILURE,
	  { "attempt", "refused" } }, { PEER }, FROM("mysql") },
	[POSTGRES_OTHER] = { "", FROM("postgresql") },
	[POSTGRES_CONNECT] = { "connection received: host=", { CONNECT }, { PEER },
	  FROM("postgresql"), .context = true },
	[POSTGRES_LOGIN] = { "connection authorized: user=", { LOGIN, SUCCESS, { "attempt",
	  "succeeded" } }, { PEER }, FROM("postgresql") },
	[POSTGRES_FAILED] = { " authentication failed for user \"", { LOGIN, FAILURE, FAILED },
	  { PEER, "method" }, FROM("postgresql") },
	[POSTGRES_REFUSED] = { "pg_hba.conf ", { LOGIN, FAILURE, FAILED }, { PEER, "reason" },
	  FROM("postgresql") },
	[POSTGRES_MISSING] = { "does not exist", { LOGIN, FAILURE, FAILED, { "invalid_user",
	  "true" } }, { PEER }, FROM("postgresql") },
	[MSSQL_FAILED] = { "Login failed", { LOGIN, FAILURE, FAILED }, { PEER, "reason" },
	  .product = "windows", .service = "mssql", .category = "database" },
	[MSSQL_BROKEN] = { "Length specified in network packet", { CONNECT, FAILURE }, { PEER,
	  "reason" }, .product = "windows", .service = "mssql", .category = "database" },
};
/* clang-format on */
const struct message_set database_set = { "database", "MySQL, MariaDB, PostgreSQL, SQL Server",
					  forms, DATABASE_N };
_Static_assert((int)DATABASE_N <= (int)FORMS_WEB - (int)FORMS_DATABASE, "room for its forms");

#define MATCH(w, list, message) template_match(w, list, COUNT(list), forms, FORMS_DATABASE, message)

/* The name is hostile where the password was wrong; the name of a database where it was right. */
/* clang-format off */
static const struct template mysql_templates[] = {
	{ MYSQL_DENIED, "Access denied for user '%U'@'%s' (using password: YES)" },
	{ MYSQL_DENIED, "Access denied for user '%U'@'%s' (using password: NO)" },
	/* Either name may be the hostile one: no address. */
	{ MYSQL_DENIED, "Access denied for user '%u'@'%q' to database '%q'@'%q'" },
	{ MYSQL_DENIED, "Access denied for user '%u'@'%s' to database '%B'" },
	{ MYSQL_DENIED, "Access denied for user '%U'@'%s'" },
	{ MYSQL_ABORTED, "Aborted connection %q to db: '%b' user: '%u' host: '%s' (%r)" },
	{ MYSQL_BLOCKED, "Host '%s' is blocked because of many connection errors; %q" },
};
/* clang-format on */

static bool is_level(struct str s)
{
	return str_eq(s, STR("Warning")) || str_eq(s, STR("Note")) || str_eq(s, STR("ERROR")) ||
	       str_eq(s, STR("System"));
}

/*
 * "130916 21:30:26 [Warning] ", "2019-09-06  1:45:18 1405 [Warning] ", "89 [Note] [MY-010926]
 * [Server] ", the same behind "2026-03-04T10:00:10.123456Z "
 */
static struct str without_level(struct str s)
{
	struct str rest = s, part;
	struct clock clock = {};
	int64_t again;
	uint32_t n;
	size_t digits = 0;

	if (clock_mysql(&clock, &rest, &again) || clock_iso(&clock, &rest, &again))
		scan_blanks(&rest);
	while (digits < rest.len && scan_is_digit(rest.ptr[digits]))
		digits++;
	rest = scan_skip(rest, digits);
	scan_blanks(&rest);
	for (n = 0; n < 3 && EAT(&rest, "["); n++)
		if (!UNTIL(&rest, "] ", &part) || part.len > 24 || (!n && !is_level(part)))
			return s;
	return n ? rest : s;
}

bool mysql_message(struct program_state *s, const struct record *r, struct str message)
{
	(void)r;
	return MATCH(&s->work, mysql_templates, without_level(message));
}

bool mysql_is(struct str message)
{
	struct str rest = without_level(message);

	return rest.len != message.len;
}

/* clang-format off */
static const struct template postgres_templates[] = {
	{ POSTGRES_CONNECT, "connection received: host=%s port=%p" },
	{ POSTGRES_CONNECT, "connection received: host=%s" },
	{ POSTGRES_LOGIN, "connection authorized: user=%u database=%b application_name=%q" },
	{ POSTGRES_LOGIN, "connection authorized: user=%u database=%b SSL enabled %q" },
	{ POSTGRES_LOGIN, "connection authorized: user=%u database=%b" },
	{ POSTGRES_REFUSED,
	  "no pg_hba.conf entry for host \"%s\", user \"%u\", database \"%B\", %r" },
	{ POSTGRES_REFUSED,
	  "no pg_hba.conf entry for host \"%s\", user \"%u\", database \"%B\"" },
	{ POSTGRES_REFUSED,
	  "pg_hba.conf rejects connection for host \"%s\", user \"%u\", database \"%B\", %r" },
	{ POSTGRES_REFUSED,
	  "pg_hba.conf rejects connection for host \"%s\", user \"%u\", database \"%B\"" },
	{ POSTGRES_FAILED, "%m authentication failed for user \"%U\"" },
	{ POSTGRES_MISSING, "role \"%U\" does not exist" },
	{ POSTGRES_MISSING, "database \"%B\" does not exist" },
};
/* clang-format on */

/*
 * What follows "FATAL:  " or "LOG:  " and is a message; in front may stand a name, which is
 * hostile.
 */
static bool postgres_text(struct program_state *s, struct str message)
{
	static const char *const levels[] = { "FATAL:  ", "LOG:  ", "FATAL: ", "LOG: " };

	for (size_t i = 0; i < message.len; i++) {
		for (size_t k = 0; k < COUNT(levels); k++) {
			struct str rest = scan_skip(message, i);

			if (scan_eat(&rest, levels[k], strlen(levels[k])) &&
			    MATCH(&s->work, postgres_templates, rest))
				return true;
		}
	}
	return false;
}

/* "UTC [1234] name@database FATAL:  …": the process id of the connection. */
static struct str postgres_pid(const struct record *r, struct str message)
{
	struct str rest = message, before, pid;

	if (r->pid.len)
		return r->pid;
	if (!UNTIL(&rest, "[", &before) || before.len > 8 || !scan_until(&rest, ']', &pid) ||
	    !pid.len || !scan_is_digit(*pid.ptr))
		return (struct str){};
	return pid;
}

/* An address that log_line_prefix puts in front: "1.2.3.4", "1.2.3.4(5432)". */
static struct str postgres_prefix(struct str message)
{
	for (unsigned i = 0; i < 8 && message.len; i++) {
		struct str word = scan_word(&message), address = word;
		const char *p = word.len ? memchr(word.ptr, '(', word.len) : NULL;

		if (p)
			address.len = (size_t)(p - word.ptr);
		if (str_ends(word, STR(":")) && !address_parse(address, NULL))
			break;
		if (address_parse(address, NULL))
			return address;
	}
	return (struct str){};
}

bool postgres_message(struct program_state *s, const struct record *r, struct str message)
{
	struct work *w = &s->work;
	struct connection *c;
	const struct event_value *v;
	struct str prefix;

	if (!postgres_text(s, message))
		return false;
	c = connection_of(&s->connections, postgres_pid(r, message), r->hostname, r->time);
	v = w->id[FIELD_SRC_IP] ? event_get(&w->e, w->id[FIELD_SRC_IP]) : NULL;
	if (v) {
		if (c)
			connection_note(c, v->text, (struct str){});
		return true;
	}
	prefix = postgres_prefix(message);
	if (prefix.len)
		work_source(w, prefix);
	else if (c && c->address_len)
		work_put(w, FIELD_SRC_IP, work_copy(w, connection_address(c)));
	return true;
}

bool postgres_is(struct str message)
{
	return (str_contains(message, STR("LOG:  ")) || str_contains(message, STR("FATAL:  ")) ||
		str_contains(message, STR("ERROR:  ")) ||
		str_contains(message, STR("STATEMENT:  ")) ||
		str_contains(message, STR("DETAIL:  "))) &&
	       str_contains(message, STR("] "));
}

/* clang-format off */
static const struct template mssql_templates[] = {
	{ MSSQL_FAILED, "Login failed for user '%U'. Reason: %r [CLIENT: %a]" },
	{ MSSQL_FAILED, "Login failed for user '%U'. [CLIENT: %a]" },
	{ MSSQL_FAILED, "Login failed. %r [CLIENT: %a]" },
	{ MSSQL_BROKEN, "Length specified %r [CLIENT: %a]" },
};
/* clang-format on */

/* "Logon       Login failed for user 'sa'. …" */
bool mssql_message(struct program_state *s, const struct record *r, struct str message)
{
	struct str rest = message;

	(void)r;
	if (!EAT(&rest, "Logon "))
		return false;
	scan_blanks(&rest);
	return MATCH(&s->work, mssql_templates, rest);
}
