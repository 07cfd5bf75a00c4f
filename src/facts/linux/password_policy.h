/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password_policy: what the files of the table of that name share. */
#ifndef HF_FACTS_LINUX_PASSWORD_POLICY_H
#define HF_FACTS_LINUX_PASSWORD_POLICY_H

#include "facts/fact.h"
#include "facts/linux/pam.h"

struct policy_setting {
	struct str value;
	struct str source; /* ptr == NULL: not set */
	struct str file;
	unsigned line;
};

struct policy {
	struct collect *c;
	struct pam pam;
	/* Where a password is changed and where one is asked for; ptr NULL: nowhere. */
	struct str password_service, auth_service;
};

struct policy_option {
	struct str name;
	struct str fallback; /* what the program does without a setting */
	bool flag;           /* value is "yes" when it is there */
};

#define POLICY_OPTIONS_MAX 9u
/* What one module was told: a value for each of its options. */
struct policy_values {
	const struct policy_option *options;
	size_t n;
	struct policy_setting values[POLICY_OPTIONS_MAX];
};
#define POLICY_VALUES(o) ((struct policy_values){ .options = (o), .n = COUNT(o) })

/* ---- rows ---- */

[[nodiscard]] int policy_emit(struct policy *p, const char *name, const struct policy_setting *s);
[[nodiscard]] int policy_emit_default(struct policy *p, const char *name, const char *value);
/* Each option, with what the program does where it is not set. */
[[nodiscard]] int policy_emit_values(struct policy *p, const struct policy_values *v);
/* What a module makes of the setting `name`, then its options. */
[[nodiscard]] int policy_emit_module(struct policy *p, const char *name, struct str value,
				     const struct pam_rule *rule, const struct policy_values *v);

/* ---- files and arguments ---- */

struct policy_conf {
	struct policy_values *v;
	struct str source;
};
/* For collect_dropins(); user: struct policy_conf. */
[[nodiscard]] int policy_read_dropin(struct collect *c, const char *path, struct str text,
				     void *user);
[[nodiscard]] int policy_read_conf(struct collect *c, const char *path, struct policy_values *v,
				   struct str source);
/* Arguments of the module count for more than its file. */
void policy_read_arguments(const struct pam_rule *rule, struct policy_values *v);
/* Both; conf= of the arguments names another file than `path`. */
[[nodiscard]] int policy_read_module(struct policy *p, const struct pam_rule *rule,
				     const char *path, struct str source, struct policy_values *v);

/* ---- rules of PAM ---- */

/* The first of these services that has rules of the type; ptr NULL: none. */
struct str policy_service(const struct pam *pam, struct str type, const struct str *names,
			  size_t n);
/* The next rule of a service and type that loads the module, after `previous` (or NULL). */
const struct pam_rule *policy_rule(const struct pam *pam, struct str service, struct str type,
				   struct str module, const struct pam_rule *previous);
const struct pam_rule *policy_password_rule(const struct policy *p, struct str module);
const struct pam_rule *policy_auth_rule(const struct policy *p, struct str module,
					const struct pam_rule *previous);
struct policy_setting policy_from_rule(const struct pam_rule *rule, struct str value);

/* ---- parts of the table ---- */

[[nodiscard]] int policy_quality(struct policy *p);
[[nodiscard]] int policy_history(struct policy *p);
[[nodiscard]] int policy_lockout(struct policy *p);

#endif
