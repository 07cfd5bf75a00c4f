/* SPDX-License-Identifier: GPL-3.0-or-later */
/* syslog: what the files that read the system log share. */
#ifndef HF_EVENTS_SYSLOG_H
#define HF_EVENTS_SYSLOG_H

#include "events/program.h"

/* "time host program[" of the line before: most lines of an attack begin alike. */
struct header {
	char text[96];
	uint8_t len, host_at, host_len, program_at, program_len;
	bool sshd;          /* the program is sshd */
	uint8_t looked_for; /* enum header_texts */
	uint32_t host;      /* connection_host() */
	int64_t time;
	const struct program_slot *slot;
};

/* What is known of the texts that are looked for, and a header. */
enum header_texts {
	HEADER_NOT_KNOWN,
	HEADER_BEARS,  /* it has one of them */
	HEADER_PASSES, /* none of them begins in it */
};

struct syslog_state {
	struct program_state programs;
	struct clock clock;
	bool started;
	struct header header;
	const struct prefilter *filter; /* of which the following is known */
	uint8_t wanted;                 /* a bit each enum sshd_shape: its words are looked for */
	uint8_t passing; /* a bit each of the everyday words: none of the texts begins there */
};

/* The whole of a line into *r; false: it is no line of a system log. */
bool syslog_parse(struct clock *clock, struct str line, struct record *r);
/* decoder.decode */
[[nodiscard]] int syslog_decode(void *state, const struct decode_context *x, struct str block,
				uint64_t first_line, event_fn *emit, void *user, uint64_t *skipped);

#endif
