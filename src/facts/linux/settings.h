/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings: where the daemons of settings_sources[] keep their configuration, read with its
 * includes. Of a setting that is given several times only the one that counts is kept, unless the
 * daemon adds them up. Secrets are replaced, see settings_parse.h.
 */
#ifndef HF_FACTS_LINUX_SETTINGS_H
#define HF_FACTS_LINUX_SETTINGS_H

#include "facts/fact.h"
#include "facts/linux/settings_parse.h"

enum settings_flags {
	SETTINGS_PER_FILE = 1 << 0,  /* every file that paths names is an instance of its own */
	SETTINGS_CONF_DIRS = 1 << 1, /* paths is a name below systemd/ in /etc, /run, /usr/lib … */
	SETTINGS_PATH_SECTION = 1 << 2, /* section: the last directory of the path (php: "fpm") */
};

struct settings_source {
	const char *service;
	const char *paths; /* glob(7) patterns, separated by blanks */
	enum settings_syntax syntax;
	unsigned flags;
	const char *lists; /* names that add up, separated by blanks; "*": all; NULL: none */
};
extern const struct settings_source settings_sources[];
extern const size_t n_settings_sources;

struct settings {
	struct setting *list; /* in the order of reading */
	size_t n, cap;
};

/* Adds the settings of one source. Everything is in c->arena. 0, -ENOMEM. */
[[nodiscard]] int settings_load_source(struct collect *c, const struct settings_source *s,
				       struct settings *ret);
/* The same for all sources of a service; a name that is not in the table has none. */
[[nodiscard]] int settings_load(struct collect *c, const char *service, struct settings *ret);

/* The last one of that name; section and instance may be NULL: any. NULL: there is none. */
const struct setting *settings_find(const struct settings *s, const char *instance,
				    const char *section, const char *name);

/* A file that is text: like collect_read(), but NUL bytes and more than 4 MiB are a problem. */
[[nodiscard]] int settings_read_text(struct collect *c, const char *path, struct str *ret);

#endif
