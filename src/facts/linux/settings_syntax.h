/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_syntax: what the parsers of settings_parse.h share among themselves. */
#ifndef HF_FACTS_LINUX_SETTINGS_SYNTAX_H
#define HF_FACTS_LINUX_SETTINGS_SYNTAX_H

#include "facts/linux/settings_parse.h"

/* How a line-oriented language writes its lines. */
struct line_style {
	const char *comments; /* at the start of a line */
	char trailing;        /* starts a comment within a line, too; 0: none */
	bool glued;           /* … even without a blank before it */
	char separator;       /* '=' or ' ' */
	bool sections;
	bool fold;     /* names to lower case */
	bool collapse; /* runs of blanks in names to one blank */
	bool dashes;   /* '_' in names to '-' */
	bool unquote;
	bool bare;      /* a name without separator is a setting with an empty value */
	bool continues; /* a backslash at the end joins the next line */
	bool indented;  /* a line that starts with a blank belongs to the one before */
	bool exported;  /* "export " may come first */
};

struct settings_parser {
	struct str text; /* what is left */
	unsigned line;   /* of the line last read */
	struct arena *arena;
	struct diag *diag;
	setting_fn *fn;
	void *user;
	const struct line_style *style;
};

/* Next logical line, without the comment characters' lines; 1, 0 at the end or -ENOMEM. */
[[nodiscard]] int settings_line(struct settings_parser *p, struct str *ret, unsigned *ret_line);
/* Text up to a comment outside quotes that c starts; glued: no blank needs to come before it. */
struct str settings_strip(struct str s, char c, bool glued);
/* Lower-case copy where it differs. ptr == NULL: no memory. */
struct str settings_fold(struct arena *a, struct str s);
[[nodiscard]] int settings_emit(struct settings_parser *p, struct str section, struct str name,
				struct str value, unsigned line);

int settings_parse_pg_hba(struct settings_parser *p);
int settings_parse_exports(struct settings_parser *p);
int settings_parse_limits(struct settings_parser *p);
int settings_parse_options(struct settings_parser *p);
int settings_parse_logrotate(struct settings_parser *p);
int settings_parse_dovecot(struct settings_parser *p);
int settings_parse_named(struct settings_parser *p);
int settings_parse_sections(struct settings_parser *p);
int settings_parse_rsyslog(struct settings_parser *p);
int settings_parse_yaml(struct settings_parser *p);
int settings_parse_json(struct settings_parser *p);

#endif
