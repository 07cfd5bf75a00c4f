/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password_policy: Effective settings about passwords and lock-out, whatever file sets them. */
#include "facts/linux/password_policy.h"

#include "facts/linux/login_defs.h"

#define FACT_ROW password_policy_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "minlen, minclass, dcredit, ucredit, lcredit, ocredit, dictcheck, enforcing, enforce_for_root, remember, deny, even_deny_root, unlock_time, fail_interval, nullok, pwquality, faillock, encrypt_method, rounds, pass_max_days, pass_min_days, umask") \
	X(TEXT, value, "effective value; enabled, disabled or what stands in its place for modules; yes or no for flags") \
	X(TEXT, source, "pwquality.conf, pam, faillock.conf, pwhistory.conf, login.defs or default") \
	X(TEXT, file, "file that decides; '' for a default") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "password_policy",
	.doc = "Effective settings about passwords and lock-out, whatever file sets them.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

int policy_emit(struct policy *p, const char *name, const struct policy_setting *s)
{
	struct password_policy_row row = {
		.name = str_of(name),
		.value = s->value,
		.source = s->source,
		.file = s->file,
		.line = s->line,
	};

	return collect_row(p->c, &row);
}

int policy_emit_default(struct policy *p, const char *name, const char *value)
{
	return policy_emit(
		p, name,
		&(struct policy_setting){ .value = str_of(value), .source = STR("default") });
}

int policy_emit_values(struct policy *p, const struct policy_values *v)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < v->n; i++) {
		struct policy_setting s = v->values[i];

		if (!s.source.ptr)
			s = (struct policy_setting){ .value = v->options[i].fallback,
						     .source = STR("default") };
		r = policy_emit(p, v->options[i].name.ptr, &s);
	}
	return r;
}

int policy_emit_module(struct policy *p, const char *name, struct str value,
		       const struct pam_rule *rule, const struct policy_values *v)
{
	struct policy_setting s = policy_from_rule(rule, value);
	int r = policy_emit(p, name, &s);

	return r < 0 ? r : policy_emit_values(p, v);
}

static int nullok(struct policy *p)
{
	const struct pam_rule *rule = NULL;

	while ((rule = policy_auth_rule(p, STR("pam_unix.so"), rule))) {
		struct policy_setting s = policy_from_rule(rule, STR("yes"));

		if (pam_argument(rule->arguments, STR("nullok"), NULL))
			return policy_emit(p, "nullok", &s);
		s.value = STR("secure");
		if (pam_argument(rule->arguments, STR("nullok_secure"), NULL))
			return policy_emit(p, "nullok", &s);
	}
	return policy_emit_default(p, "nullok", "no");
}

/* The arguments of pam_unix(8) that choose an algorithm. */
static int hash_method(struct policy *p, bool *ret_found)
{
	static const char *const methods[] = { "yescrypt", "gost_yescrypt", "blowfish", "sha512",
					       "sha256",   "bigcrypt",      "md5" };
	const struct pam_rule *rule = policy_password_rule(p, STR("pam_unix.so"));
	struct str rounds;
	int r = 0;

	for (size_t i = 0; rule && !*ret_found && i < COUNT(methods); i++) {
		struct policy_setting s = policy_from_rule(rule, str_of(methods[i]));

		if (!pam_argument(rule->arguments, s.value, NULL))
			continue;
		*ret_found = true;
		r = policy_emit(p, "encrypt_method", &s);
	}
	if (r >= 0 && rule && pam_argument(rule->arguments, STR("rounds"), &rounds)) {
		struct policy_setting s = policy_from_rule(rule, rounds);

		r = policy_emit(p, "rounds", &s);
	}
	return r;
}

/* pam_umask(8): its argument comes before login.defs. */
static int pam_umask(struct policy *p, bool *ret_found)
{
	static const struct str services[] = { STR("sshd"), STR("login"), STR("common-session"),
					       STR("system-auth"), STR("base-session") };
	struct str service = policy_service(&p->pam, STR("session"), services, COUNT(services)),
		   value;
	const struct pam_rule *rule = NULL;

	while ((rule = policy_rule(&p->pam, service, STR("session"), STR("pam_umask.so"), rule))) {
		struct policy_setting s = policy_from_rule(rule, STR(""));

		if (!pam_argument(rule->arguments, STR("umask"), &value))
			continue;
		*ret_found = true;
		s.value = value;
		return policy_emit(p, "umask", &s);
	}
	return 0;
}

static int from_login_defs(struct policy *p, bool has_method, bool has_umask)
{
	static const struct {
		struct str keyword;
		const char *name, *fallback; /* login.defs(5) */
	} wanted[] = {
		{STR("ENCRYPT_METHOD"), "encrypt_method", "des"},
		{ STR("UMASK"),         "umask",          "022"},
		{ STR("PASS_MAX_DAYS"), "pass_max_days",  "-1" },
		{ STR("PASS_MIN_DAYS"), "pass_min_days",  "-1" },
	};
	struct policy_setting found[COUNT(wanted)] = {};
	struct str text, name, value;
	const char *path;
	unsigned line = 0;
	int r = login_defs_read(p->c, &text, &path);

	if (r <= 0)
		return r;
	while (login_defs_next(&text, &line, &name, &value)) {
		for (size_t i = 0; i < COUNT(wanted); i++) {
			if (str_eq(name, wanted[i].keyword))
				found[i] = (struct policy_setting){ value, STR("login.defs"),
								    str_of(path), line };
		}
	}
	for (size_t i = 0; r >= 0 && i < COUNT(wanted); i++) {
		if ((i == 0 && has_method) || (i == 1 && has_umask))
			continue;
		r = found[i].source.ptr
			    ? policy_emit(p, wanted[i].name, &found[i])
			    : policy_emit_default(p, wanted[i].name, wanted[i].fallback);
	}
	return r;
}

static void policy_release(struct policy *p) { pam_release(&p->pam); }

static int collect(struct collect *c)
{
	static const struct str password[] = { STR("passwd"), STR("common-password"),
					       STR("system-auth"), STR("password-auth"),
					       STR("base-password") };
	static const struct str auth[] = { STR("sshd"),        STR("login"),
					   STR("common-auth"), STR("password-auth"),
					   STR("system-auth"), STR("base-auth") };
	own(policy_release) struct policy p = { .c = c };
	bool has_method = false, has_umask = false;
	int r = pam_load(c, &p.pam);

	if (r < 0)
		return r;
	p.password_service = policy_service(&p.pam, STR("password"), password, COUNT(password));
	p.auth_service = policy_service(&p.pam, STR("auth"), auth, COUNT(auth));
	if (p.password_service.ptr)
		r = policy_quality(&p);
	if (r >= 0 && p.password_service.ptr)
		r = policy_history(&p);
	if (r >= 0 && p.password_service.ptr)
		r = hash_method(&p, &has_method);
	if (r >= 0 && p.auth_service.ptr)
		r = policy_lockout(&p);
	if (r >= 0 && p.auth_service.ptr)
		r = nullok(&p);
	if (r >= 0)
		r = pam_umask(&p, &has_umask);
	if (r >= 0)
		r = from_login_defs(&p, has_method, has_umask);
	return r < 0 ? r : 0;
}

const struct collector collector_password_policy = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
