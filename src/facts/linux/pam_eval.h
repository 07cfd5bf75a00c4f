/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pam_eval: what PAM says of a local account, by its stacks and the configuration of its modules:
 * the actions of pam.conf(5) as libpam's dispatcher runs them, and the modules' own manuals.
 */
#ifndef HF_FACTS_LINUX_PAM_EVAL_H
#define HF_FACTS_LINUX_PAM_EVAL_H

#include "facts/linux/pam.h"
#include "facts/linux/passwd_file.h"

/* What a module returns: the values of pam.conf(5) that matter here. */
enum pam_value {
	PAM_V_SUCCESS,
	PAM_V_IGNORE,
	PAM_V_AUTH_ERR,
	PAM_V_PERM_DENIED,
	PAM_V_USER_UNKNOWN,
	PAM_V_AUTHINFO_UNAVAIL,
	PAM_V_ACCT_EXPIRED,
	PAM_V_NEW_AUTHTOK_REQD,
	PAM_V_AUTHTOK_EXPIRED,
	PAM_V_SERVICE_ERR,
	PAM_V_N
};

/* Who asks, and what he has. */
struct pam_subject {
	const struct passwd_entry *entry;
	const struct shadow_entry *shadow; /* NULL: none */
	const struct str *groups;          /* names, the primary one first */
	size_t n_groups;
	enum password_state password;
	bool empty_allowed;  /* the program accepts empty passwords */
	bool knows_password; /* presents the right one */
	bool has_factor;     /* passes modules that ask for something else */
	struct str from;     /* PAM_RHOST, "" on a terminal */
	struct str tty;
};

struct pam_verdict {
	bool allowed;
	bool perhaps;                /* a module that is not known here was taken to agree */
	bool must_change;            /* the password must be changed first */
	const struct pam_rule *rule; /* that decided, NULL: none did */
};

struct pam_eval {
	struct collect *c;
	const struct pam *pam;
	struct map services; /* name -> index of the first rule */
	struct map files;    /* path -> index in texts: lists of modules */
	struct pam_file_cache *cache;
	size_t n_cache, cache_cap;
	struct arena kept; /* of the cache */
	bool nologin;      /* /etc/nologin or /run/nologin is there */
	int64_t uid_min;
	uint64_t steps; /* words of lists that were looked at */
};
/* A list of a module, read once: pam_listfile's, /etc/shells, access.conf. */
struct pam_file_cache {
	bool present, writable; /* writable: by anybody */
	struct str text;
	struct map lines; /* trimmed lines */
};

[[nodiscard]] int pam_eval_new(struct collect *c, const struct pam *pam, struct pam_eval *ret);
void pam_eval_release(struct pam_eval *e);

/* There is such a service, or "other" for it. */
bool pam_eval_has(const struct pam_eval *e, struct str service);
/* type: "auth" or "account". Without any PAM configuration everything agrees. -ENOMEM. */
[[nodiscard]] int pam_eval(struct pam_eval *e, struct str service, struct str type,
			   const struct pam_subject *who, struct pam_verdict *ret);

/* The right password, and what else the stack asks for. */
struct pam_login {
	bool works;         /* the password (with a factor, where factor is set) is enough */
	bool second_factor; /* the password alone is not */
	bool anything;      /* no password is asked for, or any is taken */
	bool perhaps;
	const struct pam_rule *rule; /* that refuses, or asks for the factor */
};
[[nodiscard]] int pam_eval_password(struct pam_eval *e, struct str service,
				    const struct pam_subject *who, struct pam_login *ret);

/* Of pam_modules.c: runs one module. *ret_perhaps is set where its answer is a guess. */
[[nodiscard]] int pam_module_run(struct pam_eval *e, const struct pam_rule *rule,
				 struct str service, struct str type, const struct pam_subject *who,
				 enum pam_value *ret, bool *ret_perhaps);
/* Of pam_lists.c. */
[[nodiscard]] int pam_file_cached(struct pam_eval *e, struct str path, struct pam_file_cache **ret);
[[nodiscard]] int pam_listfile(struct pam_eval *e, struct str arguments,
			       const struct pam_subject *who, enum pam_value *ret);
[[nodiscard]] int pam_access(struct pam_eval *e, struct str arguments,
			     const struct pam_subject *who, enum pam_value *ret);
/* Called for every origin that the access.conf of a service's rules names. */
typedef int pam_origin_fn(struct str origin, void *user);
[[nodiscard]] int pam_origins_each(struct pam_eval *e, struct str service, pam_origin_fn *fn,
				   void *user);
enum pam_value pam_succeed_if(struct pam_eval *e, struct str arguments, struct str service,
			      const struct pam_subject *who);
bool pam_in_group(const struct pam_subject *who, struct str group);

#endif
