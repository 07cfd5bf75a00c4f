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
};

struct program;
struct program_state {
	struct work work;
	struct connections connections;
	char last_name[32];
	uint8_t last_len;
	const struct program *last;
};

/*
 * Fills in an event of the message; false: none of those that the program is known for (then it is an event
 * without constants).
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
	FORMS_END = FORMS_SYSTEM + 64,
};
_Static_assert(FORMS_END <= WORK_FORMS, "room for the forms of all programs");

extern const struct message_set sshd_set;
program_fn sshd_message;

#define PROGRAM_SETS 2
extern const struct message_set *const program_sets[PROGRAM_SETS];

/* Emits what the record says: 0, what emit returned. */
[[nodiscard]] int program_emit(struct program_state *s, const struct record *r, event_fn *emit,
			       void *user);

#endif
