/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt_conf: the configuration of APT, apt.conf(5). */
#ifndef HF_FACTS_LINUX_APT_CONF_H
#define HF_FACTS_LINUX_APT_CONF_H

#include "facts/fact.h"

struct apt_setting {
	struct str name; /* "APT::Periodic::Enable"; an item of a list ends with "::" */
	struct str value, file;
	unsigned line;
};
struct apt_conf {
	struct apt_setting *list;
	size_t n, cap;
};
#define APT_SETTINGS_MAX 4096

/* A statement: name is "" for what follows `#include`, and NULL for `#clear`; value is the rest. */
typedef int apt_statement_fn(struct str name, struct str value, unsigned line, void *user);

/*
 * Pure. Calls fn for every statement until one is wrong: -EBADMSG and *ret_line. APT stops there,
 * too, and gives up. -ENOMEM, errors of fn.
 */
[[nodiscard]] int apt_conf_parse(struct arena *a, struct str text, apt_statement_fn *fn, void *user,
				 unsigned *ret_line);

/* apt.conf.d and apt.conf with what is overridden or cleared left out; names as written. */
[[nodiscard]] int apt_conf_load(struct collect *c, struct apt_conf *ret);
/* By name in any case; NULL if it is not set. */
const struct apt_setting *apt_conf_get(const struct apt_conf *conf, const char *name);
/* APT's idea of true; `otherwise` where it is not set. */
bool apt_conf_bool(const struct apt_conf *conf, const char *name, bool otherwise);
/* Names of files that APT reads in a .d directory: run-parts(8) characters, one of the suffixes. */
bool apt_reads(struct str name, const char *const suffixes[], size_t n);

#endif
