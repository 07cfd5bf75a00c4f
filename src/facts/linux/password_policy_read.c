/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a module was told: by its file, by its arguments. */
#include "facts/linux/password_policy.h"

/* False where the value is not a number: the library gives up on the file there. */
static bool set(struct policy_values *v, struct str name, const struct policy_setting *s)
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

static int read_settings(struct collect *c, const char *path, struct str text,
			 struct policy_values *v, struct str source)
{
	unsigned line = 0;
	struct str name;
	struct policy_setting s = { .source = source, .file = str_of(path) };

	while (pam_setting(&text, &line, &name, &s.value)) {
		struct policy_values before = *v;

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

int policy_read_dropin(struct collect *c, const char *path, struct str text, void *user)
{
	const struct policy_conf *conf = user;

	return read_settings(c, path, text, conf->v, conf->source);
}

int policy_read_conf(struct collect *c, const char *path, struct policy_values *v,
		     struct str source)
{
	struct str text;
	int r = collect_read(c, path, &text, NULL);

	return r > 0 ? read_settings(c, path, text, v, source) : r;
}

void policy_read_arguments(const struct pam_rule *rule, struct policy_values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		struct str value = {};

		if (pam_argument(rule->arguments, v->options[i].name, &value))
			v->values[i] = (struct policy_setting){
				.value = v->options[i].flag ? STR("yes") : value,
				.source = STR("pam"),
				.file = rule->file,
				.line = rule->line,
			};
	}
}

int policy_read_module(struct policy *p, const struct pam_rule *rule, const char *path,
		       struct str source, struct policy_values *v)
{
	struct str named = str_of(path);
	int r;

	pam_argument(rule->arguments, STR("conf"), &named);
	named = arena_str(p->c->arena, named);
	if (!named.ptr)
		return -ENOMEM;
	r = policy_read_conf(p->c, named.ptr, v, source);
	if (r >= 0)
		policy_read_arguments(rule, v);
	return r;
}

/* ---- rules ---- */

static bool has_rules(const struct pam *pam, struct str service, struct str type)
{
	for (size_t i = 0; i < pam->n; i++) {
		if (str_eq(pam->rules[i].service, service) && str_eq(pam->rules[i].type, type))
			return true;
	}
	return false;
}

struct str policy_service(const struct pam *pam, struct str type, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (has_rules(pam, names[i], type))
			return names[i];
	}
	return (struct str){};
}

const struct pam_rule *policy_rule(const struct pam *pam, struct str service, struct str type,
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

const struct pam_rule *policy_password_rule(const struct policy *p, struct str module)
{
	return policy_rule(&p->pam, p->password_service, STR("password"), module, NULL);
}

const struct pam_rule *policy_auth_rule(const struct policy *p, struct str module,
					const struct pam_rule *previous)
{
	return policy_rule(&p->pam, p->auth_service, STR("auth"), module, previous);
}

struct policy_setting policy_from_rule(const struct pam_rule *rule, struct str value)
{
	return (struct policy_setting){
		.value = value,
		.source = STR("pam"),
		.file = rule->file,
		.line = rule->line,
	};
}
