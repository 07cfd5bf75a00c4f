/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_load: the installed sshd, how it is started, and its configuration. */
#ifndef HF_FACTS_LINUX_SSHD_LOAD_H
#define HF_FACTS_LINUX_SSHD_LOAD_H

#include "facts/fact.h"
#include "facts/linux/sshd_resolve.h"

/* One option of the command line, as "Keyword value". */
struct sshd_option {
	struct str text;
	const char *file;
	unsigned line;
};
struct sshd_start {
	const char *config_file; /* of -f, or NULL */
	struct str shown;        /* the options that matter, as written */
	struct sshd_option *options;
	size_t n_options, cap_options;
	bool socket;             /* started by a socket unit */
	struct str socket_ports; /* "22,2222" of ListenStream, or "" */
	int enabled;             /* 1, 0, -1: not known */
	int64_t pid;             /* of the listener, 0: none found */
};

struct sshd {
	struct sshd_build build;
	struct sshd_start start;
	const char *config_file;
	bool configured; /* config_file was read */
	struct sshd_config config;
	struct sshd_result global;
};

/*
 * Looks at the program (version, features) or, without one, at the package databases; -ENOMEM.
 * Keeps the program's bytes in the arena.
 */
[[nodiscard]] int sshd_build_read(const struct root *root, struct arena *a, struct sshd_build *ret);
/* A package database names the server in this version. */
void sshd_build_package(struct sshd_build *b, struct str version);
/* Options in units, /etc/default/ssh and the like, or of the running process; -ENOMEM. */
[[nodiscard]] int sshd_start_read(struct collect *c, struct sshd_start *ret);
/* Words of a command line of sshd into options; source and line are for messages. */
[[nodiscard]] int sshd_start_words(struct sshd_start *s, const struct str *words, size_t n,
				   const char *file, unsigned line, struct arena *a);

/*
 * All of it. Files that are missing, unreadable or too much are reported with collect_problem();
 * what sshd refuses is in config.errors. -ENOMEM is the only error.
 */
[[nodiscard]] int sshd_load(struct collect *c, struct sshd *ret);
/* sshd is installed or configured here. */
static inline bool sshd_present(const struct sshd *s)
{
	return s->build.installed || s->configured;
}
/* Reports that sshd would not start with this configuration: what it runs with is not known. */
void sshd_report_refusal(struct collect *c, const struct sshd *s);

#endif
