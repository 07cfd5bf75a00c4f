/* SPDX-License-Identifier: GPL-3.0-or-later */
/* audit: what the files of the audit decoder share. */
#ifndef HF_EVENTS_AUDIT_H
#define HF_EVENTS_AUDIT_H

#include "events/decoders.h"
#include "events/work.h"

enum audit_form {
	AUDIT_RECORD,
	AUDIT_LOGIN,
	AUDIT_LOGIN_FAILED,
	AUDIT_PROCESS,
	AUDIT_FILE,
	AUDIT_FILE_DELETE,
	AUDIT_NETWORK,
	AUDIT_N
};
extern const struct message_form audit_forms[AUDIT_N];

/* Parts of one event that wait for the others: copies, all in `text`. */
#define AUDIT_TEXT 8192U
#define AUDIT_PATHS 8U
struct audit_event {
	uint64_t serial;
	int64_t time; /* milliseconds since 1970, as in the record; 0: free */
	uint64_t line; /* of the first record */
	struct str raw, node, exe, comm, cwd, arguments, title, user, uid, login, pid, parent, address,
		port;
	struct str paths[AUDIT_PATHS];
	bool created[AUDIT_PATHS], deleted[AUDIT_PATHS];
	uint8_t n_paths;
	bool execve, connect, success;
	uint16_t used;
	char text[AUDIT_TEXT];
};

#define AUDIT_PENDING 16U
#define AUDIT_PROCESSES 512U
struct audit_process {
	uint32_t pid;
	uint16_t image_len, line_len;
	char text[384]; /* image, command line */
};

struct audit_state {
	struct work work;
	bool started;
	uint64_t last_serial;
	struct audit_event pending[AUDIT_PENDING];
	struct audit_process processes[AUDIT_PROCESSES];
	/* Numbers of names of keys. */
	struct audit_name {
		char text[30];
		uint8_t len;
		uint16_t id;
	} names[256];
	char decoded[16384]; /* of hexadecimal values of a line */
	size_t decoded_len;
};

/* One "key=value" of a record. */
struct audit_value {
	struct str key, text;
};

/* Copies into the event; cut where it is full. */
struct str audit_keep(struct audit_event *e, struct str text);
/* What the joined event says as a process, a file or a connection. */
[[nodiscard]] int audit_joined(struct audit_state *s, struct audit_event *e, event_fn *emit,
			       void *user);
/* One record's part in the joined event. */
void audit_collect(struct audit_event *e, struct str type, const struct audit_value *v);

#endif
