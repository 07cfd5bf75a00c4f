/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * units: what the machine starts by itself: units of systemd, SysV init scripts, OpenRC services.
 *
 * units_load() reads directories only (one to three milliseconds): load once per collector run.
 * units_read() reads the text of one unit with its drop-ins, systemd.unit(5).
 */
#ifndef HF_FACTS_LINUX_UNITS_H
#define HF_FACTS_LINUX_UNITS_H

#include "facts/fact.h"

enum unit_kind { UNIT_SYSTEMD, UNIT_SYSV, UNIT_OPENRC };

struct unit {
	struct str name;     /* "ssh.service"; a script of SysV or OpenRC has no suffix: "ssh" */
	struct str path;     /* the file that counts: "/etc/systemd/system/ssh.service" */
	struct str alias_of; /* the other unit that the link at path points to, or '' */
	enum unit_kind kind;
	bool masked;
	/* Linked below /etc or /run by *.wants, *.requires or an alias; by rc?.d, a runlevel. */
	bool enabled;
	bool boot; /* started (a timer or socket: armed) when the machine starts */
};

/* A directory of a unit's drop-ins or links: "ssh.service.d" in "/etc/systemd/system". */
struct unit_dir {
	struct str name, parent;
	unsigned rank; /* place of the parent in the search path */
};

struct units {
	struct unit *list; /* sorted by name, kind */
	size_t n, cap;
	struct unit_dir *dropins; /* sorted by name, rank */
	size_t n_dropins, cap_dropins;
	bool systemd; /* systemd is installed, so a script counts only without a unit of its name */
};

/* Everything is in c->arena; what cannot be read is a collect_problem(). 0 or -ENOMEM. */
[[nodiscard]] int units_load(struct collect *c, struct units *ret);
/* A unit of systemd by its full name, or a script by its bare one. Aliases are not followed. */
const struct unit *units_find(const struct units *u, struct str name);
/* Follows aliases (at most 8); NULL if one leads nowhere. */
const struct unit *units_resolve(const struct units *u, const struct unit *unit);
/* The type behind the last dot: "service"; '' for a name that is no unit's. */
struct str unit_type(struct str name);

/*
 * Is one of the services started at boot? names ends with NULL; "nginx" means nginx.service,
 * nginx.socket, nginx.timer and scripts of that name, "x.timer" that unit alone.
 * 1: yes; 0: it is there but disabled or masked; FACT_UNKNOWN: nothing of these names is there.
 */
int64_t units_enabled(const struct units *u, const char *const names[]);
/* The same, and where it says so: the unit that answers, NULL for FACT_UNKNOWN. */
int64_t units_enabled_by(const struct units *u, const char *const names[],
			 const struct unit **ret_unit);

struct unit_setting {
	struct str section, key, value, file;
	unsigned line;
};
struct unit_settings {
	struct unit_setting *list; /* in the order of reading: the main file, then drop-ins */
	size_t n, cap;
};
#define UNIT_SETTINGS_MAX 8192

/*
 * systemd.syntax(7). Adds the settings of one file; lines that systemd ignores are ignored.
 * -EBADMSG (not text: *ret_line says where), -E2BIG, -ENOMEM.
 */
[[nodiscard]] int unit_parse(struct arena *a, struct str text, struct str file,
			     struct unit_settings *ret, unsigned *ret_line);
/* The unit's file and its drop-ins in systemd's order. Masked units and scripts have none. */
[[nodiscard]] int units_read(struct collect *c, const struct units *u, const struct unit *unit,
			     struct unit_settings *ret);

/* The setting that counts: the last one; NULL if there is none or it was reset to nothing. */
const struct unit_setting *unit_last(const struct unit_settings *s, const char *section,
				     const char *key);
/* Its value, '' if there is none. */
struct str unit_value(const struct unit_settings *s, const char *section, const char *key);
/*
 * Settings that add up, as ExecStart= does: those after the last empty one. Start with *at = 0;
 * NULL at the end.
 */
const struct unit_setting *unit_next(const struct unit_settings *s, const char *section,
				     const char *key, size_t *at);

#endif
