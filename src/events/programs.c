/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/program.h"

#define REPEAT_MAX 100U

/* clang-format off */
static const struct message_form other_forms[] = {
	{ "", .product = "linux", .also = { "syslog" } },
	/* Services that public rules name and of which nothing is known but what they say. */
	{ "", .product = "linux", .service = "clamav", .also = { "syslog" } },
	{ "", .product = "linux", .service = "guacamole", .also = { "syslog" } },
};
/* clang-format on */
static const struct message_set other_set = { "other", "programs without forms of their own",
					      other_forms, COUNT(other_forms) };

static bool other_message(struct program_state *s, const struct record *r, struct str message)
{
	(void)s;
	(void)r;
	(void)message;
	return false;
}

const struct message_set *const program_sets[PROGRAM_SETS] = {
	&other_set,  &sshd_set,     &pam_set, &account_set, &ftp_set,    &mail_set,
	&system_set, &database_set, &web_set, &daemon_set,  &sysmon_set,
};

/* A program by the name in the envelope, without path and what follows '(' or '/'. */
static const struct program {
	const char name[24];
	uint8_t len;
	uint16_t first; /* number of its first form */
	const struct message_set *set;
	const char *service; /* NULL: what is not known of it is no event of its own */
	program_fn *message;
} programs[] = {
#define PROGRAM(name, first, set, service, message)                     \
	{                                                               \
		name, sizeof(name) - 1, first, &(set), service, message \
	}
#define SSHD(name) PROGRAM(name, FORMS_SSHD, sshd_set, "sshd", sshd_message)
#define ACCOUNT(name, service, message) PROGRAM(name, FORMS_ACCOUNT, account_set, service, message)
#define USERS(name) ACCOUNT(name, "auth", user_message)
#define FTP(name, service, message) PROGRAM(name, FORMS_FTP, ftp_set, service, message)
#define MAIL(name, service, message) PROGRAM(name, FORMS_MAIL, mail_set, service, message)
#define SYSTEM(name, service, message) PROGRAM(name, FORMS_SYSTEM, system_set, service, message)
#define DATABASE(name, service, message) \
	PROGRAM(name, FORMS_DATABASE, database_set, service, message)
	SSHD("sshd"),
	SSHD("sshd-session"),
	SSHD("sshd-auth"),
	ACCOUNT("sudo", "sudo", sudo_message),
	ACCOUNT("su", "su", su_message),
	ACCOUNT("login", "login", login_message),
	USERS("useradd"),
	USERS("adduser"),
	USERS("usermod"),
	USERS("userdel"),
	USERS("groupadd"),
	USERS("groupmod"),
	USERS("groupdel"),
	USERS("gpasswd"),
	USERS("passwd"),
	USERS("chpasswd"),
	USERS("newusers"),
	USERS("chage"),
	USERS("chsh"),
	USERS("chfn"),
	FTP("vsftpd", "ftp", vsftpd_message),
	FTP("proftpd", "ftp", proftpd_message),
	FTP("pure-ftpd", "ftp", pure_message),
	FTP("wu-ftpd", "ftp", ftpd_message),
	FTP("ftpd", "ftp", ftpd_message),
	FTP("in.ftpd", "ftp", ftpd_message),
	FTP("dropbear", "dropbear", dropbear_message),
	MAIL("postfix", "postfix", postfix_message),
	MAIL("dovecot", "dovecot", dovecot_message),
	MAIL("dovecot-auth", "dovecot", dovecot_message),
	MAIL("imap-login", "dovecot", dovecot_message),
	MAIL("pop3-login", "dovecot", dovecot_message),
	MAIL("managesieve-login", "dovecot", dovecot_message),
	MAIL("submission-login", "dovecot", dovecot_message),
	MAIL("auth-worker", "dovecot", dovecot_message),
	MAIL("auth", "dovecot", dovecot_message),
	MAIL("exim", "exim", exim_message),
	MAIL("exim4", "exim", exim_message),
	MAIL("imapd", "courier", cyrus_message),
	MAIL("imapd-ssl", "courier", courier_message),
	MAIL("pop3d", "courier", cyrus_message),
	MAIL("pop3d-ssl", "courier", courier_message),
	MAIL("courierpop3login", "courier", courier_message),
	MAIL("courieresmtpd", "courier", courier_message),
	MAIL("cyrus", "cyrus", cyrus_message),
	MAIL("imap", "cyrus", cyrus_message),
	MAIL("imaps", "cyrus", cyrus_message),
	MAIL("pop3", "cyrus", cyrus_message),
	MAIL("pop3s", "cyrus", cyrus_message),
	MAIL("sendmail", "sendmail", sendmail_message),
	MAIL("sm-mta", "sendmail", sendmail_message),
	MAIL("sm-acceptingconnections", "sendmail", sendmail_message),
	SYSTEM("systemd", "systemd", systemd_message),
	SYSTEM("systemd-logind", "systemd-logind", logind_message),
	SYSTEM("cron", "cron", cron_message),
	SYSTEM("CRON", "cron", cron_message),
	SYSTEM("crond", "cron", cron_message),
	SYSTEM("CROND", "cron", cron_message),
	SYSTEM("crontab", "cron", cron_message),
	SYSTEM("anacron", "cron", cron_message),
	SYSTEM("kernel", "kernel", kernel_message),
	SYSTEM("rsyslogd", "rsyslog", log_message),
	SYSTEM("polkitd", "polkit", polkit_message),
	DATABASE("mysqld", "mysql", mysql_message),
	DATABASE("mariadbd", "mysql", mysql_message),
	DATABASE("postgres", "postgresql", postgres_message),
	DATABASE("postgresql", "postgresql", postgres_message),
	DATABASE("mssql", NULL, mssql_message),
#define DAEMON(name) PROGRAM(name, FORMS_DAEMON, daemon_set, "daemon", daemon_message)
#define OTHER(name, service) PROGRAM(name, FORMS_OTHER, other_set, service, other_message)
	OTHER("clamd", "clamav"),
	OTHER("clamscan", "clamav"),
	OTHER("freshclam", "clamav"),
	OTHER("clamav", "clamav"),
	OTHER("guacd", "guacamole"),
	DAEMON("gitea"),
	DAEMON("pvedaemon"),
	DAEMON("webmin"),
	DAEMON("openvpn"),
	DAEMON("named"),
	DAEMON("smtpd"),
	DAEMON("php-fpm"),
	DAEMON("xrdp-sesman"),
	PROGRAM("apache2", FORMS_WEB, web_set, "apache", apache_message),
	PROGRAM("httpd", FORMS_WEB, web_set, "apache", apache_message),
	PROGRAM("nginx", FORMS_WEB, web_set, "nginx", nginx_message),
	PROGRAM("sysmon", FORMS_SYSMON, sysmon_set, "sysmon", sysmon_message),
};

static struct str program_name(struct str s)
{
	size_t n = 0;

	if (s.len && *s.ptr == '/')
		s = str_basename(s);
	while (n < s.len && s.ptr[n] != '(' && s.ptr[n] != '/')
		n++;
	s.len = n;
	/* Instances: "postfix-incoming/smtpd". */
	if (str_starts(s, STR("postfix-")))
		s.len = strlen("postfix");
	return s;
}

static const struct message_form *other_form(const struct program *p)
{
	for (size_t i = 0; p && p->service && i < p->set->n; i++) {
		const struct message_form *f = &p->set->forms[i];

		if (!*f->literal && !f->constants[0].field && f->service &&
		    !strcmp(f->service, p->service))
			return f;
	}
	return NULL;
}

bool program_is(const struct program_slot *slot, program_fn *message)
{
	return slot->program && slot->program->message == message;
}

const struct program_slot *program_of(struct program_state *s, struct str full)
{
	static const struct program_slot none = {};
	struct program_slot *slot;
	struct str name;

	if (!full.len || full.len > sizeof slot->name)
		return &none;
	slot = &s->recent[((size_t)*full.ptr * 5 + (size_t)full.ptr[full.len - 1] + full.len) %
			  COUNT(s->recent)];
	if (slot->len == full.len && !memcmp(full.ptr, slot->name, full.len))
		return slot;
	name = program_name(full);
	*slot = (struct program_slot){ .len = (uint8_t)full.len };
	memcpy(slot->name, full.ptr, full.len);
	for (const struct program *p = programs; p < programs + COUNT(programs); p++)
		if (p->len == name.len && !memcmp(p->name, name.ptr, name.len))
			slot->program = p;
	slot->other = other_form(slot->program);
	return slot;
}

const char *program_bare(struct str m)
{
	m.len = MIN(m.len, MESSAGE_MAX);
	if (str_starts(m, STR("Failed password for ")) || str_starts(m, STR("Invalid user ")) ||
	    str_starts(m, STR("Accepted password for ")))
		return "sshd";
	if (str_contains(m, STR("Failed authentication attempt for ")))
		return "gitea";
	if (mysql_is(m))
		return "mysqld";
	if (postgres_is(m))
		return "postgres";
	if (str_contains(m, STR(" authenticator failed for ")) || str_starts(m, STR("SMTP ")) ||
	    str_starts(m, STR("H=")) || str_starts(m, STR("no MAIL in SMTP ")) ||
	    str_starts(m, STR("no host name found for IP address ")) ||
	    str_starts(m, STR("no IP address found for host ")) || str_contains(m, STR("] H=")) ||
	    str_contains(m, STR(" closed by DROP in ACL")) || str_contains(m, STR("] SMTP ")) ||
	    str_contains(m, STR("] no MAIL ")) ||
	    (m.len > 24 && m.ptr[6] == '-' &&
	     (str_contains(m, STR(" <= ")) || str_contains(m, STR(" => ")) ||
	      str_contains(m, STR(" Completed")))))
		return "exim";
	if (str_contains(m, STR(" LOGIN: Client \"")) ||
	    str_contains(m, STR("CONNECT: Client \"")) || str_contains(m, STR("LOAD: Client \"")))
		return "vsftpd";
	if (str_starts(m, STR("auth(")) || str_starts(m, STR("auth-worker(")))
		return "dovecot";
	if (str_starts(m, STR("Logon  ")))
		return "mssql";
	return NULL;
}

/* rsyslog: "message repeated 5 times: [ Failed password …]" */
static struct str repeated(struct str s, uint32_t *times)
{
	struct str rest = s;
	uint32_t n;

	*times = 1;
	if (!s.len || *s.ptr != 'm' || !EAT(&rest, "message repeated ") ||
	    !scan_number(&rest, &n) || !EAT(&rest, " times: [") || !EAT_END(&rest, "]"))
		return s;
	scan_blanks(&rest);
	*times = MAX(MIN(n, REPEAT_MAX), 1);
	return rest;
}

static void put_envelope(struct work *w, const struct record *r)
{
	w->e.time = r->time;
	w->e.raw = r->raw;
	w->e.record = r->number;
	if (w->e.idle) {
		w->e.n = w->e.n_constant = 0;
		return;
	}
	work_some(w, FIELD_HOSTNAME, r->hostname);
	work_some(w, FIELD_PROGRAM, r->program);
	work_number(w, FIELD_PID, r->pid);
	work_some(w, FIELD_FACILITY, r->facility);
	work_some(w, FIELD_SEVERITY, r->severity);
	work_put(w, FIELD_MESSAGE, r->message);
}

static bool starts_pam(const struct record *r, struct str m)
{
	char c = '\0';

	if (m.len > 8)
		c = *m.ptr;

	return (c == 'p' && !memcmp(m.ptr, "pam_", 4)) ||
	       (c == '(' && !memcmp(m.ptr, "(pam_", 5)) ||
	       (c == 'P' && !memcmp(m.ptr, "PAM ", 4)) ||
	       (c == 'a' && str_starts(m, STR("authentication failure; logname="))) ||
	       (r->program.len && r->program.ptr[r->program.len - 1] == ')');
}

/* One event of the message, whatever is known of it. */
static void make(struct program_state *s, const struct record *r, const struct program_slot *slot,
		 struct str message)
{
	const struct program *p = slot->program;
	struct work *w = &s->work;

	if (message.len <= MESSAGE_MAX) {
		if (starts_pam(r, message) && pam_message(s, r, message))
			return;
		s->repeat = 1;
		if (p && p->message(s, r, message))
			return;
	}
	s->repeat = 1;
	if (p && slot->other)
		work_begin(w, slot->other, p->first + (unsigned)(slot->other - p->set->forms));
	else
		work_begin(w, other_forms, FORMS_OTHER);
}

int program_emit(struct program_state *s, const struct record *r, event_fn *emit, void *user)
{
	const char *bare = r->program.len ? NULL : program_bare(r->message);
	const struct program_slot *slot =
		r->known ? r->slot : program_of(s, bare ? str_of(bare) : r->program);
	struct str message;
	uint32_t times;

	message = repeated(r->message, &times);
	for (uint32_t i = 0; i < times; i++) {
		s->repeat = 1;
		make(s, r, slot, message);
		put_envelope(&s->work, r);
		for (uint32_t k = 0; k < s->repeat; k++) {
			int result = emit(user, &s->work.e);

			if (result)
				return result;
		}
	}
	return 0;
}

int program_tell(struct program_state *s, const struct record *r, event_fn *emit, void *user)
{
	put_envelope(&s->work, r);
	return emit(user, &s->work.e);
}

struct str journal_program(struct str identifier, struct str uid, struct str exe)
{
	struct str name = str_basename(exe);

	if (str_starts(identifier, STR("sshd")) && uid.len && !str_eq(uid, STR("0")) && exe.len &&
	    !str_starts(name, STR("sshd")))
		return STR("not-sshd");
	return identifier;
}
