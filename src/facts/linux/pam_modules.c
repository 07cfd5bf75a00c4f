/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pam_modules: what each module of Linux-PAM, and the usual others, answers; by their manuals. */
#include "facts/linux/pam_eval.h"

struct call {
	struct pam_eval *e;
	const struct pam_rule *rule;
	struct str service, type;
	const struct pam_subject *who;
	bool *perhaps;
};

static bool is_auth(const struct call *c) { return str_eq(c->type, STR("auth")); }

static bool has(const struct call *c, const char *argument)
{
	return pam_argument(c->rule->arguments, str_of(argument), NULL);
}

static int run_ignore(const struct call *c, enum pam_value *ret)
{
	(void)c;
	*ret = PAM_V_IGNORE;
	return 0;
}

static int run_permit(const struct call *c, enum pam_value *ret)
{
	(void)c;
	*ret = PAM_V_SUCCESS;
	return 0;
}

static int run_deny(const struct call *c, enum pam_value *ret)
{
	(void)c;
	*ret = PAM_V_AUTH_ERR;
	return 0;
}

/* Knows the accounts of a directory alone: none of ours. */
static int run_directory(const struct call *c, enum pam_value *ret)
{
	if (has(c, "ignore_unknown_user"))
		*ret = PAM_V_IGNORE;
	else
		*ret = PAM_V_USER_UNKNOWN;
	return 0;
}

static int64_t days(int64_t field) { return field == FACT_UNKNOWN ? -1 : field; }

/* check_shadow_expiry() of pam_unix: days since 1970, -1 where a field is empty. */
static enum pam_value shadow_age(const struct shadow_entry *s, int64_t today)
{
	int64_t expires = days(s->expires), max = days(s->max_age), inactive = days(s->inactive);
	int64_t change = days(s->last_change), passed = today - change;

	if (expires != -1 && today >= expires)
		return PAM_V_ACCT_EXPIRED;
	if (change == 0)
		return PAM_V_NEW_AUTHTOK_REQD;
	if (passed < 0 || max == -1 || passed <= max)
		return PAM_V_SUCCESS;
	if (inactive != -1 && passed > inactive && passed - max > inactive)
		return PAM_V_AUTHTOK_EXPIRED;
	return PAM_V_NEW_AUTHTOK_REQD;
}

static int run_unix(const struct call *c, enum pam_value *ret)
{
	const struct pam_subject *w = c->who;
	bool shadowed = passwd_is_shadowed(w->entry);

	if (!is_auth(c)) {
		*ret = !shadowed                 ? PAM_V_SUCCESS
		       : w->shadow               ? shadow_age(w->shadow, c->e->c->now / 86400)
		       : has(c, "broken_shadow") ? PAM_V_SUCCESS
						 : PAM_V_AUTHINFO_UNAVAIL;
		return 0;
	}
	if (w->password == PASSWORD_EMPTY)
		*ret = has(c, "nullok") && w->empty_allowed ? PAM_V_SUCCESS : PAM_V_AUTH_ERR;
	else
		*ret = w->password == PASSWORD_SET && w->knows_password ? PAM_V_SUCCESS
									: PAM_V_AUTH_ERR;
	return 0;
}

static int run_nologin(const struct call *c, enum pam_value *ret)
{
	struct str file;
	bool there = c->e->nologin;
	struct stat st;

	if (pam_argument(c->rule->arguments, STR("file"), &file)) {
		const char *path = arena_cstr(c->e->c->arena, file);

		there = path && root_stat(c->e->c->root, path, &st) == 0;
	}
	if (there && c->who->entry->uid)
		*ret = PAM_V_AUTH_ERR;
	else
		*ret = has(c, "successok") ? PAM_V_SUCCESS : PAM_V_IGNORE;
	return 0;
}

static int run_localuser(const struct call *c, enum pam_value *ret)
{
	(void)c;
	*ret = PAM_V_SUCCESS;
	return 0;
}

static int run_usertype(const struct call *c, enum pam_value *ret)
{
	int64_t uid = c->who->entry->uid;
	bool regular = uid >= c->e->uid_min && uid != 65534;
	bool wanted = has(c, "isregular") ? regular : has(c, "issystem") ? !regular : true;

	*ret = wanted ? PAM_V_SUCCESS : PAM_V_AUTH_ERR;
	return 0;
}

static int run_shells(const struct call *c, enum pam_value *ret)
{
	struct str shell = c->who->entry->shell.len ? c->who->entry->shell : STR("/bin/sh");
	struct pam_file_cache *f;
	int r = pam_file_cached(c->e, STR("/etc/shells"), &f);

	if (r < 0)
		return r;
	*ret = f->present && map_get(&f->lines, shell) ? PAM_V_SUCCESS : PAM_V_AUTH_ERR;
	return 0;
}

static int run_securetty(const struct call *c, enum pam_value *ret)
{
	struct pam_file_cache *f;
	int r;

	*ret = PAM_V_SUCCESS;
	if (c->who->entry->uid)
		return 0;
	r = pam_file_cached(c->e, STR("/etc/securetty"), &f);
	if (r >= 0 && f->present && !map_get(&f->lines, c->who->tty))
		*ret = PAM_V_AUTH_ERR;
	return r;
}

/* Locks after failures: nobody has failed yet. */
static int run_faillock(const struct call *c, enum pam_value *ret)
{
	*ret = has(c, "authfail") ? PAM_V_AUTH_ERR : PAM_V_SUCCESS;
	return 0;
}

static int run_succeed_if(const struct call *c, enum pam_value *ret)
{
	*ret = pam_succeed_if(c->e, c->rule->arguments, c->service, c->who);
	return 0;
}

static int run_listfile(const struct call *c, enum pam_value *ret)
{
	return pam_listfile(c->e, c->rule->arguments, c->who, ret);
}

static int run_access(const struct call *c, enum pam_value *ret)
{
	return pam_access(c->e, c->rule->arguments, c->who, ret);
}

/* Needs a secret of the account; nullok lets pass those that have none. */
static int run_google(const struct call *c, enum pam_value *ret)
{
	struct str secret = {}, path;
	struct stat st;

	if (pam_argument(c->rule->arguments, STR("secret"), &secret) && str_find(secret, '$') >= 0)
		*c->perhaps = true;
	path = secret.ptr ? secret
			  : arena_cat(c->e->c->arena, c->who->entry->home,
				      STR("/.google_authenticator"), STR(""));
	path = arena_str(c->e->c->arena, path);
	if (!path.ptr)
		return -ENOMEM;
	if (!secret.ptr && root_stat(c->e->c->root, path.ptr, &st) == -ENOENT)
		*ret = has(c, "nullok") ? PAM_V_IGNORE : PAM_V_AUTH_ERR;
	else
		*ret = c->who->has_factor ? PAM_V_SUCCESS : PAM_V_AUTH_ERR;
	return 0;
}

static int run_factor(const struct call *c, enum pam_value *ret)
{
	*ret = c->who->has_factor ? PAM_V_SUCCESS : PAM_V_AUTH_ERR;
	*c->perhaps |= has(c, "nouserok") || has(c, "nullok");
	return 0;
}

/* Another password, which is not looked up here. */
static int run_other_password(const struct call *c, enum pam_value *ret)
{
	*ret = is_auth(c) && !c->who->knows_password ? PAM_V_AUTH_ERR : PAM_V_SUCCESS;
	*c->perhaps = true;
	return 0;
}

static int run_unknown(const struct call *c, enum pam_value *ret)
{
	*ret = is_auth(c) && !c->who->knows_password && !c->who->has_factor ? PAM_V_AUTH_ERR
									    : PAM_V_SUCCESS;
	*c->perhaps = true;
	return 0;
}

static const struct {
	const char *names; /* without ".so", separated by blanks */
	int (*run)(const struct call *c, enum pam_value *ret);
} modules[] = {
	{"pam_unix pam_pwdb pam_unix_auth pam_unix_acct",                                     run_unix          },
	{ "pam_deny",									 run_deny          },
	{ "pam_permit pam_rootok",							    run_permit        },
	{ "pam_nologin",								      run_nologin       },
	{ "pam_access",								       run_access        },
	{ "pam_listfile",								     run_listfile      },
	{ "pam_succeed_if",								   run_succeed_if    },
	{ "pam_localuser",								    run_localuser     },
	{ "pam_usertype",								     run_usertype      },
	{ "pam_shells",								       run_shells        },
	{ "pam_securetty",								    run_securetty     },
	{ "pam_faillock",								     run_faillock      },
	{ "pam_sss pam_winbind pam_ldap pam_systemd_home pam_krb5 pam_krb5_migrate",
         run_directory											  },
	{ "pam_google_authenticator",							 run_google        },
	{ "pam_oath pam_duo pam_u2f pam_yubico pam_otp pam_2fa pam_pkcs11 pam_fprintd pam_totp "
	  "pam_otpw pam_opie pam_skey pam_multiotp pam_p11 pam_mfa pam_privacyidea", run_factor        },
	{ "pam_radius_auth pam_tacplus pam_userdb pam_mysql pam_pgsql pam_pwdfile pam_sqlite3 "
	  "pam_python pam_radius",						   run_other_password},
	{ "pam_env pam_faildelay pam_tally pam_tally2 pam_group pam_cap pam_mount pam_ecryptfs "
	  "pam_gnome_keyring pam_kwallet pam_kwallet5 pam_sepermit pam_selinux pam_issue pam_echo "
	  "pam_warn pam_lastlog pam_motd pam_mail pam_umask pam_limits pam_systemd pam_fscrypt "
	  "pam_tmpdir pam_keyinit pam_loginuid pam_mkhomedir pam_oddjob_mkhomedir pam_tty_audit "
	  "pam_exec_log pam_ssh pam_ssh_agent_auth pam_setquota pam_namespace pam_abl "
	  "pam_cockpit_cert pam_ssh_add pam_lastlog2 pam_elogind pam_ck_connector",  run_ignore        },
};

static bool listed(const char *names, struct str name)
{
	struct str rest = str_of(names), word;

	while ((word = str_word(&rest)).ptr)
		if (str_eq(word, name))
			return true;
	return false;
}

int pam_module_run(struct pam_eval *e, const struct pam_rule *rule, struct str service,
		   struct str type, const struct pam_subject *who, enum pam_value *ret,
		   bool *ret_perhaps)
{
	const struct call c = { e, rule, service, type, who, ret_perhaps };
	struct str name = pam_module(rule);

	*ret_perhaps = false;
	/* An include whose file is missing: libpam denies. */
	if (str_eq(rule->control, STR("include")) || str_eq(rule->control, STR("substack"))) {
		*ret = PAM_V_PERM_DENIED;
		return 0;
	}
	if (str_ends(name, STR(".so")))
		name.len -= 3;
	for (size_t i = 0; i < COUNT(modules); i++)
		if (listed(modules[i].names, name))
			return modules[i].run(&c, ret);
	return run_unknown(&c, ret);
}
