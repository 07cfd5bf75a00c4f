/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli: the verbs of the command line. One file a verb; verbs.def lists them with their one-line
 * description, and the table of options makes parsing, --help, completion and the man page agree.
 */
#ifndef HF_CLI_CLI_H
#define HF_CLI_CLI_H

#include "base/str.h"

/* Exit codes, the same for every verb (documented in holdfast(1)). */
enum exit_code {
	EXIT_OK = 0,
	EXIT_FINDINGS = 1, /* findings at or above --fail-on */
	EXIT_USAGE = 2,
	EXIT_FAILED = 3, /* could not do its work */
};

/* Values of an option that may be given several times; of argv, in their order. */
struct cli_list {
	const char **items; /* owned */
	size_t n;
};
[[nodiscard]] int cli_list_add(struct cli_list *l, const char *item);
void cli_list_release(struct cli_list *l);

/* An option of a verb. `value` is the name of its argument, or NULL for a flag. */
struct option_spec {
	const char *name; /* without dashes */
	char letter;      /* short form, or 0 */
	const char *value;
	const char *words; /* what the value may be, separated by spaces; NULL: anything */
	const char *help;
	/* Where it goes: bool * for flags, const char ** (the last one wins) or a list for values. */
	bool *flag;
	const char **text;
	struct cli_list *list;
};

struct example {
	const char *command, *what;
};

struct verb {
	const char *name;
	const char *args;    /* of the synopsis, beside options */
	const char *summary; /* one line */
	const char *detail;  /* paragraphs for --help and the manual */
	struct example examples[8];
	int (*run)(const struct verb *v, int argc, char **argv);
};
extern const struct verb *const verbs[];
extern const size_t n_verbs;
const struct verb *verb_find(const char *name);

/*
 * Parses argv[1…] of a verb: long options (--name value, --name=value), short ones, "--", and
 * positional arguments, which are moved to the front of argv[1…]. Returns their number, or
 * -1 after it printed what is wrong, or -2 after --help was printed.
 */
int cli_parse(const struct verb *v, const struct option_spec *options, size_t n, int argc,
	      char **argv);
/* For a return value below 0 of cli_parse(). */
static inline int cli_exit(int parsed) { return parsed == -2 ? EXIT_OK : EXIT_USAGE; }

/* A verb with its options as one JSON object on standard output, for help --json. */
void cli_describe(const struct verb *v, const struct option_spec *options, size_t n);
/* The whole program: verbs, tables, controls, practices, checks. Exit code. */
int cli_describe_all(void);

/* "holdfast: " + message + line feed on standard error. */
void cli_error(const char *fmt, ...) PRINTF(1, 2);

#endif
