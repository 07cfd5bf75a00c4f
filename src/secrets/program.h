/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program: the table of programs that take secrets as arguments (programs.def). */
#ifndef HF_SECRETS_PROGRAM_H
#define HF_SECRETS_PROGRAM_H

#include "base/str.h"

enum program_form {
	FORM_ATTACHED = 1 << 0, /* -psecret */
	FORM_NEXT = 1 << 1,     /* -p secret */
	FORM_EQUAL = 1 << 2,    /* --password=secret */
};

/* Which part of the word is the secret. */
enum program_take {
	TAKE_ALL,
	TAKE_COLON,   /* user:secret */
	TAKE_COLON2,  /* [algorithm:]name:secret */
	TAKE_PERCENT, /* user%secret */
	TAKE_COMMA,   /* user,secret */
	TAKE_SLASH,   /* user/secret@database */
	TAKE_SOURCE,  /* pass:secret, as openssl has it */
	TAKE_GUEST,   /* password:secret, as libguestfs has it */
	TAKE_TARGET,  /* domain/user:secret@host */
	TAKE_IWKEY,   /* s:secret */
	TAKE_NETUSE,
	TAKE_NOPORT, /* digits alone are a port that was meant for -P */
	TAKE_HEX,
	TAKE_KEY,
};

enum program_what { PROGRAM_OPTION, PROGRAM_ARGUMENT, PROGRAM_SETTING };

struct program_row {
	const char *programs;
	const char *before; /* words that must stand before it, or NULL */
	const char *option; /* PROGRAM_OPTION */
	uint16_t next;      /* of the same program, from 1; 0: none */
	uint8_t what, form, take;
	uint8_t nth; /* PROGRAM_ARGUMENT */
};

/* Rows of a program, one after the other; NULL at the end. */
struct program_rows {
	uint16_t at;
};
struct program_rows program_find(struct str name);
const struct program_row *program_next(struct program_rows *r);
static inline bool program_known(struct str name) { return program_find(name).at; }

/* Runs another program, whose name and arguments follow. */
bool program_is_wrapper(struct str name);
/* Looks for texts, shows or installs things: what its arguments name is none of theirs. */
bool program_is_inert(struct str name);
/* Has the name of an ordinary word or option. */
bool program_is_ambiguous(struct str name);
bool names_have(const char *names, struct str name);

#endif
