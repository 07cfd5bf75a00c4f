/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program: what programs say in the system log, whatever brought it: a syslog line, a journal entry
 * or a container's log. One file a program or family; programs.c has the table.
 */
#ifndef HF_EVENTS_PROGRAM_H
#define HF_EVENTS_PROGRAM_H

#include "events/connection.h"
#include "events/work.h"

/* A message and what its envelope says. */
struct record {
	struct str raw;
	uint64_t number;
	int64_t time;
	struct str hostname, program, pid, facility, severity, message;
	/* Where the line begins as the one before: */
	bool known;
	uint32_t pid_number, host; /* host: connection_host() */
	const struct program_slot *slot;
};

struct program;
struct evtx_reader;
struct program_state {
	struct work work;
	struct connections connections;
	uint8_t sshd_first[128]; /* by first letter: where sshd's openings begin, plus 1 */
	bool sshd_ready;
	uint32_t
		repeat; /* attempts that the line stands for; set by program_fn where it is not 1 */
	/* Programs by name: a few take turns. */
	struct program_slot {
		char name[40];
		uint8_t len;
		const struct program *program;
		const struct message_form *other;
	} recent[16];
	struct evtx_reader *windows; /* of sysmon.c; NULL until it is needed */
};

/*
 * Fills in an event of the message; false: none of those that the program is known for (then it
 * is an event without constants).
 */
typedef bool program_fn(struct program_state *s, const struct record *r, struct str message);

/* First numbers of the forms of each set in struct work. */
enum {
	FORMS_OTHER = 0,
	FORMS_SSHD = FORMS_OTHER + 8,
	FORMS_PAM = FORMS_SSHD + 64,
	FORMS_ACCOUNT = FORMS_PAM + 32,
	FORMS_FTP = FORMS_ACCOUNT + 64,
	FORMS_MAIL = FORMS_FTP + 32,
	FORMS_SYSTEM = FORMS_MAIL + 64,
	FORMS_DATABASE = FORMS_SYSTEM + 32,
	FORMS_WEB = FORMS_DATABASE + 16,
	FORMS_DAEMON = FORMS_WEB + 32,
	FORMS_SYSMON = FORMS_DAEMON + 16,
	FORMS_END = FORMS_SYSMON + 16,
};
_Static_assert(FORMS_END <= WORK_FORMS, "room for the forms of all programs");

extern const struct message_set sshd_set, pam_set, account_set, ftp_set, mail_set, system_set,
	database_set, web_set, daemon_set, sysmon_set;
program_fn sshd_message, pam_message, sudo_message, su_message, login_message, user_message;
program_fn vsftpd_message, proftpd_message, pure_message, ftpd_message, dropbear_message;
program_fn postfix_message, dovecot_message, exim_message, courier_message, cyrus_message,
	sendmail_message;
program_fn systemd_message, logind_message, cron_message, kernel_message, log_message,
	polkit_message;
program_fn mysql_message, postgres_message, mssql_message;
program_fn apache_message, nginx_message, daemon_message;
program_fn sysmon_message;

/* Whether a line without an envelope is one of theirs. */
bool mysql_is(struct str message);
bool postgres_is(struct str message);
/* A program that writes such lines, or NULL. */
const char *program_bare(struct str message);

/* Longer ones are no message of a program that is known here; searching them would take time. */
#define MESSAGE_MAX 8192U

#define PROGRAM_SETS 11
extern const struct message_set *const program_sets[PROGRAM_SETS];

/*
 * The program of an entry of the journal. Anybody may call himself sshd: the entry says who
 * wrote it (uid, exe; empty: not known), and what others wrote is no word of sshd's.
 */
struct str journal_program(struct str identifier, struct str uid, struct str exe);

/* The program of that name; good until another one is asked for. */
const struct program_slot *program_of(struct program_state *s, struct str name);
bool program_is(const struct program_slot *slot, program_fn *message);

/* Emits what the record says: 0, what emit returned. */
[[nodiscard]] int program_emit(struct program_state *s, const struct record *r, event_fn *emit,
			       void *user);
/* The same of one whose message was read. */
[[nodiscard]] int program_tell(struct program_state *s, const struct record *r, event_fn *emit,
			       void *user);
void program_release(struct program_state *s);

/* Constants of forms; what an attempt was and how it ended. */
/* clang-format off */
#define LOGIN { "action", "login" }
#define CONNECT { "action", "connect" }
#define ACTION(text) { "action", text }
#define FAILURE { "outcome", "failure" }
#define SUCCESS { "outcome", "success" }
#define FAILED { "attempt", "failed" }

/* The program_fn of a program that templates alone describe. */
#define MESSAGE_BY_TEMPLATES(name)                                                                \
	bool name##_message(struct program_state *s, const struct record *r, struct str message)  \
	{                                                                                         \
		(void)r;                                                                          \
		return MATCH(&s->work, name##_templates, message);                                \
	}
/* clang-format on */

#endif
