/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: what a file holds, by its name. Pure. */
#ifndef HF_SECRETS_FILE_H
#define HF_SECRETS_FILE_H

#include "base/str.h"

enum secret_format {
	FORMAT_TEXT,        /* anything: commands and settings */
	FORMAT_HISTORY,     /* bash with time stamps, zsh's ": time:0;", fish's "- cmd: " */
	FORMAT_SQL_HISTORY, /* "\040" is a blank in libedit's */
	FORMAT_SETTINGS,    /* NAME=value, name: value */
	FORMAT_CODE,        /* of a programming language */
	FORMAT_JSON,
	FORMAT_NETRC,
	FORMAT_PGPASS,
	FORMAT_SASL,       /* Postfix: "host user:secret" */
	FORMAT_CHAP,       /* pppd: "client server secret addresses" */
	FORMAT_CLOUD_INIT, /* settings, commands and keys in one */
	FORMAT_ENVIRON,    /* of a process: a NUL behind each */
};

enum secret_file_flag {
	FILE_HISTORY = 1 << 0, /* lines that nobody needs: one may be rewritten */
	FILE_PRIVATE = 1 << 1, /* nobody but its owner has any business with it */
	FILE_NAMED = 1 << 2,   /* its name says that secrets may be in it */
	FILE_SKIP = 1 << 3,    /* pictures, archives, samples */
	FILE_BINARY = 1 << 4,  /* text stands in it among other things */
};

struct secret_file {
	enum secret_format format;
	const char *kind; /* of what it holds, or NULL */
	unsigned flags;
};
/* path: at least its last two components. */
struct secret_file secret_file_of(struct str path);
/* A folder of which nothing is to be looked at: caches, packages of others, objects of git. */
bool secret_folder_skipped(struct str path);

#endif
