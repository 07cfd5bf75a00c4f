/* SPDX-License-Identifier: GPL-3.0-or-later */
/* system: systemd, logind, cron, the kernel, rsyslogd, polkit. */
#include "events/program.h"
#include "events/template.h"

enum system_form {
	UNIT_OTHER,
	UNIT_STARTED,
	UNIT_STOPPED,
	UNIT_FAILED,
	LOGIND_OTHER,
	LOGIND_NEW,
	LOGIND_REMOVED,
	CRON_OTHER,
	CRON_RUN,
	CRON_EDIT,
	CRON_REPLACE,
	CRON_DELETE,
	CRON_RELOAD,
	CRON_DENIED,
	KERNEL_OTHER,
	KERNEL_PACKET,
	KERNEL_PROMISCUOUS,
	KERNEL_MODULE,
	KERNEL_SEGFAULT,
	LOG_OTHER,
	LOG_START,
	LOG_STOP,
	POLKIT_OTHER,
	POLKIT_FAILED,
	POLKIT_DONE,
	SYSTEM_N
};

#define FROM(name) .product = "linux", .service = name, .also = { "syslog" }
#define FIREWALL \
	.product = "linux", .service = "kernel", .category = "firewall", .also = { "syslog" }

/* clang-format off */
static const struct message_form forms[SYSTEM_N] = {
	[UNIT_OTHER] = { "", FROM("systemd") },
	[UNIT_STARTED] = { "Started ", { ACTION("service_start"), SUCCESS }, { "service" },
	  FROM("systemd") },
	[UNIT_STOPPED] = { "Stopped ", { ACTION("service_stop"), SUCCESS }, { "service" },
	  FROM("systemd") },
	[UNIT_FAILED] = { ": Failed with result '", { ACTION("service_stop"), FAILURE },
	  { "service", "reason" }, FROM("systemd") },
	[LOGIND_OTHER] = { "", FROM("systemd-logind") },
	[LOGIND_NEW] = { "New session ", { ACTION("session_open"), SUCCESS }, { "session",
	  "user" }, FROM("systemd-logind") },
	[LOGIND_REMOVED] = { "Removed session ", { ACTION("session_close") }, { "session" },
	  FROM("systemd-logind") },
	[CRON_OTHER] = { "", FROM("cron") },
	[CRON_RUN] = { ") CMD (", { ACTION("job_run") }, { "user", "command" }, FROM("cron") },
	[CRON_EDIT] = { ") BEGIN EDIT (", { ACTION("job_edit") }, { "user", "target_user" },
	  FROM("cron") },
	[CRON_REPLACE] = { ") REPLACE (", { ACTION("job_change"), SUCCESS }, { "user",
	  "target_user" }, FROM("cron") },
	[CRON_DELETE] = { ") DELETE (", { ACTION("job_delete"), SUCCESS }, { "user",
	  "target_user" }, FROM("cron") },
	[CRON_RELOAD] = { ") RELOAD (", { ACTION("job_change"), SUCCESS }, { "user", "module" },
	  FROM("cron") },
	[CRON_DENIED] = { ") AUTH (", { ACTION("job_change"), FAILURE }, { "user", "reason" },
	  FROM("cron") },
	[KERNEL_OTHER] = { "", FROM("kernel") },
	[KERNEL_PACKET] = { " SRC=", { ACTION("packet") }, { "src_ip", "dst_ip", "src_port",
	  "dst_port", "protocol", "reason" }, FIREWALL },
	[KERNEL_PROMISCUOUS] = { "entered promiscuous mode", { ACTION("promiscuous"), SUCCESS },
	  { "module" }, FROM("kernel") },
	[KERNEL_MODULE] = { "module verification failed", { ACTION("module_load"), SUCCESS,
	  { "reason", "not signed" } }, { "module" }, FROM("kernel") },
	[KERNEL_SEGFAULT] = { "segfault at ", { ACTION("crash") }, { "command" },
	  FROM("kernel") },
	[LOG_OTHER] = { "", FROM("rsyslog") },
	[LOG_START] = { "start", { ACTION("log_start"), SUCCESS }, {}, FROM("rsyslog") },
	[LOG_STOP] = { "exiting on signal ", { ACTION("log_stop"), SUCCESS }, {},
	  FROM("rsyslog") },
	[POLKIT_OTHER] = { "", FROM("polkit") },
	[POLKIT_FAILED] = { "FAILED to authenticate", { ACTION("polkit"), FAILURE, { "attempt",
	  "failed" } }, { "user", "command" }, FROM("polkit") },
	[POLKIT_DONE] = { "successfully authenticated", { ACTION("polkit"), SUCCESS }, { "user",
	  "command" }, FROM("polkit") },
};
/* clang-format on */
const struct message_set system_set = { "system",
					"systemd, logind, cron, the kernel, rsyslogd, polkit",
					forms, SYSTEM_N };
_Static_assert((int)SYSTEM_N <= (int)FORMS_END - (int)FORMS_SYSTEM, "room for its forms");

#define MATCH(w, list, message) template_match(w, list, COUNT(list), forms, FORMS_SYSTEM, message)

/* clang-format off */
static const struct template unit_templates[] = {
	{ UNIT_STARTED, "Started %v." },
	{ UNIT_STARTED, "Started %v" },
	{ UNIT_STOPPED, "Stopped %v." },
	{ UNIT_STOPPED, "Stopped %v" },
	{ UNIT_FAILED, "%v: Failed with result '%r'." },
};
/* clang-format on */

bool systemd_message(struct program_state *s, const struct record *r, struct str message)
{
	(void)r;
	return MATCH(&s->work, unit_templates, message);
}

/* clang-format off */
static const struct template logind_templates[] = {
	{ LOGIND_NEW, "New session '%n' of user '%u' with class %q." },
	{ LOGIND_NEW, "New session %n of user %u." },
	{ LOGIND_REMOVED, "Removed session %n." },
};
/* clang-format on */

MESSAGE_BY_TEMPLATES(logind)

/* clang-format off */
static const struct template cron_templates[] = {
	{ CRON_RUN, "(%u) CMD (%c)" },
	{ CRON_EDIT, "(%u) BEGIN EDIT (%t)" },
	{ CRON_REPLACE, "(%u) REPLACE (%t)" },
	{ CRON_DELETE, "(%u) DELETE (%t)" },
	{ CRON_RELOAD, "(%u) RELOAD (%o)" },
	{ CRON_DENIED, "(%u) AUTH (%r)" },
};
/* clang-format on */

MESSAGE_BY_TEMPLATES(cron)

/* Value of " KEY=" up to the blank. */
static struct str value_of(struct str s, struct str key)
{
	struct str before;

	if (!scan_until_text(&s, key, &before))
		return (struct str){};
	return scan_word(&s);
}

/* "[UFW BLOCK] IN=eth0 OUT= MAC=… SRC=1.2.3.4 DST=5.6.7.8 … PROTO=TCP SPT=1 DPT=22 …" */
static bool packet(struct work *w, struct str s)
{
	struct str prefix, rest = s, source, destination;

	if (!UNTIL(&rest, "IN=", &prefix))
		return false;
	source = value_of(rest, STR(" SRC="));
	destination = value_of(rest, STR(" DST="));
	if (!address_parse(source, NULL) || !address_parse(destination, NULL))
		return false;
	work_begin(w, &forms[KERNEL_PACKET], FORMS_SYSTEM + KERNEL_PACKET);
	work_source(w, source);
	work_put(w, FIELD_DST_IP, work_address(w, destination));
	work_some(w, FIELD_PROTOCOL, value_of(rest, STR(" PROTO=")));
	work_number(w, FIELD_SRC_PORT, value_of(rest, STR(" SPT=")));
	work_number(w, FIELD_DST_PORT, value_of(rest, STR(" DPT=")));
	work_some(w, FIELD_REASON, str_trim(prefix));
	return true;
}

/* clang-format off */
static const struct template kernel_templates[] = {
	{ KERNEL_PROMISCUOUS, "device %o entered promiscuous mode" },
	{ KERNEL_PROMISCUOUS, "%q %o: entered promiscuous mode" },
	{ KERNEL_PROMISCUOUS, "%o: entered promiscuous mode" },
	{ KERNEL_MODULE, "%o: module verification failed: %q" },
	{ KERNEL_SEGFAULT, "%c[%q]: segfault at %q" },
};
/* clang-format on */

bool kernel_message(struct program_state *s, const struct record *r, struct str message)
{
	struct str rest = message, stamp;

	(void)r;
	/* "[12345.678901] " */
	if (EAT(&rest, "[") && UNTIL(&rest, "] ", &stamp) && stamp.len < 24)
		message = rest;
	return packet(&s->work, message) || MATCH(&s->work, kernel_templates, message);
}

/* clang-format off */
static const struct template log_templates[] = {
	{ LOG_START, "%q] start" },
	{ LOG_STOP, "%q] exiting on signal %q" },
};
/* clang-format on */

MESSAGE_BY_TEMPLATES(log)

/* clang-format off */
static const struct template polkit_templates[] = {
	{ POLKIT_FAILED,
	  "Operator of %q FAILED to authenticate to gain authorization for action %c for %q "
	  "(owned by unix-user:%u)" },
	{ POLKIT_DONE,
	  "Operator of %q successfully authenticated as unix-user:%q to gain %q authorization "
	  "for action %c for %q (owned by unix-user:%u)" },
};
/* clang-format on */

MESSAGE_BY_TEMPLATES(polkit)
