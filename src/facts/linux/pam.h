/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pam: pam.d(5) and pam.conf(5), and the "name = value" files of PAM modules.
 */
#ifndef HF_FACTS_LINUX_PAM_H
#define HF_FACTS_LINUX_PAM_H

#include "base/map.h"
#include "facts/fact.h"

/* One logical line of a file. */
struct pam_line {
	struct str service; /* pam.conf only */
	struct str type;    /* auth, account, password, session; "" for Debian's @include */
	struct str control; /* lower case; "include" for @include */
	struct str module;  /* or the file of an include */
	struct str arguments;
	unsigned line;
};
struct pam_file {
	struct pam_line *lines;
	size_t n, cap;
	unsigned bad_line; /* first one that PAM refuses, 0: none */
};
/* Pure; has_service: it is pam.conf. -ENOMEM. */
[[nodiscard]] int pam_parse(struct str text, bool has_service, struct arena *a,
			    struct pam_file *ret);

/* Rules of all services, in order, includes and substacks resolved. */
struct pam_rule {
	struct str service, type, control, module_path, arguments, file;
	unsigned line, position;
	unsigned level; /* substacks around it */
};
struct pam {
	struct pam_rule *rules;
	size_t n, cap;
	struct map files;         /* path -> index in parsed */
	struct pam_file **parsed; /* NULL where there is no such file */
	size_t n_parsed, parsed_cap;
	bool present;
};
[[nodiscard]] int pam_load(struct collect *c, struct pam *ret);
void pam_release(struct pam *p);

/* "arg" or "arg=value" among arguments: the last one counts. ret may be NULL. */
bool pam_argument(struct str arguments, struct str name, struct str *ret);
/* Without directory: "pam_unix.so". */
struct str pam_module(const struct pam_rule *rule);

/* Next "name = value" or "name" of pwquality.conf, faillock.conf, pwhistory.conf; '#' comments. */
bool pam_setting(struct str *text, unsigned *line, struct str *ret_name, struct str *ret_value);

#endif
