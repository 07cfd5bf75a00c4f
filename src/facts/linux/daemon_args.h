/* SPDX-License-Identifier: GPL-3.0-or-later */
/* daemon_args: options on the command lines of daemons, in units and in variables for them. */
#ifndef HF_FACTS_LINUX_DAEMON_ARGS_H
#define HF_FACTS_LINUX_DAEMON_ARGS_H

#include "facts/linux/settings.h"
#include "facts/linux/units.h"

/*
 * Next value of an option in a command line: "-H x", "-Hx", "--host x", "--host=x", "-host=x".
 * short_name "-H" or NULL, long_name "--host" or NULL. False: no more. *args moves on.
 */
bool args_next(struct str *args, const char *short_name, const char *long_name, struct str *ret);
/* Whether a word of the command line is this option, with or without "=true". */
bool args_has(struct str args, const char *name);

/* The command line of a service's unit: where it says what. ptr == NULL: none. */
struct command_line {
	struct str text, file;
	unsigned line;
};
[[nodiscard]] int unit_command(struct collect *c, const struct units *u, const char *name,
			       struct command_line *ret);

/* Where docker's API listens: from daemon.json, its unit and the variables of its init script. */
struct docker_host {
	struct str url, file; /* "tcp://0.0.0.0:2375", "unix:///run/docker.sock", "fd://" */
	unsigned line;
};
struct docker {
	struct docker_host *hosts;
	size_t n, cap;
	bool tls;       /* clients must show a certificate: tlsverify */
	bool encrypted; /* tls without verification */
	struct settings settings;
};
[[nodiscard]] int docker_load(struct collect *c, const struct units *u, struct docker *ret);

#endif
