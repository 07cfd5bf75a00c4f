/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshd_parse: sshd_config(5) with everything it includes, as a flat list of lines.
 *
 * sshd reads its configuration twice. The first time, without a connection, the lines outside of
 * Match (and those of "Match all") take effect; the second time, for a connection, those of the
 * blocks whose criteria hold, and what they set replaces the rest. See sshd_resolve.h.
 */
#ifndef HF_FACTS_LINUX_SSHD_PARSE_H
#define HF_FACTS_LINUX_SSHD_PARSE_H

#include "facts/linux/sshd_keyword.h"
#include "facts/linux/sshd_match.h"

#define SSHD_LINES_MAX 150'000
#define SSHD_BLOCKS_MAX 50'000
#define SSHD_BYTES_MAX ((size_t)16 << 20)
#define SSHD_INCLUDES_MAX 2'000
#define SSHD_DEPTH_MAX 16 /* SERVCONF_MAX_DEPTH */
#define SSHD_ERRORS_MAX 16

struct sshd_line {
	const struct sshd_keyword *keyword;
	const struct str *values; /* as -T prints them */
	unsigned n;
	unsigned line;
	const char *file;
	unsigned block; /* index; 0 is the global part */
	bool force;     /* replaces earlier values of the same pass */
};

/* A Match block; one inside an included file lies inside the block that includes it. */
struct sshd_block {
	unsigned parent;
	struct sshd_criterion *criteria;
	size_t n;
	bool first_pass; /* takes effect without a connection, too */
	bool never;      /* its line is broken */
	struct str text; /* "user alice address 10.0.0.0/8", with those of the parents */
	const char *file;
	unsigned line;
};

struct sshd_error {
	const char *file;
	unsigned line;
	struct str why;
};

struct sshd_config {
	struct sshd_build build;
	struct str algorithms[SSHD_N_KEYWORDS]; /* defaults of those that are lists of them */
	struct sshd_line *lines;
	size_t n_lines, cap_lines;
	struct sshd_block *blocks; /* blocks[0] is the global part */
	size_t n_blocks, cap_blocks;
	struct sshd_error errors[SSHD_ERRORS_MAX]; /* why sshd would not start */
	size_t n_errors;
	const char *limit; /* what was too much, or NULL: the rest was not read */
};

/* Where files come from. Both return 1, 0 (nothing; the source has told why, if need be) or
 * -ENOMEM. Texts stay valid as long as the arena given to sshd_parse(). */
struct sshd_source {
	void *user;
	int (*read)(void *user, const char *path, struct str *ret);
	int (*glob)(void *user, const char *pattern, struct str **ret, size_t *ret_n);
};

struct sshd_parser;
/* cfg->build is set by the caller. -ENOMEM is the only error. */
[[nodiscard]] int sshd_parser_new(struct sshd_config *cfg, const struct sshd_source *source,
				  struct arena *a, struct sshd_parser **ret);
/* One option of the command line, which goes before the files. */
[[nodiscard]] int sshd_parse_option(struct sshd_parser *p, const char *file, unsigned line,
				    struct str text);
[[nodiscard]] int sshd_parse_file(struct sshd_parser *p, const char *path, struct str text);
/* Notes why sshd would not start; for what only shows when all is read. -ENOMEM. */
[[nodiscard]] int sshd_config_refuse(struct sshd_config *cfg, struct arena *a, const char *file,
				     unsigned line, const char *why);
/* Frees what the parser itself needed; the configuration stays in the arena. */
void sshd_parser_release(struct sshd_parser **p);

#endif
