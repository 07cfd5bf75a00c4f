/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How good a password must be, and how many old ones are remembered. */
#include "facts/linux/password_policy.h"

/* pwquality.conf(5), libpwquality 1.4. */
static const struct policy_option quality_options[] = {
	{STR("minlen"),            STR("8"),  false},
        { STR("minclass"),         STR("0"),  false},
	{ STR("dcredit"),          STR("0"),  false},
        { STR("ucredit"),          STR("0"),  false},
	{ STR("lcredit"),          STR("0"),  false},
        { STR("ocredit"),          STR("0"),  false},
	{ STR("dictcheck"),        STR("1"),  false},
        { STR("enforcing"),        STR("1"),  false},
	{ STR("enforce_for_root"), STR("no"), true },
};
_Static_assert(COUNT(quality_options) <= POLICY_OPTIONS_MAX, "room for each");

/* pam_cracklib(8). */
static const struct policy_option cracklib_options[] = {
	{STR("minlen"),            STR("9"),  false},
        { STR("minclass"),         STR("0"),  false},
	{ STR("dcredit"),          STR("1"),  false},
        { STR("ucredit"),          STR("1"),  false},
	{ STR("lcredit"),          STR("1"),  false},
        { STR("ocredit"),          STR("1"),  false},
	{ STR("enforce_for_root"), STR("no"), true },
};

/* pam_pwhistory(8). */
static const struct policy_option history_options[] = {
	{STR("remember"), STR("10"), false}
};

/*
 * pwquality.conf(5): "first reads all *.conf files from pwquality.conf.d in ASCII sorted order.
 * The values of the same settings are overridden in the order the files are parsed": the main
 * file comes last. No length below 6 is accepted (PWQ_BASE_MIN_LENGTH).
 */
static int pwquality(struct policy *p, const struct pam_rule *rule)
{
	struct policy_values v = POLICY_VALUES(quality_options);
	struct policy_conf conf = { &v, STR("pwquality.conf") };
	int64_t minlen;
	int r = collect_dropins(p->c, "/etc/security/pwquality.conf.d", ".conf", policy_read_dropin,
				&conf);

	if (r >= 0)
		r = policy_read_conf(p->c, "/etc/security/pwquality.conf", &v, conf.source);
	if (r < 0)
		return r;
	policy_read_arguments(rule, &v);
	if (v.values[0].source.ptr && str_to_int64(v.values[0].value, &minlen) >= 0 && minlen < 6)
		v.values[0].value = STR("6");
	return policy_emit_module(p, "pwquality", STR("enabled"), rule, &v);
}

static int cracklib(struct policy *p, const struct pam_rule *rule)
{
	struct policy_values v = POLICY_VALUES(cracklib_options);

	policy_read_arguments(rule, &v);
	return policy_emit_module(p, "pwquality", STR("cracklib"), rule, &v);
}

/* pam_passwdqc(8): min=N0,N1,N2,N3,N4; N4 is for passwords of four classes, the shortest. */
static int passwdqc(struct policy *p, const struct pam_rule *rule)
{
	struct policy_setting s = policy_from_rule(rule, STR("passwdqc"));
	struct str min = STR("disabled,24,11,8,7");
	int r = policy_emit(p, "pwquality", &s);

	if (r < 0)
		return r;
	pam_argument(rule->arguments, STR("min"), &min);
	s.value = str_sub(min, (size_t)(str_rfind(min, ',') + 1), min.len);
	return policy_emit(p, "minlen", &s);
}

/* pam_unix(8) alone asks for six characters. */
static int plain(struct policy *p)
{
	const struct pam_rule *rule = policy_password_rule(p, STR("pam_unix.so"));
	struct policy_values v = POLICY_VALUES(quality_options);
	struct str length = STR("6");
	int r = policy_emit_default(p, "pwquality", "disabled");

	if (r < 0)
		return r;
	for (size_t i = 0; i < v.n; i++) {
		v.values[i].value = v.options[i].flag ? STR("no") : STR("0");
		v.values[i].source = STR("default");
	}
	v.values[0].value = length;
	if (rule && pam_argument(rule->arguments, STR("minlen"), &length))
		v.values[0] = policy_from_rule(rule, length);
	return policy_emit_values(p, &v);
}

int policy_quality(struct policy *p)
{
	const struct pam_rule *rule = policy_password_rule(p, STR("pam_pwquality.so"));

	if (rule)
		return pwquality(p, rule);
	rule = policy_password_rule(p, STR("pam_cracklib.so"));
	if (rule)
		return cracklib(p, rule);
	rule = policy_password_rule(p, STR("pam_passwdqc.so"));
	return rule ? passwdqc(p, rule) : plain(p);
}

int policy_history(struct policy *p)
{
	const struct pam_rule *rule = policy_password_rule(p, STR("pam_pwhistory.so"));
	struct policy_values v = POLICY_VALUES(history_options);
	struct policy_setting s;
	struct str value = {};

	if (rule) {
		int r = policy_read_module(p, rule, "/etc/security/pwhistory.conf",
					   STR("pwhistory.conf"), &v);

		return r < 0 ? r : policy_emit_values(p, &v);
	}
	rule = policy_password_rule(p, STR("pam_unix.so"));
	if (!rule || !pam_argument(rule->arguments, STR("remember"), &value))
		return policy_emit_default(p, "remember", "0");
	s = policy_from_rule(rule, value);
	return policy_emit(p, "remember", &s);
}
