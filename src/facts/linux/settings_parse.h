/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings_parse: the configuration languages of common daemons, reduced to (section, name,
 * value, line). Pure functions over text; what a malformed line means is left to the daemon's own
 * habit, which nearly always is to skip it.
 */
#ifndef HF_FACTS_LINUX_SETTINGS_PARSE_H
#define HF_FACTS_LINUX_SETTINGS_PARSE_H

#include "base/arena.h"
#include "base/diag.h"

struct setting {
	struct str section, name, value;
	struct str file, instance; /* set by the loader: where it stands, the file read first */
	unsigned line;
};

/* Called for every setting; what is not 0 ends the parsing and is returned. */
typedef int setting_fn(void *user, const struct setting *s);

enum settings_syntax {
	SETTINGS_WORDS,    /* redis, snmpd: "name value…", # comments, names fold to lower case */
	SETTINGS_CHRONY,   /* the same with the comment characters # ! ; % */
	SETTINGS_NTP,      /* the same with comments at the end of lines (ntp, squid) */
	SETTINGS_EQUALS,   /* auditd, vsftpd, zoo.cfg: "name = value", names fold */
	SETTINGS_INI,      /* [section], "name = value", # and ; comments, names fold */
	SETTINGS_TOML,     /* the flat part of TOML: INI with "quoted" values and # at the end */
	SETTINGS_MYSQL,    /* INI, bare names, '_' is '-', !include and !includedir */
	SETTINGS_PHP,      /* INI with ; comments only, names as written */
	SETTINGS_SAMBA,    /* INI, blanks in names collapse, backslash continues */
	SETTINGS_SYSTEMD,  /* INI, names as written, backslash continues */
	SETTINGS_SHELL,    /* NAME="value", as in /etc/default and /etc/sysconfig */
	SETTINGS_POSTFIX,  /* "name = value", indented lines continue */
	SETTINGS_POSTGRES, /* "name [=] 'value'" */
	SETTINGS_PG_HBA,   /* section database, name type, value "user address method options" */
	SETTINGS_EXPORTS,  /* name path, value "client(options)" */
	SETTINGS_LIMITS,   /* section domain, name item, value "type limit" */
	SETTINGS_OPTIONS,  /* memcached.conf: "-l 127.0.0.1" a line */
	SETTINGS_LOGROTATE, /* section the files, '' for global directives */
	SETTINGS_DOVECOT,  /* section the path of blocks, "service imap-login/inet_listener imap" */
	SETTINGS_NAMED,    /* section outer statement, name the dotted rest, value without braces */
	SETTINGS_SECTIONS, /* Apache-like <Section> blocks: proftpd, cups */
	SETTINGS_RSYSLOG,  /* section selector, name forward/action/input/module/include */
	SETTINGS_YAML,     /* dotted names, sequences of scalars joined by commas */
	SETTINGS_JSON,     /* likewise */
	SETTINGS_SYNTAXES,
};

/*
 * Values are views of text or live in the arena. -EBADMSG (and *d) when the text as a whole cannot
 * be trusted; what came before has been reported.
 */
[[nodiscard]] int settings_parse(enum settings_syntax syntax, struct str text, struct arena *a,
				 struct diag *d, setting_fn *fn, void *user);

/* Whether the value of this setting is a password or the like, and must not be kept. */
bool setting_is_secret(struct str name);
/*
 * Replaces secrets in *s: "(set)" or "(empty)", "(default)" for the SNMP communities public and
 * private; user:password@ in URLs and password=… in connection strings likewise. Values must be
 * short (the loader cuts them).
 */
[[nodiscard]] int setting_redact(struct str service, struct arena *a, struct setting *s);

#endif
