/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password_policy: Effective settings about passwords and lock-out, whatever file sets them. */
#include "facts/fact.h"
#include "facts/linux/login_defs.h"
#include "facts/linux/pam.h"

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

struct setting {
	struct str value;
	struct str source; /* ptr == NULL: not set */
	struct str file;
	unsigned line;
};

/* What is known of one program's settings; NAMES and their defaults are tables below. */
struct policy {
	struct collect *c;
	struct pam pam;
	struct str password_service, auth_service;
};

static void policy_release(struct policy *p) { pam_release(&p->pam); }

struct option {
	struct str name;
	struct str fallback; /* what the program does without a setting */
	bool flag;           /* value is "yes" when it is there */
};

/* pwquality.conf(5), libpwquality 1.4. */
static const struct option quality_options[] = {
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
/* pam_cracklib(8). */
static const struct option cracklib_options[] = {
	{STR("minlen"),            STR("9"),  false},
        { STR("minclass"),         STR("0"),  false},
	{ STR("dcredit"),          STR("1"),  false},
        { STR("ucredit"),          STR("1"),  false},
	{ STR("lcredit"),          STR("1"),  false},
        { STR("ocredit"),          STR("1"),  false},
	{ STR("enforce_for_root"), STR("no"), true },
};
/* faillock.conf(5). */
static const struct option lock_options[] = {
	{STR("deny"),            STR("3"),   false},
	{ STR("unlock_time"),    STR("600"), false},
	{ STR("fail_interval"),  STR("900"), false},
	{ STR("even_deny_root"), STR("no"),  true },
};
/* pam_tally2(8). */
static const struct option tally_options[] = {
	{STR("deny"),            STR("0"),  false},
	{ STR("unlock_time"),    STR("0"),  false},
	{ STR("even_deny_root"), STR("no"), true },
};
/* pam_pwhistory(8). */
static const struct option history_options[] = {
	{STR("remember"), STR("10"), false}
};
#define OPTIONS_MAX COUNT(quality_options)

struct values {
	const struct option *options;
	size_t n;
	struct setting values[OPTIONS_MAX];
};
#define VALUES(o) ((struct values){ .options = (o), .n = COUNT(o) })

static int emit(struct policy *p, const char *name, const struct setting *s)
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

static int emit_default(struct policy *p, const char *name, const char *value)
{
	return emit(p, name, &(struct setting){ .value = str_of(value), .source = STR("default") });
}

static int emit_values(struct policy *p, const struct values *v)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < v->n; i++) {
		struct setting s = v->values[i];

		if (!s.source.ptr)
			s = (struct setting){ .value = v->options[i].fallback,
					      .source = STR("default") };
		r = emit(p, v->options[i].name.ptr, &s);
	}
	return r;
}

/* False where the value is not a number: the library gives up on the file there. */
static bool set(struct values *v, struct str name, const struct setting *s)
{
	for (size_t i = 0; i < v->n; i++) {
		int64_t number;

		if (!str_ieq(name, v->options[i].name))
			continue;
		v->values[i] = *s;
		if (v->options[i].flag) {
			v->values[i].value = STR("yes");
			return true;
		}
		return str_to_int64(s->value, &number) >= 0 || str_eq(s->value, STR("never"));
	}
	return true;
}

static int read_settings(struct collect *c, const char *path, struct str text, struct values *v,
			 struct str source)
{
	unsigned line = 0;
	struct str name;
	struct setting s = { .source = source, .file = str_of(path) };

	while (pam_setting(&text, &line, &name, &s.value)) {
		struct values before = *v;

		s.line = line;
		if (set(v, name, &s))
			continue;
		*v = before;
		collect_problem(c, 0, path, "line %u: %.*s needs a number", line,
				(int)MIN(name.len, 64), name.ptr);
		break;
	}
	return 0;
}

struct conf {
	struct values *v;
	struct str source;
};

static int read_dropin(struct collect *c, const char *path, struct str text, void *user)
{
	const struct conf *conf = user;

	return read_settings(c, path, text, conf->v, conf->source);
}

static int read_conf(struct collect *c, const char *path, struct values *v, struct str source)
{
	struct str text;
	int r = collect_read(c, path, &text, NULL);

	return r > 0 ? read_settings(c, path, text, v, source) : r;
}

/* Arguments of the module count for more than its file. */
static void read_arguments(const struct pam_rule *rule, struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		struct str value = {};

		if (pam_argument(rule->arguments, v->options[i].name, &value))
			v->values[i] = (struct setting){
				.value = v->options[i].flag ? STR("yes") : value,
				.source = STR("pam"),
				.file = rule->file,
				.line = rule->line,
			};
	}
}

static bool has_rules(const struct pam *pam, struct str service, struct str type)
{
	for (size_t i = 0; i < pam->n; i++) {
		if (str_eq(pam->rules[i].service, service) && str_eq(pam->rules[i].type, type))
			return true;
	}
	return false;
}

static struct str pick_service(const struct pam *pam, struct str type, const struct str *names,
			       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (has_rules(pam, names[i], type))
			return names[i];
	}
	return (struct str){};
}

/* The next rule of a service and type that loads the module, after `previous` (or NULL). */
static const struct pam_rule *find_rule(const struct pam *pam, struct str service, struct str type,
					struct str module, const struct pam_rule *previous)
{
	for (size_t i = previous ? (size_t)(previous - pam->rules) + 1 : 0; i < pam->n; i++) {
		const struct pam_rule *rule = &pam->rules[i];

		if (str_eq(rule->service, service) && str_eq(rule->type, type) &&
		    str_eq(pam_module(rule), module))
			return rule;
	}
	return NULL;
}

static const struct pam_rule *password_rule(const struct policy *p, struct str module)
{
	return find_rule(&p->pam, p->password_service, STR("password"), module, NULL);
}

static struct setting from_rule(const struct pam_rule *rule, struct str value)
{
	return (struct setting){
		.value = value,
		.source = STR("pam"),
		.file = rule->file,
		.line = rule->line,
	};
}

/*
 * pwquality.conf(5): "first reads all *.conf files from pwquality.conf.d in ASCII sorted order.
 * The values of the same settings are overridden in the order the files are parsed": the main
 * file comes last. No length below 6 is accepted (PWQ_BASE_MIN_LENGTH).
 */
static int pwquality(struct policy *p, const struct pam_rule *rule)
{
	struct values v = VALUES(quality_options);
	struct conf conf = { &v, STR("pwquality.conf") };
	int64_t minlen;
	int r = collect_dropins(p->c, "/etc/security/pwquality.conf.d", ".conf", read_dropin,
				&conf);

	if (r >= 0)
		r = read_conf(p->c, "/etc/security/pwquality.conf", &v, conf.source);
	if (r < 0)
		return r;
	read_arguments(rule, &v);
	if (v.values[0].source.ptr && str_to_int64(v.values[0].value, &minlen) >= 0 && minlen < 6)
		v.values[0].value = STR("6");
	r = emit(p, "pwquality",
		 &(struct setting){ STR("enabled"), STR("pam"), rule->file, rule->line });
	return r < 0 ? r : emit_values(p, &v);
}

static int cracklib(struct policy *p, const struct pam_rule *rule)
{
	struct values v = VALUES(cracklib_options);
	struct setting s = from_rule(rule, STR("cracklib"));
	int r = emit(p, "pwquality", &s);

	read_arguments(rule, &v);
	return r < 0 ? r : emit_values(p, &v);
}

/* pam_passwdqc(8): min=N0,N1,N2,N3,N4; N4 is for passwords of four classes, the shortest. */
static int passwdqc(struct policy *p, const struct pam_rule *rule)
{
	struct setting s = from_rule(rule, STR("passwdqc"));
	struct str min = STR("disabled,24,11,8,7");
	int r = emit(p, "pwquality", &s);

	if (r < 0)
		return r;
	pam_argument(rule->arguments, STR("min"), &min);
	s.value = str_sub(min, (size_t)(str_rfind(min, ',') + 1), min.len);
	return emit(p, "minlen", &s);
}

/* pam_unix(8) alone asks for six characters. */
static int plain(struct policy *p)
{
	const struct pam_rule *rule = password_rule(p, STR("pam_unix.so"));
	struct values v = VALUES(quality_options);
	struct str length = STR("6");
	int r = emit_default(p, "pwquality", "disabled");

	if (r < 0)
		return r;
	for (size_t i = 0; i < v.n; i++) {
		v.values[i].value = v.options[i].flag ? STR("no") : STR("0");
		v.values[i].source = STR("default");
	}
	v.values[0].value = length;
	if (rule && pam_argument(rule->arguments, STR("minlen"), &length))
		v.values[0] = from_rule(rule, length);
	return emit_values(p, &v);
}

static int quality(struct policy *p)
{
	const struct pam_rule *rule = password_rule(p, STR("pam_pwquality.so"));

	if (rule)
		return pwquality(p, rule);
	rule = password_rule(p, STR("pam_cracklib.so"));
	if (rule)
		return cracklib(p, rule);
	rule = password_rule(p, STR("pam_passwdqc.so"));
	return rule ? passwdqc(p, rule) : plain(p);
}

static int history(struct policy *p)
{
	const struct pam_rule *rule = password_rule(p, STR("pam_pwhistory.so"));
	struct values v = VALUES(history_options);
	struct str value = {};
	int r;

	if (rule) {
		struct str path = STR("/etc/security/pwhistory.conf");

		pam_argument(rule->arguments, STR("conf"), &path);
		path = arena_str(p->c->arena, path);
		if (!path.ptr)
			return -ENOMEM;
		r = read_conf(p->c, path.ptr, &v, STR("pwhistory.conf"));
		if (r < 0)
			return r;
		read_arguments(rule, &v);
		return emit_values(p, &v);
	}
	rule = password_rule(p, STR("pam_unix.so"));
	if (!rule || !pam_argument(rule->arguments, STR("remember"), &value))
		return emit_default(p, "remember", "0");
	return emit(p, "remember", &(struct setting){ value, STR("pam"), rule->file, rule->line });
}

static const struct pam_rule *auth_rule(const struct policy *p, struct str module,
					const struct pam_rule *previous)
{
	return find_rule(&p->pam, p->auth_service, STR("auth"), module, previous);
}

/* pam_faillock(8) counts failures where it is called with authfail. */
static int faillock(struct policy *p)
{
	struct values v = VALUES(lock_options);
	struct str path = STR("/etc/security/faillock.conf");
	const struct pam_rule *rule = NULL, *fail = NULL;
	struct setting s;
	int r;

	while ((rule = auth_rule(p, STR("pam_faillock.so"), rule))) {
		if (pam_argument(rule->arguments, STR("authfail"), NULL))
			fail = rule;
	}
	if (!fail)
		return 0;
	pam_argument(fail->arguments, STR("conf"), &path);
	path = arena_str(p->c->arena, path);
	if (!path.ptr)
		return -ENOMEM;
	r = read_conf(p->c, path.ptr, &v, STR("faillock.conf"));
	if (r < 0)
		return r;
	read_arguments(fail, &v);
	s = from_rule(fail, STR("enabled"));
	r = emit(p, "faillock", &s);
	if (r >= 0)
		r = emit_values(p, &v);
	return r < 0 ? r : 1;
}

static int tally(struct policy *p)
{
	const struct pam_rule *rule = auth_rule(p, STR("pam_tally2.so"), NULL);
	struct values v = VALUES(tally_options);
	struct setting s;
	int r;

	if (!rule)
		return 0;
	read_arguments(rule, &v);
	s = from_rule(rule, STR("tally2"));
	r = emit(p, "faillock", &s);
	if (r >= 0)
		r = emit_values(p, &v);
	return r < 0 ? r : 1;
}

static int lockout(struct policy *p)
{
	int r = faillock(p);

	if (!r)
		r = tally(p);
	if (r)
		return r;
	r = emit_default(p, "faillock", "disabled");
	if (r >= 0)
		r = emit_default(p, "deny", "0");
	return r < 0 ? r : emit_default(p, "even_deny_root", "no");
}

static int nullok(struct policy *p)
{
	const struct pam_rule *rule = NULL;

	while ((rule = auth_rule(p, STR("pam_unix.so"), rule))) {
		struct setting s = from_rule(rule, STR("yes"));

		if (pam_argument(rule->arguments, STR("nullok"), NULL))
			return emit(p, "nullok", &s);
		s.value = STR("secure");
		if (pam_argument(rule->arguments, STR("nullok_secure"), NULL))
			return emit(p, "nullok", &s);
	}
	return emit_default(p, "nullok", "no");
}

/* The arguments of pam_unix(8) that choose an algorithm. */
static int hash_method(struct policy *p, bool *ret_found)
{
	static const char *const methods[] = { "yescrypt", "gost_yescrypt", "blowfish", "sha512",
					       "sha256",   "bigcrypt",      "md5" };
	const struct pam_rule *rule = password_rule(p, STR("pam_unix.so"));
	struct str rounds;
	int r = 0;

	for (size_t i = 0; rule && !*ret_found && i < COUNT(methods); i++) {
		struct setting s = from_rule(rule, str_of(methods[i]));

		if (!pam_argument(rule->arguments, s.value, NULL))
			continue;
		*ret_found = true;
		r = emit(p, "encrypt_method", &s);
	}
	if (r >= 0 && rule && pam_argument(rule->arguments, STR("rounds"), &rounds)) {
		struct setting s = from_rule(rule, rounds);

		r = emit(p, "rounds", &s);
	}
	return r;
}

/* pam_umask(8): its argument comes before login.defs. */
static int pam_umask(struct policy *p, bool *ret_found)
{
	static const struct str services[] = { STR("sshd"), STR("login"), STR("common-session"),
					       STR("system-auth"), STR("base-session") };
	struct str service = pick_service(&p->pam, STR("session"), services, COUNT(services)),
		   value;
	const struct pam_rule *rule = NULL;

	while ((rule = find_rule(&p->pam, service, STR("session"), STR("pam_umask.so"), rule))) {
		struct setting s = from_rule(rule, STR(""));

		if (!pam_argument(rule->arguments, STR("umask"), &value))
			continue;
		*ret_found = true;
		s.value = value;
		return emit(p, "umask", &s);
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
	struct setting found[COUNT(wanted)] = {};
	struct str text, name, value;
	const char *path;
	unsigned line = 0;
	int r = login_defs_read(p->c, &text, &path);

	if (r <= 0)
		return r;
	while (login_defs_next(&text, &line, &name, &value)) {
		for (size_t i = 0; i < COUNT(wanted); i++) {
			if (str_eq(name, wanted[i].keyword))
				found[i] = (struct setting){ value, STR("login.defs"), str_of(path),
							     line };
		}
	}
	for (size_t i = 0; r >= 0 && i < COUNT(wanted); i++) {
		if ((i == 0 && has_method) || (i == 1 && has_umask))
			continue;
		r = found[i].source.ptr ? emit(p, wanted[i].name, &found[i])
					: emit_default(p, wanted[i].name, wanted[i].fallback);
	}
	return r;
}

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
	p.password_service = pick_service(&p.pam, STR("password"), password, COUNT(password));
	p.auth_service = pick_service(&p.pam, STR("auth"), auth, COUNT(auth));
	if (p.password_service.ptr)
		r = quality(&p);
	if (r >= 0 && p.password_service.ptr)
		r = history(&p);
	if (r >= 0 && p.password_service.ptr)
		r = hash_method(&p, &has_method);
	if (r >= 0 && p.auth_service.ptr)
		r = lockout(&p);
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
